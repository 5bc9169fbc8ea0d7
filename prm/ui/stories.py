"""Activity rows as sentences: who did what to which record, and each change with its old and new value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from prm.access import rows
from prm.catalogue.fields import Field, Object
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.models import Activity, Deal, Organisation, Person
from prm.ui.cells import Addresses
from prm.ui.formats import number
from prm.ui.wording import Wording

MOST = 30
BY_ITSELF = "Alongside"
# verb -> what is said before and after the title of what it was done to; {…} are facts of the activity
SAID = {
    "created": ("added {noun}", ""),
    "changed": ("changed {noun}", ""),
    "removed": ("removed {noun}", ""),
    "published": ("published {noun}", ""),
    "contact.enabled": ("gave contact", "access to the portal: {role}"),
    "person.invited": ("invited", ""),
    "person.joined": ("accepted the invite", None),
    "person.disabled": ("disabled the login of", ""),
    "person.enabled": ("let", "sign in again"),
    "person.signed_out": ("signed", "out everywhere"),
    "person.made_admin": ("became an admin", None),
    "person.viewed_as": ("looked at the portal as", ""),
    "person.viewed_as_ended": ("stopped looking as", ""),
    "api_token.created": ("made the API token", "({scope})"),
    "api_token.revoked": ("revoked the API token", ""),
    "person.two_step_on": ("turned on two-step sign-in", None),
    "person.two_step_off": ("turned off two-step sign-in of", ""),
    "person.recovery_code_used": ("signed in with a recovery code", None),
    "person.password_changed": ("changed their password", None),
    "person.renamed": ("changed their name to", ""),
    "rate.set": ("set the exchange rate of", "to {rate}"),
    "rate.removed": ("removed the exchange rate of", ""),
    "organisation.changed": ("changed the settings of", ""),
    "person.role_changed": ("changed the access of", "from {old} to {new}"),
    "folder.restored": ("brought back the folder", ""),
    "subscription.saved": ("set up the subscription of", ""),
    "subscription.stopped": ("stopped the subscription of", ""),
    "subscription.started": ("started the subscription of", "again"),
    "subscription.left": ("unsubscribed from", ""),
    "subscription.joined": ("subscribed again to", ""),
    "survey.published": ("published a version of the survey", ""),
    "survey.sent": ("sent the survey", "({wave})"),
    "survey.reminded": ("reminded of the survey", "({count} people)"),
    "survey.answered": ("received an answer to", "from {contact}"),
    "survey.edited": ("edited the survey", ""),
    "survey.opened": ("opened the survey", "again"),
    "survey.closed": ("closed the survey", ""),
    "survey.deleted": ("deleted the survey", ""),
    "survey.restored": ("brought back the survey", ""),
    "survey.shared": ("shared the results of", "with partners"),
    "survey.unshared": ("stopped sharing the results of", ""),
    "survey.link_opened": ("made an open link to", ""),
    "survey.link_closed": ("ended the open link to", ""),
    "survey.loaded": ("loaded answers of", "({responses} responses)"),
    "survey.tested": ("sent themselves a test of", ""),
    "survey.called_off": ("called off a wave of", ""),
    "survey.repeating_ended": ("ended the repetition of", ""),
    "survey.action": ("noted an action after", ""),
    "survey.action_done": ("finished an action after", ""),
    "survey.action_dropped": ("took away an action after", ""),
    "survey.tagged": ("tagged a comment on", ""),
    "contact.sent_again": ("sent a survey again to", ""),
    "contact.refused_surveys": ("noted that no surveys are wanted by", ""),
    "contact.takes_surveys": ("noted that surveys are welcome again to", ""),
    "dashboard.restored": ("brought back dashboard", ""),
    "report.restored": ("brought back report", ""),
    "report.marked": ("marked report", "as a favourite, or took the mark away"),
    "import.done": ("imported", "({made} new, {changed} changed, {refused} refused)"),
    "import.undone": ("took back the import of", ""),
}


@dataclass(frozen=True)
class Story:
    """`who` `text` `title` `after`: Mia · changed deal · Forty bikes. `title` is empty where nothing is named."""

    who: str
    text: str
    at: datetime
    changes: list[tuple[str, str, str]]  # label, old, new
    subject: str
    subject_id: int | None
    title: str
    after: str = ""
    href: str = ""
    facts: dict = field(default_factory=dict)


def of_record(viewer, row, limit: int = MOST) -> list[Story]:
    """The history of one record, newest first."""
    found = rows.visible(Activity, viewer).where(
        (Activity.subject == row._meta.table_name) & (Activity.subject_id == row.id)
    )
    return stories(viewer, list(found.order_by(Activity.id.desc()).limit(limit)))


def stories(viewer, activities: list[Activity]) -> list[Story]:
    """Sentences of these rows; a field the viewer may not know is left out of them."""
    return _Teller(viewer, activities).all() if activities else []


def _names(viewer, ids: set[int]) -> dict[int, str]:
    """Of those the viewer may know; whoever else of our own did something, the organisation did it."""
    known = {person.id: person.display for person in rows.visible(Person, viewer).where(Person.id.in_(ids or {0}))}
    if unknown := ids - set(known):
        staff = Person.select(Person.id).where(Person.id.in_(unknown) & Person.partner.is_null())
        known |= dict.fromkeys(staff.scalars(), Organisation.current().name)
    return known


class _Teller:
    """Reads names, titles and currencies once for all of them."""

    def __init__(self, viewer, activities: list[Activity]):
        self.activities, self.known = activities, catalogue(viewer)
        self.addresses, self.wording = Addresses(), Wording(viewer)
        self.names = _names(viewer, {a.actor_id for a in activities} - {None})
        deals = {a.subject_id for a in activities if a.subject == "deal"} - {None}
        self.currencies = dict(Deal.select(Deal.id, Deal.currency).where(Deal.id.in_(deals)).tuples()) if deals else {}
        self._learn()

    def _learn(self) -> None:
        ids: dict[str, set[int]] = {}
        for activity in self.activities:
            obj = self._object(activity)
            for key, both in (activity.facts or {}).get("fields", {}).items():
                if obj and key in obj.by_key and obj.by_key[key].link:
                    ids.setdefault(obj.by_key[key].link, set()).update(v for v in both if v)
        for link, found in ids.items():
            self.wording.learn(link, found)

    def _object(self, activity: Activity) -> Object | None:
        try:
            return self.known[activity.verb.partition(".")[0]]
        except Invalid:
            return None

    def all(self) -> list[Story]:
        return [self._story(a) for a in self.activities]

    def _story(self, a: Activity) -> Story:
        facts, obj = a.facts or {}, self._object(a)
        before, after = self._said(a, obj, facts)
        who = self.names.get(a.actor_id, "Somebody" if a.actor_id else BY_ITSELF)
        title = "" if after is None else str(facts.get("title") or "")
        href = self.addresses.of(obj.key if obj.custom else a.subject, a.subject_id) if obj and title else ""
        return Story(who, before, a.at, self._changes(a, obj, facts), a.subject, a.subject_id, title, after or "", href, facts)

    def _said(self, a: Activity, obj: Object | None, facts: dict) -> tuple[str, str | None]:
        noun, _, verb = a.verb.partition(".")
        noun = obj.label if obj else noun.replace("_", " ")
        noun = noun if noun.isupper() or noun[:3].isupper() else noun.lower()
        before, after = SAID.get(a.verb) or SAID.get(verb) or (f"{verb.replace('_', ' ')} {{noun}}", "")
        words = _Facts({key: number(value) if type(value) is int else value for key, value in facts.items()}, noun=noun)
        return before.format_map(words), after and after.format_map(words)

    def _changes(self, a: Activity, obj: Object | None, facts: dict) -> list[tuple[str, str, str]]:
        """Old and new amounts each in the currency the deal had then."""
        fields = (facts.get("fields") or {}) if obj else {}
        was, now = fields.get("currency") or [self.currencies.get(a.subject_id)] * 2
        kinds = facts.get("kinds") or {}
        return [
            (field.label, self.wording.of(field, old, was), self.wording.of(field, new, now))
            for key, (old, new) in fields.items()
            if obj and (field := obj.by_key.get(key)) and (field := _as_it_was(field, kinds.get(key)))
        ]


def _as_it_was(field: Field, kind: str | None) -> Field:
    """The field as the kind it was of then; what a choice was called is forgotten with its choices."""
    return field if kind in (None, field.kind_key) or kind not in KINDS else replace(field, kind_key=kind, options=None)


class _Facts(dict):
    """The facts of an activity as words for a sentence; a missing one is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
