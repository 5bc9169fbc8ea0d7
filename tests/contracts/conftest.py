"""The filled portal, built once for each file of contracts."""
import pytest
import time_machine

from prm.core.db import db, open_database
from prm.models import TABLES
from tests.contracts import world
from tests.contracts.portal import Portal

_open: list[Portal] = []  # at most one


@pytest.fixture(scope="module")
def portal(built, tmp_path_factory):
    """Everybody of the cast is signed in; each test finds it as it was built. What breaks is answered 500 as in
    production, so that a matrix can say every address that breaks."""
    before, path = db.obj, tmp_path_factory.mktemp("portal") / "prm.db"
    with time_machine.travel(world.NOW), pytest.MonkeyPatch.context() as patch:
        patch.setitem(built.config, "PROPAGATE_EXCEPTIONS", False)
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
        _open.append(portal)
        yield portal
        _open.remove(portal)
        portal.close()
        db.initialize(before)


@pytest.fixture(autouse=True)
def as_it_was():
    """What a test changed is put back, and where a test looked at another database, the next finds the portal's again."""
    yield
    for made in _open:
        made.back()
        db.initialize(made.database)
