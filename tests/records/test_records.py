"""Objects that an admin made: questions, lists, pages, forms and imports know them like those that came with the portal."""
from datetime import date
from decimal import Decimal

import pytest

from prm.access import rows
from prm.catalogue.answer import answer
from prm.catalogue.question import Filter, Matches, Measure, Question
from prm.core.errors import Invalid, Missing
from prm.models import Activity, CustomRecord, Import, records_of
from prm.records import services


@pytest.fixture
def certification(database, make):
    """With a day on which it ends, a price and a level."""
    made = make.custom_object()
    make.custom_field("ends_on", "date", object="certification", audience="partner")
    make.custom_field("price", "money", object="certification", audience="partner")
    make.custom_field("level", "choice", object="certification", audience="partner", choices=[["b", "Basic"], ["e", "Expert", "good"]])
    make.custom_field("remark", "text", object="certification")
    return made


@pytest.fixture
def two(certification, make, acme, globex):
    """One of Acme's, one of Globex's."""
    kept = {"ends_on": "2026-12-31", "price": 120_000, "level": "e", "remark": "zqsecret"}
    mine = make.record("ISO 27001", object=certification, partner=acme, custom=kept)
    return mine, make.record("ISO 9001", object=certification, partner=globex, custom=kept | {"price": 80_000, "level": "b"})


def names(viewer, *filters, **more):
    return [row.values["name"] for row in answer(Question("certification", fields=("name",), filters=filters, **more), viewer).rows]


def test_questions_find_group_and_sum_them(two, sam, acme):
    assert names(sam, Filter("level", "is", "Expert")) == ["ISO 27001"] == names(sam, Filter("ends_on", "in", "2026"), Filter("partner", "is", "Acme"))
    assert names(sam, Matches("9001")) == ["ISO 9001"]
    found = answer(Question("certification", measures=(Measure("n"), Measure("worth", "sum", "price"))), sam)
    assert (found.totals["n"], found.totals["worth"]) == (2, 200_000)


def test_records_of_two_objects_never_mix(two, make, sam, acme):
    other = make.custom_object("training")
    make.record("Basics", object=other, partner=acme)
    assert len(names(sam)) == 2 and CustomRecord.select().count() == 3
    assert records_of(other.id).update(name="Changed").execute() == 1
    with pytest.raises(Missing):
        rows.get(records_of(other.id), sam, two[0].id)


def test_a_partner_sees_its_own_and_no_field_of_the_staff(two, ada, grace, max_of_acme):
    assert names(ada) == ["ISO 27001"] == names(max_of_acme) and names(grace) == ["ISO 9001"]
    with pytest.raises(Invalid):
        names(ada, Filter("remark", "is", "zqsecret"))


def test_an_object_of_the_staff_is_no_object_to_a_partner(two, certification, ada, sign_in):
    certification.audience = "staff"
    certification.save()
    with pytest.raises(Invalid):
        names(ada)
    assert not rows.visible(CustomRecord, ada).exists()
    assert sign_in(ada).get(f"/records/certification/{two[0].id}").status_code == 404


def test_a_manager_sees_those_of_her_partners(two, mia):
    assert names(mia) == ["ISO 27001"]


def test_it_has_a_list_a_page_a_form_and_a_tab(two, sam, acme, sign_in):
    client = sign_in(sam)
    listed = client.get("/records/certification/").text
    assert "ISO 27001" in listed and "Expert" in listed and "$1,200.00" in listed
    assert "ISO 9001" not in client.get("/records/certification/?f.level=Expert").text
    shown = client.get(f"/records/certification/{two[0].id}").text
    assert "Dec 31, 2026" in shown and "No change since it was added." in shown
    tab = client.get(f"/partners/{acme.id}?tab=certification").text
    assert "ISO 27001" in tab and "ISO 9001" not in tab and "Certifications" in tab
    assert 'href="/records/certification/"' in client.get("/").text


def test_it_is_added_and_changed_with_history(certification, sam, acme, sign_in):
    client = sign_in(sam)
    given = {"name": "ISO 27001", "partner": acme.number, "ends_on": "2027-01-31", "price": "99.50", "level": "b"}
    made = client.post("/records/certification/new", data=given)
    row = records_of(certification.id).get()
    assert made.location == f"/records/certification/{row.id}" and row.number == f"CER{row.id:05d}"
    assert row.custom == {"ends_on": "2027-01-31", "price": 9950, "level": "b"}
    client.post(f"/records/certification/{row.id}/edit", data=given | {"level": "e"})
    told = client.get(made.location).text
    assert "<del>Basic</del>" in told and "<ins>Expert</ins>" in told
    assert [a.verb for a in Activity.select().order_by(Activity.id)] == ["certification.created", "certification.changed"]


def test_whoever_may_not_add_is_refused(certification, ada, ann, sign_in):
    for person in (ada, ann):
        assert sign_in(person).get("/records/certification/new").status_code == 403


def test_a_record_of_a_foreign_partner_can_be_made_by_nobody(certification, mia, globex):
    with pytest.raises(Missing):
        services.add_record(mia, "certification", {"name": "X", "partner": globex.id})


def test_search_finds_it(two, sam, sign_in):
    found = sign_in(sam).get("/search/?q=27001").text
    assert "ISO 27001" in found and f"/records/certification/{two[0].id}" in found


def test_a_spreadsheet_fills_it_and_can_be_taken_back(certification, sam, acme, tmp_path):
    from prm.transfers import running, undoing

    path = tmp_path / "certs.csv"
    path.write_text(f"Number,Name,Partner,Ends on,Price,Level\nC1,ISO 27001,{acme.number},2026-12-31,1200.00,Expert\nC2,,Acme,,,\n")
    done = running.import_file(sam, "certification", path)
    assert done.counts["made"] == 1 and done.refusals == [(3, "Name is empty.")]
    row = records_of(certification.id).get()
    assert row.custom == {"ends_on": "2026-12-31", "price": 120_000, "level": "e"} and row.partner_id == acme.id
    again = running.import_file(sam, "certification", path)
    assert again.counts["unchanged"] == 1
    batch = Import.select().order_by(Import.id).first()
    Import.update(state="undoing").where(Import.id == batch.id).execute()
    assert undoing.undo(sam, Import.get_by_id(batch.id))["reversed"] == 1
    assert not records_of(certification.id).select().exists()


def test_an_unknown_object_is_refused_by_name(database, make, sam, tmp_path):
    from prm.transfers import running

    path = tmp_path / "x.csv"
    path.write_text("Number\n1\n")
    with pytest.raises(Invalid, match="no “spaceship”"):
        running.import_file(sam, "spaceship", path)


def test_a_choice_that_is_no_longer_offered_stays_where_it_is(two, sam, sign_in):
    from prm.models import CustomField

    CustomField.update(choices=[["b", "Basic"], ["e", "Expert", "good", True]]).where(CustomField.key == "level").execute()
    client = sign_in(sam)
    assert "Expert" not in client.get("/records/certification/new").text
    assert "Expert" in client.get(f"/records/certification/{two[0].id}/edit").text
    assert "Expert" not in client.get(f"/records/certification/{two[1].id}/edit").text


def test_a_rule_of_a_field_holds_whoever_saves(two, sam, acme):
    from prm.models import CustomField

    CustomField.update(valid='price > 100', valid_message="Too cheap to be true.").where(CustomField.key == "price").execute()
    row = rows.get(type(two[0]), sam, two[0].id)
    with pytest.raises(Invalid, match="Too cheap") as refused:
        services.edit_record(sam, "certification", row, {"price": 5_000})
    assert refused.value.field == "price"
    row = rows.get(type(two[0]), sam, two[0].id)
    services.edit_record(sam, "certification", row, {"price": None})  # what is empty cannot be wrong


# ── roll-ups ──


@pytest.fixture
def rolled(two, make):
    """Of each partner: how many certifications it has, what they cost, and when the last one ends."""
    spec = {"object": "certification", "link": "partner"}
    make.custom_field("certs", "rollup", audience="partner", rollup=spec | {"fn": "count", "kind": "number"})
    make.custom_field("cost", "rollup", audience="partner", rollup=spec | {"fn": "sum", "field": "price", "kind": "money"})
    make.custom_field("mean_cost", "rollup", audience="partner", rollup=spec | {"fn": "mean", "field": "price", "kind": "money"})
    make.custom_field("last_end", "rollup", audience="partner", rollup=spec | {"fn": "max", "field": "ends_on", "kind": "date"})
    expert = [{"field": "level", "op": "is", "value": "e"}]
    make.custom_field("experts", "rollup", audience="partner", rollup=spec | {"fn": "count", "kind": "number", "filters": expert})


def values(viewer, *filters, keys=("name", "certs", "cost", "mean_cost", "last_end", "experts")):
    found = answer(Question("partner", fields=keys, filters=filters), viewer)
    return sorted(tuple(row.values[key] for key in keys) for row in found.rows)


def test_a_roll_up_counts_and_sums_what_links_here(rolled, make, certification, acme, sam):
    make.record("Third", object=certification, partner=acme, custom={"price": 1_01})
    assert values(sam) == [
        ("Acme", Decimal(2), 120_101, 60_051, date(2026, 12, 31), Decimal(1)),
        ("Globex", Decimal(1), 80_000, 80_000, date(2026, 12, 31), Decimal(0)),
    ]


def test_a_roll_up_is_filtered_sorted_grouped_and_summed(rolled, sam, mia):
    assert values(sam, Filter("cost", "more than", "1000"), keys=("name",)) == [("Acme",)]
    found = answer(Question("partner", measures=(Measure("n", "sum", "certs"), Measure("c", "sum", "cost"))), sam)
    assert found.totals == {"n": Decimal(2), "c": 200_000}


def test_a_roll_up_is_made_of_what_its_viewer_may_see(rolled, make, certification, acme, ada, grace, mia):
    assert values(ada, keys=("name", "certs", "cost")) == [("Acme", Decimal(1), 120_000)]
    assert values(grace, keys=("name", "cost")) == [("Globex", 80_000)]
    certification.audience = "staff"
    certification.save()
    assert values(ada, keys=("name", "certs", "cost")) == [("Acme", None, None)]


def test_a_kpi_of_an_object_of_ones_own(two, make, acme):
    from prm.access.system import SYSTEM
    from prm.catalogue.objects import catalogue as known
    from prm.kpis.definitions import check

    question = {"object": "certification", "measures": [{"key": "n", "fn": "count"}]}
    kpi = make.kpi("Certifications", question=question, date_field="ends_on")
    check(kpi.versions.get(), known(SYSTEM), SYSTEM)
