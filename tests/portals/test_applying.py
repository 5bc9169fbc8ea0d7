"""Become a partner: a public form, and what a manager makes of what comes."""
from datetime import timedelta

import pytest

from prm.core import clock
from prm.core.errors import Conflict
from prm.models import Activity, Application, Contact, Mail, Partner, Person, Portal
from prm.portals import applying, services

SENT = {"name": "Initech", "website": "initech.example", "employees": "40", "your_name": "Peter Gibbons", "your_email": "Peter@Initech.example", "your_message": "We sell."}


@pytest.fixture
def portal(database, make, sam):
    """Open to whoever wants to apply; asks for the website and the number of employees."""
    make.custom_field("employees", "number", audience="partner")
    make.custom_field("credit", "number")
    made = services.make(sam, "minimal", "Kestrel", "kestrel")
    services.ask_applicants(sam, made, {"open": True, "intro": "Sell **with** us", "fields": ["website", "employees", "credit"]})
    return services.publish(sam, Portal.get())


@pytest.fixture
def send(portal, client, app):
    """Fills the form as a person does, a while after it was opened."""

    def sent(at=timedelta(seconds=30), **changed):
        import time_machine

        with time_machine.travel(clock.now() - at, tick=False):
            stamp = applying.stamp(app.config["SECRET_KEY"])
        return client.post("/p/kestrel/apply", data=SENT | {"your_start": stamp} | changed)

    return sent


def test_the_form_asks_for_what_was_chosen_and_no_field_of_the_staff(portal, client):
    shown = client.get("/p/kestrel/apply").text
    assert "Sell <strong>with</strong> us" in shown and 'name="employees"' in shown and 'name="website"' in shown
    assert 'name="credit"' not in shown and 'name="territory"' not in shown


def test_what_was_sent_waits_for_a_manager_who_is_told(portal, send, client):
    answer = send()
    assert answer.status_code == 303 and "Thank you" in client.get(answer.location).text
    made = Application.get()
    assert (made.company, made.email, made.state) == ("Initech", "peter@initech.example", "new")
    assert made.values == {"website": "https://initech.example", "employees": 40_000_000}
    assert Mail.get().subject == "Initech wants to become a partner" and not Partner.select().exists()


def test_it_is_accepted_as_a_partner_a_contact_and_an_invite(portal, send, make, sam, sign_in):
    send()
    client, row, gold = sign_in(sam), Application.get(), make.tier("Gold")
    assert "Applications" in client.get("/partners/").text and "Initech" in client.get("/applications/").text
    shown = client.get(f"/applications/{row.id}").text
    assert "Peter Gibbons" in shown and "40" in shown and "We sell." in shown
    answer = client.post(f"/applications/{row.id}/accept", data={"manager": sam.id, "tier": gold.id, "seen": applying.print_of(row)})
    partner = Partner.get()
    assert answer.location == f"/partners/{partner.id}" and (partner.name, partner.tier_id, partner.manager_id) == ("Initech", gold.id, sam.id)
    assert partner.custom == {"employees": 40_000_000} and partner.website == "https://initech.example"
    assert Contact.get().email == "peter@initech.example" and Person.get(Person.partner == partner).role == "executive"
    assert "invites you to Kestrel" in Mail.select().order_by(Mail.id.desc()).first().subject
    assert Application.get().state == "accepted" and Application.get().partner_id == partner.id


def test_it_is_declined_with_a_reason_that_they_read(portal, send, sam, sign_in):
    send()
    client, row = sign_in(sam), Application.get()
    refused = client.post(f"/applications/{row.id}/decline", data={"reason": " ", "seen": applying.print_of(row)})
    assert refused.status_code == 422 and "Say why" in refused.text and Application.get().state == "new"
    client.post(f"/applications/{row.id}/decline", data={"reason": "We have a partner in your region.", "seen": applying.print_of(row)})
    told = Mail.select().order_by(Mail.id.desc()).first()
    assert told.to == "peter@initech.example" and "We have a partner in your region." in told.text
    assert [a.verb for a in Activity.select().where(Activity.subject == "application").order_by(Activity.id)] == ["application.created", "application.declined"]


def test_of_two_managers_one_decides(portal, send, sam):
    send()
    first, second = Application.get(), Application.get()
    seen = applying.print_of(first)
    applying.decline(sam, first, "Not now.", seen=seen)
    with pytest.raises(Conflict):
        applying.accept(sam, second, seen=seen, manager=None, tier=None)
    assert not Partner.select().exists()


def test_nothing_is_decided_that_was_not_read(portal, send, sam, sign_in):
    send()
    row, client = Application.get(), sign_in(sam)
    seen = applying.print_of(row)
    assert seen in client.get(f"/applications/{row.id}").text
    send(name="Somebody else")
    answer = client.post(f"/applications/{row.id}/accept", data={"manager": sam.id, "tier": "", "seen": seen})
    assert answer.status_code == 422 and "once more since you opened" in answer.text and "Somebody else" in answer.text
    assert not Partner.select().exists() and Activity.select().where(Activity.verb == "application.changed").count() == 1


def test_an_address_that_is_known_already_makes_nothing(portal, send, make, sam, acme, sign_in):
    make.contact("Peter", partner=acme, email="peter@initech.example")
    send()
    answer = sign_in(sam).post(f"/applications/{Application.get().id}/accept", data={"manager": "", "tier": "", "seen": applying.print_of(Application.get())})
    assert answer.status_code == 422 and "Another contact has the address" in answer.text
    assert Partner.select().count() == 1 and Application.get().state == "new"


def test_the_same_address_twice_is_one_application(portal, send):
    send()
    send(name="Initech Inc")
    assert [row.company for row in Application.select()] == ["Initech Inc"]


@pytest.mark.parametrize(("changed", "said"), [
    ({"name": ""}, "Name is needed."), ({"your_email": "nobody"}, "address"), ({"your_name": ""}, "Your name is needed."),
    ({"employees": "many"}, "“many”"), ({"your_start": "x"}, "Send it once more"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(portal, send, changed, said):
    answer = send(**changed)
    assert answer.status_code == 422 and said in answer.text and "We sell." in answer.text and not Application.select().exists()


def test_a_program_is_thanked_and_nothing_is_kept(portal, send):
    assert send(your_nickname="Bob").location.endswith("sent=1") and not Application.select().exists()


def test_nobody_types_in_no_time_nor_for_days(portal, send):
    assert "quicker than people type" in send(at=timedelta(seconds=1)).text
    assert "open for more than a day" in send(at=timedelta(days=2)).text
    assert not Application.select().exists()


def test_many_from_one_address_are_slowed_down(portal, send):
    answers = [send(your_email=f"p{n}@x.example").status_code for n in range(12)]
    assert answers[0] == 303 and answers[-1] == 429


def test_a_closed_form_is_not_there(portal, sam, client):
    services.ask_applicants(sam, portal, {"open": False, "intro": "", "fields": []})
    services.publish(sam, Portal.get())
    assert client.get("/p/kestrel/apply").status_code == 404 and client.get("/p/nothing/apply").status_code == 404


def test_who_may_not_decide_sees_none(portal, send, ann, ada, sign_in):
    send()
    for person in (ann, ada):
        assert sign_in(person).get(f"/applications/{Application.get().id}").status_code == 403
        assert "Applications" not in sign_in(person).get("/partners/").text
