"""View as: an admin or manager looks at the portal as one portal user, changes nothing, and it stands in the audit trail."""
import pytest

from prm.models import Activity, Contact, Deal, Person, Session


@pytest.fixture
def looking(database, make, sam, ada, acme, globex, sign_in):
    """Sam as Ada."""
    make.deal("Acme deal", partner=acme)
    make.deal("Globex deal", partner=globex)
    client = sign_in(sam)
    assert client.post(f"/people/{ada.id}/view-as").status_code == 303
    return client


def test_one_sees_what_they_see_and_a_banner(looking):
    shown = looking.get("/deals/").text
    assert "Acme deal" in shown and "Globex deal" not in shown
    assert "You see what <b>Ada Byron</b> of Acme sees." in shown and looking.get("/setup/").status_code == 403


@pytest.mark.parametrize("path", ["/profile", "/profile/theme", "/contacts/new", "/forgot", "/people/stop"])
def test_nothing_can_be_changed_not_even_where_anybody_may(looking, path, ada):
    before = (Contact.select().count(), Person.get_by_id(ada.id).name)
    answer = looking.post(path, data={"name": "Eve", "email": "eve@example.com", "theme": "dark"})
    assert answer.status_code in (403, 404) and (Contact.select().count(), Person.get_by_id(ada.id).name) == before


def test_nor_does_looking_leave_a_trace_of_theirs(looking, ada):
    looking.get("/deals/?cols=title,amount&per=50")
    found = Person.get_by_id(ada.id)
    assert found.choices == {} and found.last_seen_at is None


def test_no_survey_is_answered_in_their_name(looking, make, sam, ada, client):
    from prm.models import Invitation
    from prm.surveys import sending, services
    from prm.surveys.ready import ready_one

    survey = services.make(sam, ready_one("pulse").content)
    wave = sending.send(sam, survey, sending.Order({"contacts": [ada.contact_id]}, "How are we doing?", "{link}"))
    key = sending.key_of(wave, ada.contact_id)
    shown = looking.get("/surveys/").text
    assert survey.title in shown and "/s/" not in shown
    assert looking.get(f"/s/{key}").status_code == 403 and Invitation.get().opened_at is None


def test_it_ends_by_a_button_and_both_ends_are_noted(looking, sam, ada):
    answer = looking.post("/people/stop-viewing")
    assert answer.location == f"/people/{ada.id}" and "You are yourself again." in looking.get("/").text
    assert "Globex deal" in looking.get("/deals/").text
    assert [(a.verb, a.actor_id, a.subject_id) for a in Activity.select().order_by(Activity.id)] == [
        ("person.viewed_as", sam.id, ada.id), ("person.viewed_as_ended", sam.id, ada.id),
    ]  # fmt: skip
    assert looking.post("/people/stop-viewing").status_code == 404


def test_signing_out_signs_out_the_one_who_looks(looking):
    looking.post("/sign-out")
    assert not Session.select().exists()


def test_a_manager_looks_as_people_of_her_partners_only(database, make, mia, ada, grace, sign_in):
    client = sign_in(mia)
    assert client.post(f"/people/{grace.id}/view-as").status_code == 404
    assert client.post(f"/people/{ada.id}/view-as").status_code == 303
    assert "Ada Byron" in client.get("/").text


def test_nobody_looks_as_staff_or_as_who_is_disabled(database, make, sam, mia, ann, ada, sign_in):
    from prm.core import clock

    client = sign_in(sam)
    assert client.post(f"/people/{mia.id}/view-as").status_code == 403
    assert sign_in(ann).post(f"/people/{ada.id}/view-as").status_code == 403
    assert sign_in(ada).post(f"/people/{ada.id}/view-as").status_code == 403
    Person.update(disabled_at=clock.now()).where(Person.id == ada.id).execute()
    assert client.post(f"/people/{ada.id}/view-as").status_code == 422
    assert "View as" not in client.get(f"/people/{ada.id}").text


def test_who_loses_the_right_meanwhile_is_themselves_again(database, make, mia, ada, acme, sam, sign_in):
    client = sign_in(mia)
    client.post(f"/people/{ada.id}/view-as")
    acme.manager = sam
    acme.save()
    assert "You see what" not in client.get("/").text
    assert Deal.select().count() == 0
