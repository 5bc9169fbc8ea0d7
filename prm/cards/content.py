"""The content of a scorecard: one plain dict, ready for JSON. Decimals are strings, days and times ISO, empty is null.

    {partner, period, org, score, grade, rank, ranked, previous, last_year, history, kpis, deals, note, as_of}

Pages, PDFs and files only draw it, so none of them can say another number; publishing keeps it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from prm.access.rows import visible
from prm.access.system import SYSTEM
from prm.cards import reading
from prm.cards.reading import Figure, Head, Score
from prm.cards.wording import Wording
from prm.catalogue.machine import plain
from prm.core import clock
from prm.core.money import from_minor
from prm.core.periods import Period, last_periods, parse_period
from prm.models import Kpi, KpiVersion, Organisation, Scorecard

SPAN = 8  # periods of a history or a sparkline
ENOUGH_PEERS = 5  # with fewer, a median would tell what one of them did
SIX = Decimal("0.000001")


class Deck:
    """Makes the cards of one period. What they share is read once: KPIs, words, medians."""

    def __init__(self, key: str):
        self.org = Organisation.current()
        self.period = parse_period(key, self.org.fiscal_month)
        self.span = last_periods(self.period, SPAN)
        self.keys = {p.key for p in (*self.span, self.period.previous(), self.period.same_last_year())}
        self.wording = Wording(self.org)
        self._kpis: dict[int, tuple] = {}
        self._medians: dict[tuple[int, int], tuple[Decimal, int]] = {}
        self._tiers: set[int] = set()
        self._versions: dict[int, dict] = {}

    def cards(self, scorecards: Sequence[Scorecard]) -> list[dict]:
        """In their order; the same number of queries for one and for a hundred."""
        partners = reading.partners([s.partner_id for s in scorecards])
        scores = reading.scores(partners, self.keys)
        figures = reading.figures(partners, self.keys)
        deals = reading.top_deals(partners, self.period)
        self._learn(figures)
        self._learn_medians({p.tier_id for p in partners.values() if p.tier_id})
        return [
            self._card(s, partners[s.partner_id], scores, figures[s.partner_id], deals[s.partner_id]) for s in scorecards
        ]

    # ── what is shared ──

    def _learn(self, figures: dict[int, dict[int, dict[str, Figure]]]) -> None:
        """The KPIs and the versions that these results were worked out by."""
        now = [by[self.period.key] for each in figures.values() for by in each.values() if self.period.key in by]
        unknown = {f.version for f in now} - set(self._versions)
        if not unknown:
            return
        if not self._kpis:
            found = visible(Kpi, SYSTEM, Kpi.id, Kpi.name, Kpi.description).where(Kpi.state != "draft")
            found = found.order_by(Kpi.position, Kpi.id).tuples()
            self._kpis = {id: (at, name, description) for at, (id, name, description) in enumerate(found)}
        for version in visible(KpiVersion, SYSTEM).where(KpiVersion.id.in_(unknown)):
            self._versions[version.id] = {
                "unit": version.unit,
                "direction": version.direction,
                "length": version.period_length,
                "definition": self.wording.definition(version),
                "behind": self.wording.behind(version),
            }

    def _learn_medians(self, tiers: set[int]) -> None:
        if new := tiers - self._tiers:
            self._medians |= reading.medians(self.period.key, new)
            self._tiers |= new

    # ── one card ──

    def _card(self, scorecard: Scorecard, partner: Head, scores: dict, figures: dict, deals: list) -> dict:
        kpis = [self._kpi(id, by, partner) for id, by in figures.items() if self._belongs(id, by)]
        history = [self._scored(p, scores.get((partner.id, p.key))) for p in self.span]
        before, year_before = self.period.previous(), self.period.same_last_year()
        return {
            "partner": _partner(partner),
            "period": _period(self.period, clock.today(self.org.zone)),
            "org": organisation(self.org),
            "score": text(scorecard.score),
            "grade": scorecard.grade,
            "rank": scorecard.rank,
            "ranked": scorecard.ranked,
            "previous": self._compared(before, scores.get((partner.id, before.key))),
            "last_year": self._compared(year_before, scores.get((partner.id, year_before.key))),
            "history": history,
            "kpis": sorted(kpis, key=lambda kpi: self._kpis[kpi["id"]][0]),
            "deals": [_deal(*deal) for deal in deals],
            "note": scorecard.note,
            "as_of": clock.now().isoformat(timespec="seconds"),
        }

    def _belongs(self, kpi: int, by: dict[str, Figure]) -> bool:
        """It has a result in this period, is no draft, and counts in periods of this length."""
        now = by.get(self.period.key)
        return now is not None and kpi in self._kpis and self._versions[now.version]["length"] == self.period.length

    def _kpi(self, id: int, by: dict[str, Figure], partner: Head) -> dict:
        now = by[self.period.key]
        version = self._versions[now.version]
        before, year_before = (_value(by, p.key) for p in (self.period.previous(), self.period.same_last_year()))
        median, peers = self._median(partner.tier_id, id, now.value)
        _, name, description = self._kpis[id]
        return {
            "id": id, "name": name, "description": description,
            "unit": version["unit"], "direction": version["direction"],
            "value": text(now.value), "target": text(now.target), "attainment": text(now.attainment),
            "status": now.status, "weight": text(now.weight), "rows": now.rows,
            "previous": text(before), "change": text(change(now.value, before, version["unit"])),
            "last_year": text(year_before), "change_year": text(change(now.value, year_before, version["unit"])),
            "spark": [text(_value(by, p.key)) for p in self.span],
            "median": text(median), "peers": peers,
            "definition": version["definition"], "behind": version["behind"],
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
