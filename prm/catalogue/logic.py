"""The numbered logic of filters: “1 and (2 or not 3)”. Parsed once, walked to build SQL or words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from prm.core.errors import Invalid

TOKEN = re.compile(r"\s*(?:(\d{1,3})|(and|or|not)\b|([()]))", re.IGNORECASE | re.ASCII)
DEPTH = 30


@dataclass(frozen=True)
class Logic:
    """`tree` is a filter's index, or ("and"|"or", left, right), or ("not", inner)."""

    tree: object

    @classmethod
    def parse(cls, text, count: int) -> Logic:
        """Read a logic over `count` filters; each must be named, none beyond may be."""
        if not isinstance(text, str) or len(text) > 500:
            raise Invalid("The logic must be a text such as “1 and (2 or 3)”.")
        reader = _Reader(_tokens(text), count)
        tree = reader.either(0)
        if reader.left:
            raise Invalid(f"The logic “{text}” goes on after its end, at “{reader.left[0]}”.")
        unused = set(range(count)) - reader.used
        if unused:
            raise Invalid(f"The logic does not use filter {min(unused) + 1}. Use every filter, or take it away.")
        return cls(tree)

    def narrowed(self, have: int, more: int) -> Logic:
        """This logic and `more` further filters that come after the first `have`."""
        tree = self.tree
        for index in range(have, have + more):
            tree = ("and", tree, index)
        return Logic(tree)

    def walk(self, leaf: Callable, both: Callable, either: Callable, no: Callable):
        """Fold the tree: leaf(index), both(a, b), either(a, b), no(a)."""

        def fold(node):
            if isinstance(node, int):
                return leaf(node)
            if node[0] == "not":
                return no(fold(node[1]))
            return (both if node[0] == "and" else either)(fold(node[1]), fold(node[2]))

        return fold(self.tree)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if not match:
            raise Invalid(
                f"The logic has “{text[at:].strip()[:10]}” where a number, and, or, not or a bracket can stand."
            )
        found.append(match.group().strip().lower())
        at = match.end()
    return found


class _Reader:
    """Recursive descent: or binds loosest, then and, then not."""

    def __init__(self, tokens: list[str], count: int):
        self.left, self.count, self.used = tokens, count, set()

    def _next(self) -> str:
        if not self.left:
            raise Invalid("The logic stops too early: a filter number or a closing bracket is missing.")
        return self.left.pop(0)

    def either(self, depth: int):
        tree = self.both(depth)
        while self.left and self.left[0] == "or":
            self._next()
            tree = ("or", tree, self.both(depth))
        return tree

    def both(self, depth: int):
        tree = self.one(depth)
        while self.left and self.left[0] == "and":
            self._next()
            tree = ("and", tree, self.one(depth))
        return tree

    def one(self, depth: int):
        if depth > DEPTH:
            raise Invalid("The logic is nested too deeply.")
        token = self._next()
        if token == "not":
            return ("not", self.one(depth + 1))
        if token == "(":
            tree = self.either(depth + 1)
            if self._next() != ")":
                raise Invalid("The logic has an opening bracket without its closing one.")
            return tree
        if not token.isdigit():
            raise Invalid(f"The logic has “{token}” where a filter number should stand.")
        return self._filter(int(token))

    def _filter(self, number: int) -> int:
        if not 1 <= number <= self.count:
            raise Invalid(f"The logic names filter {number}, but there are {self.count}.")
        self.used.add(number - 1)
        return number - 1
