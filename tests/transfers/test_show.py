"""Looking at a file before it is stored: how columns are matched, what each cell is read as, what stands in the way."""
import html
import re

import pytest

from prm.core import clock
from prm.core.jobs import Job
from prm.models import CustomField, Deal, Import, ImportMap, Partner
from tests.transfers.conftest import again, work
from tests.transfers.workbooks import workbook

PARTNERS = "Partner no,Name,Land,Staff\nP1,Acme,Norway,12\nP2,Globex,Chile,7\n"
OPEN = 'Deal no,Partner,Amount,Closed on\nD1,ACME,"1,234",03/04/2026\nD2,ACME,"5,000",05/06/2026\n'


def form_of(page: str) -> dict:
    """What the form of the page would send as it stands."""
    form = page[page.index('/settings"') :]
    form = form[: form.index("</form>")]
    sent: dict = {"fixed-field": [], "fixed-value": []}
    for name, body in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', body)
        value = html.unescape(chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
        sent[name].append(value) if name in sent and isinstance(sent[name], list) else sent.update({name: value})
    for name, value in re.findall(r'<input[^>]*?name="([^"]+)" value="([^"]*)"', form):
        if name == "fixed-value":
            sent[name].append(html.unescape(value))
    return sent


def settle(client, batch, **changes):
    """Change these inputs of the page's form and send it; returns the page after it."""
    sent = form_of(client.get(f"/import/{batch.id}").text) | {k.replace("_", "-"): v for k, v in changes.items()}
    answer = client.post(f"/import/{batch.id}/settings", data=sent)
    assert answer.status_code == 303
    work()
    return client.get(answer.location).text


def test_columns_are_matched_by_name_and_the_others_are_left_out(looked_at, sam):
    _, batch = looked_at(sam, "partner", PARTNERS)
    assert batch.settings["columns"] == {"Partner no": "number", "Name": "name"}


def test_the_value_stands_beside_the_cell_where_it_looks_different(looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Deal no,Partner,Amount,Closed on\nD1,ACME,1234.5,2026-07-31\n")
    page = re.sub(r"\s+", " ", client.get(f"/import/{batch.id}").text)
    assert '<td class="num">$1,234.50<div class="sub">1234.5</div></td>' in page
    assert '<td class="">Acme<div class="sub">ACME</div></td>' in page
    assert '<td class="">Jul 31, 2026<div class="sub">2026-07-31</div></td>' in page
    assert '<td class="">D1</td>' in page


def test_what_can_be_read_in_two_ways_blocks_until_a_format_is_chosen(database, looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", OPEN)
    page = client.get(f"/import/{batch.id}").text
    assert "“1,234” in line 2, “5,000” in line 3" in page and "“03/04/2026” in line 2" in page
    assert "Store" not in re.sub("<title>.*?</title>|stored|Check and store", "", page)
    assert client.post(f"/import/{batch.id}/commit").status_code == 422
    page = settle(client, batch, numbers_2="1,234.50")
    assert "“03/04/2026” in line 2" in page and again(batch).state == "uploaded"
    page = settle(client, batch, days_3="dmy")
    assert "Store 2 rows" in page and "Apr 3, 2026" in page and "$1,234.00" in page
    client.post(f"/import/{batch.id}/commit")
    work()
    assert [(d.amount, d.closed_on.isoformat()) for d in Deal.select().order_by(Deal.number)] == [
        (123400, "2026-04-03"), (500000, "2026-06-05"),
    ]  # fmt: skip


def test_changing_how_it_is_read_checks_every_row_again(database, looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    assert again(batch).found["check"]["made"] == 2
    page = settle(client, batch, column_1="")
    assert "No column gives Name." in page and again(batch).found["check"] is None
    page = settle(client, batch, column_2="name")
    assert "Store 2 rows" in page and "Norway" in page


def test_a_check_of_how_it_was_read_before_is_not_kept(upload, sam):
    from prm.transfers import running, services

    client, _ = upload(sam, "partner", PARTNERS)
    stale = Import.get()
    counted = running.check(sam, stale, services.sheet_of(stale, services.Plan.of(stale.settings)))
    services.resettle(sam, Import.get(), services.Plan.of(stale.settings))
    assert not running.keep_check(stale, counted)
    assert (again(stale).state, again(stale).found["check"]) == ("checking", None)
    work()
    assert again(stale).state == "checked"


def test_a_field_is_filled_by_the_column_chosen_last(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    settle(client, batch, column_2="number")
    assert again(batch).settings["columns"] == {"Name": "name", "Land": "number"}


def test_an_admin_makes_new_fields_of_columns(database, looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    page = settle(client, batch, column_3="+number", keep="")
    assert "New: number (as found)" in page
    page = settle(client, batch, keep="rest")
    assert again(batch).settings["made"] == {"Land": ["land", "text"], "Staff": ["staff", "number"]}
    assert not CustomField.select().exists()
    client.post(f"/import/{batch.id}/commit")
    work()
    assert Partner.get(Partner.number == "P1").custom == {"land": "Norway", "staff": 12_000_000}
    assert "New fields: Land, Staff." in client.get(f"/import/{batch.id}").text


def test_a_manager_is_not_offered_new_fields_and_cannot_post_them(looked_at, mia):
    client, batch = looked_at(mia, "partner", PARTNERS)
    page = client.get(f"/import/{batch.id}").text
    assert "New field" not in page and "left out</button>" not in page
    page = settle(client, batch, column_2="+text")
    assert "Only an admin makes new fields." in page and "Store 2" not in page
    assert client.post(f"/import/{batch.id}/commit").status_code == 422
    assert not CustomField.select().exists() and Partner.select().where(Partner.number == "P1").count() == 0


@pytest.mark.parametrize("path", ["", "/rows", "/refused.csv"])
def test_an_import_is_its_makers_and_the_admins(database, looked_at, sign_in, make, sam, mia, path):
    _, batch = looked_at(mia, "partner", PARTNERS)
    other = make.person("Otto", role="manager")
    assert sign_in(other).get(f"/import/{batch.id}{path}").status_code == 404
    assert sign_in(sam).get(f"/import/{batch.id}{path}").status_code == 200
    assert "file.csv" not in sign_in(other).get("/import/").text
    assert sign_in(mia).get("/import/").text.count("file.csv") == 1


@pytest.mark.parametrize("verb", ["settings", "check", "commit", "undo", "drop", "names"])
def test_nobody_touches_an_import_of_somebody_else(looked_at, sign_in, make, mia, verb):
    _, batch = looked_at(mia, "partner", PARTNERS)
    other = make.person("Otto", role="manager")
    assert sign_in(other).post(f"/import/{batch.id}/{verb}").status_code == 404
    assert again(batch).state == "checked"


def test_a_value_for_every_row_is_chosen_from_its_list(database, looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Deal no,Partner\nD1,ACME\n")
    page = settle(client, batch, fixed_field=["stage", ""], fixed_value=["", ""])
    assert "Stage: choose a value for every row" in page and "<option>Won</option>" in page
    page = settle(client, batch, fixed_field=["stage"], fixed_value=["Won"])
    assert "<option selected>Won</option>" in page and "Store 1 row" in page
    client.post(f"/import/{batch.id}/commit")
    work()
    assert Deal.get().outcome == "won"


def test_a_value_that_does_not_fit_is_said_and_the_page_still_opens(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    page = settle(client, batch, fixed_field=["since"], fixed_value=["soon"])
    assert "Partner since: “soon” is no date." in page and 'aria-invalid="true"' in page and "Store 2" not in page


def test_the_match_is_remembered_and_said_so(database, looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Deal no,Partner,What\nD1,ACME,Forty bikes\n")
    settle(client, batch, column_2="title", fixed_field=["stage"], fixed_value=["Won"])
    client.post(f"/import/{batch.id}/commit")
    work()
    client, second = looked_at(sam, "deal", "What,Deal no,Partner\nTen bikes,D2,ACME\n", client=client)
    page = client.get(f"/import/{second.id}").text
    assert "are as when such a file was stored the last time" in page
    assert (second.settings["columns"]["What"], second.settings["fixed"]) == ("title", {"stage": "Won"})
    client.post(f"/import/{second.id}/names")
    assert again(second).settings["columns"] == {"Deal no": "number", "Partner": "partner"}
    assert "the last time" not in client.get(f"/import/{second.id}").text


def test_a_remembered_format_yields_to_what_the_next_file_shows(looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", OPEN)
    settle(client, batch, numbers_2="1,234.50", days_3="dmy")
    client.post(f"/import/{batch.id}/commit")
    work()
    _, second = looked_at(sam, "deal", 'Deal no,Partner,Amount,Closed on\nD3,ACME,"1.234,50",12/25/2026\n', client=client)
    assert second.settings["numbers"] == {} and second.settings["days"] == {} and second.found["check"]["made"] == 1
    _, third = looked_at(sam, "deal", OPEN.replace("D1", "D8"), client=client)
    assert third.settings["days"] == {"Closed on": "dmy"} and third.found["check"]["made"] == 1


def test_a_remembered_field_that_is_gone_is_left_out(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    settle(client, batch, keep="rest")
    client.post(f"/import/{batch.id}/commit")
    work()
    CustomField.delete().execute()
    client, second = looked_at(sam, "partner", PARTNERS, client=client)
    assert second.settings["columns"] == {"Partner no": "number", "Name": "name"}
    assert client.get(f"/import/{second.id}").status_code == 200


def test_a_field_that_goes_while_one_looks_breaks_nothing(looked_at, sam, make):
    make.custom_field("land", object="partner")
    client, batch = looked_at(sam, "partner", PARTNERS)
    assert batch.settings["columns"]["Land"] == "land"
    CustomField.delete().execute()
    assert client.get(f"/import/{batch.id}").status_code == 200
    client.post(f"/import/{batch.id}/commit")
    work()
    assert again(batch).state == "done" and Partner.select().count() == 2


def test_another_encoding_is_a_new_look(looked_at, sam):
    client, batch = looked_at(sam, "partner", "Partner no,Name\nP1,Łódź\n".encode("cp1250"))
    assert "is no UTF-8 and is read as Windows text" in client.get(f"/import/{batch.id}").text
    assert "Łódź" in settle(client, batch, encoding="cp1250")
    sent = form_of(client.get(f"/import/{batch.id}").text) | {"encoding": "utf-16"}
    answer = client.post(f"/import/{batch.id}/settings", data=sent)
    assert answer.status_code == 422 and again(batch).settings["encoding"] == "cp1250"


def test_another_delimiter_or_sheet_is_a_new_look(looked_at, sam):
    client, batch = looked_at(sam, "partner", "Partner no;Name, first\nP1;Acme\n")
    assert "Partner no;Name" in settle(client, batch, delimiter=",")
    client, batch = looked_at(sam, "partner", workbook([["Partner no", "Name"], ["P1", "Acme"]], sheets=("Data",)), name="a.xlsx")
    assert "Store 1 row" in settle(client, batch, column_1="name")
    assert again(batch).settings["sheet"] == "Data"


def test_a_file_without_keys_says_that_it_would_double(looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Title,Partner\nBikes,ACME\n")
    assert "importing the file again makes all of them a second time" in client.get(f"/import/{batch.id}").text


def test_no_cell_heading_or_name_becomes_html(looked_at, sam):
    bad = "<img src=x onerror=alert(1)>"
    client, batch = looked_at(sam, "partner", f"Partner no,Name,{bad}\nP1,{bad},{bad}\n,{bad},\n", name=f"{bad}.csv")
    page = client.get(f"/import/{batch.id}").text + settle(client, batch, column_2="+text")
    assert bad not in page and html.escape(bad) in page


def test_nonsense_in_the_form_is_left_out(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    page = settle(
        client, batch, column_0="../../x", column_2="+formula", column_3="+<b>", numbers_3="x", days_3="y", encoding="rot13",
        delimiter="##", fixed_field=["outcome", "id", "\0"], fixed_value=["x", "y", "z"],
    )  # fmt: skip
    assert "No column gives Partner no." in page
    settings = again(batch).settings
    assert (settings["made"], settings["fixed"], settings["encoding"], settings["delimiter"]) == ({}, {}, "", "")


def test_an_upload_of_which_nothing_is_stored_can_be_put_away(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    assert client.post(f"/import/{batch.id}/drop").location == "/import/"
    assert not Import.select().exists() and "put away" in client.get("/import/").text


def test_a_file_that_is_not_kept_any_more_is_said(looked_at, sam):
    from prm.core import files

    client, batch = looked_at(sam, "partner", PARTNERS)
    files.place(batch.file).unlink()
    answer = client.get(f"/import/{batch.id}")
    assert answer.status_code == 422 and "Upload it again." in answer.text


def test_the_region_that_watches_a_check_ends_with_its_result(upload, sam):
    client, answer = upload(sam, "partner", PARTNERS)
    watched = client.get(f"{answer.location}?watch=check", headers={"HX-Request": "true"}).text
    assert "<html" not in watched and "every 1s" in watched
    work()
    watched = client.get(f"{answer.location}?watch=check", headers={"HX-Request": "true"}).text
    assert "Every row checked" in watched and "every 1s" not in watched


def test_a_check_that_broke_off_says_so_and_can_be_asked_for_again(upload, sam):
    client, answer = upload(sam, "partner", PARTNERS)
    Job.update(failed_at=clock.now(), message="MemoryError").execute()
    page = client.get(answer.location).text
    assert "It broke off, and nothing was stored." in page and "Check every row" in page
    client.post(f"{answer.location}/check")
    work()
    assert "Store 2 rows" in client.get(answer.location).text


def test_what_was_confirmed_is_kept_once_for_files_of_these_columns(looked_at, sam):
    for _ in range(2):
        client, batch = looked_at(sam, "partner", PARTNERS)
        client.post(f"/import/{batch.id}/commit")
        work()
    assert ImportMap.select().count() == 1
