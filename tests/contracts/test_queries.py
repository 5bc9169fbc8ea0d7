"""How many queries a page costs: few, and no more when there is more that it does not show."""
import logging

import pytest

from prm.core.db import db
from tests.contracts import world
from tests.contracts.crowd import crowd
from tests.contracts.routes import worded

MOST = 15
WHO = ("sam", "mia", "ada")
TABS = ("", "?tab=deals", "?tab=contacts", "?tab=activity")


class _Counter(logging.Handler):
    """Keeps what peewee says it asks."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.asked: list[str] = []

    def emit(self, record):
        self.asked.append(record.msg[0] if isinstance(record.msg, tuple) else str(record.msg))


def costs(portal, addresses) -> dict[tuple[str, str], list[str]]:
    """{(who, address): the queries of the answer}, the second time it is asked."""
    log, found = logging.getLogger("peewee"), {}
    before = log.level
    for name, address in addresses:
        portal.ask(name, address)
        counter = _Counter()
        log.addHandler(counter)
        log.setLevel(logging.DEBUG)
        try:
            answer = portal.ask(name, address)
        finally:
            log.removeHandler(counter)
            log.setLevel(before)
        if answer.status_code == 200:
            found[name, address] = counter.asked
    return found


@pytest.fixture(scope="module")
def measured(portal):
    """The queries of every page, tab and search with 20 rows of everything, and with 200."""
    addresses = [
        (name, route.address((world.OWN,) * len(route.numbers), words) + tab)
        for route, words in worded(portal)
        if route.gets and not route.is_file and not route.is_public
        for tab in (TABS if route.endpoint == "partners.show" else ("",) if route.numbers else ("", "?q=acme"))
        for name in WHO
    ]
    with db.connection_context(), db.atomic():
        crowd(0, 20)
    few = costs(portal, addresses)
    with db.connection_context(), db.atomic():
        crowd(20, 200)
    many = costs(portal, addresses)
    portal.back()
    return few, many


def test_a_page_costs_at_most_fifteen_queries(measured):
    _, many = measured
    dear = {where: len(asked) for where, asked in many.items() if len(asked) > MOST}
    assert not dear, (dear, *many[max(dear, key=dear.get)])
    assert len(many) > 60


def test_a_page_costs_no_more_with_two_hundred_rows_than_with_twenty(measured):
    few, many = measured
    grown = {where: (len(few[where]), len(asked)) for where, asked in many.items() if len(asked) > len(few[where])}
    assert not grown, grown
