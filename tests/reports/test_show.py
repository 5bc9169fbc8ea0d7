"""A report's page: answered for whoever looks, each figure opening its rows, in files as on the screen."""
import csv
import io
import re
from html import unescape

import pytest
from python_calamine import CalamineWorkbook

from prm.models import Activity, Folder, Report, ReportReader
from tests.reports.conftest import BY_PARTNER, WON


@pytest.fixture
def report(make, book, sam):
    return make.report("Won by partner", BY_PARTNER, sharing="partners", owner=sam)


def figures(page: str) -> list[list[str]]:
    """Each line of the table, its cells as text."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)] for line in body.split("<tr")[1:]]


def test_everybody_reads_their_own_rows_and_the_totals_of_these(database, sign_in, report, sam, mia, ada, grace):
    expected = {
        sam: [["Acme", "$100.00", "$50.00", "$150.00"], ["Globex", "$30.00", "–", "$30.00"], ["Total", "$130.00", "$50.00", "$180.00"]],
        mia: [["Acme", "$100.00", "$50.00", "$150.00"], ["Total", "$100.00", "$50.00", "$150.00"]],
        ada: [["Acme", "$100.00", "$50.00", "$150.00"], ["Total", "$100.00", "$50.00", "$150.00"]],
        grace: [["Globex", "$30.00", "$30.00"], ["Total", "$30.00", "$30.00"]],
    }
    for person, lines in expected.items():
        page = sign_in(person).get(f"/reports/{report.id}")
        assert page.status_code == 200 and figures(page.text) == lines, person.name
        assert "Showing" in page.text and "As of" in page.text


def test_every_figure_opens_the_rows_behind_it(database, sign_in, report, sam):
    client = sign_in(sam)
    links = [unescape(link) for link in re.findall(r'href="(/reports/\d+/rows[^"]*)"', client.get(f"/reports/{report.id}").text)]
    assert len(links) == 8
    counts = {}
    for link in links:
        page = client.get(link)
        assert page.status_code == 200
        counts[link] = int(re.search(r'role="status">([\d,]+) rows?<', page.text)[1])
    assert sorted(counts.values()) == [1, 1, 1, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("bar", [1, 3]), ("hbar", [1, 3]), ("funnel", [1, 3]), ("donut", [1, 3]), ("line", [1, 1, 2]), ("area", [1, 1, 2]),
        ("stacked", [1, 1, 2]), ("grouped", [1, 1, 2]), ("number", [4]), ("gauge", [4]), ("scatter", [1, 1, 2]),
    ],
)  # fmt: skip
def test_every_mark_of_a_chart_opens_the_rows_behind_it(make, sign_in, book, sam, kind, counts):
    asked = {"rows": [{"field": "partner"}], "columns": [{"field": "closed_on", "by": "quarter"}]}
    asked |= {"measures": [{"key": "n", "fn": "count"}, {"key": "all", "fn": "sum", "field": "amount"}]}
    chart = {"kind": kind, "y": ["n", "all"] if kind == "scatter" else ["n"], "target": "5"}
    made, client = make.report("By partner", asked | {"chart": chart}, owner=sam), sign_in(sam)
    drawing = client.get(f"/reports/{made.id}").text.split('aria-label="Chart"')[1].split("</section>")[0].split("<details")[0]
    links = [unescape(link) for link in re.findall(r'href="(/reports/\d+/rows[^"]*)"', drawing)]
    assert sorted(int(re.search(r'role="status">([\d,]+) rows?<', client.get(link).text)[1]) for link in links) == counts


def test_rows_behind_a_figure_are_only_those_one_may_see(database, sign_in, report, ada, sam):
    whole = f"/reports/{report.id}/rows?at=[]&m=won"
    assert "Zqother" in sign_in(sam).get(whole).text
    mine = sign_in(ada).get(whole).text
    assert "First" in mine and "Second" in mine and "Zqother" not in mine and "Gone" not in mine
    text = sign_in(ada).get(f"{whole}&format=csv").text
    assert "First" in text and "Zqother" not in text


@pytest.mark.parametrize("place", ["", "x", "[[9,1]]", "[[-1,1]]", "{}", "[[0,[1]]]", "[[0,1],[0,1],[0,1],[0,1],[0,1],[0,1]]", '[[1,"x"]]', "[[0,1e99]]", "[[1,99999999999999999999]]"])
def test_coordinates_that_are_none_are_refused_in_words(sign_in, report, sam, place):
    answer = sign_in(sam).get(f"/reports/{report.id}/rows", query_string={"at": place, "m": "won"})
    assert answer.status_code in (200, 422) and "Traceback" not in answer.text


def test_a_reader_changes_what_is_open_and_nothing_else(sign_in, make, book, sam):
    question = {"filters": [WON, {"field": "partner", "op": "is", "value": "Acme"}], "measures": [{"key": "n", "fn": "count"}]}
    made = make.report("One partner", question, open=[2], owner=sam)
    client = sign_in(sam)
    assert figures(client.get(f"/reports/{made.id}").text) == [["2"]]
    assert figures(client.get(f"/reports/{made.id}?f2=Globex").text) == [["1"]]
    assert figures(client.get(f"/reports/{made.id}?f1=lost").text) == [["2"]]
    page = client.get(f"/reports/{made.id}").text
    assert 'name="f2"' in page and 'name="f1"' not in page and "Outcome is Won" in page


def test_a_value_that_cannot_be_stands_beside_its_input(sign_in, make, book, sam):
    question = {"filters": [{"field": "closed_on", "op": "in", "value": "2026"}], "measures": [{"key": "n", "fn": "count"}]}
    made = make.report("Of a year", question, open=[1], owner=sam)
    page = sign_in(sam).get(f"/reports/{made.id}?f1=soon")
    assert page.status_code == 200 and 'aria-invalid="true"' in page.text and "is no date or stretch of time" in page.text


def test_csv_and_excel_have_the_figures_of_the_screen(database, sign_in, report, sam):
    client = sign_in(sam)
    text = client.get(f"/reports/{report.id}/file?format=csv").get_data(as_text=True).lstrip("\ufeff")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Partner", "2026-Q1", "2026-Q2", "Total"], ["Acme", "100.00", "50.00", "150.00"], ["Globex", "30.00", "", "30.00"],
        ["Total", "130.00", "50.00", "180.00"],
    ]  # fmt: skip
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reports/{report.id}/file?format=xlsx", buffered=True).data))
    assert book.get_sheet_by_index(0).to_python() == [
        ["Partner", "2026-Q1", "2026-Q2", "Total"], ["Acme", 100.0, 50.0, 150.0], ["Globex", 30.0, "", 30.0], ["Total", 130.0, 50.0, 180.0],
    ]  # fmt: skip
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python())
    assert about["Report"] == "Won by partner" and about["How much"] == "Showing 2 of 2"


def test_a_file_has_nobody_elses_rows(database, sign_in, report, ada):
    client = sign_in(ada)
    assert "Globex" not in client.get(f"/reports/{report.id}/file?format=csv").text
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reports/{report.id}/file?format=xlsx", buffered=True).data))
    assert "Globex" not in str([book.get_sheet_by_index(at).to_python() for at in range(2)])


def test_a_partner_is_not_told_conditions_that_may_name_another(sign_in, make, book, sam, ada):
    """Not in chips, sentences, inputs, charts, rows pages and files; its figures are there all the same."""
    filters = [WON, {"field": "partner", "op": "is not", "value": "Globex"}, {"field": "customer", "op": "is not", "value": "Zqsecret"},
               {"field": "stage", "op": "is", "value": "Won"}]  # fmt: skip
    made = make.report("Won", BY_PARTNER | {"filters": filters, "chart": {"kind": "bar"}}, sharing="partners", owner=sam, open=[3, 4])
    client = sign_in(ada)
    page = client.get(f"/reports/{made.id}").text
    told = [page, client.get(f"/reports/{made.id}/rows?at=[]&m=won").text, client.get(f"/reports/{made.id}/file?format=csv").text]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reports/{made.id}/file?format=xlsx", buffered=True).data))
    told.append(str([book.get_sheet_by_index(at).to_python() for at in range(2)]))
    assert not [text for text in told if "Globex" in text or "Zqsecret" in text]
    assert figures(page)[-1][-1] == "$150.00" and 'name="f4"' in page and 'name="f3"' not in page
    staff = sign_in(sam).get(f"/reports/{made.id}").text
    assert "Partner is not Globex" in staff and 'value="Zqsecret"' in staff


def test_a_report_with_a_field_that_is_gone_says_so_and_keeps_its_page(sign_in, make, book, sam):
    made = make.report("Old", {"rows": [{"field": "gone_field"}], "measures": [{"key": "n", "fn": "count"}]}, owner=sam)
    page = sign_in(sam).get(f"/reports/{made.id}")
    assert page.status_code == 200 and "There is no field “gone_field” here." in page.text and f"/reports/{made.id}/edit" in page.text


def test_a_partner_gets_the_same_words_for_a_forbidden_field_as_for_an_unknown_one(sign_in, make, book, sam, ada):
    texts = []
    for field in ("notes", "nonsense"):
        made = make.report(field, {"fields": [field]}, sharing="partners", owner=sam)
        texts.append(sign_in(ada).get(f"/reports/{made.id}").text.split("cannot be answered")[1].split("</div>")[0].replace(field, "x"))
    assert texts[0] == texts[1] and "There is no field" in texts[0]


@pytest.mark.parametrize("sharing", ["private", "staff"])
def test_what_is_not_shared_with_partners_is_not_there_for_them(sign_in, make, book, sam, ada, sharing):
    made = make.report("Inside", BY_PARTNER, sharing=sharing, owner=sam)
    client = sign_in(ada)
    for path in ("", "/rows?at=[]&m=won", "/file?format=csv"):
        assert client.get(f"/reports/{made.id}{path}").status_code == 404
    assert "Inside" not in client.get("/reports/").text


def test_who_looked_is_noted_once_a_minute(sign_in, report, sam, mia):
    client = sign_in(mia)
    client.get(f"/reports/{report.id}")
    first = ReportReader.get(ReportReader.person == mia.id).seen_at
    client.get(f"/reports/{report.id}")
    assert ReportReader.get(ReportReader.person == mia.id).seen_at == first
    assert "Mia Keller" in sign_in(sam).get(f"/reports/{report.id}").text


def test_a_report_is_marked_copied_deleted_and_brought_back(sign_in, report, sam, ann):
    client = sign_in(ann)
    client.post(f"/reports/{report.id}/favourite")
    assert "Won by partner" in client.get("/reports/?show=favourites").text
    assert client.post(f"/reports/{report.id}/copy").status_code == 303
    assert "Won by partner (copy)" in client.get("/reports/?show=mine").text
    assert client.post(f"/reports/{report.id}/delete").status_code == 403  # not hers
    boss = sign_in(sam)
    page = boss.post(f"/reports/{report.id}/delete", follow_redirects=True).text
    assert f"/reports/{report.id}/undelete" in page and boss.get(f"/reports/{report.id}").status_code == 404
    assert client.post(f"/reports/{report.id}/undelete").status_code == 404
    boss.post(f"/reports/{report.id}/undelete")
    assert boss.get(f"/reports/{report.id}").status_code == 200


def test_an_earlier_version_becomes_the_newest(sign_in, report, sam):
    client = sign_in(sam)
    form = {"object": "deal", "rows.0.field": "stage", "measures.0.fn": "count", "name": "By stage", "sharing": "private", "version": "1"}
    assert client.post(f"/reports/{report.id}/edit", data=form).status_code == 303
    page = client.get(f"/reports/{report.id}/versions").text
    assert "name, filters, rows, columns, measures" in page and "first version" in page
    client.post(f"/reports/{report.id}/versions/1")
    again = Report.get_by_id(report.id)
    assert again.name == "Won by partner" and again.content["parts"][0]["question"]["measures"][0]["key"] == "won" and again.version == 3


def test_folders_are_renamed_ordered_and_removed_with_undo(sign_in, make, book, sam, ada):
    first, second = Folder.create(name="Sales", position=0), Folder.create(name="Service", position=1)
    for name, folder in (("One", first), ("Two", second)):
        Report.update(folder=folder).where(Report.id == make.report(name, owner=sam).id).execute()
    client = sign_in(sam)
    names = lambda: re.findall(r'folder-h" id="folder-\d+">.*?</svg>\s*([^<]+?)\s*</h2>', client.get("/reports/").text, re.S)  # noqa: E731
    assert names() == ["Sales", "Service"]
    client.post(f"/reports/folders/{second.id}", data={"do": "up"})
    assert names() == ["Service", "Sales"]
    client.post(f"/reports/folders/{second.id}", data={"do": "to:1"})
    assert names() == ["Sales", "Service"]
    client.post(f"/reports/folders/{first.id}", data={"name": " Won  deals "})
    assert names() == ["Won deals", "Service"]
    for wrong in ("", "Service"):
        assert client.post(f"/reports/folders/{first.id}", data={"name": wrong}).status_code == 422
    client.post(f"/reports/folders/{second.id}", data={"do": "remove"})
    assert names() == ["Won deals", "In no folder"]
    gone = Activity.get(Activity.verb == "folder.removed")
    assert sign_in(ada).post(f"/reports/folders/{gone.id}/restore").status_code == 403
    assert sign_in(sam).post(f"/reports/folders/{gone.id}/restore").status_code == 303
    assert names() == ["Won deals", "Service"]
