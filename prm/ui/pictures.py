"""A report's answer as a chart: which figures it shows, in which series, and the numbers themselves in a table under it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from markupsafe import Markup

from prm.catalogue.answer import Answer, Column, Row
from prm.catalogue.kinds import KINDS
from prm.catalogue.question import Question
from prm.catalogue.summary import in_own_order
from prm.core import formats as written
from prm.reporting.table import EMPTY, Cell, Table
from prm.ui import cells
from prm.ui.answers import Open
from prm.ui.charts import PAPER, Paint, Series, combo, data_table, donut, hbars, ring, scatter, stacked

# What a chart may be: its word, and which groups and measures it needs.
KINDS_OF_CHART = {
    "bar": "Columns", "hbar": "Bars", "stacked": "Stacked columns", "grouped": "Grouped columns", "line": "Line", "area": "Area",
    "donut": "Donut", "funnel": "Funnel", "scatter": "Scatter", "gauge": "Gauge", "number": "Number",
}  # fmt: skip
BY_SERIES = ("stacked", "grouped", "line", "area")
MOST_SERIES = 5  # further ones are one series, Other
MOST_LABELS = 60
MOST_BARS = 15


def problem(question: Question) -> str:
    """What keeps its chart from being drawn, in words; empty where nothing does."""
    chart = question.chart
    kind = chart.get("kind", "")
    if not kind:
        return ""
    if kind not in KINDS_OF_CHART:
        return f"There is no chart “{str(kind)[:40]}”."
    groups, measures = [g.key for g in question.groups], [m.key for m in question.measures]
    for name in [chart.get("x"), chart.get("by")]:
        if name and name not in groups:
            return f"The chart shows “{str(name)[:60]}”, which is no group of this report."
    wanted = _keys(chart.get("y"))
    for name in wanted:
        if name not in measures:
            return f"The chart shows “{str(name)[:60]}”, which is no measure of this report."
    if not measures:
        return "A chart needs a measure: add one under Measures."
    if kind not in ("gauge", "number") and not groups:
        return "A chart needs a group: add one under Rows."
    if kind == "scatter" and len(wanted or measures) < 2:
        return "A scatter chart needs two measures, one for each axis."
    return ""


def _keys(y: Any) -> list[str]:
    return [y] if isinstance(y, str) else [str(name) for name in y or ()]


@dataclass
class Figures:
    """What is drawn: a value for each label and series, in plain numbers."""

    labels: list[str]
    names: list[str]
    values: list[list[Decimal | None]]  # by series, then by label
    column: Column
    heading: str
    cut: int = 0
    links: list[list[str]] = field(default_factory=list)  # the rows behind each value; "" where there are none to open


def picture(
    table: Table, chart: dict, *, title: str = "", width: int | None = None, paint: Paint = PAPER, open: Open | None = None
) -> Markup:  # fmt: skip
    """The chart of a report's first question; a sentence where it cannot be drawn. With `width` (pixels) it is for paper; with
    `open` each of its marks leads to the rows behind it."""
    answer = table.answers[0]
    if not chart.get("kind"):
        return Markup()
    if lacking := problem(answer.question):
        return Markup('<p class="empty small">{}</p>').format(lacking)
    label = title or answer.words
    kind = chart["kind"]
    if kind in ("gauge", "number"):
        return _alone(answer, chart, kind, label, bool(width), paint, open)
    if kind == "scatter":
        return _scatter(answer, chart, label, width, paint, open)
    found = _figures(answer, chart, kind, open)
    drawn = _drawn(found, kind, label, partial(_short, found.column, answer), width, paint)
    drawn += _legend(found, kind) + _note(found)
    return drawn if width else drawn + _numbers(found, answer, label)


# ── which figures ──


def _figures(answer: Answer, chart: dict, kind: str, open: Open | None) -> Figures:
    groups = [c for c in answer.columns if c.role == "group"]
    measures = {c.key: c for c in answer.columns if c.role == "measure"}
    wanted = [measures[key] for key in _keys(chart.get("y")) or list(measures)[:1]]
    x = next((c for c in groups if c.key == chart.get("x")), groups[0])
    by = next((c for c in groups if c.key == chart.get("by")), None)
    if by is None and kind in BY_SERIES and len(wanted) == 1:
        by = next((c for c in groups if c.key != x.key), None)
    level = tuple(sorted({groups.index(x)} | ({groups.index(by)} if by and by is not x else set())))
    rows = _rows(answer, level)
    labels = _order(answer, rows, x, kind)
    most = MOST_BARS if kind in ("hbar", "funnel") else MOST_LABELS
    cut, labels = max(0, len(labels) - most), (labels[-most:] if _is_time(x) else labels[:most])
    if by is not None and by is not x:
        found = _by_series(rows, x, by, wanted[0], labels, _order(answer, rows, by, kind))
    else:
        found = _by_measure(rows, x, wanted, labels)
    plain = {name: [_plain(column, row.values[column.key] if row else None, answer) for row in there] for name, (column, there) in found.items()}
    links = {name: [_address(open, column, row, level) for row in there] for name, (column, there) in found.items()}
    if by is not None and len(plain) > MOST_SERIES:
        plain = _with_other(plain)
    return Figures(
        [_caption(label, x) for label in labels], list(plain), list(plain.values()), wanted[0], x.label, cut,
        [links.get(name, [""] * len(labels)) for name in plain],
    )  # fmt: skip


def _address(open: Open | None, column: Column, row: Row | None, level: tuple[int, ...]) -> str:
    """Of the rows behind one value: those of the groups it is drawn at."""
    if open is None or row is None or row.values.get(column.key) is None:
        return ""
    return open(Cell(column, row.values[column.key], place=tuple(zip(level, row.raw, strict=True))))


def _rows(answer: Answer, level: tuple[int, ...]) -> list[Row]:
    """The rows, or the subtotals, of exactly these groups; sums of the rows where no subtotal was made of them."""
    if len(level) == len(answer.groupings):
        return list(answer.rows)
    keys = [answer.groupings[i].key for i in level]
    known = {raw: values for (at, raw), values in answer.subtotals.items() if at == level}
    if known:
        return [Row(values, raw=raw) for raw, values in known.items()]
    together: dict[tuple, dict[str, Any]] = {}
    for row in answer.rows:
        values = together.setdefault(tuple(row.raw[i] for i in level), {key: row.values[key] for key in keys})
        for column in (c for c in answer.columns if c.role == "measure"):
            one, other = values.get(column.key), row.values[column.key]
            values[column.key] = other if one is None else one if other is None else one + other
    return [Row(values, raw=raw) for raw, values in together.items()]


def _is_time(column: Column) -> bool:
    return column.kind_key in ("period", "date", "datetime")


def _order(answer: Answer, rows: list[Row], x: Column, kind: str) -> list[Any]:
    """Time and lists of choices go on as they do, whatever the report is sorted by; other groups as the report has them."""
    group = next(g for g in answer.groupings if g.key == x.key)
    sorted_by_measure = bool(answer.question.sort) and not _is_time(x) and group.order is None
    ordered = answer.rows if sorted_by_measure else in_own_order([group], answer.rows)
    there = {row.values[x.key] for row in rows}
    return list(dict.fromkeys(row.values[x.key] for row in ordered if row.values[x.key] in there))


def _by_measure(rows: list[Row], x: Column, wanted: list[Column], labels: list) -> dict[str, tuple[Column, list[Row | None]]]:
    at = {row.values[x.key]: row for row in rows}
    return {c.label: (c, [at.get(label) for label in labels]) for c in wanted}


def _by_series(rows: list[Row], x: Column, by: Column, measure: Column, labels: list, names: list) -> dict[str, tuple[Column, list[Row | None]]]:
    at = {(row.values[by.key], row.values[x.key]): row for row in rows}
    return {_caption(name, by): (measure, [at.get((name, label)) for label in labels]) for name in names}


def _with_other(found: dict[str, list]) -> dict[str, list]:
    """The largest series, and the others as one: nobody can tell twenty colours apart."""
    order = sorted(found, key=lambda name: -sum(abs(v) for v in found[name] if v is not None))
    kept = set(order[: MOST_SERIES - 1])
    rest = [values for name, values in found.items() if name not in kept]
    other = [_sum([values[at] for values in rest]) for at in range(len(rest[0]))]
    return {name: values for name, values in found.items() if name in kept} | {f"Other ({len(rest)})": other}


def _sum(values: list) -> Decimal | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _plain(column: Column, value: Any, answer: Answer) -> Decimal | None:
    """As a plain number: money in whole units."""
    if value is None or column.kind_key not in KINDS:
        return None
    return Decimal(KINDS[column.kind_key].plain(value, answer.formats))


def _caption(value: Any, column: Column) -> str:
    return EMPTY if value is None else str(value)


# ── drawing ──


def _drawn(found: Figures, kind: str, label: str, show: Callable, width: int | None, paint: Paint) -> Markup:
    many = len(found.names) > 1
    colours = _colours(found.names)
    if kind in ("hbar", "funnel"):
        return _lying(found, kind, label, show, width, paint)
    if kind == "donut":
        values = _whole(found)
        parts = [(name, value, colour) for (name, value), colour in zip(values.items(), _colours(list(values)), strict=True)]
        to = dict(zip(found.labels, found.links[0], strict=True))
        total = _sum([v for v in values.values() if v and v > 0])
        return donut(parts, label=label, show=show, total=show(total) if total is not None else "", on_paper=bool(width), paint=paint, links=to)
    how = {"line": "line", "area": "area"}.get(kind, "bar")
    series = [
        Series(name, values, how, colour if many else "accent", links)
        for name, values, colour, links in zip(found.names, found.values, colours, found.links, strict=True)
    ]
    draw = stacked if kind == "stacked" else combo
    return draw(found.labels, series, label=label, show=show, width=width, paint=paint)


def _whole(found: Figures) -> dict[str, Decimal | None]:
    """The first series by label; small parts beyond five are one."""
    values = dict(zip(found.labels, found.values[0], strict=True))
    if len(values) <= MOST_SERIES:
        return values
    order = sorted(values, key=lambda name: -(values[name] or 0))
    kept, rest = order[: MOST_SERIES - 1], order[MOST_SERIES - 1 :]
    return {name: values[name] for name in kept} | {f"Other ({len(rest)})": _sum([values[name] for name in rest])}


def _colours(names: list[str]) -> list[str]:
    return ["other" if name.startswith("Other (") else str(at % MOST_SERIES + 1) for at, name in enumerate(names)]


def _lying(found: Figures, kind: str, label: str, show: Callable, width: int | None, paint: Paint) -> Markup:
    values = found.values[0]
    first = next((v for v in values if v), None)
    whole = _sum([v for v in values if v is not None and v > 0])
    of = first if kind == "funnel" else whole
    notes = ["" if v is None or not of else f"{v / of:.0%}" for v in values]
    rows = [(name, float(v or 0), note) for name, v, note in zip(found.labels, values, notes, strict=True)]
    return hbars(rows, label=label, show=show, width=width, paint=paint, links=found.links[0])


def _short(column: Column, answer: Answer, value: Any) -> str:
    """A value for axes and tips."""
    unit = column.kind_key if column.kind_key in ("money", "percent") else "number"
    return written.short_figure(value, unit, answer.formats.currency, answer.formats.locale)


def _legend(found: Figures, kind: str) -> Markup:
    if len(found.names) < 2 or kind in ("hbar", "funnel", "donut"):
        return Markup()
    keys = zip(found.names, _colours(found.names), strict=True)
    items = Markup("").join(Markup('<li class="c-{}"><i></i>{}</li>').format(colour, name) for name, colour in keys)
    return Markup('<ul class="legend">{}</ul>').format(items)


def _note(found: Figures) -> Markup:
    if not found.cut:
        return Markup()
    return Markup('<p class="sub">{}</p>').format(f"{found.cut:,} more are in the table, not in the chart.")


def _numbers(found: Figures, answer: Answer, label: str) -> Markup:
    unit = found.column.kind_key if found.column.kind_key in ("money", "percent") else "number"
    say = lambda v: written.figure(v, unit, answer.formats.currency, answer.formats.locale)  # noqa: E731
    rows = [(name, *(say(values[at]) for values in found.values)) for at, name in enumerate(found.labels)]
    return data_table([found.heading, *found.names], rows, caption=label)


def _scatter(answer: Answer, chart: dict, label: str, width: int | None, paint: Paint, open: Open | None) -> Markup:
    measures = {c.key: c for c in answer.columns if c.role == "measure"}
    x, y = ([measures[key] for key in _keys(chart.get("y"))] or list(measures.values()))[:2]
    names = [c for c in answer.columns if c.role == "group"]
    points = [
        (", ".join(_caption(row.values[c.key], c) for c in names), _plain(x, row.values[x.key], answer), _plain(y, row.values[y.key], answer))
        for row in answer.rows[:500]
    ]
    drawn = scatter(
        [(name, _float(a), _float(b)) for name, a, b in points], x_title=x.label, y_title=y.label, label=label,
        show_x=partial(_short, x, answer), show_y=partial(_short, y, answer), width=width, paint=paint,
        links=[_address(open, y, row, tuple(range(len(row.raw)))) for row in answer.rows[:500]],
    )  # fmt: skip
    if width:
        return drawn
    rows = [(name, cells.text(x, r.values[x.key], answer.formats), cells.text(y, r.values[y.key], answer.formats))
            for (name, _, _), r in zip(points, answer.rows[:500], strict=True)]  # fmt: skip
    return drawn + data_table([names[0].label, x.label, y.label], rows, caption=label)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _alone(answer: Answer, chart: dict, kind: str, label: str, on_paper: bool, paint: Paint, open: Open | None) -> Markup:
    """The total of one measure: as a large number with its change on the period before, or against a target."""
    measures = {c.key: c for c in answer.columns if c.role == "measure"}
    column = measures[(_keys(chart.get("y")) or list(measures))[0]]
    total = answer.totals.get(column.key)
    words: str = cells.text(column, total, answer.formats)
    if open is not None and total is not None:
        words = Markup('<a href="{}" title="Show the rows behind it">{}</a>').format(open(Cell(column, total, place=())), words)
    if kind == "gauge":
        return _gauge(chart, _plain(column, total, answer), words, column, label, on_paper, paint)
    return Markup('<p class="kpi-v"><span class="fig">{}</span></p><p class="sub">{}{}</p>').format(words, column.label, _trend(answer, column))


def _trend(answer: Answer, column: Column) -> str:
    """The last whole period against the one before, where the report is grouped by time."""
    time = next((c for c in answer.columns if c.role == "group" and c.kind_key == "period"), None)
    if time is None or len([c for c in answer.columns if c.role == "group"]) > 1:
        return ""
    rows = [row for row in in_own_order(answer.groupings, answer.rows) if row.values[time.key] is not None][-2:]
    if len(rows) < 2:
        return ""
    old, new = (_plain(column, row.values[column.key], answer) for row in rows)
    if old is None or new is None or not old:
        return ""
    return f" · {rows[1].values[time.key]}: {(new - old) / abs(old):+.1%} on {rows[0].values[time.key]}"


def _gauge(chart: dict, value: Decimal | None, words: str, column: Column, label: str, on_paper: bool, paint: Paint) -> Markup:
    try:
        target = Decimal(str(chart.get("target") or "0"))
    except ArithmeticError:
        target = Decimal(0)
    if not target.is_finite() or target <= 0 or value is None:
        return Markup('<p class="kpi-v"><span class="fig">{}</span></p><p class="sub">{}</p>').format(words, "Set a target above zero for the gauge.")
    part = value / target
    state = "good" if part >= 1 else "fair" if part >= Decimal("0.8") else "poor"
    said = {"good": "on target", "fair": "close to the target", "poor": "behind the target"}[state]
    dial = ring(float(min(part, 1) * 100), label=f"{label}: {part:.0%} of the target", color=state, size=96, stroke=10, on_paper=on_paper, paint=paint)
    return Markup('<div class="gauge">{}<div><p class="kpi-v"><span class="fig">{}</span></p><p class="sub">{}, {} of the target, {}</p></div></div>').format(
        dial, words, column.label, f"{part:.0%}", said
    )
