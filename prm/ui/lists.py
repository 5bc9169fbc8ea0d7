"""A list page is a question with a URL: search, filters, sort, columns, paging and export are all in the address.

`q=…` searches; `f.<field>=v` (several: any of them) and `f.<field>.<operator>=v` filter, with `_` for the blanks of an
operator; `sort=-closed_on`; `cols=a,b`; `page=2`; `per=50`; `format=csv|xlsx` downloads every row, not the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.catalogue import operators
from prm.catalogue.answer import Answer, answer
from prm.catalogue.fields import Catalogue, Field, Object
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT, Condition, Filter, Matches, Question, Sort
from prm.core.errors import Invalid
from prm.ui.cells import Addresses, Cell, cells

PER = (25, 50, 100)
MOST_PAGES = 1_000_000
STRETCHES = ("today", "this week", "this month", "last month", "this quarter", "last quarter", "this year", "last year", "last 90 days", "last 4 quarters")
ADDED = ("ff", "fo", "fv")
NUMBERS_FIRST_LARGEST = ("number", "money", "percent", "date", "datetime")


@dataclass(frozen=True)
class Head:
    """A column heading with the address that sorts by it."""

    key: str
    label: str
    css: str
    href: str
    sorted: str = ""


@dataclass(frozen=True)
class Choice:
    """A quick filter: a select over the values of a field."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True)
class Chip:
    """An active filter in words, with the address without it."""

    label: str
    words: str
    href: str


@dataclass
class List:
    """All that a list template draws."""

    object: Object
    question: Question
    answer: Answer
    args: MultiDict
    path: str
    heads: list[Head]
    records: list[tuple[int, list[Cell]]]
    choices: list[Choice]
    chips: list[Chip]
    fields: list[tuple[str, str]]
    shown: list[str]
    page: int
    per: int
    format: str = ""
    problems: list[str] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.answer.count

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per + 1 if self.count else 0

    @property
    def last(self) -> int:
        return min(self.page * self.per, self.count)

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.per))

    @property
    def narrowed(self) -> bool:
        return bool(self.chips or self.args.get("q"))

    def url(self, **changes) -> str:
        """This list's address with some parts changed; None takes a part out."""
        return address(self.path, self.args, **changes)

    def nearby(self) -> list[int | None]:
        """Page numbers worth a link; None stands for a gap."""
        wanted = sorted({1, 2, self.pages, self.page - 1, self.page, self.page + 1} & set(range(1, self.pages + 1)))
        found: list[int | None] = []
        for number in wanted:
            if found and number - (found[-1] or 0) > 1:
                found.append(None)
            found.append(number)
        return found


def address(path: str, args: MultiDict, **changes) -> str:
    pairs = [(k, v) for k, v in args.items(multi=True) if k not in changes and k != "format" and v]
    pairs += [(k, str(v)) for k, v in changes.items() if v is not None]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def listing(
    object: str,
    viewer,
    args: MultiDict,
    *,
    columns: Sequence[str],
    filters: Sequence[str] = (),
    sort: str = "",
    where: Iterable[Condition] = (),
    path: str | None = None,
) -> List:
    """The list that the address asks for. A filter that cannot be used is named in `problems` and left out."""
    known, args = catalogue(viewer), _with_added_filter(args)
    obj = known[object]
    reader = _Reader(known, obj, args, viewer)
    shown = reader.columns(columns)
    page, per = reader.whole("page", 1, MOST_PAGES), reader.per()
    question = Question(
        object,
        fields=tuple(shown),
        filters=(*where, *reader.conditions()),
        sort=reader.sort(sort),
        limit=MAX_LIMIT if reader.format else per,
    )
    found = answer(question, viewer, offset=0 if reader.format else (page - 1) * per, known=known)
    path = path or request.path
    addresses = Addresses()
    return List(
        obj, question, found, args, path,
        heads=[_head(path, args, found, c, reader.sort(sort)) for c in found.columns],
        records=[] if reader.format else [(r.id, cells(found, r, addresses)) for r in found.rows],
        choices=[] if reader.format else [c for f in filters if (c := reader.choice(f))],
        chips=reader.chips(path),
        fields=[(f.key, f.label) for f in obj.fields if f.kind_key != "long_text"],
        shown=shown, page=page, per=per, format=reader.format, problems=reader.problems,
        hidden=[(k, v) for k, v in args.items(multi=True) if k in ("sort", "cols", "per") or (k.startswith("f.") and k.removeprefix("f.") not in filters)],
    )  # fmt: skip


def _with_added_filter(args: MultiDict) -> MultiDict:
    """What the form *Add a filter* sends (ff field, fo operator, fv value), as the filter it means. An operator without
    a value gets a dash, as an address keeps no empty parts."""
    kept = MultiDict((k, v) for k, v in args.items(multi=True) if k not in ADDED)
    operator = args.get("fo", "")
    value = args.get("fv") or ("-" if operator.endswith("empty") else "")
    if args.get("ff") and operator and value:
        kept.add(f"f.{args['ff']}.{operator.replace(' ', '_')}", value)
    return kept


class _Reader:
    """Reads the address; what it cannot use becomes a problem in words, never an error page."""

    def __init__(self, known: Catalogue, obj: Object, args: MultiDict, viewer):
        self.known, self.obj, self.args, self.viewer = known, obj, args, viewer
        self.problems: list[str] = []
        self.used: list[tuple[str, str, Filter]] = []
        self.format = args.get("format") if args.get("format") in ("csv", "xlsx") else ""

    def whole(self, name: str, default: int, most: int) -> int:
        text = self.args.get(name, "")
        return max(1, min(int(text), most)) if text.isascii() and text.isdigit() and len(text) < 12 else default

    def per(self) -> int:
        per = self.whole("per", PER[0], PER[-1])
        return per if per in PER else PER[0]

    def columns(self, default: Sequence[str]) -> list[str]:
        wanted = [c for c in self.args.get("cols", "").split(",") if self._known(c)][:30]
        return wanted or [c for c in default if self._known(c)]

    def _known(self, path: str) -> bool:
        return self._field(path) is not None

    def _field(self, path: str) -> Field | None:
        try:
            return self.known.find(self.obj, path)[1]
        except Invalid:
            return None

    def sort(self, default: str) -> tuple[Sort, ...]:
        for text in (self.args.get("sort", ""), default):
            key = text.removeprefix("-")
            found = self._field(key) if key else None
            if found is not None and found.kind.orderable:
                return (Sort(key, text.startswith("-")),)
        return ()

    def conditions(self) -> list[Condition]:
        found: list[Condition] = []
        text = self.args.get("q", "").strip()
        if text:
            found.append(Matches(text[:200]))
        for name, values in self.args.lists():
            if name.startswith("f.") and any(values):
                found += self._filter(name, [v for v in values if v][:100])
        return found

    def _filter(self, name: str, values: list[str]) -> list[Filter]:
        path, op = self._split(name.removeprefix("f."))
        field = self._field(path)
        if field is None:
            self.problems.append(f"There is no field “{path[:80]}” here, so that filter was left out.")
            return []
        try:
            operator = operators.find(op or ("is any of" if len(values) > 1 else "is"), field.kind)
            value = values if operator.arity == "many" else values[0].split("..") if operator.arity == 2 else values[0]
            made = Filter(path, operator.key, value if operator.arity else None)
            _try(self, made)
        except Invalid as refusal:
            self.problems.append(f"{refusal.message} That filter was left out.")
            return []
        self.used.append((name, field.label, made))
        return [made]

    def _split(self, text: str) -> tuple[str, str]:
        """`partner.tier.is_not` -> the path and the operator, if the last step is one."""
        if self._known(text):
            return text, ""
        path, _, op = text.rpartition(".")
        return (path, op.replace("_", " ")) if path else (text, "")

    def chips(self, path: str) -> list[Chip]:
        from prm.catalogue import words
        from prm.catalogue.answer import context

        if not self.used:
            return []
        source = context(Question(self.obj.key), self.viewer, known=self.known).source
        return [
            Chip(label, words.condition(made, source), address(path, self.args, **{name: None}, page=None))
            for name, label, made in self.used
        ]

    def choice(self, path: str) -> Choice | None:
        field = self._field(path)
        if field is None:
            return None
        if field.kind_key in ("date", "datetime"):
            options = [(words, words.capitalize()) for words in STRETCHES]
            return Choice(f"f.{path}.in", field.label, options, self.args.get(f"f.{path}.in", ""))
        options = [(o.label, o.label) for o in self.known.options(field)] if field.options else self._in_use(path, field)
        return Choice(f"f.{path}", field.label, options, self.args.get(f"f.{path}", "")) if options else None

    def _in_use(self, path: str, field: Field) -> list[tuple[str, str]]:
        """The values people have typed, of the rows this viewer sees."""
        if field.kind_key == "bool":
            return [("yes", "Yes"), ("no", "No")]
        links, _ = self.known.find(self.obj, path)
        obj = self.known[links[-1].link] if links else self.obj
        if field.link:
            target = self.known[field.link]
            used = rows.visible(obj.table, self.viewer, field.column(obj.table))
            title = target.title(target.table)
            found = (
                rows.visible(target.table, self.viewer, title)
                .where(target.table.id.in_(used))
                .order_by(title)
                .limit(200)
            )
        else:
            column = field.column(obj.table)
            found = (
                rows.visible(obj.table, self.viewer, column).where(column != "").distinct().order_by(column).limit(200)
            )
        return [(v, v) for (v,) in found.tuples() if v]


def _try(reader: _Reader, made: Filter) -> None:
    """Raises Invalid where the value cannot be used, before the list is asked."""
    from prm.catalogue.answer import context

    context(Question(reader.obj.key), reader.viewer, known=reader.known).source.condition(made)


def _head(path: str, args: MultiDict, found: Answer, column, sorts: tuple[Sort, ...]) -> Head:
    current = next((s for s in sorts if s.key == column.key), None)
    large_first = column.kind_key in NUMBERS_FIRST_LARGEST
    desc = not current.desc if current else large_first
    state = ("descending" if current.desc else "ascending") if current else ""
    css = "num" if column.kind_key in ("number", "money", "percent") else ""
    return Head(
        column.key, column.label, css, address(path, args, sort=("-" if desc else "") + column.key, page=None), state
    )
