"""Keeping results true: everything at once, one KPI after its definition changed, or only what changed rows touch.

One process at a time computes; rows that change meanwhile leave a new mark, so the next round finds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from prm.access.system import SYSTEM
from prm.catalogue.objects import catalogue
from prm.core.alone import alone
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.jobs import Job, enqueue, job
from prm.core.periods import Period, period_of
from prm.kpis.computing import Computing, Judged
from prm.kpis.definitions import question_of
from prm.kpis.scoring import score_periods
from prm.models import Activity, ClosedPeriod, Kpi, KpiResult, Scorecard, Stale
from prm.models.kpi import COMPUTING

DATED = {"deal": ("closed_on", "created_on", "expected_close")}  # the dates that `records.touch` marks
MARKS = 5000
Days = dict[int, set[date | None]]  # partner id -> days of changed rows; None: any period
Report = Callable[[int, int, str], None]


def active() -> list[Kpi]:
    return list(Kpi.select().where(Kpi.state == "active").order_by(Kpi.position, Kpi.id))


# ── everything ──


def compute_all(report: Report = lambda *_: None) -> Judged:
    """Every active KPI in every period that is not closed."""
    return _compute(active(), None, False, report)


def compute_period(viewer, period: Period, report: Report = lambda *_: None) -> Judged:
    """One period on purpose: closed or past, with the targets as they are now. Logged."""
    changed = _compute(active(), [period], True, report)
    Activity.record(viewer, "period.recomputed", title=period.label, period=period.key, results=len(changed))
    return changed


def compute_kpi(kpi: Kpi, report: Report = lambda *_: None) -> Judged:
    """One KPI, after its definition or a target changed."""
    return _compute([kpi] if kpi.state == "active" else [], None, False, report)


def _compute(kpis: list[Kpi], periods: list[Period] | None, on_purpose: bool, report: Report) -> Judged:
    changed: Judged = set()
    known = catalogue(SYSTEM)
    with alone(COMPUTING):
        for at, kpi in enumerate(kpis):
            computing = Computing(kpi, known=known, on_purpose=on_purpose)
            changed |= _guarded(kpi, lambda c=computing, at=at: _run(c, periods, at, len(kpis), report))
        report(len(kpis), len(kpis), "Scores")
        score_periods(_open_periods() if periods is None else {p.key for p in periods})
    return changed


def _run(computing: Computing, periods: list[Period] | None, at: int, of: int, report: Report) -> Judged:
    there = computing.periods()
    keys = {p.key for p in there}
    wanted = there if periods is None else [p for p in periods if p.key in keys]
    gone = computing.drop(computing.computed() - keys) if periods is None else set()
    return gone | computing.run(wanted, report=lambda label: report(at, of, f"{computing.kpi.name}, {label}"))


def _guarded(kpi: Kpi, work: Callable[[], Judged]) -> Judged:
    """A definition that cannot be worked out any more (its field is gone) says so, and leaves its results as they were."""
    trouble = ""
    try:
        return work()
    except Invalid as refusal:
        trouble = refusal.message[:400]
        return set()
    finally:
        Kpi.update(trouble=trouble).where((Kpi.id == kpi.id) & (Kpi.trouble != trouble)).execute()


def _open_periods() -> set[str]:
    """All that have results or scorecards and are not closed. Whether anything differed or not: a process may have ended
    between results and scores, a KPI may be retired, the grades others."""
    there = {*KpiResult.select(KpiResult.period).distinct().scalars(), *Scorecard.select(Scorecard.period).distinct().scalars()}
    return there - set(ClosedPeriod.select(ClosedPeriod.key).scalars())


# ── what changed ──


def refresh() -> Judged:
    """Work out what the marks of changed rows touch, and take these marks away."""
    changed: Judged = set()
    with alone(COMPUTING):
        while marks := list(Stale.select(Stale.id, Stale.partner, Stale.day).order_by(Stale.id).limit(MARKS).tuples()):
            days: Days = defaultdict(set)
            for _, partner, day in marks:
                days[partner].add(day)
            found, ran = _refresh(days)
            score_periods(ran)
            _take_away([mark[0] for mark in marks])
            changed |= found
    return changed


def _take_away(marks: list[int]) -> None:
    """Exactly those that were read: PostgreSQL may show one with a lower number only later."""
    with db.atomic():
        for at in range(0, len(marks), 500):
            Stale.delete().where(Stale.id.in_(marks[at : at + 500])).execute()


def _refresh(days: Days) -> tuple[Judged, set[str]]:
    """What differs now, and the periods that were worked out."""
    changed, ran = set(), set()
    known = catalogue(SYSTEM)
    for kpi in active():
        computing = Computing(kpi, known=known)
        changed |= _guarded(kpi, lambda c=computing: _touched(c, days))
        ran |= computing.ran
    return changed, ran


def _touched(computing: Computing, days: Days) -> Judged:
    """The periods of the days that were touched, for their partners; a period that has no results yet, for everybody."""
    there = {p.key: p for p in computing.periods()}
    before = computing.computed()
    changed = computing.drop(before - set(there))
    changed |= computing.run([there[key] for key in set(there) - before])
    together: dict[frozenset[str], set[int]] = defaultdict(set)
    for partner, touched in days.items():
        together[frozenset(_keys(computing, touched, set(there) & before))].add(partner)
    for keys, partners in together.items():
        changed |= computing.run([there[key] for key in keys], partners=partners)
    return changed


def _keys(computing: Computing, touched: set[date | None], there: set[str]) -> set[str]:
    """The periods these days fall in; all of them where a change has no day, or this KPI goes by another date."""
    keys: set[str] = set()
    for version in computing.versions:
        dated = version.source == "question" and version.date_field in DATED.get(question_of(version).object, ())
        if not dated or None in touched:
            return there
        keys |= {period_of(day, version.period_length, computing.here.fiscal_month).key for day in touched if day}
    return keys & there


@job("kpis.refresh")
def refresh_job(_job: Job) -> dict:
    return {"results": len(refresh())}


@job("kpis.compute", attempts=2, long=True)
def compute_job(found: Job) -> dict:
    """Everything, or the KPI that is named."""

    def report(at: int, of: int, what: str) -> None:
        found.report(at, of, what)

    kpi = Kpi.get_or_none(Kpi.id == found.facts.get("kpi"))
    return {"results": len(compute_kpi(kpi, report) if kpi else compute_all(report))}


def compute_later(kpi: Kpi | None = None, person=None) -> Job:
    """Queue it in the caller's transaction."""
    key = f"kpi-{kpi.id}" if kpi else "all"
    return enqueue("kpis.compute", key=key, person=person, **({"kpi": kpi.id} if kpi else {}))
