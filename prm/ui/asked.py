"""What the address of a list asks for. What cannot be used becomes a problem in words, never an error page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import quote_plus

from werkzeug.datastructures import MultiDict

from prm.catalogue import operators, words
from prm.catalogue.answer import context
from prm.catalogue.fields import Catalogue, Field, Object
from prm.catalogue.kinds.base import clean
from prm.catalogue.question import Condition, Filter, Matches, Question, Sort
from prm.core.errors import Invalid
from prm.ui.remembered import recalled, remember

PER = (25, 50, 100)
MOST_PAGES = 1_000_000
MOST_FILTERS = 20
MOST_VALUES = 100
MOST_COLUMNS = 30
LONGEST_SEARCH = 200
SENT = ("ff", "fo", "fv", "cols", "was")


@dataclass(frozen=True)
class Chip:
    """An active filter in words, with the address without it."""

    label: str
    words: str
    href: str


def address(path: str, args: MultiDict, **changes) -> str:
    """The address with some parts changed; None takes a part out."""
    pairs = [(k, v) for k, v in args.items(multi=True) if k not in changes and k != "format" and v]
    pairs += [(k, str(v)) for k, v in changes.items() if v is not None]
    return f"{path}?{'&'.join([f'{_quoted(k)}={_quoted(v)}' for k, v in pairs])}" if pairs else path


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """A page has dozens of addresses made of the same few words."""
    return quote_plus(text, errors="replace")


def tidied(args: MultiDict) -> MultiDict:
    """What the forms *Filter* (ff field, fo operator, fv value) and *Columns* (cols, each chosen one; was, those shown so
    far, which keep their order) send, as it stands in an address that can be handed on. An operator without a value
    gets a dash, as an address keeps no empty parts."""
    kept = MultiDict((k, v) for k, v in args.items(multi=True) if k not in SENT)
    chosen = [c for part in args.getlist("cols") for c in part.split(",") if c]
    if chosen:
        was = [c for c in args.get("was", "").split(",") if c in chosen]
        kept["cols"] = ",".join(dict.fromkeys(was + chosen))
    operator = args.get("fo", "")
    value = args.get("fv") or ("-" if operator.endswith("empty") else "")
    if args.get("ff") and operator and value:
        kept.add(f"f.{args['ff']}.{operator.replace(' ', '_')}", value)
    return kept


def whole(args: MultiDict, name: str, default: int, most: int) -> int:
    """A whole number out of the address, within 1 and `most`."""
    text = args.get(name, "")
    return max(1, min(int(text), most)) if text.isascii() and text.isdigit() and len(text) < 12 else default


def moved(keys: list[str], key: str, way: str) -> None:
    """One of them a place up, or down; at the end nothing happens."""
    at = keys.index(key)
    keys.insert(max(0, at + (1 if way == "down" else -1)), keys.pop(at))


class Asked:
    """Reads one address for one viewer. `name` is the list whose choices are remembered."""

    def __init__(self, known: Catalogue, obj: Object, args: MultiDict, viewer, name: str):
        self.known, self.obj, self.args, self.viewer, self.name = known, obj, args, viewer, name
        self.problems: list[str] = []
        self.used: list[tuple[str, str, Filter]] = []
        self.format = args.get("format") if args.get("format") in ("csv", "xlsx") else ""

    def field(self, path: str) -> Field | None:
        try:
            return self.known.find(self.obj, path)[1]
        except Invalid:
            return None

    # ── what is shown ──

    def page(self) -> int:
        return whole(self.args, "page", 1, MOST_PAGES)

    def per(self) -> int:
        per = whole(self.args, "per", 0, PER[-1])
        if per in PER:
            remember(self.viewer, self.name, {"per": per if per != PER[0] else None})
            return per
        return next((per for per in PER if per == recalled(self.viewer, self.name).get("per")), PER[0])

    def columns(self, default: Sequence[str]) -> list[str]:
        usual = [c for c in default if self.field(c)]
        asked = list(dict.fromkeys(c for c in self.args.get("cols", "").split(",") if c))[:MOST_COLUMNS]
        wanted = [c for c in asked if self.field(c)]
        self.problems += [f"There is no field “{c[:80]}” here, so that column was left out." for c in asked if c not in wanted][:3]
        if wanted:
            remember(self.viewer, self.name, {"cols": wanted if wanted != usual else None})
            return wanted
        return [c for c in recalled(self.viewer, self.name).get("cols", ()) if self.field(c)] or usual

    def sort(self, default: str) -> tuple[Sort, ...]:
        asked = self.args.get("sort", "")
        for text in (asked, default):
            key = text.removeprefix("-")
            found = self.field(key) if key else None
            if found is not None and found.kind.orderable:
                return (Sort(key, text.startswith("-")),)
            if text and text == asked:
                self.problems.append(f"The list cannot be sorted by “{key[:80]}”, so it is in its usual order.")
        return ()

    # ── which rows ──

    def conditions(self) -> list[Condition]:
        found: list[Condition] = self._search()
        names = [name for name, values in self.args.lists() if name.startswith("f.") and any(values)]
        if len(names) > MOST_FILTERS:
            self.problems.append(f"At most {MOST_FILTERS} filters can be used at once; the others were left out.")
        for name in names[:MOST_FILTERS]:
            found += self._filter(name, [v for v in self.args.getlist(name) if v][:MOST_VALUES])
        return found

    def _search(self) -> list[Condition]:
        try:
            text = clean(self.args.get("q", "")[:LONGEST_SEARCH])
        except Invalid as refusal:
            self.problems.append(f"{refusal.message} The search was left out.")
            return []
        return [Matches(text)] if text else []

    def _filter(self, name: str, values: list[str]) -> list[Condition]:
        path, op = self._split(name.removeprefix("f."))
        field = self.field(path)
        if field is None:
            self.problems.append(f"There is no field “{path[:80]}” here, so that filter was left out.")
            return []
        try:
            operator = operators.find(op or ("is any of" if len(values) > 1 else "is"), field.kind)
            value = values if operator.arity == "many" else values[0].split("..") if operator.arity == 2 else values[0]
            made = Filter(path, operator.key, value if operator.arity else None)
            self.source.condition(made)
        except Invalid as refusal:
            self.problems.append(f"{refusal.message} That filter was left out.")
            return []
        self.used.append((name, field.label, made))
        return [made]

    def _split(self, text: str) -> tuple[str, str]:
        """`partner.tier.is_not` -> the path and the operator, if the last step is one."""
        if self.field(text) is not None:
            return text, ""
        path, _, op = text.rpartition(".")
        return (path, op.replace("_", " ")) if path else (text, "")

    @cached_property
    def source(self):
        """To try a filter before the list is asked, and to say it."""
        return context(Question(self.obj.key), self.viewer, known=self.known).source

    def chips(self, path: str) -> list[Chip]:
        said = [(name, label, words.condition(made, self.source)) for name, label, made in self.used]
        return [
            Chip(label, text[:1].upper() + text[1:], address(path, self.args, **{name: None}, page=None))
            for name, label, text in said
        ]
