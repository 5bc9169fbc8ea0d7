"""Formulas over measures and over the fields of a row: own tokens, own parser, compiled once; never `eval`.

Empty values stay empty through every operation, and so does a division by zero. Decimals have 34 digits. Text is
compared without regard to case.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

from prm.core.errors import Invalid

LONGEST, DEEPEST = 2000, 50
LIMIT = Decimal(10) ** 24  # a result beyond it is empty, so that whoever rounds it to six places stays within 34 digits
EXACT = Context(prec=34, Emax=999, Emin=-999, traps=[])
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,30}(?:\.\d{1,30})?)|(?P<name>[A-Za-z_][A-Za-z0-9_.]{0,119})|(?P<text>\"[^\"]{0,200}\")"
    r"|(?P<sign><=|>=|<>|!=|[-+*/×÷−(),<>=&]))",
    re.ASCII,
)
SAME = {"×": "*", "÷": "/", "−": "-", "!=": "<>"}
Lookup = Callable[[str], Any]


@dataclass(frozen=True)
class Here:
    """What a formula is worked out against."""

    lookup: Lookup
    share: Callable[..., Any]
    change: Callable[..., Any]


Code = Callable[[Here], Any]


def _none(*_: Any) -> None:
    return None


@dataclass(frozen=True)
class Formula:
    """`names` are all the values it needs; `shares` and `changes` those it takes the share or the change of."""

    text: str
    names: frozenset[str]
    shares: frozenset[str]
    changes: frozenset[str]
    code: Code

    @classmethod
    def parse(cls, text: str, names: Collection[str] | None = None) -> Formula:
        """Compile; Invalid says what is wrong and at which character. `names`: those there are, None for any."""
        if not isinstance(text, str) or len(text) > LONGEST:
            raise Invalid(f"A formula is a text of at most {LONGEST:,} characters.")
        formula = _compiled(text)
        unknown = sorted(formula.names - set(names)) if names is not None else []
        if unknown:
            at = text.find(unknown[0]) + 1
            raise Invalid(f"The formula uses “{unknown[0]}” at character {at}, which is not there.")
        return formula

    def result(self, lookup: Lookup, *, share=_none, change=_none) -> Any:
        """A Decimal, a text, yes or no, a date, or None for empty. `lookup(name)` gives the operands;
        share(name, total) and change(name) theirs."""
        result = self.code(Here(lookup, share, change))
        return None if isinstance(result, Decimal) and not abs(result) < LIMIT else result

    def value(self, lookup: Lookup, *, share=_none, change=_none) -> Decimal | None:
        """The result where it is a number (yes is 1, no is 0); a text is empty."""
        result = self.result(lookup, share=share, change=change)
        return Decimal(result) if isinstance(result, bool) else result if isinstance(result, Decimal) else None


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Formula:
    reader = _Reader(_tokens(text))
    code = reader.comparison(0)
    if reader.at < len(reader.tokens):
        raise reader.wrong()
    return Formula(text, frozenset(reader.names), frozenset(reader.shares), frozenset(reader.changes), code)


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise Invalid(f"“{text[at:at + 8]}” at character {at + 1} cannot stand in a formula.")
        kind = match.lastgroup or ""
        found.append((kind, SAME.get(match[kind], match[kind]), match.start(kind)))
        at = match.end()
    return found


class _Reader:
    """Recursive descent: comparison < text join < sum < product < sign < atom."""

    def __init__(self, tokens: list[tuple[str, str, int]]):
        self.tokens, self.at = tokens, 0
        self.names, self.shares, self.changes = set[str](), set[str](), set[str]()

    @property
    def token(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", -1)

    def wrong(self) -> Invalid:
        kind, text, at = self.token
        if kind == "end":
            return Invalid("The formula stops too early.")
        return Invalid(f"“{text}” at character {at + 1} is not expected there.")

    def take(self, *signs: str) -> str:
        kind, text, _ = self.token
        if kind == "sign" and text in signs:
            self.at += 1
            return text
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.wrong()

    def comparison(self, depth: int) -> Code:
        left = self.joined(depth)
        sign = self.take("<", ">", "<=", ">=", "=", "<>")
        return _compare(sign, left, self.joined(depth)) if sign else left

    def joined(self, depth: int) -> Code:
        parts = [self.sum(depth)]
        while self.take("&"):
            parts.append(self.sum(depth))
        return _join(parts) if len(parts) > 1 else parts[0]

    def sum(self, depth: int) -> Code:
        return self.chain(self.product, depth, "+", "-")

    def product(self, depth: int) -> Code:
        return self.chain(self.signed, depth, "*", "/")

    def chain(self, part: Callable[[int], Code], depth: int, *signs: str) -> Code:
        """a + b - c …, worked out in a loop: a thousand terms must not nest a thousand calls."""
        first, rest = part(depth), []
        while sign := self.take(*signs):
            rest.append((ACTS[sign], part(depth)))
        return _chain(first, rest) if rest else first

    def signed(self, depth: int) -> Code:
        negative = False
        while sign := self.take("-", "+"):
            negative ^= sign == "-"
        inner = self.atom(depth + 1)
        return _chain(lambda here: Decimal(0), [(EXACT.subtract, inner)]) if negative else inner

    def atom(self, depth: int) -> Code:
        if depth > DEEPEST:
            raise Invalid(f"The formula is nested more than {DEEPEST} deep.")
        kind, text, _ = self.token
        if kind == "number":
            self.at += 1
            number = Decimal(text)
            return lambda here: number
        if kind == "text":
            self.at += 1
            return lambda here: text[1:-1]
        if kind == "name":
            self.at += 1
            return self.call(text, depth) if self.token[:2] == ("sign", "(") else self.name(text)
        self.need("(")
        inner = self.comparison(depth)
        self.need(")")
        return inner

    def name(self, name: str) -> Code:
        self.names.add(name)
        return lambda here: _operand(here.lookup(name))

    def call(self, name: str, depth: int) -> Code:
        function = name.lower()
        if function in ("share", "change"):
            return self.ratio(function)
        if function not in FUNCTIONS:
            at = self.tokens[self.at - 1][2] + 1
            known = ", ".join([*sorted(FUNCTIONS), "share", "change"])
            raise Invalid(f"“{name[:40]}” at character {at} is no function. There are: {known}.")
        self.need("(")
        given = [self.comparison(depth)]
        while self.take(","):
            given.append(self.comparison(depth))
        self.need(")")
        make, least, most = FUNCTIONS[function]
        if not least <= len(given) <= most:
            count = least if least == most else f"{least} to {most}"
            raise Invalid(f"{function}() takes {count} values, not {len(given)}.")
        return make(given)

    def ratio(self, function: str) -> Code:
        """share(x), share(x, total), change(x): of a measure by its key."""
        self.need("(")
        kind, name, _ = self.token
        if kind != "name":
            raise self.wrong()
        self.at += 1
        self.names.add(name)
        (self.shares if function == "share" else self.changes).add(name)
        total = bool(self.take(","))
        if total and (function != "share" or self.token[1] != "total"):
            raise self.wrong()
        self.at += total
        self.need(")")
        if function == "change":
            return lambda here: _operand(here.change(name))
        return lambda here: _operand(here.share(name, total))


def _operand(value: Any) -> Any:
    """Numbers of every type as finite Decimals; empty text is empty."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    return None if value == "" or (isinstance(value, Decimal) and not value.is_finite()) else value


def _chain(first: Code, rest: list[tuple[Callable, Code]]) -> Code:
    def code(here: Here) -> Decimal | None:
        result = first(here)
        for act, part in rest:
            value = part(here)
            if not isinstance(result, Decimal) or not isinstance(value, Decimal):
                return None
            result = act(result, value)
        return result if result is not None and result.is_finite() else None

    return code


def _divide(a: Decimal, b: Decimal) -> Decimal | None:
    return EXACT.divide(a, b) if b else None


ACTS = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply, "/": _divide}


def _compare(sign: str, left: Code, right: Code) -> Code:
    tests = {
        "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
        "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
    }  # fmt: skip

    def code(here: Here) -> bool | None:
        a, b = _comparable(left(here)), _comparable(right(here))
        return None if a is None or type(a) is not type(b) else tests[sign](a, b)

    return code


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _join(parts: list[Code]) -> Code:
    return lambda here: "".join(_text(part(here)) for part in parts)[:LONGEST]


def _text(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _if(given: list[Code]) -> Code:
    condition, yes, *no = given
    return lambda here: yes(here) if condition(here) else no[0](here) if no else None


def _over(act: Callable) -> Callable[[list[Code]], Code]:
    """A function of several values that leaves out the empty ones."""

    def make(given: list[Code]) -> Code:
        def code(here: Here):
            values = [v for v in (g(here) for g in given) if isinstance(v, Decimal)]
            return act(values) if values else None

        return code

    return make


def _round(given: list[Code]) -> Code:
    def code(here: Here):
        value = given[0](here)
        places = given[1](here) if len(given) > 1 else Decimal(0)
        if not isinstance(value, Decimal) or not isinstance(places, Decimal) or not 0 <= places <= 10:
            return None
        rounded = value.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP, EXACT)
        return rounded if rounded.is_finite() else None

    return code


def _days(given: list[Code]) -> Code:
    def code(here: Here):
        first, last = _ordinal(given[0](here)), _ordinal(given[1](here))
        return None if first is None or last is None else Decimal(last - first)

    return code


def _ordinal(value: Any) -> int | None:
    """A date, or a custom one as it is kept: ISO text."""
    try:
        value = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    except ValueError:
        return None
    return value.toordinal() if isinstance(value, date) else None


FUNCTIONS: dict[str, tuple[Callable[[list[Code]], Code], int, int]] = {
    "if": (_if, 2, 3),
    "min": (_over(min), 1, 20),
    "max": (_over(max), 1, 20),
    "abs": (_over(lambda values: values[0].copy_abs()), 1, 1),
    "concat": (_join, 1, 20),
    "round": (_round, 1, 2),
    "days": (_days, 2, 2),
}
