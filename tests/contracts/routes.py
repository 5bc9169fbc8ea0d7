"""Every route of the portal, found in its url_map, with addresses in which each id is whatever a test wants to try."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from prm.access.gate import PUBLIC, door_of
from prm.access.policy import may
from tests.contracts import world
from tests.contracts.pages import read

# Tried where no page leads to an address with words in it.
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

    @property
    def is_file(self) -> bool:
        """Its address ends like a file name: a file is costly to make."""
        return "." in self.rule

    def allows(self, viewer) -> bool:
        return self.is_public or may(viewer, self.door)

    def address(self, ids: tuple, words: tuple = ()) -> str:
        if self.rule.startswith("/papers/"):
            ids = tuple(id + world.PAPER if isinstance(id, int) else id for id in ids)
        values = dict(zip(self.numbers, ids, strict=True)) | dict(zip(self.words, words, strict=True))
        parts = [quote(str(values[text])) if is_argument else text for is_argument, text in self.build]
        return "".join(parts)


def routes(app) -> list[Route]:
    """All of them but the static files, and the API, which knows no cookie: both have tests of their own."""
    found = [_route(app, rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static" and not rule.endpoint.startswith("api.")]
    return sorted(found, key=lambda route: route.rule)


def _route(app, rule) -> Route:
    whole = [name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)]
    words = tuple(name for name in rule._converters if name not in whole)
    parts = tuple((is_argument, text) for is_argument, text in rule._trace if text != "|")
    methods = frozenset(rule.methods) - {"HEAD", "OPTIONS"}
    return Route(rule.rule, rule.endpoint, methods, tuple(whole), words, door_of(app, rule.endpoint), parts)


def worded(portal) -> list[tuple[Route, tuple]]:
    """Every route with each wording that leads somewhere: those that pages lead to, else those that answer. Looked for
    once in each portal."""
    if not portal.worded:
        all_routes = routes(portal.app)
        linked = _linked(portal, {route.rule: route for route in all_routes})
        portal.worded = [
            (route, words)
            for route in all_routes
            for words in (sorted(linked.get(route.rule, ())) or _answering(portal, route) if route.words else [()])
        ]
    return portal.worded


def _linked(portal, known: dict[str, Route]) -> dict[str, set[tuple]]:
    """{rule: wordings} of every address that stands in a page an admin gets to."""
    match = portal.app.url_map.bind("localhost").match
    found: dict[str, set[tuple]] = {}
    waiting = [route.address((world.OWN,) * len(route.numbers)) for route in known.values() if route.gets and not route.words]
    while waiting:
        answer = portal.ask("sam", waiting.pop())
        for address, method in _addresses(answer.text) if answer.mimetype == "text/html" else ():
            try:
                rule, values = match(urlsplit(address).path, method, return_rule=True)
            except HTTPException:
                continue
            route = known.get(rule.rule)
            if route is None or not route.words:
                continue
            words = tuple(values[name] for name in route.words)
            if words not in found.setdefault(route.rule, set()):
                found[route.rule].add(words)
                waiting += [route.address((world.OWN,) * len(route.numbers), words)] if route.gets else []
    portal.back()
    return found


def _addresses(html: str):
    for node in read(html).all():
        yield node.attrs.get("href") or node.attrs.get("hx-get") or "", "GET"
        yield node.attrs.get("action") or node.attrs.get("hx-post") or "", "POST"


def _answering(portal, route: Route) -> list[tuple]:
    found = []
    for words in product(WORDS, repeat=len(route.words)):
        answer = portal.ask("sam", route.address((world.OWN,) * len(route.numbers), words), route.verbs[0])
        portal.back()
        if answer.status_code not in (404, 422):
            found.append(words)
    return found or [(WORDS[0],) * len(route.words)]
