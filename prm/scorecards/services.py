"""What people do with scorecards: write a note, publish, print one, print all of a period.

Publishing freezes the content and cannot be undone: page and PDF of a published scorecard never change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from peewee import ModelSelect

from prm.access import rows
from prm.access.portals import Content, portal_of
from prm.cards.content import Deck
from prm.cards.showing import card_of
from prm.core import clock, files
from prm.core.alone import anybody
from prm.core.db import db, is_sqlite
from prm.core.errors import Busy, Conflict, Invalid
from prm.core.jobs import Job, enqueue
from prm.core.periods import Period, parse_period
from prm.models import Activity, Organisation, Portal, Scorecard, Stale
from prm.models.kpi import COMPUTING
from prm.scorecards import paper
from prm.ui.paper import freeze_logo

LONGEST = 2000  # characters of a note: with more, a scorecard would not be one or two pages
AT_ONCE = 50
TOO_LATE = "It was published in the meantime, so it stays as it is. Nothing was saved."
CHANGED = "Somebody else changed this scorecard in the meantime. Nothing was saved; look at it first."


def write_note(viewer, scorecard: Scorecard, text: str, *, version: int | None = None) -> Scorecard:
    """The manager's words to the partner, as typed; possible until it is published."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) > LONGEST:
        raise Invalid(f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.", field="note")
    with db.atomic():
        _store(scorecard, version, note=text)
        Activity.record(viewer, "scorecard.annotated", scorecard, title=period_named(scorecard.period).label)
    return scorecard


def publish(viewer, scorecard: Scorecard, *, version: int | None = None) -> Scorecard:
    """Freeze it and show it to the partner; of two people who publish at once, one does."""
    with db.atomic():
        if not _publish(viewer, _held([scorecard.id]), {scorecard.id: version or scorecard.version}):
            raise _conflict(scorecard.id)
        print_later(scorecard.period)
    return Scorecard.get_by_id(scorecard.id)


def drafts(viewer, key: str) -> ModelSelect:
    """The drafts of a period that the viewer may publish, by id."""
    t = Scorecard
    return rows.visible(t, viewer, t.id).where((t.period == key) & (t.state == "draft")).order_by(t.id)


def publish_all(viewer, key: str, report: Callable[[int, int], None] = lambda *_: None) -> int:
    """Publish every draft of the period, some at a time, each lot whole or not at all. Run twice it goes on where it was."""
    ids, done = list(drafts(viewer, key).scalars()), 0
    for at in range(0, len(ids), AT_ONCE):
        with db.atomic():
            done += _publish(viewer, _held(ids[at : at + AT_ONCE]), {})
            print_later(key)
        report(min(at + AT_ONCE, len(ids)), len(ids))
    return done


def _held(ids: list[int]) -> list[Scorecard]:
    """Those that are drafts now, held against everybody else until the transaction ends."""
    found = Scorecard.select().where(Scorecard.id.in_(ids) & (Scorecard.state == "draft")).order_by(Scorecard.id)
    return list(found if is_sqlite() else found.for_update())


def _publish(viewer, found: list[Scorecard], versions: dict[int, int]) -> int:
    """Inside of a transaction. Returns how many became published; one that changed since its version is left."""
    _refuse_unsettled(found)
    cards = Deck(found[0].period).cards(found) if found else []
    now, done = clock.now(), 0
    logo = freeze_logo(cards[0]["org"]["logo"]) if cards else ""
    for scorecard, card in zip(found, cards, strict=True):
        expected = versions.get(scorecard.id, scorecard.version)
        frozen = card | {"state": "published", "org": card["org"] | {"logo": logo}}
        values = {"state": "published", "frozen": frozen, "published_at": now}
        if _stored(scorecard.id, expected, publisher=viewer.id, **values):
            Activity.record(viewer, "scorecard.published", scorecard, shared=True, title=card["period"]["label"])
            done += 1
    return done


def _refuse_unsettled(found: list[Scorecard]) -> None:
    """Results and scores are stored one after the other: what is frozen between the two would not fit together."""
    partners = [scorecard.partner_id for scorecard in found]
    if Stale.select().where(Stale.partner.in_(partners)).exists() or anybody(COMPUTING) or _broken_off().exists():
        raise Busy("Figures are being worked out at this moment. Nothing was published; try again in a few seconds.")


def _broken_off():
    """Computing that began and is not done: at work now, or its worker died between results and scores."""
    open_work = Job.done_at.is_null() & Job.failed_at.is_null() & (Job.attempts > 0)
    return Job.select().where(Job.kind.startswith("kpis.") & open_work)


def _store(scorecard: Scorecard, version: int | None, **values) -> None:
    """Change a draft that nobody changed since `version`; Conflict otherwise."""
    expected = version or scorecard.version
    if not _stored(scorecard.id, expected, **values):
        raise _conflict(scorecard.id)
    scorecard.version = expected + 1
    for name, value in values.items():
        setattr(scorecard, name, value)


def _conflict(id: int) -> Conflict:
    state = Scorecard.select(Scorecard.state).where(Scorecard.id == id).scalar()
    return Conflict(TOO_LATE if state == "published" else CHANGED)


def _stored(id: int, version: int, **values) -> bool:
    same = (Scorecard.id == id) & (Scorecard.state == "draft") & (Scorecard.version == version)
    return bool(Scorecard.update(version=version + 1, **values).where(same).execute())


# ── on paper ──


@dataclass(frozen=True)
class Document:
    """A PDF and what it is called."""

    name: str
    content: bytes


def document(viewer, scorecard: Scorecard, size: str = "a4") -> Document:
    """The PDF as this viewer may read it: the stored one where that is the same, else made now."""
    card = card_of(viewer, scorecard)
    if not viewer.is_staff and (portal := portal_of(scorecard.partner)):
        return Document(file_name(card), paper.document(_dressed(card, portal), size))
    content = stored_pdf(scorecard) if size == "a4" and card == scorecard.frozen else None
    if content is None:
        content = paper.document(card, size)
        if size == "a4" and card == scorecard.frozen:
            keep_pdf(scorecard, content)
    return Document(file_name(card), content)


def _dressed(card: dict, portal: Portal) -> dict:
    """The same card in the look of the portal that it is opened in."""
    content = Content.of(portal.published)
    look = {"name": content.name, "brand": content.colour, "logo": content.logo}
    return card | {"org": card["org"] | {key: value for key, value in look.items() if value}}


def stored_pdf(scorecard: Scorecard) -> bytes | None:
    """None where it is not made yet, or its file was lost."""
    try:
        return files.place(scorecard.pdf).read_bytes() if scorecard.pdf else None
    except FileNotFoundError:
        return None


def keep_pdf(scorecard: Scorecard, content: bytes) -> None:
    """Written once: the first file stays, whoever comes second."""
    lost = scorecard.pdf
    scorecard.pdf = files.save(content)
    Scorecard.update(pdf=scorecard.pdf).where((Scorecard.id == scorecard.id) & (Scorecard.pdf == lost)).execute()


def file_name(card: dict) -> str:
    """“scorecard 2012-Q3 AW00000608 Golf and Cycle Store.pdf”, with nothing a file system stumbles over."""
    words = f"scorecard {card['period']['key']} {card['partner']['number']} {card['partner']['name']}"
    safe = "".join(c if c.isalnum() or c in " -_.,()&'" else " " for c in words)
    return " ".join(safe.encode("utf-8", "ignore").decode().split())[:100].strip(" .") + ".pdf"


# ── by jobs ──


def print_later(key: str, after: int = 0) -> Job:
    """The PDFs of what is published in this period and has none, soon; from the id `after` on."""
    return enqueue("scorecards.print", key=f"print-{key}-{after}", period=key, after=after)


def publish_later(viewer, key: str) -> Job:
    with db.atomic():
        return enqueue("scorecards.publish", key=f"publish-{key}-{viewer.id}", person=viewer, period=key)


def zip_later(viewer, key: str, size: str = "a4") -> Job:
    """All PDFs of the period that the viewer may see, as one file for them alone."""
    with db.atomic():
        return enqueue("scorecards.zip", key=f"zip-{key}-{size}-{viewer.id}", person=viewer, period=key, paper=size)


def period_named(key: str) -> Period:
    """The period, Invalid in plain words where there is none of this key."""
    try:
        return parse_period(key.strip().upper(), Organisation.current().fiscal_month)
    except ValueError as error:
        raise Invalid(str(error)) from None
