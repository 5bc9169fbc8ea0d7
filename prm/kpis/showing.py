"""What the KPI pages show: how many partners are on target, period by period, and the results of one period."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from flask import url_for
from peewee import fn

from prm.access import rows
from prm.cards.wording import Wording
from prm.catalogue.answer import answer
from prm.catalogue.question import Filter, Group, Question
from prm.core.formats import DASH
from prm.core.periods import Period, parse_period
from prm.kpis import services
from prm.kpis.definitions import question_of, value_key, version_at
from prm.models import Kpi, KpiResult, KpiVersion, Organisation, Partner, Target, Tier
from prm.ui.cards import LISTS, rows_address
from prm.ui.formats import figure
from prm.ui.lists import List, listing

SHOWN = 8
COLUMNS = ("partner", "value", "target", "attainment", "status", "rows")
FILTERS = ("status", "partner.tier", "partner.territory")


@dataclass
class Standing:
    """How many partners stand how in one period: good, warn, bad, none."""

    period: Period
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def judged(self) -> int:
        return sum(count for status, count in self.counts.items() if status != "none")

    @property
    def all(self) -> int:
        return sum(self.counts.values())


def standings(viewer, kpis: list[int]) -> dict[int, list[Standing]]:
    """By KPI, newest period first. One query."""
    here = Organisation.current()
    found = (
        rows.visible(KpiResult, viewer, KpiResult.kpi, KpiResult.period, KpiResult.status, fn.COUNT(KpiResult.id))
        .where(KpiResult.kpi.in_(kpis or [0]))
        .group_by(KpiResult.kpi, KpiResult.period, KpiResult.status)
    )
    together: dict[int, dict[str, Standing]] = defaultdict(dict)
    for kpi, key, status, count in found.tuples():
        known = together[kpi].setdefault(key, Standing(parse_period(key, here.fiscal_month)))
        known.counts[status] += count
    return {kpi: sorted(each.values(), key=lambda s: s.period.start, reverse=True) for kpi, each in together.items()}


def results(viewer, kpi: Kpi, period: Period, args) -> List:
    """The results of one period as a list, in the KPI's unit, each leading to its rows."""
    where = (Filter("kpi", "is", kpi.id), Filter("period", "is", period.key))
    table = listing("kpi_result", viewer, args, columns=COLUMNS, filters=FILTERS, sort="-attainment", where=where)
    version = version_at(list(kpi.versions), period.start)
    behind = Wording(Organisation.current(), reader=viewer).behind(version)
    path = url_for(LISTS[behind["object"]]) if behind else ""
    numbers = _numbers(table)
    for (_, cells), row in zip(table.records, table.answer.rows, strict=False):
        for cell, column in zip(cells, table.answer.columns, strict=True):
            if column.key in ("value", "target"):
                cell.text = figure(cell.value, version.unit)
            if column.key == "rows" and cell.value and behind:
                cell.href = rows_address(path, behind, numbers.get(row.links.get("partner", 0), ""), period.key)
                cell.bare = False
            if column.key == "partner":
                cell.href = url_for("partners.show", id=row.links["partner"], period=period.key)
                cell.bare = False
    return table


def _numbers(table: List) -> dict[int, str]:
    ids = [row.links["partner"] for row in table.answer.rows if "partner" in row.links]
    return dict(Partner.select(Partner.id, Partner.number).where(Partner.id.in_(ids or [0])).tuples())


@dataclass(frozen=True)
class Aim:
    """A target as it is listed."""

    row: Target
    scope: str
    href: str
    start: Period
    value: str


def targets(viewer, kpi: Kpi, version: KpiVersion) -> list[Aim]:
    """Everyone's first, then by tier, then by partner; the newest first in each."""
    found = list(rows.visible(Target, viewer).where(Target.kpi == kpi.id).order_by(Target.valid_from.desc(), Target.id.desc()))
    tiers = {t.id: t for t in Tier.select()}
    ids = {t.partner_id for t in found if t.partner_id}
    partners = {p.id: p for p in rows.visible(Partner, viewer).where(Partner.id.in_(ids or {0}))}
    aims = [_aim(row, tiers, partners, version) for row in found]
    return sorted(aims, key=lambda a: (bool(a.row.partner_id), tiers[a.row.tier_id].position + 1 if a.row.tier_id else 0, a.scope))


def _aim(row: Target, tiers: dict, partners: dict, version: KpiVersion) -> Aim:
    here = Organisation.current()
    scope, href = "Everyone", ""
    if row.tier_id:
        scope = tiers[row.tier_id].name
    if row.partner_id:
        scope = partners[row.partner_id].name if row.partner_id in partners else "A partner"
        href = url_for("partners.show", id=row.partner_id)
    start = services.period_of(row.valid_from, version.period_length, here.fiscal_month)
    return Aim(row, scope, href, start, "ends" if row.value is None else figure(row.value, version.unit))


def trial(viewer, version: KpiVersion) -> list[tuple[str, str, str]]:
    """(period, value over all partners, rows) of the last periods with rows: what a definition would give."""
    question = question_of(version)
    asked = Question(
        question.object, filters=question.filters, logic=question.logic, measures=(*question.measures, _rows()),
        rows=(Group(version.date_field, "at", by=version.period_length),), limit=1000,
    )  # fmt: skip
    found = answer(asked, viewer)
    key, here = value_key(question), Organisation.current()
    money = found.column(key).kind_key == "money"
    lines = []
    for row in [r for r in found.rows if r.values["at"]][-SHOWN:][::-1]:
        value = row.values[key]
        if money and value is not None:
            from prm.core.money import from_minor

            value = from_minor(value, here.currency)
        label = parse_period(row.values["at"], here.fiscal_month).label
        lines.append((label, figure(value, version.unit) if value is not None else DASH, str(row.values["_rows"])))
    return lines


def _rows():
    from prm.catalogue.question import Measure

    return Measure("_rows")
