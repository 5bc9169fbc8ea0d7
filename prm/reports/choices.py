"""What the builder's selects offer: objects, fields by object and link, operators and values of a field, measures, groups."""
from __future__ import annotations

from prm.catalogue import operators
from prm.catalogue.fields import Catalogue, Field, Object
from prm.catalogue.kinds import KINDS
from prm.catalogue.source import named
from prm.core.errors import Invalid
from prm.reports import asked

STRETCHES = (
    "today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter", "this year", "last year",
    "last 30 days", "last 90 days", "last 12 months", "last 4 quarters", "last 8 quarters", "next 30 days", "next 90 days",
)  # fmt: skip
Option = tuple[str, str]
Options = list[tuple[str, list[Option]]]


class Choices:
    """For one draft and one viewer's catalogue."""

    def __init__(self, known: Catalogue, tree: asked.Tree):
        self.known, self.tree = known, tree

    def objects(self) -> list[Option]:
        return [(key, obj.plural) for key, obj in self.known.objects.items()]

    def fields(self, part: asked.Tree, *, group: bool = False, number: bool = False) -> Options:
        """Its own fields and those one link away; with `group` only what can be grouped by, with `number` what can be summed."""
        obj = self.known.objects.get(part.get("object", ""))
        if obj is None:
            return []
        wanted = (lambda f: groupable(f)) if group else (lambda f: f.kind.summable) if number else (lambda f: True)
        found = [(obj.label, [(f.key, f.label) for f in obj.fields if wanted(f)])]
        for link in (f for f in obj.fields if f.link and f.link in self.known.objects):
            of = self.known.objects[link.link]
            found.append((link.label, [(f"{link.key}.{f.key}", named(f"{link.label} ", f.label)) for f in of.fields if wanted(f)]))
        return [(label, options) for label, options in found if options]

    def field(self, part: asked.Tree, path: str) -> Field | None:
        obj = self.known.objects.get(part.get("object", ""))
        if obj is None or not path:
            return None
        try:
            return self.known.find(obj, path)[1]
        except Invalid:
            return None

    def operators(self, part: asked.Tree, path: str) -> list[Option]:
        found = self.field(part, path)
        return [(o.key, o.label) for o in operators.fitting(found.kind)] if found else [("is", "is")]

    def arity(self, part: asked.Tree, path: str, op: str):
        found = self.field(part, path)
        if found is None:
            return 1
        try:
            return operators.find(op or "is", found.kind).arity
        except Invalid:
            return 1

    def values(self, part: asked.Tree, path: str) -> list[str]:
        """What is offered for a value: the choices of the field, yes and no, or stretches of time."""
        found = self.field(part, path)
        if found is None:
            return []
        if found.kind_key == "bool":
            return ["yes", "no"]
        if found.kind_key in ("date", "datetime"):
            return list(STRETCHES)
        return [o.label for o in self.known.options(found)]

    def hangs_on(self, part: asked.Tree) -> list[Option]:
        """Objects whose rows hang on the part's: for “with” and “without”."""
        object = part.get("object", "")
        return [(key, obj.plural.lower()) for key, obj in self.known.objects.items() if _leads(obj, object)]

    def is_date(self, part: asked.Tree, path: str) -> bool:
        found = self.field(part, path)
        return found is not None and found.kind_key in ("date", "datetime")

    def takes_buckets(self, part: asked.Tree, path: str) -> str:
        """number, words or nothing: what the ranges of a group are made of."""
        found = self.field(part, path)
        if found is None:
            return ""
        return "number" if KINDS[found.kind_key].numeric else "words" if found.options else ""

    def keys(self, part: asked.Tree) -> list[Option]:
        """Measures and groups of the part, by the keys that order, chart and marks know."""
        question = asked.content_of(part)["parts"][0]["question"]
        groups = [(g.get("key") or g["field"], self._label(part, g["field"], g.get("by", ""))) for name in ("rows", "columns") for g in question.get(name, [])]
        return groups + self.measures(part)

    def groups(self, part: asked.Tree) -> list[Option]:
        taken = {key for key, _ in self.measures(part)}
        return [option for option in self.keys(part) if option[0] not in taken]

    def measures(self, part: asked.Tree) -> list[Option]:
        question = asked.content_of(part)["parts"][0]["question"]
        return [(m["key"], m.get("label") or m["key"]) for m in question.get("measures", [])]

    def label(self, part: asked.Tree, path: str) -> str:
        return self._label(part, path, "")

    def _label(self, part: asked.Tree, path: str, by: str) -> str:
        for _, options in self.fields(part):
            for key, label in options:
                if key == path:
                    return f"{label} by {by}" if by else label
        return path


def _leads(obj: Object, object: str) -> bool:
    return any(f.link == object for f in obj.fields)


def groupable(f: Field) -> bool:
    kind = f.kind
    return kind.groupable or kind.key in ("money", "date", "datetime", "choice", "choices", "link")


# ── what follows from a choice ──


def settle(known: Catalogue, tree: asked.Tree) -> None:
    """What the selects show is what the draft says: an operator that does not fit its field any more is the first that
    does, a date is grouped by month, a formula has a place for its text."""
    make = Choices(known, tree)
    for part in [tree, *(tree[name] for name in asked.PARTS if isinstance(tree.get(name), dict))]:
        _settle_filters(make, part, part.get("filters", []))
        for group in (*part.get("rows", []), *part.get("columns", [])):
            _settle_group(make, part, group)
        for measure in part.get("measures", []):
            if measure.get("fn") == "formula":
                measure.pop("fn")
                measure.setdefault("formula", "")
            _settle_filters(make, part, measure.get("where", []))


def _settle_filters(make: Choices, part: asked.Tree, filters: list[asked.Tree]) -> None:
    for f in filters:
        if f.get("has"):
            _settle_filters(make, {"object": f.get("object", "")}, f.get("filters", []))
        elif f.get("field") and make.field(part, f["field"]):
            fitting = [key for key, _ in make.operators(part, f["field"])]
            f["op"] = next((key for key in (_known(make, part, f),) if key in fitting), fitting[0])


def _known(make: Choices, part: asked.Tree, f: asked.Tree) -> str:
    """The operator by its own key, whatever it was called."""
    found = make.field(part, f["field"])
    try:
        return operators.find(f.get("op") or "is", found.kind).key if found else ""
    except Invalid:
        return ""


def _settle_group(make: Choices, part: asked.Tree, group: asked.Tree) -> None:
    if make.is_date(part, group.get("field", "")):
        group.setdefault("by", "month")
    else:
        group.pop("by", None)
