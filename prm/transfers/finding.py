"""What a column of raw cells holds: its kind, and the format its own values decide. What they leave open is a doubt."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from prm.catalogue.days import SHORT, read_day
from prm.catalogue.numbers import FORMATS, GROUPED, PLAIN
from prm.core.errors import Invalid

UNCLEAR = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)
LEADING_ZERO = re.compile(r"[+-]?0\d+", re.ASCII)
TWO_PLACES = re.compile(r"-?[\d,.' ]*[.,]\d{2}", re.ASCII)
SIGNS = re.compile(r"^[A-Z]{3}\s|\s?[A-Z]{3}$|[€$£¥]")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Found:
    """`numbers`, `days`: the format the column decides. `number_doubt`, `day_doubt`: a cell that could be two values,
    with its line, while nothing in the column decides; empty otherwise."""

    kind: str
    filled: int
    numbers: str = ""
    days: str = ""
    number_doubt: str = ""
    day_doubt: str = ""


def find(values: Iterable[tuple[int, Any]]) -> Found:
    """Look at (line, cell) pairs of one column."""
    cells = [(line, cell) for line, cell in values if cell is not None and str(cell).strip()]
    if not cells:
        return Found("text", 0)
    numbers, number_doubt = _numbers(cells)
    days, day_doubt = _days(cells)
    return Found(_kind(cells), len(cells), numbers, days, number_doubt, day_doubt)


def _texts(cells) -> list[tuple[int, str]]:
    return [(line, cell.strip()) for line, cell in cells if isinstance(cell, str)]


def _bare(text: str) -> str:
    return SIGNS.sub("", text.replace("\u00a0", " ").replace("\u202f", " ")).strip().removesuffix("%").strip()


def _numbers(cells) -> tuple[str, str]:
    """The one format that fits every number, if some value decides it; else the first value in doubt."""
    texts = [(line, _bare(text)) for line, text in _texts(cells)]
    texts = [(line, t) for line, t in texts if re.fullmatch(r"[+-]?[\d.,' ]*\d", t, re.ASCII)]
    unclear = [(line, t) for line, t in texts if UNCLEAR.fullmatch(t)]
    clear = [t for _, t in texts if not UNCLEAR.fullmatch(t) and not t.lstrip("+-").isdigit()]
    fits = {name for name in FORMATS if all(GROUPED[name].fullmatch(t) for t in clear)} if clear else set()
    if clear and all(PLAIN.fullmatch(t) for t in clear):
        fits = {n for n in fits if FORMATS[n][1] == "."} or fits
        if not any("," in t for _, t in unclear):
            return "plain", ""
    fitting = {n for n in fits if all(GROUPED[n].fullmatch(t) for _, t in unclear)}
    points = {FORMATS[n][1] for n in fitting}
    if len(points) == 1 and clear:
        needed = [n for n in fitting if any(FORMATS[n][0] in t for _, t in texts)]
        return (needed or sorted(fitting))[0], ""
    return "", (f"line {unclear[0][0]}: {unclear[0][1]}" if unclear else "")


def _days(cells) -> tuple[str, str]:
    """Day or month first, if a value beyond 12 decides it."""
    short = [(line, SHORT.fullmatch(text[:10])) for line, text in _texts(cells)]
    pairs = [(line, int(m[1]), int(m[2]), m[0]) for line, m in short if m]
    if any(a > 12 for _, a, _, _ in pairs):
        return "dmy", ""
    if any(b > 12 for _, _, b, _ in pairs):
        return "mdy", ""
    unclear = [(line, text) for line, a, b, text in pairs if a != b]
    return "", (f"line {unclear[0][0]}: {unclear[0][1]}" if unclear else "")


def _kind(cells) -> str:
    """The narrowest kind that every cell fits."""
    for kind, fits in FITS.items():
        if all(fits(cell) for _, cell in cells):
            return kind
    longest = max(len(str(cell)) for _, cell in cells)
    return "long_text" if longest > 200 else "text"


def _is_day(cell) -> bool:
    if isinstance(cell, datetime):
        return cell.time() == datetime.min.time()
    if isinstance(cell, date):
        return True
    if not isinstance(cell, str) or not re.search(r"\d{4}|\d[-/.]\d", cell):
        return False
    try:
        return bool(read_day(cell.strip(), "dmy")) or True
    except Invalid:
        return _is_american(cell.strip())


def _is_american(text: str) -> bool:
    try:
        return bool(read_day(text, "mdy"))
    except Invalid:
        return False


def _is_number(cell) -> bool:
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float | Decimal):
        return True
    text = _bare(str(cell))
    return not LEADING_ZERO.fullmatch(text) and bool(PLAIN.fullmatch(text) or any(g.fullmatch(text) for g in GROUPED.values()))


def _is_money(cell) -> bool:
    """Two decimals on every amount, or a currency beside it: a column of prices."""
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    return _is_number(text) and bool(TWO_PLACES.fullmatch(_bare(text)) or SIGNS.search(text))


FITS = {
    "bool": lambda c: isinstance(c, bool) or str(c).strip().casefold() in ("yes", "no", "true", "false"),
    "percent": lambda c: isinstance(c, str) and c.strip().endswith("%") and _is_number(c),
    "money": _is_money,
    "number": _is_number,
    "date": _is_day,
    "datetime": lambda c: isinstance(c, datetime),
    "email": lambda c: bool(ADDRESS.fullmatch(str(c).strip())),
    "url": lambda c: str(c).strip().lower().startswith(("http://", "https://")),
}
