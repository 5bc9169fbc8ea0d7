"""Every page that an admin can walk to from the home page: how many queries each costs with 1,000 deals and with 100,000, and
whether any costs more because of rows that it does not show."""
from __future__ import annotations

import logging
import re
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException

from benchmarks import rows
from benchmarks.figure import Figure

MOST = 15
LINK = re.compile(r'href="(/[^"#]*)"')
FILES = re.compile(r"format=|\.pdf|\.zip|/static/|/theme\.css|/logo")


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, deals=1000, kpis=True)
    from prm.core.db import db
    from prm.kpis.refreshing import compute_all

    few = _walk(here)
    with here.app.app_context(), db.connection_context():  # type: ignore[attr-defined]
        with db.atomic():
            rows.add_deals(99_000, 1000, start=1000)
        compute_all()
    many = {kind: _ask(here, at) for kind, (at, *_) in few.items()}
    dearest = max(many, key=lambda kind: many[kind][1])
    slowest = max(many, key=lambda kind: many[kind][2])
    grown = [kind for kind in many if many[kind][1] > few[kind][1]]
    return [
        Figure(f"most queries of {len(many)} pages with 100,000 deals: {many[dearest][0]}", None, many[dearest][1], MOST, "queries"),
        Figure("pages with more queries for 100,000 deals than for 1,000" + "".join(f" {many[k][0]}" for k in grown), None, len(grown), 0),
        Figure(f"slowest of them: {many[slowest][0]}", None, many[slowest][2], None, "ms CPU"),
    ]


def _walk(here) -> dict[tuple, tuple[str, int, float]]:
    """{what tells pages apart: (address, queries, ms)} of each page that a link leads to."""
    match = here.app.url_map.bind("localhost").match
    found: dict[tuple, tuple[str, int, float]] = {}
    waiting, seen = ["/"], {"/"}
    while waiting:
        at = waiting.pop(0)
        kind = _kind(match, at)
        if kind is None or kind in found:
            continue
        answer = _client(here).get(at)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        found[kind] = _ask(here, at)
        for link in map(unescape, LINK.findall(answer.text)):
            if link not in seen and not FILES.search(link):
                seen.add(link)
                waiting.append(link)
    return found


def _kind(match, at: str) -> tuple | None:
    """Pages of one endpoint, tab and named part are one; which record is on it, and in which order, makes no difference."""
    parts = urlsplit(at)
    try:
        endpoint, values = match(parts.path)
    except HTTPException:
        return None
    words = tuple(v for v in values.values() if isinstance(v, str))
    return endpoint, words, tuple(sorted(p for p in parts.query.split("&") if p.startswith(("tab=", "object="))))


def _client(here):
    client = here.app.test_client()
    client.set_cookie(*here.cookie.split("=", 1))
    return client


def _ask(here, at: str) -> tuple[str, int, float]:
    """(address, queries, ms of CPU), the second time it is asked."""
    client, log, asked = _client(here), logging.getLogger("peewee"), logging.Handler(logging.DEBUG)
    told: list = []
    asked.emit = told.append  # type: ignore[method-assign]
    client.get(at)
    log.addHandler(asked)
    log.setLevel(logging.DEBUG)
    try:
        before = time.process_time()
        client.get(at)
        took = (time.process_time() - before) * 1000
    finally:
        log.removeHandler(asked)
        log.setLevel(logging.WARNING)
    return at, len(told), took
