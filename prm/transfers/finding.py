"""What each column of a file holds, kept with the import: its kind, its formats, and what somebody has to decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prm.catalogue.parsing import detect

PRICE = re.compile(r"[+-]?[\d.,' ]*\d[.,]\d{2}", re.ASCII)  # two decimals on every value: a column of amounts


@dataclass(frozen=True)
class Found:
    """`kind` for a field to be made; `numbers`, `days`: the format the column decides; `number_doubt`, `day_doubt`: a
    sentence where nothing in the column decides."""

    kind: str
    filled: int
    numbers: str = ""
    days: str = ""
    number_doubt: str = ""
    day_doubt: str = ""


def find(values: Iterable[tuple[int, Any]]) -> Found:
    """Look at (line, cell) pairs of one column."""
    pairs = list(values)
    cells = [cell for _, cell in pairs]
    first = pairs[0][0] if pairs else 2
    guess = detect(cells, first_line=first)
    as_number, as_day = detect(cells, "number", first), detect(cells, "date", first)
    texts = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    kind = "money" if guess.kind == "number" and all(PRICE.fullmatch(text) for text in texts) else guess.kind
    return Found(kind, len(texts), as_number.numbers, as_day.days, as_number.doubt, as_day.doubt)
