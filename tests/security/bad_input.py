"""Every route × parameter × a corpus of bad values: in the address, the query, the form, a file, a header, a cookie.
Nothing is answered by 5xx, takes more than five seconds, or comes back alive.
"""
from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from prm.settings import ROOT
from tests.contracts.pages import Form, forms
from tests.contracts.portal import HTMX
from tests.contracts.routes import Route, worded
from tests.contracts.world import OWN
from tests.security.corpus import EVERYTHING
from tests.security.markup import alive

NAMES = re.compile(r"""(?:args|form|values)(?:\.get(?:list)?\(|\[)\s*["']([\w.-]+)["']""")
LISTED = ("q", "sort", "page", "per", "format", "cols", "ff", "fo", "fv", "f.name.is", "f.amount.above", "f.closed_on.in", "f.x.y", "tab", "next")
HEADERS = ("HX-Current-URL", "Referer", "User-Agent", "X-Forwarded-For", "Accept-Language", "HX-Target", "Accept", "Origin", "Cookie", "If-None-Match")
SLOWEST = 5.0


@dataclass(frozen=True)
class Try:
    """One request. `body` is sent as a form; `file` in its place as an upload."""

    who: str
    method: str
    address: str
    body: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    file: bytes | None = None

    def __str__(self) -> str:
        parts = (self.who, self.method, self.address, self.body, self.headers)
        return " ".join(repr(part)[:160] for part in parts if part)


@dataclass
class Outcome:
    tried: int = 0
    slowest: float = 0
    wrong: list[str] = field(default_factory=list)
    codes: dict[int, int] = field(default_factory=dict)


def every_try(portal) -> list[Try]:
    """In a mixed order that is always the same, so that the first thousand are a fair sample."""
    found = list(_tries(portal))
    random.Random(7).shuffle(found)
    return found


def attack(portal, tries: list[Try], *, seconds: float = 1e9) -> Outcome:
    """Send them, as many as fit in the time; what they changed is put back."""
    outcome, until = Outcome(), time.monotonic() + seconds
    for each in tries:
        if time.monotonic() > until:
            break
        said, took = _sent(portal, each, outcome)
        if took > SLOWEST:  # the machine may have been busy: what is slow is slow again
            said, took = _sent(portal, each, outcome)
        outcome.tried, outcome.slowest = outcome.tried + 1, max(outcome.slowest, took)
        if said or took > SLOWEST:
            outcome.wrong.append(f"{said or f'{took:.1f} s'}: {each}")
        if each.method != "GET":
            portal.back()
    return outcome


def _sent(portal, each: Try, outcome: Outcome) -> tuple[str, float]:
    begun = time.monotonic()
    said = _blame(_ask(portal, each), outcome)
    return said, time.monotonic() - begun


def _ask(portal, each: Try):
    client = portal.client(each.who)
    more: dict = {"headers": list(each.headers)}
    if each.file is not None:
        more["data"] = dict(each.body) | {"file": (io.BytesIO(each.file), "a.csv")}
    elif each.body:
        more |= {"data": _encoded(each.body), "content_type": "application/x-www-form-urlencoded"}
    return client.open(each.address, method=each.method, buffered=True, **more)


def _encoded(pairs: tuple[tuple[str, str], ...]) -> bytes:
    """As a program would send it that does not care: half characters included."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs).encode()


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _blame(answer, outcome: Outcome) -> str:
    outcome.codes[answer.status_code] = outcome.codes.get(answer.status_code, 0) + 1
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.mimetype == "text/html" and (live := alive(answer.get_data(as_text=True))):
        return f"alive: {live[0]}"
    if "zq=1" in answer.headers.get("Set-Cookie", "") or urlsplit(answer.headers.get("Location", "")).netloc not in ("", "localhost"):
        return f"headers: {dict(answer.headers)}"
    return ""


# ── what is tried ──


def _tries(portal) -> Iterator[Try]:
    found = worded(portal)
    for route, words in found:
        address = route.address((OWN,) * len(route.numbers), words)
        yield from _in_the_path(route, words)
        if route.gets:
            yield from _in_the_query(portal, route, address)
        yield from _in_headers(route, address)
        if "POST" in route.methods:
            yield from _odd_bodies(address)
    for form in _forms(portal, [r.address((OWN,) * len(r.numbers), w) for r, w in found if r.gets]):
        yield from _in_the_form(form)


def _in_the_path(route: Route, words: tuple) -> Iterator[Try]:
    places = [*route.numbers, *route.words]
    for at in range(len(places)):
        for value in EVERYTHING:
            ids, texts = [OWN] * len(route.numbers), list(words)
            if at < len(ids):
                ids[at] = f"\1{at}"
            else:
                texts[at - len(ids)] = f"\1{at}"
            address = route.address(tuple(ids), tuple(texts)).replace(f"%01{at}", _quoted(value) or "%20")
            yield Try("sam", "GET" if route.gets else "POST", address)


def _in_the_query(portal, route: Route, address: str) -> Iterator[Try]:
    folder = ROOT / portal.app.view_functions[route.endpoint].__module__.rpartition(".")[0].replace(".", "/")
    own = {name for path in folder.rglob("*.py") for name in NAMES.findall(path.read_text())}
    for at, name in enumerate(sorted(own | set(LISTED))):
        for value in EVERYTHING[at % 3 :: 3]:
            yield Try("sam" if at % 4 else "ada", "GET", f"{address}?{_quoted(name)}={_quoted(value)}", headers=tuple(HTMX.items()) if at % 2 else ())
        yield Try("sam", "GET", f"{address}?{name}=a&{name}=b&{name}[]=c&{name}[x]=d&unknown=1")


def _in_headers(route: Route, address: str) -> Iterator[Try]:
    method = "GET" if route.gets else "POST"
    for name in HEADERS:
        for value in ("a" * 7000, "<zqtag>", "javascript:zqrun()", "é\x80", "//evil.example", "\x7f", ""):
            yield Try("sam", method, address, headers=((name, value), *HTMX.items()))


def _odd_bodies(address: str) -> Iterator[Try]:
    """What is no form, or not one of ours."""
    for kind, body in (("application/json", '{"name": ["x"], "role": "admin"}'), ("text/plain", "name=x"), ("application/xml", "<a/>"),
                       ("multipart/form-data", "x"), ("multipart/form-data; boundary=zq", "--zq\r\n\r\n--zq--")):  # fmt: skip
        yield Try("sam", "POST", address, (("body", body),), (("Content-Type", kind),))
    yield Try("sam", "POST", address, (("file", "x"), ("name", "x")), file=b"\0\xff\xfe<zqtag>")
    yield Try("sam", "POST", address, tuple((f"field{at}", "x") for at in range(4900)))


def _forms(portal, pages: list[str]) -> list[Form]:
    found: dict[tuple, Form] = {}
    for page in pages:
        answer = portal.ask("sam", page)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found |= {(form.action, *form.names): form for form in forms(answer.text, page) if form.method == "post"}
    portal.back()
    return list(found.values())


def _in_the_form(form: Form) -> Iterator[Try]:
    """Each input of each form with each value, the others as they stand; then twice, and with names nobody knows."""
    base = [(name, value) for name, value in form.fields if value is not None]
    for at, name in enumerate(form.names):
        rest = tuple(pair for pair in base if pair[0] != name)
        for value in EVERYTHING[at % 2 :: 2]:
            yield Try("sam", "POST", form.action, (*rest, (name, value)))
        yield Try("sam", "POST", form.action, (*rest, (name, "a"), (name, "b"), (f"{name}[]", "c")))
        yield Try("sam", "POST", form.action, rest)
        yield Try("sam", "POST", form.action, rest, file=b"x") if at == 0 else Try("sam", "POST", form.action, (*rest, (name.upper(), "x")))
    extra = tuple((name, value) for name in ("id", "role", "is_admin", "partner_id", "version", "__proto__", "custom") for value in ("1", "admin"))
    yield Try("sam", "POST", form.action, (*base, *extra))
