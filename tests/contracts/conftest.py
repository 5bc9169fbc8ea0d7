"""The filled portal: built once in each process, and entered by each file of contracts."""
import pytest
import time_machine

from prm.core.db import db, open_database
from prm.models import TABLES
from tests import proof
from tests.contracts import world
from tests.contracts.portal import Portal

_open: list[Portal] = []  # at most one


@pytest.fixture(scope="session")
def filled(built, tmp_path_factory):
    """Its database is a file of its own; everybody of the cast is signed in."""
    before, path = db.obj, tmp_path_factory.mktemp("portal") / "prm.db"
    with time_machine.travel(world.NOW):
        database = open_database(f"sqlite:///{path}")
        database.pragma("synchronous", 0, permanent=True)
        with db.connection_context():
            database.create_tables(TABLES)
            portal = Portal(built, path, database)
            with db.atomic():
                world.build()
                for name in world.CAST:
                    portal.enter(name)
        portal.keep()
        db.initialize(before)
    yield portal
    proof.tell(f"{len(portal.asked):,} different requests of the cast")
    portal.close()


@pytest.fixture(scope="module")
def portal(filled):
    """Each test finds it as it was built. What breaks is answered 500 as in production, so that a matrix can say every
    address that breaks."""
    before = db.obj
    with time_machine.travel(world.NOW), pytest.MonkeyPatch.context() as patch:
        patch.setitem(filled.app.config, "PROPAGATE_EXCEPTIONS", False)
        db.initialize(filled.database)
        filled.back()
        _open.append(filled)
        yield filled
        _open.remove(filled)
        db.initialize(before)


@pytest.fixture(autouse=True)
def as_it_was():
    """What a test changed is put back, and where a test looked at another database, the next finds the portal's again."""
    yield
    for made in _open:
        made.back()
        db.initialize(made.database)
