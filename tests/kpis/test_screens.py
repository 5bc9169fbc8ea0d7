"""The KPIs' screens: the list, one KPI, its form, targets, values and periods, as people use them."""
import re
from datetime import date
from decimal import Decimal as D

import pytest

from prm.core.jobs import Job, run_once
from prm.kpis.refreshing import compute_all
from prm.models import ClosedPeriod, Kpi, KpiEntry, KpiResult, KpiVersion, Target
from prm.schedule import load


@pytest.fixture
def revenue(make, sold):
    kpi = make.kpi(target=1000)
    compute_all()
    return kpi


@pytest.fixture
def work():
    """Let the worker do what is queued."""

    def all_of_it():
        load()
        while run_once():
            pass

    return all_of_it


FORM = {
    "name": "Margin", "description": "What is left.", "owner": "", "cadence": "year", "source": "question", "object": "deal",
    "date_field": "closed_on", "fn_a": "sum", "of_a": "amount", "fn_b": "max", "of_b": "amount", "fn_c": "", "of_c": "",
    "formula": "(a - b) / a", "field_1": "outcome", "op_1": "is", "value_1": "won", "unit": "percent", "direction": "higher",
    "period_length": "quarter", "weight": "2", "green": "100%", "amber": "80%", "start": "2026-10-01",
    "field_2": "", "op_2": "is", "value_2": "", "field_3": "", "op_3": "is", "value_3": "", "field_4": "", "op_4": "is", "value_4": "",
}  # fmt: skip


def test_the_list_says_how_many_partners_are_on_target(sign_in, sam, revenue):
    text = sign_in(sam).get("/kpis/").text
    assert "Revenue" in text and "Q3 2026" in text
    assert re.search(r"<b>1</b> of 2 on target", text)


def test_without_targets_the_list_proposes_them_and_one_click_takes_them(sign_in, sam, make, sold, acme, work, values):
    kpi = make.kpi()
    compute_all()
    client = sign_in(sam)
    assert "Propose targets from your data" in client.get("/kpis/").text
    assert client.post("/kpis/propose").status_code == 303
    work()
    assert values(kpi, acme)[1] == D(850)
    assert "Propose targets" not in client.get("/kpis/").text


def test_results_lead_to_the_partner_and_to_the_rows_behind(sign_in, sam, revenue, acme):
    client = sign_in(sam)
    text = client.get(f"/kpis/{revenue.id}?period=2026-Q3").text
    assert f'/partners/{acme.id}?period=2026-Q3' in text and "$1,500.00" in text and "150%" in text
    href = re.search(r'href="(/deals/\?[^"]*ACME[^"]*)"', text)[1].replace("&amp;", "&")
    rows = client.get(href).text
    assert "One" in rows and "Two" in rows and "Four" not in rows and "Five" not in rows


def test_results_are_filtered_sorted_and_downloaded(sign_in, sam, revenue):
    client = sign_in(sam)
    assert "Acme" not in client.get(f"/kpis/{revenue.id}?period=2026-Q3&f.status=Behind").text.split("<tbody>")[-1]
    csv = client.get(f"/kpis/{revenue.id}?period=2026-Q3&format=csv").text.splitlines()
    assert csv[0].endswith("Partner,Value,Target,Attainment,Status,Rows behind it")
    assert csv[1].startswith("Acme,1500,1000,1.5")


def test_a_manager_sees_the_results_of_own_partners_only(sign_in, mia, revenue):
    text = sign_in(mia).get(f"/kpis/{revenue.id}?period=2026-Q3").text
    assert "Acme" in text and "Globex" not in text and "1 not judged" not in text
    assert "<b>1</b> of 1 on target" in text


@pytest.mark.parametrize("who", ["ada", "pat", "max_of_acme"])
def test_partners_do_not_enter(sign_in, request, revenue, who):
    client = sign_in(request.getfixturevalue(who))
    assert client.get("/kpis/").status_code == 403
    assert client.get(f"/kpis/{revenue.id}").status_code == 403


def test_an_analyst_reads_and_changes_nothing(sign_in, ann, revenue):
    client = sign_in(ann)
    text = client.get(f"/kpis/{revenue.id}?tab=targets").text
    assert "$1,000.00" in text and "Set a target" not in text and "Retire" not in text
    for path in ("edit", "activate", "retire", "targets", "values"):
        assert client.post(f"/kpis/{revenue.id}/{path}").status_code == 403
    assert client.post("/kpis/propose").status_code == client.post("/kpis/periods/2026-Q3/close").status_code == 403


def test_a_kpi_is_defined_in_the_browser_tried_and_set_in_force(sign_in, sam, sold, acme, work, values):
    client = sign_in(sam)
    look = client.post("/kpis/new", data=FORM | {"look": "1"})
    assert look.status_code == 200 and "44.4%" in look.text and not Kpi.select().exists()
    saved = client.post("/kpis/new", data=FORM)
    kpi = Kpi.get(Kpi.name == "Margin")
    assert saved.location == f"/kpis/{kpi.id}" and kpi.state == "draft"
    assert kpi.versions.get().question["measures"][-1] == {"key": "value", "formula": "(a - b) / a"}
    client.post(f"/kpis/{kpi.id}/activate")
    work()
    assert values(kpi, acme)[0] == D("0.333333")


def test_the_form_of_a_kpi_saved_unchanged_changes_nothing(sign_in, sam, revenue):
    client = sign_in(sam)
    page = client.get(f"/kpis/{revenue.id}/edit").text
    filled = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(r'<option value="([^"]*)"', options)
        filled[name] = chosen[1]
    before = KpiVersion.get().question
    assert client.post(f"/kpis/{revenue.id}/edit", data=filled).status_code == 303
    assert KpiVersion.select().count() == 1 and KpiVersion.get().question == before


def test_a_changed_definition_is_a_new_version(sign_in, sam, revenue):
    client = sign_in(sam)
    client.post(f"/kpis/{revenue.id}/edit", data=FORM | {"name": "Revenue"})
    text = client.get(f"/kpis/{revenue.id}?tab=definition").text
    assert KpiVersion.select().count() == 2 and "÷ total amount" in text


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"formula": "a +"}, "stops too early"), ({"formula": "a / z"}, "uses “z”"), ({"formula": "value"}, "refers to itself"),
        ({"fn_a": "", "fn_b": ""}, "Choose a figure"), ({"of_a": ""}, "Which field?"), ({"weight": "-1"}, "above 0"),
        ({"weight": "NaN"}, "is no number"), ({"weight": "1e2000000"}, "is no number"), ({"green": "x"}, "is no number"), ({"name": ""}, "A name is needed"),
        ({"value_1": "sold"}, "has no choice"), ({"fn_a": "median", "of_a": "title"}, "makes no sense"),
        ({"object": "person"}, "Not a valid choice"), ({"date_field": "amount"}, "Not a valid choice"),
        ({"name": "x" * 121}, "longer than 120"), ({"formula": "(" * 300 + "a"}, "nested"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_beside_its_input_and_nothing_is_saved(sign_in, sam, make, wrong, message):
    make.stages()
    answer = sign_in(sam).post("/kpis/new", data=FORM | wrong)
    assert answer.status_code == 422 and message in answer.text
    assert not Kpi.select().exists()


def test_a_target_is_set_for_a_tier_and_for_one_partner(sign_in, sam, make, revenue, acme):
    gold, client = make.tier("Gold"), sign_in(sam)
    for data in ({"scope": f"tier-{gold.id}", "value": "2,500"}, {"scope": "partner", "partner": "acme", "value": "$3,000.50"}):
        assert client.post(f"/kpis/{revenue.id}/targets", data={"start": "2026-10-01", "partner": ""} | data).status_code == 303
    kept = {(t.tier_id, t.partner_id): t.value for t in Target.select().where(Target.valid_from == date(2026, 10, 1))}
    assert kept == {(gold.id, None): D(2500), (None, acme.id): D("3000.5")}
    text = client.get(f"/kpis/{revenue.id}?tab=targets").text
    assert "$3,000.50" in text and "Gold" in text


@pytest.mark.parametrize(
    "data, message",
    [
        ({"scope": "partner", "partner": ""}, "Which partner"), ({"scope": "partner", "partner": "Initech"}, "There is no partner"),
        ({"value": "0"}, "above zero"), ({"value": "-3"}, "above zero"), ({"value": "many"}, "is no number"), ({"value": "1e2000000"}, "is no number"),
        ({"start": "2026-07-01"}, "judged already"), ({"scope": "tier-99999"}, "Not a valid choice"), ({"start": "0000-00-00"}, "Not a valid choice"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_is_refused_with_the_reason(sign_in, sam, revenue, data, message):
    given = {"scope": "everyone", "partner": "", "start": "2026-10-01", "value": "5"} | data
    answer = sign_in(sam).post(f"/kpis/{revenue.id}/targets", data=given)
    assert answer.status_code == 422 and message in answer.text
    assert Target.select().count() == 1


def test_values_are_typed_a_partner_a_line(sign_in, sam, make, acme, globex, work, values):
    kpi = Kpi.create(name="Satisfaction", state="active")
    KpiVersion.create(kpi=kpi, number=1, valid_from=date(2020, 1, 1), source="entered", unit="number", period_length="quarter")
    client = sign_in(sam)
    answer = client.post(f"/kpis/{kpi.id}/values", data={"period": "2026-Q3", "lines": "ACME; 4.5\nGlobex\t3\n"})
    assert answer.status_code == 303
    work()
    assert (values(kpi, acme)[0], values(kpi, globex)[0]) == (D("4.5"), D(3))
    for lines, message in (("ACME; 4\nInitech; 2", "Line 2: There is no partner"), ("ACME 4", "Line 1: Put a semicolon"), ("ACME;4\nAcme;5", "Line 2: this partner has a value"), ("ACME; a lot", "Line 1: “a lot” is no number")):
        refused = client.post(f"/kpis/{kpi.id}/values", data={"period": "2026-Q3", "lines": lines})
        assert refused.status_code == 422 and message in refused.text
    assert KpiEntry.select().count() == 2


def test_periods_are_closed_opened_and_worked_out_again(sign_in, sam, revenue, make, acme, work, values):
    client = sign_in(sam)
    assert "Q3 2026" in client.get("/kpis/periods").text
    client.post("/kpis/periods/2026-Q3/close")
    assert ClosedPeriod.get().key == "2026-Q3" and "Closed" in client.get("/kpis/periods").text
    make.deal("Late", partner=acme, amount=10_000, closed_on=date(2026, 9, 1))
    client.post("/kpis/periods/2026-Q3/recompute")
    work()
    assert values(revenue, acme)[0] == D(1600)
    client.post("/kpis/periods/2026-Q3/open")
    assert not ClosedPeriod.select().exists()
    for path in ("2026-Q9/close", "x/open", "2026-Q3/explode", "99999/close"):
        assert client.post(f"/kpis/periods/{path}").status_code == 404


def test_a_retired_kpi_can_be_set_in_force_again(sign_in, sam, revenue):
    client = sign_in(sam)
    client.post(f"/kpis/{revenue.id}/retire")
    assert "Retired" in client.get(f"/kpis/{revenue.id}").text
    client.post(f"/kpis/{revenue.id}/activate")
    assert Kpi.get().state == "active"


def test_progress_is_shown_while_results_are_worked_out(sign_in, sam, revenue):
    sign_in(sam).post(f"/kpis/{revenue.id}/activate")
    Job.update(started_at=Job.created_at, progress=1, total=4).execute()
    assert "1 of 4" in sign_in(sam).get("/kpis/").text
    assert KpiResult.select().exists()


def test_the_command_computes_and_says_how_much(make, sold, app, monkeypatch):
    from click.testing import CliRunner

    from prm.kpis.commands import compute_command

    make.kpi(target=1000)
    run = CliRunner().invoke(compute_command, [])
    assert run.output == "4 results, 4 partners and periods changed\n"
    assert CliRunner().invoke(compute_command, ["--period", "2026-Q3"]).output == "2 results, 0 partners and periods changed\n"
    assert "is no period" in str(CliRunner().invoke(compute_command, ["--period", "soon"]).exception)
