"""A card as it is written and drawn: every figure in the formats frozen with it, on a page and on paper alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from flask import url_for
from markupsafe import Markup

from prm.core import formats
from prm.core.money import minor_digits
from prm.models.kpi import STATUSES
from prm.ui import charts
from prm.ui.charts import PAPER, Paint

LISTS = {"deal": "deals.index", "contact": "contacts.index"}
TONES = {"good": "good", "warn": "fair", "bad": "poor"}
FULL = 1.5  # the attainment at which a bar is full; the mark of the target stands at two thirds
MARK = 100 / FULL
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def rows_address(path: str, behind: dict, number: str, period: str) -> str:
    """The list page at `path`, narrowed to the rows behind a KPI of the partner with this number in this period; `behind`
    is what `Wording.behind` says."""
    whose = [("f.partner", number), (f"f.{behind['date_field']}.in", period)]
    return f"{path}?{urlencode([*whose, *behind['filters']])}"


@dataclass(frozen=True)
class Change:
    """The size of a change in words; `up` is None where nothing changed."""

    text: str
    up: bool | None


class Written:
    """A whole card. `paint` gives the colours of paper; without it charts are drawn for a page."""

    def __init__(self, card: dict, paint: Paint | None = None):
        self.card, self.paint = card, paint
        self._lists: dict[str, str] = {}
        self.org, self.partner, self.period = card["org"], card["partner"], card["period"]
        self.locale, self.currency = self.org["locale"], self.org["currency"]

    # ── words ──

    def figure(self, value: str | None, unit: str) -> str:
        return formats.figure(number(value), unit, self.currency, self.locale)

    def percent(self, value: str | None, places: int = 1) -> str:
        return formats.percent(number(value), self.locale, places)

    def points(self, value: Decimal) -> str:
        return f"{formats.number(abs(value), self.locale, 1)} pts"

    def score_of(self, value: str | None) -> str:
        return formats.percent(None if value is None else Decimal(value) / 100, self.locale)

    def money(self, deal: dict) -> str:
        minor = number(deal["amount"])
        whole = None if minor is None else int(minor.scaleb(minor_digits(deal["currency"])))
        return formats.money(whole, deal["currency"], self.locale)

    def day(self, text: str) -> str:
        return formats.day(date.fromisoformat(text), self.locale)

    @property
    def no_deals(self) -> str:
        """Said to who sees only their own deals as well: a colleague may have won one."""
        whose = "None of your deals" if self.card.get("own_deals") else "No deal"
        return f"{whose} was won in {self.period['label']}."

    @property
    def span(self) -> str:
        """“1 Jul 2012 – 30 Sep 2012”"""
        return f"{self.day(self.period['start'])} – {self.day(self.period['end'])}"

    @property
    def as_of(self) -> str:
        return formats.moment(datetime.fromisoformat(self.card["as_of"]), self.org["zone"], self.locale)

    @property
    def score(self) -> str:
        return self.score_of(self.card["score"])

    @property
    def rank(self) -> str:
        if self.card["rank"] is None:
            return ""
        return f"{formats.number(self.card['rank'], self.locale)} of {formats.number(self.card['ranked'], self.locale)}"

    @property
    def comparisons(self) -> list[dict]:
        """The earlier scores it is compared with: of the period before and of last year, which may be the same one."""
        found = {each["label"]: each for each in (self.card["previous"], self.card["last_year"]) if each}
        return list(found.values())

    def since(self, before: dict) -> Change | None:
        """How the score has moved since an earlier one."""
        if self.card["score"] is None:
            return None
        by = Decimal(self.card["score"]) - Decimal(before["score"])
        return Change(self.points(by), None if not by else by > 0)

    @property
    def summary(self) -> str:
        """The card in one sentence: what is on target, what is not."""
        by = {state: [line.name for line in self.lines if line.state == state] for state in ("good", "warn", "bad")}
        judged = sum(map(len, by.values()))
        if not judged:
            return "No KPI of this period has a target yet, so there is no score."
        parts = [f"{len(by['good'])} of {judged} KPIs {'is' if len(by['good']) == 1 else 'are'} on target"]
        parts += [f"close to it: {_listed(by['warn'])}"] if by["warn"] else []
        parts += [f"behind: {_listed(by['bad'])}"] if by["bad"] else []
        return "; ".join(parts) + "."

    def list_address(self, object: str) -> str:
        """Of the list page of an object, built once."""
        if object not in self._lists:
            self._lists[object] = url_for(LISTS[object])
        return self._lists[object]

    @cached_property
    def lines(self) -> list[Line]:
        return [Line(self, kpi) for kpi in self.card["kpis"]]

    @cached_property
    def known_history(self) -> list[dict]:
        """From the first period with a score on."""
        history = self.card["history"]
        first = next((at for at, each in enumerate(history) if each["score"] is not None), len(history))
        return history[first:]

    # ── charts ──

    def ring(self, size: int = 72, stroke: int = 8) -> Markup:
        share = min(100.0, float(self.card["score"] or 0))
        more = {"on_paper": True, "paint": self.paint} if self.paint else {}
        return charts.ring(share, label=f"Score {self.score}", size=size, stroke=stroke, **more)

    def history_chart(self, height: int = 170, width: int | None = None) -> Markup:
        """The scores of the last periods as columns, with the line where every target is met."""
        known = self.known_history
        values = [number(each["score"]) for each in known]
        series = [charts.Series("Score", values), charts.Series("All targets met", [100] * len(known), "target")]
        now = [each["key"] for each in known].index(self.period["key"]) if known else None
        more = {"width": width, "paint": self.paint} if self.paint else {}
        return charts.combo(
            [short_label(each["key"]) for each in known], series,
            label=f"Score by {self.period['length']}: " + ", ".join(f"{e['label']} {self.score_of(e['score'])}" for e in known),
            show=lambda value: formats.percent(Decimal(str(value)) / 100, self.locale, 0),
            height=height, current=now if self.period["open"] and not self.paint else None, **more,
        )  # fmt: skip

    def history_table(self) -> Markup:
        rows = [[e["label"], self.score_of(e["score"]), e["grade"] or "–"] for e in self.known_history]
        return charts.data_table(["Period", "Score", "Grade"], rows, caption="Score by period")


class Line:
    """One KPI of a card."""

    def __init__(self, sheet: Written, kpi: dict):
        self.sheet, self.kpi = sheet, kpi
        self.name, self.unit, self.state = kpi["name"], kpi["unit"], kpi["status"]
        self.good_up = kpi["direction"] == "higher"
        self.value, self.target = sheet.figure(kpi["value"], self.unit), sheet.figure(kpi["target"], self.unit)
        self.attainment = sheet.percent(kpi["attainment"])
        self.word = STATUSES[self.state]
        self.weight = formats.number(number(kpi["weight"]), sheet.locale)
        self.median = sheet.figure(kpi["median"], self.unit)

    @property
    def change(self) -> Change | None:
        return self._change(self.kpi["change"])

    @property
    def change_year(self) -> Change | None:
        return self._change(self.kpi["change_year"])

    def _change(self, by: str | None) -> Change | None:
        value = number(by)
        if value is None:
            return None
        size = self.sheet.points(value * 100) if self.unit == "percent" else self.sheet.percent(str(abs(value)))
        return Change(size, None if not value else value > 0)

    @property
    def rows_href(self) -> str:
        """The list of the rows behind the value, where a list page can say it and whoever reads may see them all."""
        behind = self.kpi["behind"]
        if self.sheet.card.get("own_deals") or not behind or behind["object"] not in LISTS or not self.kpi["rows"]:
            return ""
        path = self.sheet.list_address(behind["object"])
        return rows_address(path, behind, self.sheet.partner["number"], self.sheet.period["key"])

    def bar(self, width: int | None = None, height: float = 6) -> Markup:
        if self.kpi["attainment"] is None:
            return Markup("")
        filled = float(self.kpi["attainment"]) * 100 / FULL
        said = f"{self.name}: {self.attainment} of the target"
        more = {"width": width, "paint": self.sheet.paint, "label": said} if self.sheet.paint else {}
        return charts.bar(filled, mark=MARK, color=TONES.get(self.state, "other"), height=height, **more)

    def spark(self, width: int | None = None, height: int = 24) -> Markup:
        """Nothing where there is no line to draw."""
        values = [number(value) for value in self.kpi["spark"]]
        if sum(value is not None for value in values) < 2:
            return Markup("")
        said = ", ".join(self.sheet.figure(value, self.unit) for value in self.kpi["spark"])
        more = {"width": width, "paint": self.sheet.paint or PAPER} if width else {}
        return charts.sparkline(values, label=f"{self.name}, the last periods: {said}", height=height, **more)


def number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def short_label(key: str) -> str:
    """For an axis: “Q3 12”, “Jul 12”, “2012”."""
    year, _, part = key.partition("-")
    if not part:
        return year
    return f"{part if part.startswith('Q') else MONTHS[int(part) - 1]} {year[2:]}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
