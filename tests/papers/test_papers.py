"""A report or a dashboard as a PDF: by a job, for who asked, as the screen says it, forty pages at most."""
import io
from datetime import timedelta

import pypdf
import pytest

from prm.core import clock, files
from prm.core.jobs import Job, run_once
from prm.housekeeping import tidy_files
from prm.models import Report, Tile
from prm.papers import jobs, services  # noqa: F401 - the kind of job is known by its import
from prm.ui.printed import PAGES, Sheet
from tests.reports.conftest import BY_PARTNER, WON, book  # noqa: F401 - a fixture

LIST = {"object": "deal", "fields": ["title", "partner", "amount"], "sort": [{"key": "amount", "desc": True}]}


@pytest.fixture
def report(make, book, sam):  # noqa: F811
    return make.report("Won by partner", BY_PARTNER | {"chart": {"kind": "bar", "y": ["won"]}}, sharing="partners", owner=sam)


def asked(client, what: str, **form) -> str:
    """The page of the job, done."""
    answer = client.post("/papers/", data={"what": what, "size": "a4", "orientation": "portrait"} | form)
    assert answer.status_code == 303
    assert "Waiting for its turn" in client.get(answer.location).text
    while run_once():
        pass
    return answer.location


def paper(client, what: str, **form) -> pypdf.PdfReader:
    with client.get(asked(client, what, **form) + "/file") as answer:
        assert answer.status_code == 200 and answer.mimetype == "application/pdf"
        return pypdf.PdfReader(io.BytesIO(answer.data))


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_says_what_the_screen_says_to_the_cent(database, sign_in, report, sam):
    text = text_of(paper(sign_in(sam), f"report:{report.id}"))
    for said in ("Won by partner", "Acme $100.00 $50.00 $150.00", "Globex $30.00 – $30.00", "Total $130.00 $50.00 $180.00", "Showing 2 of 2", "As of", "Kestrel"):
        assert said in text, (said, text)
    assert "outcome is Won" in text


def test_everybody_gets_their_own_rows_and_partners_no_conditions(database, sign_in, report, mia, ada, grace):
    assert "Globex" not in text_of(paper(sign_in(mia), f"report:{report.id}"))
    text = text_of(paper(sign_in(ada), f"report:{report.id}"))
    assert "$150.00" in text and "Globex" not in text and "$180.00" not in text and "outcome is" not in text
    text = text_of(paper(sign_in(grace), f"report:{report.id}"))
    assert "$30.00" in text and "Acme" not in text


def test_the_readers_filter_values_are_kept(make, sign_in, book, sam):  # noqa: F811
    saved = make.report("By stage", LIST | {"filters": [{"field": "stage", "op": "is", "value": "Won"}]}, owner=sam)
    Report.update(content=saved.content | {"open": [1]}).where(Report.id == saved.id).execute()
    client = sign_in(sam)
    assert "First" in text_of(paper(client, f"report:{saved.id}"))
    text = text_of(paper(client, f"report:{saved.id}", f1="Lost"))
    assert "Gone" in text and "First" not in text


@pytest.mark.parametrize(("size", "orientation", "points"), [("a4", "landscape", (842, 595)), ("letter", "portrait", (612, 792))])
def test_paper_and_the_way_it_lies_are_chosen_and_remembered(sign_in, report, sam, size, orientation, points):
    client = sign_in(sam)
    box = paper(client, f"report:{report.id}", size=size, orientation=orientation).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points
    page = client.get(f"/reports/{report.id}").text
    assert f'<option value="{size}" selected>' in page and f'<option value="{orientation}" selected>' in page


def test_it_ends_after_forty_pages_and_says_so(make, sign_in, acme, sam):
    stage = make.stages()[0]
    for number in range(2600):
        make.deal(f"Deal {number:04d} with a name that is so long that it hardly finds a place in one line of its column", partner=acme, amount=number * 100, stage=stage.name)
    saved = make.report("All deals", LIST, owner=sam)
    reader = paper(sign_in(sam), f"report:{saved.id}")
    text = text_of(reader)
    assert PAGES - 3 <= len(reader.pages) <= PAGES
    assert "of 2,600; totals are over all 2,600" in text and "A PDF holds 40 pages of rows" in text and "$3,378,700.00" in text
    assert all("Title Partner Amount" in " ".join(page.extract_text().split()) for page in reader.pages)


def test_a_matrix_that_is_too_wide_goes_on_below_with_its_names(make, sign_in, acme, sam):
    make.stages()
    for month in range(1, 13):
        make.deal(f"In {month}", partner=acme, amount=month * 100, closed_on=clock.now().date().replace(2025, month, 10), stage="Won")
    question = {"filters": [WON], "rows": [{"field": "partner"}], "columns": [{"field": "closed_on", "by": "month"}], "measures": [{"key": "won", "fn": "sum", "field": "amount"}]}
    text = text_of(paper(sign_in(sam), f"report:{make.report('By month', question, owner=sam).id}"))
    assert "Columns 2 to 8 of 14" in text and "Columns 9 to 14 of 14" in text and text.count("Acme") == 2 and "$78.00" in text


def test_a_dashboard_is_its_tiles_for_whoever_asked(database, make, sign_in, report, sam, ada):
    board = make.dashboard("All of it", sharing="partners", owner=sam, filters={"period": "2026"})
    Tile.create(dashboard=board, kind="report", report=report, width=6, look={"show": "chart"})
    Tile.create(dashboard=board, kind="report", report=report, width=6, title="The same as a table", look={"show": "table"})
    Tile.create(dashboard=board, kind="text", text="**Mind** the gap", width=12)
    text = text_of(paper(sign_in(sam), f"dashboard:{board.id}"))
    assert all(said in text for said in ("All of it", "The same as a table", "Globex", "Mind the gap", "Period 2026"))
    text = text_of(paper(sign_in(ada), f"dashboard:{board.id}"))
    assert "Acme" in text and "Globex" not in text


def test_an_empty_report_says_so(make, sign_in, sam):
    saved = make.report("Nothing", LIST, owner=sam)
    assert "No row meets the filters." in text_of(paper(sign_in(sam), f"report:{saved.id}"))


def test_nobody_asks_for_or_fetches_what_is_not_theirs(make, sign_in, report, sam, mia, ada):
    own = make.report("Mine", BY_PARTNER, owner=sam)
    place = asked(sign_in(sam), f"report:{own.id}")
    for who in (mia, ada):
        client = sign_in(who)
        assert client.post("/papers/", data={"what": f"report:{own.id}"}).status_code == 404
        assert [client.get(place).status_code, client.get(f"{place}/file").status_code, client.post(f"{place}/cancel").status_code] == [404] * 3
    assert sign_in(ada).post("/papers/", data={"what": "ready:revenue-by-tier"}).status_code == 404


@pytest.mark.parametrize("what", ["", "report", "report:", "report:x", "report:99999999999999999999", "deal:1", "ready:none", "dashboard:-1", "report:²"])
def test_what_is_no_report_is_missing(sign_in, report, sam, what):
    assert sign_in(sam).post("/papers/", data={"what": what}).status_code == 404
    assert not Job.select().where(Job.kind == services.KIND).exists()


def test_what_is_no_longer_shared_is_not_made(sign_in, report, ada):
    client = sign_in(ada)
    place = client.post("/papers/", data={"what": f"report:{report.id}"}).location
    Report.update(sharing="private").where(Report.id == report.id).execute()
    while run_once():
        pass
    assert "not shared with you any more" in client.get(place).text


def test_two_clicks_make_one(sign_in, report, sam):
    client = sign_in(sam)
    form = {"what": f"report:{report.id}", "f1": "x"}
    assert client.post("/papers/", data=form).location == client.post("/papers/", data=form).location
    assert client.post("/papers/", data=form | {"f1": "y"}).location != client.post("/papers/", data=form).location


def test_it_can_be_stopped_and_is_gone_after_a_week(sign_in, report, sam):
    client = sign_in(sam)
    waiting = client.post("/papers/", data={"what": f"report:{report.id}"}).location
    assert client.post(f"{waiting}/cancel").status_code == 303
    assert "Cancelled" in client.get(waiting).text
    place = asked(client, f"report:{report.id}")
    Job.update(done_at=clock.now() - timedelta(days=8)).where(Job.kind == services.KIND, Job.done_at.is_null(False)).execute()
    made = Job.select().where(Job.kind == services.KIND, Job.done_at.is_null(False)).get()
    assert tidy_files(made)["files"] == 1 and not files.place(made.result["file"]).exists()
    assert "thrown away" in client.get(place).text and client.get(f"{place}/file").status_code == 404


def test_unknown_paper_is_what_most_have():
    assert Sheet.of("a0", "sideways") == Sheet("a4", "portrait")
