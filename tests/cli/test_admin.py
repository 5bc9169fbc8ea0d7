"""prm admin: the first or a further admin without a browser; the password is never an argument."""
import pytest

from prm.access import sessions
from prm.core.db import db, open_database
from prm.core.passwords import verify
from prm.models import Activity, Organisation, Person, Role, Session, Stage
from tests import make
from tests.cli.portals import as_it_was

PASSWORD = "a long enough secret 99"


@pytest.fixture
def inside(portal):
    """`with inside():` the tables are those of the portal."""
    from contextlib import contextmanager

    @contextmanager
    def there():
        with as_it_was():
            open_database(f"sqlite:///{portal.var / 'prm.db'}")
            with db.connection_context():
                yield

    return there


def test_the_first_admin_opens_the_portal(portal, inside):
    said = portal.done("admin", "Sam@Kestrel.example", "--password-stdin", "--name", "Sam Ortega", input=f"{PASSWORD}\n")
    assert said == "sam@kestrel.example is an admin and can sign in.\n"
    with inside():
        sam = Person.get()
        assert (sam.email, sam.role, sam.name) == ("sam@kestrel.example", Role.ADMIN, "Sam Ortega")
        assert verify(sam.password_hash, PASSWORD) and Organisation.select().count() == 1 and Stage.select().count() == 6


def test_a_further_admin_and_a_new_password_for_one_who_lost_it(portal, inside):
    portal.done("admin", "sam@kestrel.example", "--password-stdin", input=PASSWORD)
    portal.done("admin", "zoe@kestrel.example", "--password-stdin", input=PASSWORD)
    with inside():
        zoe = Person.get(Person.email == "zoe@kestrel.example")
        sessions.begin(zoe)
        Person.update(role=Role.ANALYST.value, disabled_at=zoe.created_at).where(Person.id == zoe.id).execute()
    portal.done("admin", "zoe@kestrel.example", "--password-stdin", input="another long secret 77\r\n")
    with inside():
        zoe = Person.get(Person.email == "zoe@kestrel.example")
        assert zoe.role == Role.ADMIN and zoe.is_active and verify(zoe.password_hash, "another long secret 77")
        assert Session.select().count() == 0 and Person.select().count() == 2
        assert Activity.select().where(Activity.verb == "person.made_admin").count() == 3


@pytest.mark.parametrize("password", ["", "\n", "short", "password123", "two\nlines of secret", b"\xff" * 20, "x" * 5000])
def test_a_password_that_is_none_makes_nobody(portal, inside, password):
    portal.refused("admin", "sam@kestrel.example", "--password-stdin", input=password)
    with inside():
        assert not Person.select().exists()


@pytest.mark.parametrize("email", ["sam", "a@b.example, c@d.example", "Sam <sam@kestrel.example>", "", "sam@kestrel.example\nBcc: x@y.example"])
def test_an_address_that_is_none_makes_nobody(portal, inside, email):
    portal.refused("admin", "--password-stdin", "--", email, input=PASSWORD)
    with inside():
        assert not Person.select().exists()


def test_without_the_option_and_without_a_terminal_it_says_how(portal):
    assert "--password-stdin" in portal.refused("admin", "sam@kestrel.example", input=PASSWORD)


def test_a_partners_user_does_not_become_an_admin(portal, inside):
    portal.done("admin", "sam@kestrel.example", "--password-stdin", input=PASSWORD)
    with inside():
        make.person("Ada Byron", role=Role.EXECUTIVE, partner=make.partner("Acme"), email="ada@acme.example")
    assert "portal user" in portal.refused("admin", "ada@acme.example", "--password-stdin", input=PASSWORD)
