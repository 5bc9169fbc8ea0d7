"""Which row became what: the pages behind the counts, and the file of those that were refused."""
import csv
import io

from prm.models import Partner
from tests.transfers.conftest import work

PARTNERS = "Partner no,Name,Territory\nP1,Acme,North\nP2,Globex,=SUM(1)\n,Nobody,-5.00\n,<b>x</b>,00123\n"


def stored(looked_at, person, content=PARTNERS):
    client, batch = looked_at(person, "partner", content)
    client.post(f"/import/{batch.id}/commit")
    work()
    return client, batch


def test_each_count_leads_to_its_rows_and_each_row_to_its_record(database, looked_at, sam):
    client, batch = stored(looked_at, sam)
    made = client.get(f"/import/{batch.id}/rows?result=made").text
    acme = Partner.get(Partner.number == "P1")
    assert f'href="/partners/{acme.id}">Acme</a>' in made and "Globex" in made and "Nobody" not in made
    refused = client.get(f"/import/{batch.id}/rows?result=refused").text
    assert refused.count("Partner no is empty.") == 2 and "Acme" not in refused


def test_a_changed_row_says_what_changed(looked_at, sam, make):
    make.partner("Acme", number="P1")
    client, batch = stored(looked_at, sam)
    assert "Territory" in client.get(f"/import/{batch.id}/rows?result=changed").text


def test_a_long_list_has_pages(looked_at, sam):
    client, batch = stored(looked_at, sam, "Partner no,Name\n" + "".join(f"P{n:03d},Partner {n:03d}\n" for n in range(120)))
    first = client.get(f"/import/{batch.id}/rows?result=made").text
    assert "Partner 049" in first and "Partner 050" not in first and "page=2" in first
    assert "Partner 119" in client.get(f"/import/{batch.id}/rows?result=made&page=3").text


def test_a_result_that_does_not_exist_is_not_there(looked_at, sam):
    client, batch = stored(looked_at, sam)
    assert client.get(f"/import/{batch.id}/rows?result=x").status_code == 404
    assert client.get(f"/import/{batch.id}/rows?page=10000000000000000000").status_code == 200


def test_a_record_the_viewer_lost_is_not_named(looked_at, mia, make):
    client, batch = stored(looked_at, mia)
    Partner.update(manager=None).where(Partner.number == "P1").execute()
    page = client.get(f"/import/{batch.id}/rows?result=made").text
    assert "Acme" not in page and "Not there any more" in page and "Globex" in page


def test_refused_rows_are_downloaded_with_line_reason_and_cells(database, looked_at, sam):
    client, batch = stored(looked_at, sam)
    answer = client.get(f"/import/{batch.id}/refused.csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [
        ["Line", "Reason", "Partner no", "Name", "Territory"],
        ["4", "Partner no is empty.", "", "Nobody", "-5.00"],
        ["5", "Partner no is empty.", "", "<b>x</b>", "00123"],
    ]


def test_a_formula_in_a_refused_cell_is_made_harmless(looked_at, sam):
    client, batch = looked_at(sam, "partner", "Partner no,Name\n,=cmd|'/c calc'!A1\n,@x\n,+1\n")
    rows = list(csv.reader(io.StringIO(client.get(f"/import/{batch.id}/refused.csv").data.decode("utf-8-sig"))))
    assert [row[3][0] for row in rows[1:]] == ["'", "'", "'"]


def test_all_refused_rows_are_there_before_anything_is_stored(looked_at, sam):
    client, batch = looked_at(sam, "partner", "Partner no,Name\n" + ",Nobody\n" * 300)
    page = client.get(f"/import/{batch.id}").text
    assert "These are the first 200 of 300." in page and "Store" not in page.split("</ol>")[1].split("Columns</h2>")[0]
    assert len(client.get(f"/import/{batch.id}/refused.csv").data.splitlines()) == 301


def test_what_was_mended_comes_in_with_the_same_file(database, looked_at, sam):
    client, batch = stored(looked_at, sam)
    mended = client.get(f"/import/{batch.id}/refused.csv").data.decode("utf-8-sig").replace(".,,", ".,P3,", 1)
    _, second = stored(looked_at, sam, mended)
    assert Partner.get(Partner.number == "P3").name == "Nobody" and Partner.select().count() == 3
