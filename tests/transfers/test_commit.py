"""Storing an import: all or nothing, once, with progress; what fails says why, and what to do next."""
from datetime import timedelta

import pytest

from prm.core import clock, files
from prm.core.db import db
from prm.core.jobs import Job, claim
from prm.models import Deal, Import, ImportRow, Partner
from prm.transfers import committing, jobs, progress, services
from tests.transfers.conftest import again, work

PARTNERS = "Partner no,Name\nP1,Acme\nP2,Globex\n,Nobody\n"


@pytest.fixture
def checked(looked_at, sam):
    """Sam's client and his import of two good rows and a bad one, checked."""
    return looked_at(sam, "partner", PARTNERS)


def test_it_is_stored_by_a_job_and_the_page_says_what_came_of_it(database, checked):
    client, batch = checked
    assert client.post(f"/import/{batch.id}/commit").location == f"/import/{batch.id}"
    page = client.get(f"/import/{batch.id}").text
    assert "Storing" in page and "0%, 0 of 3" in page and not Partner.select().exists()
    work()
    assert [p.name for p in Partner.select().order_by(Partner.number)] == ["Acme", "Globex"]
    page = client.get(f"/import/{batch.id}").text
    assert 'aria-label="Made: 2 rows"' in page and 'aria-label="Refused: 1 rows"' in page
    assert "Partner no is empty." in page and "Take back" in page


def test_pressed_twice_it_is_stored_once(database, checked):
    client, batch = checked
    assert [client.post(f"/import/{batch.id}/commit").status_code for _ in range(3)] == [303, 422, 422]
    work()
    assert client.post(f"/import/{batch.id}/commit").status_code == 422
    assert Job.select().where(Job.kind == "import.commit").count() == 1 and Partner.select().count() == 2


def test_nothing_is_stored_before_every_row_was_checked(upload, sam):
    client, answer = upload(sam, "partner", PARTNERS)
    assert client.post(f"{answer.location}/commit").status_code == 422
    assert Import.get().state == "checking"


@pytest.mark.parametrize("verb", ["settings", "check", "names", "drop"])
def test_while_it_is_stored_nobody_changes_how_it_is_read(checked, verb):
    client, batch = checked
    client.post(f"/import/{batch.id}/commit")
    assert client.post(f"/import/{batch.id}/{verb}").status_code == 422
    work()
    assert client.post(f"/import/{batch.id}/{verb}").status_code == 422
    assert again(batch).state == "done" and Partner.select().count() == 2


def test_the_rights_are_looked_at_when_it_is_stored(looked_at, mia):
    client, batch = looked_at(mia, "partner", PARTNERS)
    client.post(f"/import/{batch.id}/commit")
    mia.role = "analyst"
    mia.save()
    work()
    assert not Partner.select().where(Partner.number == "P1").exists()
    assert Job.get(Job.kind == "import.commit").state == "failed"


def test_what_fails_says_why_and_can_be_tried_again(database, checked):
    client, batch = checked
    place = files.place(batch.file)
    content = place.read_bytes()
    client.post(f"/import/{batch.id}/commit")
    place.unlink()
    work()
    assert (again(batch).state, Partner.select().count()) == ("failed", 0)
    assert again(batch).message == "Nothing was stored. The file is not kept any more. Upload it again."
    place.write_bytes(content)
    page = client.get(f"/import/{batch.id}").text
    assert "Nothing was stored. The file is not kept any more." in page and "Store 2 rows" in page
    client.post(f"/import/{batch.id}/commit")
    work()
    assert again(batch).state == "done" and Partner.select().count() == 2


def test_one_that_broke_off_says_so_and_can_be_tried_again(checked):
    client, batch = checked
    client.post(f"/import/{batch.id}/commit")
    Job.update(failed_at=clock.now(), started_at=clock.now(), message="MemoryError: ").where(Job.kind == "import.commit").execute()
    page = client.get(f"/import/{batch.id}").text
    assert "It broke off, and nothing was stored." in page and "MemoryError" in page and "Check again" in page
    client.post(f"/import/{batch.id}/check")
    work()
    client.post(f"/import/{batch.id}/commit")
    work()
    assert again(batch).state == "done" and Partner.select().count() == 2


def test_another_worker_takes_over_after_one_died_and_nothing_is_doubled(database, looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Title,Partner\n" + "Bikes,ACME\n" * 5)
    client.post(f"/import/{batch.id}/commit")
    dead = claim(clock.now())  # and never heard of again
    assert dead.kind == "import.commit"
    Job.update(lease_until=clock.now() - timedelta(seconds=1)).where(Job.id == dead.id).execute()
    work()
    assert Deal.select().count() == 5
    jobs.commit(dead)  # it was only slow
    assert Deal.select().count() == 5 and ImportRow.select().count() == 5


def test_of_two_workers_on_one_import_the_second_stores_nothing(database, looked_at, sam, make, acme):
    make.stages()
    client, batch = looked_at(sam, "deal", "Title,Partner\n" + "Bikes,ACME\n" * 5)
    client.post(f"/import/{batch.id}/commit")
    late = again(batch)
    work()
    with pytest.raises(Exception, match="stored already"):
        committing.commit(
            sam, late, services.Plan.of(late.settings), services.sheet_of(late, services.Plan.of(late.settings)),
            {}, lambda done: None,
        )  # fmt: skip
    assert Deal.select().count() == 5


def test_what_breaks_in_the_middle_leaves_nothing(database, load, make, acme):
    make.stages()
    text = "Deal no,Partner\n" + "".join(f"D{n},ACME\n" for n in range(1200))

    class Pulled(Exception):
        pass

    def pull(batch, done):
        if done >= 1000:
            raise Pulled

    whole, progress.tell = progress.tell, pull
    try:
        with pytest.raises(Pulled):
            load("deal", text)
    finally:
        progress.tell = whole
    assert not any(table.select().exists() for table in (Deal, Import, ImportRow))
    assert load("deal", text).counts["made"] == 1200


def test_progress_is_told_while_the_rows_are_not_there_yet(checked):
    client, batch = checked
    client.post(f"/import/{batch.id}/commit")
    progress.tell(batch.id, 2)
    watched = client.get(f"/import/{batch.id}?watch=work", headers={"HX-Request": "true"}).text
    assert "66%, 2 of 3" in watched and "<html" not in watched
    work()
    done = client.get(f"/import/{batch.id}?watch=work", headers={"HX-Request": "true"})
    assert done.status_code == 204 and done.headers["HX-Redirect"] == f"/import/{batch.id}"
    assert progress.told(batch.id) == 0


def test_the_number_of_queries_does_not_grow_with_the_table(load, make, acme):
    make.stages()
    text = "Deal no,Partner\n" + "".join(f"D{n},ACME\n" for n in range(400))
    few = _queries(lambda: load("deal", text))
    load("deal", "Deal no,Partner\n" + "".join(f"X{n},ACME\n" for n in range(3000)))
    assert _queries(lambda: load("deal", text.replace("\nD", "\nE"))) <= few + 2


def _queries(run) -> int:
    count, ask = 0, db.obj.execute_sql

    def counted(*args, **kwargs):
        nonlocal count
        count += 1
        return ask(*args, **kwargs)

    db.obj.execute_sql = counted
    try:
        run()
    finally:
        del db.obj.execute_sql
    return count


def test_the_result_says_how_many_deals_are_in_no_amount_for_want_of_a_rate(sign_in, load, make, acme, sam):
    make.stages()
    rate = "Deal no,Partner,Amount,Currency\nD1,Acme,10,SEK\nD2,Acme,20,SEK\nD3,Acme,30,USD\n"
    load("deal", rate, sam)
    path = f"/import/{Import.select().order_by(Import.id.desc()).get().id}"
    assert "2 deals are in a currency without an exchange rate" in sign_in(sam).get(path).text
    Deal.update(amount_base=1).execute()
    assert "without an exchange rate" not in sign_in(sam).get(path).text
