"""The people of every story. Kestrel is the organisation; Acme and Globex are partners that must not see each other."""
import pytest

from prm.models import Role
from tests import make as rows


@pytest.fixture
def make(store):
    """`make.partner(…)`, `make.deal(…)`: rows with defaults, in this test's database, where Kestrel exists."""
    rows.organisation()
    return rows


@pytest.fixture
def acme(make):
    return make.partner("Acme")


@pytest.fixture
def globex(make):
    return make.partner("Globex")


@pytest.fixture
def sam(make):
    """The admin."""
    return make.person("Sam Ortega", role=Role.ADMIN, email="sam@kestrel.example")


@pytest.fixture
def mia(make, acme):
    """The channel manager, of Acme only."""
    mia = make.person("Mia Keller", role=Role.MANAGER, email="mia@kestrel.example")
    acme.manager = mia
    acme.save(only=["manager"])
    return mia


@pytest.fixture
def ann(make):
    """The analyst: reads everything, changes nothing."""
    return make.person("Ann Lee", role=Role.ANALYST, email="ann@kestrel.example")


@pytest.fixture
def ada(make, acme):
    """The executive of Acme."""
    return make.person("Ada Byron", role=Role.EXECUTIVE, partner=acme, email="ada@acme.example")


@pytest.fixture
def pat(make, acme):
    """The partner manager of Acme."""
    return make.person("Pat Moss", role=Role.PARTNER_MANAGER, partner=acme, email="pat@acme.example")


@pytest.fixture
def max_of_acme(make, acme):
    """A member of Acme."""
    return make.person("Max Brand", role=Role.MEMBER, partner=acme, email="max@acme.example")


@pytest.fixture
def grace(make, globex):
    """The executive of Globex."""
    return make.person("Grace Hopper", role=Role.EXECUTIVE, partner=globex, email="grace@globex.example")


@pytest.fixture
def nobody():
    """Who has not signed in."""
    from prm.access.gate import Nobody

    return Nobody()
