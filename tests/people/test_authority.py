"""Who may let in, change and shut out whom."""
import pytest

from prm.access import invites
from prm.core.errors import Forbidden, Invalid, Missing, Throttled
from prm.models import Activity, Link, Mail, Person, Role, Session
from tests.accounts.doing import PASSWORD


def last_mail():
    return Mail.select().order_by(Mail.id.desc()).first()


@pytest.fixture
def ivy(make, acme):
    """A contact of Acme without a login."""
    return make.contact("Ivy North", partner=acme, email="ivy@acme.example")


def test_enabling_a_contact_makes_a_portal_user_with_an_invite(database, mia, ivy, acme):
    person = invites.enable_contact(mia, ivy, Role.MEMBER)
    assert (person.contact_id, person.partner_id, person.role) == (ivy.id, acme.id, "member")
    assert last_mail().to == "ivy@acme.example" and last_mail().partner_id == acme.id
    assert "Mia Keller invites you to Kestrel" == last_mail().subject
    assert {"contact.enabled", "person.invited"} <= {a.verb for a in Activity.select()}


def test_enabling_twice_sends_a_second_invite_and_may_change_the_role(mia, ivy):
    invites.enable_contact(mia, ivy, Role.MEMBER)
    again = invites.enable_contact(mia, ivy, Role.PARTNER_MANAGER)
    assert again.role == "partner_manager" and Person.select().where(Person.contact == ivy.id).count() == 1
    assert [link.superseded_at is None for link in Link.select().order_by(Link.id)] == [False, True]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.ANALYST])
def test_a_contact_never_becomes_staff(sam, ivy, role):
    with pytest.raises(Invalid):
        invites.enable_contact(sam, ivy, role)
    assert not Mail.select().exists()


def test_a_contact_without_an_address_cannot_be_enabled(make, sam, acme):
    with pytest.raises(Invalid, match="address is needed"):
        invites.enable_contact(sam, make.contact("Noa", partner=acme), Role.MEMBER)


def test_nobody_of_an_ended_partner_is_let_in(make, sam):
    partner = make.partner("Gone", status="ended")
    with pytest.raises(Invalid, match="has ended"):
        invites.enable_contact(sam, make.contact("Noa", partner=partner, email="noa@gone.example"), Role.MEMBER)


def test_an_address_that_signs_in_already_is_refused_and_the_partner_side_does_not_learn_whose(make, sam, ada, acme):
    make.person("Una", role="analyst", email="una@kestrel.example")
    contact = make.contact("Una", partner=acme, email="una@kestrel.example")
    with pytest.raises(Invalid, match="Somebody else signs in"):
        invites.enable_contact(sam, contact, Role.MEMBER)
    with pytest.raises(Invalid, match="cannot be used"):
        invites.enable_contact(ada, contact, Role.MEMBER)


def test_who_can_sign_in_or_was_disabled_is_not_invited_anew(make, sam, ada, acme):
    with pytest.raises(Invalid, match="can sign in already"):
        ada.password_hash = "x"
        ada.save()
        invites.enable_contact(sam, ada.contact, Role.MEMBER)
    invites.disable_person(sam, ada)
    with pytest.raises(Invalid, match="was disabled"):
        invites.enable_contact(sam, ada.contact, Role.MEMBER)


def test_a_manager_enables_only_contacts_of_partners_they_see(make, mia, globex):
    contact = make.contact("Gil", partner=globex, email="gil@globex.example")
    with pytest.raises(Missing):
        invites.enable_contact(mia, contact, Role.MEMBER)


def test_an_executive_invites_colleagues_and_nobody_elses(make, ada, ivy, globex):
    assert invites.enable_contact(ada, ivy, Role.EXECUTIVE).partner_id == ada.partner_id
    with pytest.raises(Missing):
        invites.enable_contact(ada, make.contact("Gil", partner=globex, email="gil@globex.example"), Role.MEMBER)


@pytest.mark.parametrize("who", ["ann", "pat", "max_of_acme"])
def test_others_invite_nobody(request, ivy, who):
    with pytest.raises(Forbidden):
        invites.enable_contact(request.getfixturevalue(who), ivy, Role.MEMBER)


CHANGES = {
    "disable": invites.disable_person,
    "enable": invites.enable_person,
    "role": lambda viewer, person: invites.change_role(viewer, person, Role(person.role)),
    "reinvite": invites.reinvite,
    "sign out": invites.end_sessions,
}
# viewer -> whom they may change; everybody else is refused, or not there
MAY = {
    "sam": {"mia", "ann", "ada", "pat", "max_of_acme", "grace"},
    "mia": {"ada", "pat", "max_of_acme"},
    "ann": set(),
    "ada": {"pat", "max_of_acme", "eve"},
    "pat": set(),
    "max_of_acme": set(),
    "grace": set(),
}
CAST = ("sam", "mia", "ann", "ada", "pat", "max_of_acme", "grace", "eve")


@pytest.fixture
def eve(make, acme):
    """A second executive of Acme."""
    return make.person("Eve Stone", role=Role.EXECUTIVE, partner=acme, email="eve@acme.example")


@pytest.mark.parametrize("viewer", MAY)
@pytest.mark.parametrize("change", CHANGES)
def test_who_may_change_whom(request, make, viewer, change):
    make.person("Second admin", role=Role.ADMIN, password=PASSWORD)
    people = {name: request.getfixturevalue(name) for name in CAST}
    done = set()
    for name, person in people.items():
        try:
            CHANGES[change](people[viewer], person)
            done.add(name)
        except (Forbidden, Missing):
            pass
    assert done - {"eve"} == MAY[viewer] - {"eve"}
    assert ("eve" in done) == (viewer in ("sam", "mia", "ada"))


def test_an_executive_gives_no_role_of_the_staff_side(ada, pat):
    for role in (Role.ADMIN, Role.MANAGER, Role.ANALYST):
        with pytest.raises(Invalid):
            invites.change_role(ada, pat, role)


def test_staff_never_gets_a_role_of_the_partner_side(sam, mia):
    with pytest.raises(Invalid):
        invites.change_role(sam, mia, Role.EXECUTIVE)


def test_the_last_admin_who_can_sign_in_stays(make, sam):
    """A second admin who has not accepted the invite yet would leave nobody."""
    other = make.person("Olga", role=Role.ADMIN)
    Person.update(password_hash="x").where(Person.id == sam.id).execute()
    with pytest.raises(Invalid, match="last admin"):
        invites.disable_person(other, sam)
    with pytest.raises(Invalid, match="last admin"):
        invites.change_role(other, sam, Role.MANAGER)
    assert Person.get_by_id(sam.id).disabled_at is None


def test_two_admins_who_disable_each_other_leave_one(database, make, sam, app, sign_in):
    from concurrent.futures import ThreadPoolExecutor

    Person.update(password_hash="x").where(Person.id == sam.id).execute()
    olga = make.person("Olga", role=Role.ADMIN, password=PASSWORD)
    clients = [(sign_in(sam), olga.id), (sign_in(olga), sam.id)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda pair: pair[0].post(f"/people/{pair[1]}/disable"), clients))
    assert Person.select().where(Person.disabled_at.is_null()).count() == 1


def test_sees_all_is_for_channel_managers_only(sam, mia, ann):
    invites.change_role(sam, mia, Role.MANAGER, sees_all=True)
    invites.change_role(sam, ann, Role.ANALYST, sees_all=True)
    assert (Person.get_by_id(mia.id).sees_all, Person.get_by_id(ann.id).sees_all) == (True, False)


def test_what_somebody_did_stays_theirs_after_disabling(sam, mia, ivy):
    invites.enable_contact(mia, ivy, Role.MEMBER)
    invites.disable_person(sam, mia)
    assert Activity.select().where((Activity.actor == mia.id) & (Activity.verb == "contact.enabled")).exists()
    assert not Session.select().where(Session.person == mia.id).exists()


def test_a_sender_is_stopped_after_two_hundred_invites_an_hour(make, sam):
    invited = 0
    with pytest.raises(Throttled):
        for number in range(201):
            invites.add_staff(sam, name=f"N{number}", email=f"n{number}@kestrel.example", role=Role.ANALYST)
            invited += 1
    assert invited == 200 == Mail.select().count()


def test_one_address_is_not_flooded(sam, make):
    ina = make.person("Ina", role="analyst", email="ina@kestrel.example")
    with pytest.raises(Throttled):
        for _ in range(11):
            invites.reinvite(sam, ina)
    assert Mail.select().count() == 10


def test_a_name_cannot_write_a_mail_of_its_own(sam, make):
    evil = "Ina\n\nYour account is closed: https://evil.example\nBcc: x@evil.example {link}"
    invites.invite(sam, person=make.person(evil, role="analyst", email="ina@kestrel.example"))
    assert "\nYour account" not in last_mail().text and "\nBcc" not in last_mail().text
    assert "{link}" in last_mail().text
