"""A question in words: “Deals where stage is won and (closed in the last 4 quarters or tier is Gold), by territory”."""

from __future__ import annotations

from prm.catalogue import operators
from prm.catalogue.question import Condition, Has, Matches, Measure, Only, Question, Within
from prm.catalogue.source import Bound, Source


def say(question: Question, source: Source) -> str:
    """One sentence without a full stop. Only fields the viewer may know can occur: others were refused before."""
    text = source.obj.plural
    conditions = [condition(f, source) for f in question.filters]
    if conditions:
        text += " where " + _joined(question, conditions)
    figures = [m.label or m.key for m in question.measures]
    if figures and not (len(figures) == 1 and question.measures[0].fn == "count" and not question.measures[0].field):
        text += ": " + ", ".join(figures)
    groups = [_group(g, source) for g in question.groups]
    if groups:
        text += ", by " + _listed(groups, "and")
    return text


def _joined(question: Question, conditions: list[str]) -> str:
    if question.logic is None:
        return " and ".join(conditions)
    said = question.logic.walk(
        lambda i: (conditions[i], ""),
        lambda a, b: (f"{_inside(a, 'or')} and {_inside(b, 'or')}", "and"),
        lambda a, b: (f"{_inside(a, 'and')} or {_inside(b, 'and')}", "or"),
        lambda a: (f"not ({a[0]})", ""),
    )
    return said[0]


def _inside(part: tuple[str, str], other: str) -> str:
    return f"({part[0]})" if part[1] == other else part[0]


def condition(part: Condition, source: Source) -> str:
    if isinstance(part, Has):
        other = source.catalogue[part.object]
        text = f"{'with' if part.wanted else 'without'} a {other.label.lower()}"
        inner = Source(source.catalogue, other, source.viewer, source.formats, source.today)
        return text + (" where " + " and ".join(condition(f, inner) for f in part.filters) if part.filters else "")
    if isinstance(part, Matches):
        return f"“{part.text}” is found"
    if isinstance(part, Only):
        return "chosen" if len(part.ids) == 1 else f"among {len(part.ids)} chosen"
    if isinstance(part, Within):
        names = [b.name for b in part.group.buckets] + ["other", "empty"]
        return f"{_name(source.bind(part.group.field))} is in {names[part.index]}"
    bound = source.bind(part.field)
    operator = operators.find(part.op, bound.field.kind)
    words = _verb(bound, operator.label)
    if not operator.arity:
        return words
    values = part.value if isinstance(part.value, list | tuple) else [part.value]
    shown = [_value(bound, source, v, operator) for v in values]
    return f"{words} {_listed(shown, 'and' if operator.arity == 2 else 'or')}"


def _verb(bound: Bound, label: str) -> str:
    """“closed on” and “is in” make “closed in”."""
    name = _name(bound)
    if name.endswith(" on") and label.startswith("is "):
        return f"{name.removesuffix(' on')} {label.removeprefix('is ')}"
    return f"{name} {label}"


def _name(bound: Bound) -> str:
    return bound.label[:1].lower() + bound.label[1:] if not bound.label[:2].isupper() else bound.label


def _value(bound: Bound, source: Source, value, operator) -> str:
    if operator.relative:
        text = str(value)
        return f"the {text}" if text.split(" ")[0] in ("last", "next") else text
    if bound.field.link and isinstance(value, int) and not isinstance(value, bool):
        return _linked(bound, source, value)
    for option in source.options(bound.field):
        if str(value).casefold() in (str(option.value).casefold(), str(option.label).casefold()):
            return option.label
    return str(value)


def _linked(bound: Bound, source: Source, id: int) -> str:
    from prm.access import rows

    obj = source.catalogue[bound.field.link]
    near = id if 0 < id <= rows.MAX_ID else 0
    found = rows.visible(obj.table, source.viewer, obj.title(obj.table)).where(obj.table.id == near).tuples().first()
    return found[0] if found else "a record you cannot see"


def _group(group, source: Source) -> str:
    bound = source.bind(group.field)
    if group.by:
        return group.by if bound.field.key in source.obj.date_fields[:1] else f"{_name(bound)} by {group.by}"
    return _name(bound)


def _listed(items: list[str], word: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def measure(measure: Measure, bound: Bound | None) -> str:
    """The heading of a measure that has no label of its own."""
    if measure.formula:
        return measure.key.replace("_", " ").capitalize()
    if bound is None:
        return "Number" if measure.key == "n" else measure.key.replace("_", " ").capitalize()
    function = {"count distinct": "Different", "sum": "Total", "mean": "Mean", "count": "Number of"}.get(
        measure.fn, measure.fn.capitalize()
    )
    return f"{function} {measure.by}s of {_name(bound)}" if measure.by else f"{function} {_name(bound)}"
