"""Every route of the portal, found in its url_map, with addresses in which each id is whatever a test wants to try."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

from prm.access.gate import PUBLIC, door_of
from prm.access.policy import may
from prm.settings import ROOT

# What a part of an address that is no number may be; those that lead somewhere are found by trying.
WORDS = ("tiers", "2026-Q2", "partner", "manager", "name", "csv", "vendor/VERSIONS.md", "token")


@dataclass(frozen=True)
class Route:
    rule: str
    endpoint: str
    methods: frozenset[str]
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    door: object
    build: object

    def __str__(self) -> str:
        return self.rule

    @property
    def is_public(self) -> bool:
        return self.door == PUBLIC

    @property
    def gets(self) -> bool:
        return "GET" in self.methods

    @property
    def verbs(self) -> tuple[str, ...]:
        """Its methods, and the one that comes with each GET."""
        return (*sorted(self.methods), *(["HEAD"] if self.gets else []))

    def allows(self, viewer) -> bool:
        return self.is_public or may(viewer, self.door)

    def address(self, ids: tuple, words: tuple = ()) -> str:
        values = dict(zip(self.numbers, ids, strict=True)) | dict(zip(self.words, words, strict=True))
        parts = [quote(str(values[text])) if is_argument else text for is_argument, text in self.build]
        return "".join(parts)


def routes(app) -> list[Route]:
    """All of them but the static files, which have a test of their own."""
    found = [_route(app, rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return sorted(found, key=lambda route: route.rule)


def _route(app, rule) -> Route:
    whole = [name for name, kind in rule._converters.items() if type(kind).__name__ == "IntegerConverter"]
    words = tuple(name for name in rule._converters if name not in whole)
    parts = tuple((is_argument, text) for is_argument, text in rule._trace if text != "|")
    methods = frozenset(rule.methods) - {"HEAD", "OPTIONS"}
    return Route(rule.rule, rule.endpoint, methods, tuple(whole), words, door_of(app, rule.endpoint), parts)


def wordings(portal, route: Route, id: int) -> list[tuple]:
    """The words with which this route leads somewhere, for an admin; the others are as good as no address."""
    if not route.words:
        return [()]
    found = []
    for words in product(WORDS, repeat=len(route.words)):
        answer = portal.ask("sam", route.address((id,) * len(route.numbers), words), route.verbs[0])
        portal.back()
        if answer.status_code not in (404, 422):
            found.append(words)
    return found or [(WORDS[0],) * len(route.words)]
