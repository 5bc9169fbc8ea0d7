"""The list of imports: whose, how they stand, and what to do first."""
from prm.models import Import
from tests.transfers.conftest import work


def test_without_any_it_says_what_to_do(sign_in, mia):
    page = sign_in(mia).get("/import/").text
    assert "You have imported nothing yet" in page and 'href="/import/new?object=partner"' in page


def test_each_says_how_it_stands(database, looked_at, upload, sam):
    client, _ = upload(sam, "partner", "Partner no,Name\nP1,Acme\n", name="one.csv")
    assert "Checking" in client.get("/import/").text
    work()
    assert "Ready to store" in client.get("/import/").text
    client.post(f"/import/{Import.get().id}/commit")
    assert "Storing" in client.get("/import/").text
    work()
    assert "Stored" in client.get("/import/").text
    client.post(f"/import/{Import.get().id}/undo")
    assert "Taking back" in client.get("/import/").text
    work()
    assert "Taken back" in client.get("/import/").text


def test_an_admin_sees_whose_it_is_and_those_of_the_command(database, looked_at, load, sign_in, sam, mia):
    looked_at(mia, "partner", "Partner no,Name\nP1,Acme\n", name="mias.csv")
    load("partner", "Partner no,Name\nP2,Globex\n")
    page = sign_in(sam).get("/import/").text
    assert "mias.csv" in page and "Mia Keller" in page and "prm import" in page


def test_a_long_list_has_pages(sign_in, make, sam):
    Import.insert_many([{"object": "deal", "filename": f"f{n:03d}.csv", "file": "0" * 64, "person": sam} for n in range(120)]).execute()
    client = sign_in(sam)
    assert "f119.csv" in client.get("/import/").text and "f000.csv" in client.get("/import/?page=3").text


def test_the_partner_side_and_analysts_have_no_import(sign_in, ann, ada):
    assert sign_in(ann).get("/import/").status_code == sign_in(ada).get("/import/").status_code == 403
