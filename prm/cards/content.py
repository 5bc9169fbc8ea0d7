"""The content of a scorecard: one plain dict, ready for JSON. Decimals are strings, days and times ISO, empty is null.

    {partner, period, org, state, score, grade, rank, ranked, previous, last_year, history, kpis, deals, note, as_of}

Pages, PDFs and files only draw it, so none of them can say another number; publishing keeps it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from prm.cards import reading
from prm.cards.reading import Figure, Head, Score
from prm.cards.wording import Wording
from prm.catalogue.fields import Catalogue
from prm.catalogue.machine import plain
from prm.core import clock
from prm.core.money import from_minor
from prm.core.periods import Period, last_periods, parse_period
from prm.models import KpiVersion, Organisation, Scorecard

SPAN = 8  # periods of a history or a sparkline
ENOUGH_PEERS = 5  # with fewer, a median would tell what one of them did
SIX = Decimal("0.000001")


Scores = dict[tuple[int, str], Score]


class Definition(NamedTuple):
    """A version of a KPI, in words, with the list of what it counts."""

    version: KpiVersion
    words: str
    behind: dict | None


class Deck:
    """Makes the cards of one period. What they share is read once: KPIs, words, medians."""

    def __init__(self, key: str, known: Catalogue | None = None):
        self.org = Organisation.current()
        self.period = parse_period(key, self.org.fiscal_month)
        self.span = last_periods(self.period, SPAN)
        self.keys = {p.key for p in (*self.span, self.period.previous(), self.period.same_last_year())}
        self.wording = Wording(self.org, known)
        self._medians: dict[tuple[int, int], tuple[Decimal, int]] = {}
        self._tiers: set[int] = set()
        self._versions: dict[int, Definition | None] = {}

    def cards(
        self, scorecards: Sequence[Scorecard], *, heads: dict[int, Head] | None = None, scores: Scores | None = None
    ) -> list[dict]:
        """In their order; the same number of queries for one and for a hundred. `heads` and `scores` save theirs."""
        partners = [s.partner_id for s in scorecards]
        heads = reading.partners(partners) if heads is None else heads
        scores = reading.scores(partners, self.keys) if scores is None else scores
        figures = reading.figures(partners, self.keys)
        deals = reading.top_deals(partners, self.period)
        self._learn(figures)
        self._learn_medians({head.tier_id for head in heads.values() if head.tier_id})
        return [self._card(s, heads[s.partner_id], scores, figures[s.partner_id], deals[s.partner_id]) for s in scorecards]

    # ── what is shared ──

    def _learn(self, figures: dict[int, dict[int, dict[str, Figure]]]) -> None:
        """The KPIs and the versions that these results were worked out by; None for one that is on no card."""
        key = self.period.key
        unknown = {by[key].version for each in figures.values() for by in each.values() if key in by} - set(self._versions)
        if not unknown:
            return
        self._versions |= dict.fromkeys(unknown)
        for version in reading.versions(unknown):
            if version.period_length == self.period.length:
                said = self.wording.definition(version), self.wording.behind(version)
                self._versions[version.id] = Definition(version, *said)

    def _learn_medians(self, tiers: set[int]) -> None:
        if new := tiers - self._tiers:
            self._medians |= reading.medians(self.period.key, new)
            self._tiers |= new

    # ── one card ──

    def _card(self, scorecard: Scorecard, partner: Head, scores: dict, figures: dict, deals: list) -> dict:
        on_it = [(definition, by) for by in figures.values() if (definition := self._definition(by))]
        on_it.sort(key=lambda pair: (pair[0].version.kpi.position, pair[0].version.kpi_id))
        history = [self._scored(p, scores.get((partner.id, p.key))) for p in self.span]
        before, year_before = self.period.previous(), self.period.same_last_year()
        return {
            "partner": _partner(partner),
            "period": _period(self.period, clock.today(self.org.zone)),
            "org": organisation(self.org),
            "state": "draft",
            "score": text(scorecard.score),
            "grade": scorecard.grade,
            "rank": scorecard.rank,
            "ranked": scorecard.ranked,
            "previous": self._compared(before, scores.get((partner.id, before.key))),
            "last_year": self._compared(year_before, scores.get((partner.id, year_before.key))),
            "history": history,
            "kpis": [self._kpi(definition, by, partner) for definition, by in on_it],
            "deals": [_deal(*deal) for deal in deals],
            "note": scorecard.note,
            "as_of": clock.now().isoformat(timespec="seconds"),
        }

    def _definition(self, by: dict[str, Figure]) -> Definition | None:
        """None for a KPI without a result in this period, for a draft, and for one of another length."""
        now = by.get(self.period.key)
        return now and self._versions.get(now.version)

    def _kpi(self, definition: Definition, by: dict[str, Figure], partner: Head) -> dict:
        now, version, kpi = by[self.period.key], definition.version, definition.version.kpi
        before, year_before = (_value(by, p.key) for p in (self.period.previous(), self.period.same_last_year()))
        median, peers = self._median(partner.tier_id, kpi.id, now.value)
        return {
            "id": kpi.id, "name": kpi.name, "description": kpi.description,
            "unit": version.unit, "direction": version.direction,
            "value": text(now.value), "target": text(now.target), "attainment": text(now.attainment),
            "status": now.status, "weight": text(now.weight), "rows": now.rows,
            "previous": text(before), "change": text(change(now.value, before, version.unit)),
            "last_year": text(year_before), "change_year": text(change(now.value, year_before, version.unit)),
            "spark": [text(_value(by, p.key)) for p in self.span],
            "median": text(median), "peers": peers,
            "definition": definition.words, "behind": definition.behind,
        }  # fmt: skip

    def _median(self, tier: int | None, kpi: int, own: Decimal | None) -> tuple[Decimal | None, int]:
        """The median of the tier, and how many others it is made of; without enough others it stays hidden."""
        median, many = self._medians.get((tier or 0, kpi), (None, 0))
        peers = many - (own is not None)
        return (median if peers >= ENOUGH_PEERS else None), max(0, peers)

    @staticmethod
    def _scored(period: Period, found: Score | None) -> dict:
        score = text(found.score) if found else None
        return {"key": period.key, "label": period.label, "score": score, "grade": found.grade if found else ""}

    @staticmethod
    def _compared(period: Period, found: Score | None) -> dict | None:
        return {"label": period.label, "score": text(found.score)} if found and found.score is not None else None


def text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def change(value: Decimal | None, before: Decimal | None, unit: str) -> Decimal | None:
    """By what part of it the value before has grown; between two percentages the difference. From nothing, or from below
    zero, growth cannot be said."""
    if value is None or before is None:
        return None
    if unit == "percent":
        return value - before
    return ((value - before) / before).quantize(SIX) if before > 0 else None


def organisation(org: Organisation) -> dict:
    return {
        "name": org.name, "brand": org.brand, "logo": org.logo,
        "currency": org.currency, "locale": org.locale, "zone": org.zone,
    }  # fmt: skip


def _partner(partner: Head) -> dict:
    return {
        "id": partner.id, "name": partner.name, "number": partner.number, "type": partner.type,
        "tier": partner.tier or "", "territory": partner.territory, "manager": partner.manager or "",
    }  # fmt: skip


def _period(period: Period, today) -> dict:
    return {
        "key": period.key, "label": period.label, "length": period.length,
        "start": period.start.isoformat(), "end": period.end.isoformat(), "open": period.end >= today,
    }  # fmt: skip


def _deal(id, title, customer, amount, currency, closed_on) -> dict:
    amount = None if amount is None else str(from_minor(amount, currency))
    return {
        "id": id, "title": title, "customer": customer, "amount": amount, "currency": currency,
        "closed_on": str(closed_on)[:10],
    }  # fmt: skip


def _value(by: dict[str, Figure], key: str) -> Decimal | None:
    return by[key].value if key in by else None
