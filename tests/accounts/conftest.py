"""People with passwords, links in mails, and what several browsers do at once."""
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from prm.access import invites
from prm.core.jobs import run_once
from prm.models import Mail, Role
from tests.accounts.doing import PASSWORD


@pytest.fixture
def uma(make, sam):
    """An analyst with a password; with Sam there, the portal is set up."""
    return make.person("Uma Thorne", role=Role.ANALYST, email="uma@kestrel.example", password=PASSWORD)


@pytest.fixture
def visit(app):
    """`visit()` is one more browser, of somebody who has not signed in."""
    return app.test_client


@pytest.fixture
def invited(make, sam, acme):
    """Ivo of Acme, invited by Sam."""
    ivo = make.person("Ivo Brandt", role=Role.MEMBER, partner=acme, email="ivo@acme.example")
    invites.invite(sam, person=ivo)
    return ivo


@pytest.fixture
def newest_link():
    """`newest_link()` is the path of the link in the newest mail."""

    def path():
        mail = Mail.select().order_by(Mail.id.desc()).first()
        return re.sub(r"^https?://[^/]+", "", mail.link)

    return path


@pytest.fixture
def work():
    """`work()` runs every job that is due."""
    import prm.schedule

    prm.schedule.load()

    def until_idle():
        while run_once():
            pass

    return until_idle


@pytest.fixture
def at_once():
    """`at_once(20, act)` lets 20 threads call act(number) in the same moment and returns what they got."""

    def all_together(count, act):
        start = Barrier(count)

        def one(number):
            start.wait(10)
            return act(number)

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(one, range(count)))

    return all_together
