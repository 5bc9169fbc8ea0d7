"""Taking an import back: reversed, kept because edited since, or failed because of what hangs on it."""
from datetime import date

import pytest

from prm.core import clock
from prm.core.jobs import Job, run_once
from prm.models import Activity, BusinessRole, Contact, CustomField, Deal, Import, ImportRow, Partner, Person, Stale, Tier
from prm.transfers import undoing
from tests.transfers.conftest import again, work

PARTNERS = "Partner no,Name,Territory\nP1,Acme,North\nP2,Globex,South\n"


@pytest.fixture
def bring(looked_at, sam):
    """`bring("partner", text)` stores a file as Sam; returns his client and the import."""

    def run(object, content):
        client, batch = looked_at(sam, object, content)
        client.post(f"/import/{batch.id}/commit")
        work()
        assert again(batch).state == "done", again(batch).message
        return client, again(batch)

    return run


def take_back(client, batch) -> str:
    assert client.post(f"/import/{batch.id}/undo").status_code == 303
    assert "Taking back" in client.get(f"/import/{batch.id}").text
    work()
    return client.get(f"/import/{batch.id}").text


def test_made_rows_go_and_changed_ones_are_as_before(database, bring, make):
    make.partner("Old name", number="P1", territory="West")
    client, batch = bring("partner", PARTNERS)
    page = take_back(client, batch)
    assert [(p.number, p.name, p.territory, p.search_text) for p in Partner.select()] == [("P1", "Old name", "West", "p1 old name west")]
    assert undoing.outcomes(batch) == {"reversed": 2, "kept": 0, "failed": 0}
    assert 'aria-label="Reversed: 2 rows"' in page and again(batch).state == "undone"
    assert Activity.select().order_by(Activity.id.desc()).get().verb == "import.undone"


def test_a_record_edited_since_is_kept_and_said_so(database, bring, sign_in, sam):
    client, batch = bring("partner", PARTNERS)
    acme = Partner.get(Partner.number == "P1")
    from prm.catalogue import records
    from prm.catalogue.objects import catalogue

    records.change(sam, catalogue(sam)["partner"], acme, {"territory": "East"})
    page = take_back(client, batch)
    assert [p.territory for p in Partner.select()] == ["East"]
    assert 'aria-label="Kept: 1 rows"' in page and "Edited since the import." in page
    assert "Edited since the import." in client.get(f"/import/{batch.id}/rows?result=kept").text


def test_a_partner_with_things_hanging_on_it_stays_and_says_which(database, bring, make):
    client, batch = bring("partner", PARTNERS)
    one, two = Partner.select().order_by(Partner.number)
    make.deal("Bikes", partner=one), make.deal("Cars", partner=one), make.contact("Ada", partner=one)
    two.parent = one
    two.save(only=["parent"])
    page = take_back(client, batch)
    assert [p.number for p in Partner.select()] == ["P1"]
    assert "2 deals and 1 contact" in page and Deal.select().count() == 2
    assert [(r.undone, r.undo_reason) for r in ImportRow.select().order_by(ImportRow.line)] == [
        ("failed", "2 deals and 1 contact and 1 partner below it would be lost with it."), ("reversed", ""),
    ]  # fmt: skip


CONTACTS = "Contact no,Name,Partner no,Primary\nC1,New,{0},yes\nC2,Newer,{0},yes\n"


def primaries() -> list[str]:
    return list(Contact.select(Contact.number).where(Contact.primary == True).scalars())  # noqa: E712


def test_the_contact_that_lost_the_primary_mark_has_it_again(database, bring, make, acme):
    make.contact("Old", partner=acme, primary=True, number="C0")
    client, batch = bring("contact", CONTACTS.format(acme.number))
    assert primaries() == ["C2"]
    take_back(client, batch)
    assert primaries() == ["C0"]


def test_a_primary_contact_chosen_since_stays(database, bring, make, acme):
    make.contact("Old", partner=acme, primary=True, number="C0")
    client, batch = bring("contact", CONTACTS.format(acme.number))
    Contact.update(primary=False).execute()
    make.contact("Chosen", partner=acme, primary=True, number="C9")
    take_back(client, batch)
    assert primaries() == ["C9"]


def test_a_contact_who_can_sign_in_or_owns_a_deal_stays(database, bring, make, acme):
    client, batch = bring("contact", "Contact no,Partner,Name\nC1,ACME,Ada\nC2,ACME,Max\nC3,ACME,Pat\n")
    ada, max_, _ = Contact.select().order_by(Contact.number)
    make.person("Ada", role="executive", partner=acme, contact=ada)
    make.deal("Bikes", partner=acme, owner=max_)
    page = take_back(client, batch)
    assert [c.number for c in Contact.select().order_by(Contact.number)] == ["C1", "C2"]
    assert "1 login would be lost with it." in page and "1 deal would be lost with it." in page


def test_a_record_that_is_gone_is_said(bring, make, acme):
    make.stages()
    client, batch = bring("deal", "Deal no,Partner\nD1,ACME\n")
    Deal.delete().execute()
    assert "It is not there any more." in take_back(client, batch)


def test_a_number_that_somebody_has_by_now_is_not_taken_from_them(bring, make, acme):
    make.contact("Ada", partner=acme, number="C1", email="ada@acme.example")
    client, batch = bring("contact", "Contact no,Partner,E-mail\nC1,ACME,new@acme.example\n")
    make.contact("Other", partner=acme, number="C2", email="ada@acme.example")
    assert "is taken or gone by now" in take_back(client, batch)
    assert Contact.get(Contact.number == "C1").email == "new@acme.example"


def test_what_it_added_goes_too_unless_somebody_uses_it(database, looked_at, sam, make):
    client, batch = looked_at(sam, "partner", "Partner no,Name,Tier,Manager,Land,Staff\nP1,Acme,Ruby,Tsvi Reiter,Norway,12\nP2,Globex,Opal,Jae Pak,Chile,7\n")
    client.post(f"/import/{batch.id}/settings", data={
        "column-0": "number", "column-1": "name", "column-2": "tier", "column-3": "manager", "column-4": "+text", "column-5": "+number",
    })  # fmt: skip
    work()
    client.post(f"/import/{batch.id}/commit")
    work()
    assert CustomField.select().count() == 2 and Tier.select().count() == 2
    ruby = Tier.get(Tier.name == "Ruby")
    make.partner("Third", number="P3", tier=ruby, custom={"land": "Peru"})
    page = take_back(client, batch)
    assert [f.key for f in CustomField.select()] == ["land"] and [t.name for t in Tier.select()] == ["Ruby"]
    assert not Person.select().where(Person.name.in_(("Tsvi Reiter", "Jae Pak"))).exists()
    assert "1 of the fields it added is in use and stayed." in page and "1 of the tiers" in page


def test_a_manager_it_added_who_has_an_address_by_now_stays(bring):
    client, batch = bring("partner", "Partner no,Name,Manager\nP1,Acme,Tsvi Reiter\n")
    Person.update(email="tsvi@kestrel.example").where(Person.name == "Tsvi Reiter").execute()
    assert "1 of the managers it added is in use and stayed." in take_back(client, batch)
    assert Person.select().where(Person.name == "Tsvi Reiter").exists()


def test_business_roles_it_added_go(database, bring, acme):
    client, batch = bring("contact", "Partner,Email,Role\nACME,a@x.example,Owner\n")
    assert BusinessRole.select().count() == 1
    take_back(client, batch)
    assert not BusinessRole.select().exists() and not Contact.select().exists()


def test_it_is_taken_back_once(database, bring):
    client, batch = bring("partner", PARTNERS)
    assert [client.post(f"/import/{batch.id}/undo").status_code for _ in range(2)] == [303, 422]
    work()
    assert client.post(f"/import/{batch.id}/undo").status_code == 422
    assert "Take back</button>" not in client.get(f"/import/{batch.id}").text
    assert Activity.select().where(Activity.verb == "import.undone").count() == 1


def test_nothing_else_than_a_stored_import_is_taken_back(looked_at, sam):
    client, batch = looked_at(sam, "partner", PARTNERS)
    assert client.post(f"/import/{batch.id}/undo").status_code == 422
    assert again(batch).state == "checked"


def test_a_worker_that_died_is_followed_by_one_that_goes_on(database, bring, make, acme, sam):
    make.stages()
    client, batch = bring("deal", "Title,Partner\n" + "Bikes,ACME\n" * 450)

    class Pulled(Exception):
        pass

    def pull(done, total):
        raise Pulled

    Import.update(state="undoing").execute()
    with pytest.raises(Pulled):
        undoing.undo(sam, again(batch), pull)
    assert Deal.select().count() == 250
    said = []
    undoing.undo(sam, again(batch), lambda done, total: said.append((done, total)))
    assert said == [(400, 450), (450, 450)] and not Deal.select().exists()
    assert undoing.outcomes(batch)["reversed"] == 450


def test_one_that_broke_off_says_so_and_goes_on_when_asked(bring):
    client, batch = bring("partner", PARTNERS)
    client.post(f"/import/{batch.id}/undo")
    Job.update(failed_at=clock.now(), message="broken").where(Job.kind == "import.undo").execute()
    page = client.get(f"/import/{batch.id}").text
    assert "Taking it back broke off." in page and "Take back</button>" in page
    take_back(client, batch)
    assert not Partner.select().exists() and again(batch).message == ""


def test_the_figures_of_what_went_are_worked_out_again(database, bring, make, acme):
    make.stages()
    client, batch = bring("deal", "Deal no,Partner,Closed on\nD1,ACME,2026-07-01\n")
    Stale.delete().execute()
    client.post(f"/import/{batch.id}/undo")
    run_once()
    assert (acme.id, date(2026, 7, 1)) in list(Stale.select(Stale.partner, Stale.day).tuples())


def test_an_import_by_the_command_can_be_taken_back_by_an_admin(load, sign_in, sam):
    load("partner", PARTNERS)
    take_back(sign_in(sam), Import.get())
    assert not Partner.select().exists()
