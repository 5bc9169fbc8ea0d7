"""A small filled portal. Every table has rows of Acme (ids from 11) and, where rows belong to somebody, the row 77 of
Globex: whatever a route looks up by an id, 77 is a stranger's. What must not be seen has a word of its own in it.
"""
from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

from prm.access.portals import Content
from prm.cards.content import Deck
from prm.core import files
from prm.models import (
    TABLES, Activity, Answer, ApiToken, Ballot, BusinessRole, ClosedPeriod, Contact, CustomField, CustomObject, CustomRecord, Dashboard, Deal, Delivery, Folder, Hit, Import,
    ImportMap, ImportRow, Invitation, Job, Kpi, KpiEntry, KpiResult, KpiVersion, Link, Mail, Organisation, Partner, Person, Portal, PortalPicture, PortalVersion, Rate, Receipt,
    Report, ReportReader, ReportVersion, Response, Role, Schedule, Scorecard, Session, Stage, Stale, Subscriber, Subscription, Survey,
    SurveyAction, SurveyQuestion, SurveyVersion, Target, Tier, Tile, Wave,
)  # fmt: skip
from prm.ui.portal import HOME
from tests import make
from tests.contracts.filling import fill

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
OWN, FOREIGN, UNKNOWN = 11, 77, 4242
PAPER = 2  # the job of a PDF stands so far behind that of a ZIP, which has the id itself
ACME, GLOBEX = "Acme", "Zqglobex"  # the second is looked for in every answer
MARK = {ACME: "Acm", GLOBEX: "Glbx"}  # their numbers start so
STAFF_ONLY = "zqstaff"  # stands in Acme's fields that only staff may know
DRAFT = "zqdraft"  # stands in what Acme may not read yet
PERIOD, OPEN_PERIOD = "2026-Q2", "2026-Q3"
START = {PERIOD: date(2026, 4, 1), OPEN_PERIOD: date(2026, 7, 1)}

# Everybody who looks, by name. Mia manages Acme, Nora manages Globex, Una sees all partners.
CAST = ("sam", "ann", "una", "mia", "nora", "ada", "pat", "max", "grace")
STRANGERS = ("mia", "ada", "pat", "max")  # who must not know of Globex
FREE = {"theme": "", "password_hash": "argon", "choices": {}, "disabled_at": None}
FIELDS = {"custom": {"credit_line": STAFF_ONLY, "motto": "Onwards"}, "notes": STAFF_ONLY}


def build() -> None:
    """All of it, into empty tables."""
    make.organisation()
    _lists()
    staff = _staff()
    acme, globex = {Person: staff["mia"]}, {Person: staff["nora"]}
    _company(acme, OWN, ACME, staff["mia"])
    _company(globex, FOREIGN, GLOBEX, staff["nora"])
    _kpis(acme, globex)
    _scorecards(acme, globex)
    _work(acme, globex)
    _reports(acme, globex)
    _surveys(acme, globex)
    _portals()
    _rest(acme, globex)


def _lists() -> None:
    for at, name in enumerate(make.STAGES):
        probability, outcome = make.STAGES[name]
        Stage.create(id=OWN + at, name=name, position=at, probability=probability, outcome=outcome)
    for table, names in ((Tier, make.TIERS), (BusinessRole, ("Sales lead", "Technical", "Finance"))):
        for at, name in enumerate(names):
            table.create(id=OWN + at, name=name, position=at)
    Rate.create(id=OWN, currency="EUR", valid_from=date(2020, 1, 1), rate="1.08")
    ClosedPeriod.create(id=OWN, key="2025-Q1")
    CustomObject.create(id=OWN, key="certification", label="Certification", plural="Certifications", audience="partner")
    for at, (object, key, audience) in enumerate(_custom_fields()):
        CustomField.create(id=OWN + at, object=object, key=key, label=f"Label of {key}", kind="text", audience=audience)


def _custom_fields():
    for object in ("partner", "contact", "deal", "certification"):
        yield object, "credit_line", "staff"
        yield object, "motto", "partner"


def _staff() -> dict[str, int]:
    roles = {"sam": Role.ADMIN, "ann": Role.ANALYST, "una": Role.MANAGER, "mia": Role.MANAGER, "nora": Role.MANAGER}
    for id, (name, role) in enumerate(roles.items(), 1):
        email = f"{name}@kestrel.example"
        Person.create(id=id, name=name.title(), email=email, role=role.value, sees_all=name == "una", **FREE)
    return {name: id for id, name in enumerate(roles, 1)}


def _company(links: dict, first: int, word: str, manager: int) -> None:
    """The partner with its people, their contacts and a deal of each: the executive's row has the id `first`."""
    fill(Partner, first, word, links, number=f"{MARK[word]}-{first}", name=f"{word} Ltd", status="active", type="Reseller",
         tier=OWN, territory="North", manager=manager, parent=None, website="https://partner.example", **FIELDS)  # fmt: skip
    fill(CustomRecord, first, word, links, object=OWN, number=f"{MARK[word]}-R{first}", name=f"{word} record", custom=FIELDS["custom"])
    people = ("grace",) if word == GLOBEX else ("ada", "pat", "max", "zoe")
    roles = (Role.EXECUTIVE, Role.PARTNER_MANAGER, Role.MEMBER, Role.MEMBER)
    for at, (name, role) in enumerate(zip(people, roles, strict=False)):
        _insider(links, first + at, word, name, role)
    if word == ACME:
        _contact(links, first + 4, word, "cole")
        _deal(links, first + 4, word, None)


def _insider(links: dict, id: int, word: str, name: str, role: Role) -> None:
    _contact(links, id, word, name)
    person = {"name": f"{word} {name}", "email": f"{name}@{word.lower()}.example", "role": role.value, "sees_all": False}
    Person.create(id=id, partner=links[Partner], contact=id, **person, **FREE)
    _deal(links, id, word, id)


def _contact(links: dict, id: int, word: str, name: str) -> None:
    given = {"number": f"{MARK[word]}-C{id}", "name": f"{word} {name}", "email": f"{name}@{word.lower()}.example"}
    fill(Contact, id, word, links, **given, roles=["Sales lead"], primary=False, custom=FIELDS["custom"])


def _deal(links: dict, id: int, word: str, owner: int | None) -> None:
    fill(Deal, id, word, links, number=f"{MARK[word]}-D{id}", title=f"{word} deal {id}", stage=OWN + 4, owner=owner,
         amount=100_000 + id, currency="USD", created_on=date(2026, 5, 1), closed_on=date(2026, 5, id % 28 + 1),
         expected_close=None, registration="pending", source="Fair", **FIELDS)  # fmt: skip


def _kpis(acme: dict, globex: dict) -> None:
    """One KPI for everybody, with figures of both."""
    made = Kpi.create(id=OWN, name="Revenue", description="Won deals", owner=1, state="active")
    version = {"question": make.REVENUE, "date_field": "closed_on", "unit": "money", "number": 1, "author": 1}
    KpiVersion.create(id=OWN, kpi=made, valid_from=date(2020, 1, 1), **version)
    Target.create(id=OWN + 1, kpi=made, valid_from=date(2020, 1, 1), value=1000, author=1)
    for links, id in ((acme, OWN), (globex, FOREIGN)):
        links |= {Kpi: OWN, KpiVersion: OWN}
        fill(Target, id, "", links, tier=None, valid_from=date(2026, 1, 1), value=500)
        fill(KpiEntry, id, "", links, period=PERIOD, value=7)
        figures = {"value": 4040, "target": 500, "attainment": "1.5", "status": "good", "rows": 4}
        fill(KpiResult, id, "", links, period=PERIOD, starts_on=START[PERIOD], **figures)
        fill(Stale, id, "", links, kpi=None, day=None)


def _scorecards(acme: dict, globex: dict) -> None:
    """The second quarter published and frozen, the third a draft."""
    for links, word, id in ((acme, ACME, OWN), (globex, GLOBEX, FOREIGN)):
        _scorecard(links, id, word, PERIOD)
        _scorecard(links, id + 1, DRAFT if word == ACME else word, OPEN_PERIOD)
        Scorecard.update(frozen=Deck(PERIOD).cards([Scorecard.get_by_id(id)])[0]).where(Scorecard.id == id).execute()


def _scorecard(links: dict, id: int, word: str, period: str) -> None:
    figures = {"score": "104.5", "grade": "B", "rank": 1, "ranked": 2, "pdf": "", "frozen": None}
    state = {"state": "published", "published_at": NOW} if period == PERIOD else {"state": "draft"}
    fill(Scorecard, id, word, links, period=period, starts_on=START[period], note=f"{word} note", **figures, **state)


def _work(acme: dict, globex: dict) -> None:
    """Imports, jobs, mails, links, sessions and what happened."""
    for links, word, id in ((acme, ACME, OWN), (globex, GLOBEX, FOREIGN)):
        _import(links, word, id)
        insider = Person.get_by_id(id)
        _jobs(links, word, id)
        fill(Link, id, word, links, purpose="invite", person=insider, sender=links[Person], expires_at=NOW)
        fill(ApiToken, id, word, links, person=insider, scope="read", expires_at=NOW.replace(year=2027), revoked_at=None)
        fill(Session, id, word, links, person=insider, expires_at=NOW.replace(year=2027), agent="Firefox/1 Linux")
        mail = {"to": insider.email, "state": "queued", "partner_id": links[Partner], "link": f"https://p.example/i/{word}"}
        fill(Mail, id, word, links, **mail)
        happened = {"subject": "deal", "subject_id": id, "facts": {"title": f"{word} deal", "fields": {}}}
        fill(Activity, id, word, links, verb="deal.changed", shared=True, **happened)
    secret = {"title": f"{DRAFT} deal", "fields": {"notes": ["", STAFF_ONLY]}}
    fill(Activity, OWN + 1, ACME, acme, verb="deal.changed", subject="deal", subject_id=OWN, facts=secret, shared=False)


def _jobs(links: dict, word: str, id: int) -> None:
    """What the company's manager asked for: the PDFs of a period, and an import checked."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"{word}.pdf", word)
    asked = {"person_id": links[Person], "done_at": NOW, "facts": {"period": PERIOD}}
    made = {"file": files.save(archive.getvalue()), "name": f"{word}.zip", "made": 1, "failed": 0}
    fill(Job, id, word, links, kind="scorecards.zip", result=made, **asked)
    fill(Job, id + 1, word, links, kind="import.check", key=f"import-{id}", result={}, **asked)
    paper = {"file": made["file"], "name": f"{word}.pdf"}
    asked["facts"] = {"what": f"report:{id}", "name": f"{word} report", "size": "a4", "orientation": "portrait", "values": {}}
    fill(Job, id + PAPER, word, links, kind="papers.make", result=paper, **asked)


def _import(links: dict, word: str, id: int) -> None:
    """Uploaded as one does, then given its id."""
    from prm.transfers.services import upload

    sheet = io.StringIO()
    csv.writer(sheet).writerows([["Partner no", "Name"], [f"{MARK[word]}-{id}", f"{word} Ltd"]])
    path = files.temporary()
    path.write_text(sheet.getvalue())
    made = upload(Person.get_by_id(links[Person]), "partner", f"{word}.csv", Path(path))
    Import.update(id=id).where(Import.id == made.id).execute()
    Job.delete().where(Job.id < OWN).execute()
    links[Import] = id
    fill(ImportRow, id, word, links, line=2, outcome="refused", subject_id=None, before=None, undone="")
    ImportMap.create(id=id, object="partner", signature=f"{id}", settings={})


def _reports(acme: dict, globex: dict) -> None:
    """Of each manager one that is theirs alone; one that staff share, and one that partners read too."""
    Folder.create(id=OWN, name="Sales", position=0)
    shared = ((OWN + 1, 3, "staff", "Pipeline"), (OWN + 2, 1, "partners", "Your deals"))
    own = ((OWN, acme[Person], "private", ACME), (FOREIGN, globex[Person], "private", GLOBEX))
    for id, owner, sharing, word in (*own, *shared):
        _report(id, owner, sharing, word)
    Tile.create(id=OWN + 3, dashboard=OWN + 2, report=OWN + 1)
    for id, report, person in ((OWN, OWN, acme[Person]), (OWN + 1, OWN + 2, 1), (OWN + 2, OWN + 2, OWN), (FOREIGN, OWN + 2, FOREIGN)):
        ReportReader.create(id=id, report=report, person=person, seen_at=NOW)
    for id, links in ((OWN, acme), (FOREIGN, globex)):
        Subscription.create(id=id, report=OWN + 2, owner=links[Person], next_at=NOW.replace(year=2027))
        _delivered(id, id, id)
    _delivered(OWN + 1, OWN, FOREIGN)


def _report(id: int, owner: int, sharing: str, word: str) -> None:
    content = {"parts": [{"question": {"object": "deal", "rows": [{"field": "stage"}]}}]}
    facts = {"id": id, "name": f"{word} report", "owner": owner, "sharing": sharing}
    Report.create(**facts, object="deal", content=content, folder=OWN)
    ReportVersion.create(id=id, report=id, number=1, name=facts["name"], content=content, author=owner)
    Dashboard.create(**facts | {"name": f"{word} dashboard"})
    Tile.create(id=id, dashboard=id, report=id)


def _delivered(id: int, subscription: int, person: int) -> None:
    Subscriber.create(id=id, subscription=subscription, person=person)
    Delivery.create(id=id, subscription=subscription, person=person, due_at=NOW, outcome="sent")


CONTENT = {
    "title": {"en": "Survey"}, "languages": ["en"], "pages": [{"key": "p1", "questions": [
        {"code": "nps", "kind": "nps", "text": {"en": "Recommend?"}}, {"code": "why", "kind": "long_text", "text": {"en": "Why?"}},
    ]}],
}  # fmt: skip


def _surveys(acme: dict, globex: dict) -> None:
    """One that everybody of the staff sees, answered by Ada and by Grace; and a deleted one."""
    for id in (OWN, FOREIGN):
        deleted = NOW if id == FOREIGN else None
        Survey.create(id=id, title="Survey", state="open", content=CONTENT, version=1, shared=True, owner=1 if id == OWN else globex[Person], deleted_at=deleted)
        SurveyVersion.create(id=id, survey=id, number=1, content=CONTENT, author=1)
        for at, (code, kind) in enumerate((("nps", "nps"), ("why", "long_text"))):
            SurveyQuestion.create(id=id + at, survey=id, code=code, kind=kind, wording=f"{code}?", position=at)
        Wave.create(id=id, survey=id, number=id, label=f"Wave {id}", sent_at=NOW, author=1, every="year", next_at=NOW.replace(year=2027))
        SurveyAction.create(id=id, survey=id, said="Slow", did="Faster", owner=1)
        Ballot.create(id=id, wave=id, version=1, answers={"nps": 9})
    for id, links, word in ((OWN, acme, ACME), (FOREIGN, globex, GLOBEX)):
        given = {"wave": OWN, "contact": id, "partner": links[Partner]}
        Invitation.create(id=id, **given, key_hash=f"{id}", asked_at=NOW, answered=True, draft={"answers": {"why": word}})
        same = {"survey": OWN, **given, "day": NOW.date()}
        Response.create(id=id, invitation=id, version=1, submitted_at=NOW, **same)
        Answer.create(id=id, response=id, question=OWN + 1, text=f"{word} words", **same)
    Invitation.create(id=OWN + 1, wave=OWN, contact=OWN + 1, partner=acme[Partner], key_hash="12", asked_at=NOW)
    Wave.create(id=OWN + 1, survey=OWN, number=OWN + 1, label="Wave 12", send_at=NOW.replace(year=2027), author=1)
    Response.create(id=OWN + 1, survey=OWN, wave=OWN, version=1, day=NOW.date(), sealed=True)
    Answer.create(id=OWN + 1, response=OWN + 1, question=OWN + 1, survey=OWN, wave=OWN, day=NOW.date(), sealed=True, text=DRAFT)


def _portals() -> None:
    """A live one, of which Acme alone is a member; and a draft."""
    content = asdict(Content("Portal", menu=["home", "deals", "partners", "contacts", "scorecards", "surveys", "reports", "dashboards", "records", "page:help"],
                             home=list(HOME), pages=[{"slug": "help", "title": "Help", "text": "Ask us."}], members={"partners": [OWN]}))  # fmt: skip
    for id, state in ((OWN, "live"), (FOREIGN, "draft")):
        draft = content | {"name": DRAFT, "members": {}} if state == "draft" else content
        Portal.create(id=id, slug=f"portal-{id}", template="central", state=state, draft=draft, published=content if state == "live" else None, number=1)
        PortalVersion.create(id=id, portal=id, number=id, content=content, author=1)
        PortalPicture.create(id=id, portal=id, name="Shop", file=files.save(b"picture"), kind="image/png")


def _rest(acme: dict, globex: dict) -> None:
    """Plumbing, and tables that have been added since: a table whose rows hang on somebody's gets a stranger's row."""
    Hit.create(id=OWN, key="sign-in:somebody", since=NOW)
    Receipt.create(id=OWN, key="0" * 64)
    Schedule.create(id=OWN, kind="housekeeping", next_at=NOW.replace(year=2027))
    for table in TABLES:
        if not table.select().exists():
            fill(table, OWN, ACME, acme)
            if belongs_to_somebody(table):
                fill(table, FOREIGN, GLOBEX, globex)


def belongs_to_somebody(table) -> bool:
    """Whether a row can be a stranger's: it leads to a partner, or to a person."""
    seen, open = set(), [table]
    while open:
        at = open.pop()
        if at in (Partner, Person):
            return True
        seen.add(at)
        open += [f.rel_model for f in at._meta.sorted_fields if hasattr(f, "rel_model") and f.rel_model not in seen]
    return False


__all__ = ["CAST", "DRAFT", "FOREIGN", "GLOBEX", "NOW", "Organisation", "OWN", "STAFF_ONLY", "STRANGERS", "UNKNOWN", "build"]
