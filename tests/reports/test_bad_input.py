"""What people type, and what goes away under a report: a clear message, nothing lost, and never a broken page."""
import re
from html import unescape

import pytest

from prm.core import clock
from prm.core.jobs import run_once
from prm.models import CustomField, Deal, Report, Tile
from prm.papers import jobs  # noqa: F401 - the kind of job is known by its import
from tests.reports.conftest import BY_PARTNER


def words(answer) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ("filters.0.field=stage&filters.0.value=Won&filters.1.field=title&filters.1.value=x&logic=1+AND+(2", "bracket"),
        ("filters.0.field=stage&filters.0.value=Won&logic=1+AND+9", "9"),
        ("fields=nothing_like_it", "nothing_like_it"),
        ("rows.0.field=stage&measures.0.formula=a+%2B+1&measures.0.key=a", "itself"),
        ("rows.0.field=stage&measures.0.formula=b&measures.0.key=a&measures.1.formula=a&measures.1.key=b", "itself"),
        ("rows.0.field=stage&measures.0.fn=count&measures.0.key=n&measures.1.formula=n+%2F&measures.1.key=b", "formula"),
        ("rows.0.field=stage&measures.0.fn=count&measures.0.key=n&chart.kind=bar&chart.y=won", "no measure of this report"),
        ("measures.0.fn=count&chart.kind=bar", "needs a group"),
        ("fields=title&limit=many", "whole number"),
    ],
)  # fmt: skip
def test_a_draft_that_is_wrong_says_what_is_wrong_and_stays_as_it_was_typed(sign_in, make, book, sam, draft, said):
    answer = sign_in(sam).get(f"/reports/new?object=deal&{draft}")
    assert answer.status_code == 200 and said in words(answer).lower().replace("“", "").replace("”", "")
    assert 'class="err"' in answer.text


def test_an_unknown_and_a_forbidden_field_look_the_same(sign_in, make, book, sam, ada):
    make.custom_field("margin", "number", object="deal", audience="staff")
    pages = []
    for name in ("margin", "nowhere"):
        made = make.report("Figures", {"fields": ["title", name]}, sharing="partners", owner=sam)
        pages.append(words(sign_in(ada).get(f"/reports/{made.id}")).replace(name, "…").replace(f"/{made.id}", ""))
    assert "…" in pages[0]
    assert re.sub(r"\d+", "", pages[0]) == re.sub(r"\d+", "", pages[1])


@pytest.mark.parametrize("many", [10_000, 20_500])
def test_more_groups_than_anybody_reads_are_cut_or_refused_and_never_in_silence(sign_in, make, acme, sam, many):
    stage = make.stages()[0]
    rows = [{"number": f"N{at}", "title": f"T{at}", "partner": acme, "stage": stage, "currency": "USD", "amount": 100, "amount_base": 100, "source": f"S{at}"} for at in range(many)]
    for start in range(0, many, 500):
        Deal.insert_many(rows[start : start + 500]).execute()
    made = make.report("By source", {"rows": [{"field": "source"}], "measures": [{"key": "n", "fn": "count"}]}, owner=sam)
    answer = sign_in(sam).get(f"/reports/{made.id}")
    assert answer.status_code == 200 and len(answer.data) < 1_000_000
    assert ("of 10,000; totals are over all 10,000" if many == 10_000 else "Narrow") in words(answer)


def test_a_field_that_goes_away_under_five_reports_breaks_none_of_them(sign_in, make, book, sam):
    field = make.custom_field("region", object="deal")
    asked = (
        {"fields": ["title", "region"]}, {"rows": [{"field": "region"}], "measures": [{"key": "n", "fn": "count"}]}, {"filters": [{"field": "region", "op": "is", "value": "x"}]},
        BY_PARTNER | {"columns": [{"field": "region"}]}, {"rows": [{"field": "partner"}], "measures": [{"key": "n", "fn": "count distinct", "field": "region"}]},
    )  # fmt: skip
    made = [make.report(f"Report {at}", question, owner=sam) for at, question in enumerate(asked)]
    board = make.dashboard("All", *made, owner=sam)
    CustomField.update(retired_at=clock.now()).where(CustomField.id == field.id).execute()
    client = sign_in(sam)
    assert all(report.name in client.get("/reports/").text for report in made)
    for report in made:
        page = client.get(f"/reports/{report.id}")
        assert page.status_code == 200 and "region" in words(page) and "Edit it" in page.text
        assert client.get(f"/reports/{report.id}/edit").status_code == 200
        assert client.get(f"/reports/{report.id}/rows?at=[]&m=n").status_code in (200, 422)
        for kind in ("csv", "xlsx"):
            answer = client.get(f"/reports/{report.id}/file?format={kind}")
            assert answer.status_code == 422 and "region" in words(answer)
        place = client.post("/papers/", data={"what": f"report:{report.id}"}).location
        while run_once():
            pass
        assert "region" in words(client.get(place))
    for tile in Tile.select().where(Tile.dashboard == board.id):
        page = client.get(f"/dashboards/{board.id}/tiles/{tile.id}")
        assert page.status_code == 200 and "region" in words(page)
    CustomField.update(retired_at=None).where(CustomField.id == field.id).execute()
    assert all("cannot be answered" not in client.get(f"/reports/{report.id}").text for report in made)
    assert Report.select().count() == 5
