"""The history reads as English, and says no more than its reader may know."""

import pytest

from prm.models import Activity
from prm.ui.stories import stories


@pytest.fixture
def told(app, make, acme, sam):
    """`told("deal.changed", …)` is the sentence Sam reads of what Mia did."""

    def tell(verb, *, viewer=sam, actor=None, row=acme, **facts):
        activity = Activity.record(actor, verb, row, **facts)
        with app.test_request_context():
            story = stories(viewer, [activity])[0]
        return " ".join(part for part in (story.who, story.text, story.title, story.after) if part), story.changes

    return tell


@pytest.mark.parametrize(("verb", "facts", "sentence"), [
    ("partner.created", {"title": "Acme"}, "Mia Keller added partner Acme"),
    ("deal.changed", {"title": "Forty bikes"}, "Mia Keller changed deal Forty bikes"),
    ("contact.enabled", {"title": "Ada", "role": "Member"}, "Mia Keller gave contact Ada access to the portal: Member"),
    ("person.invited", {"title": "Ada"}, "Mia Keller invited Ada"),
    ("person.joined", {"title": "Mia Keller"}, "Mia Keller accepted the invite"),
    ("person.disabled", {"title": "Ada"}, "Mia Keller disabled the login of Ada"),
    ("person.enabled", {"title": "Ada"}, "Mia Keller let Ada sign in again"),
    ("person.role_changed", {"title": "Ada", "old": "Member", "new": "Executive"}, "Mia Keller changed the access of Ada from Member to Executive"),
    ("person.signed_out", {"title": "Ada"}, "Mia Keller signed Ada out everywhere"),
    ("import.done", {"title": "a.csv", "made": 2088, "changed": 1, "refused": 0}, "Mia Keller imported a.csv (2,088 new, 1 changed, 0 refused)"),
    ("rate.set", {"title": "EUR from 2026-01-01", "rate": "1.1"}, "Mia Keller set the exchange rate of EUR from 2026-01-01 to 1.1"),
    ("kpi.changed", {"title": "Revenue"}, "Mia Keller changed KPI Revenue"),
    ("ghost.walked_by", {"title": "Castle"}, "Mia Keller walked by ghost Castle"),
])  # fmt: skip
def test_every_verb_makes_a_sentence(told, mia, verb, facts, sentence):
    assert told(verb, actor=mia, **facts)[0] == sentence


def test_what_happens_by_itself_has_no_person(told):
    assert told("partner.changed", title="Acme")[0] == "Alongside changed partner Acme"


def test_each_change_is_said_in_its_kind_and_currency(told, make, mia, acme):
    make.custom_field("employees", "number")
    make.stages()
    deal = make.deal(partner=acme, currency="EUR")
    fields = {"stage": [make.stage("Proposal").id, make.stage("Won").id], "amount": [None, 123_456], "closed_on": [None, "2026-07-15"], "registration": ["", "pending"]}
    assert told("deal.changed", row=deal, fields=fields)[1] == [
        ("Stage", "Proposal", "Won"), ("Amount", "–", "€1,234.56"), ("Closed on", "–", "15 Jul 2026"),
        ("Registration status", "Not registered", "Pending"),
    ]  # fmt: skip
    fields = {"employees": [None, 1_500_000], "manager": [None, mia.id], "status": ["active", "paused"]}
    assert told("partner.changed", fields=fields)[1] == [
        ("Employees", "–", "1.5"), ("Manager", "–", "Mia Keller"), ("Status", "Active", "Paused"),
    ]  # fmt: skip


def test_an_amount_is_in_the_currency_it_had(told, make, acme):
    deal = make.deal(partner=acme, currency="JPY")
    changes = told("deal.changed", row=deal, fields={"currency": ["USD", "JPY"], "amount": [12_345, 5_000]})[1]
    assert changes[1] == ("Amount", "US$123.45", "JP¥5,000")


def test_a_reader_learns_no_field_and_no_name_that_is_not_theirs(told, make, mia, ada, acme, globex):
    fields = {"notes": ["", "pays late"], "parent": [None, globex.id], "status": ["active", "paused"]}
    assert [label for label, *_ in told("partner.changed", viewer=ada, fields=fields)[1]] == ["Status"]
    parent = told("partner.changed", viewer=mia, fields={"parent": [globex.id, None]})[1]
    assert parent == [("Parent partner", "somebody or something you cannot see", "–")]
    assert told("partner.changed", viewer=ada, actor=make.person("Hidden Hand", role="analyst"))[0].startswith("Kestrel & Co changed")


def test_facts_that_are_no_longer_understood_break_nothing(told):
    odd = {"ghost": [1, 2], "status": ["active", "gone"], "tier": [None, 99], "manager": [None, 99]}
    assert told("partner.changed", fields=odd)[1] == [
        ("Status", "Active", "gone"), ("Tier", "–", "99"), ("Manager", "–", "somebody or something you cannot see"),
    ]  # fmt: skip
