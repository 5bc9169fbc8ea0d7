"""A draft of a report in an address: every part of its questions under a dotted name, `filters.0.field`, `rows.1.by`. The
first question's names stand alone, those of further ones begin with `p2.` to `p5.`.
"""
from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from prm.catalogue.question import BY
from prm.reporting.content import MOST_PARTS

MANY = ("filters", "formulas", "rows", "columns", "measures", "where", "bucket", "marks")  # lists of things with parts of their own
VALUES = ("fields", "value", "values", "y")  # lists of words
MOST_NAMES, MOST_ENTRIES, DEEPEST, LONGEST = 1500, 50, 7, 2000
RANGE = ("between",)
SEVERAL = ("is any of", "is none of")
PARTS = [f"p{number}" for number in range(2, MOST_PARTS + 1)]

Tree = dict[str, Any]


# ── the address as a tree, and back ──


def tree_of(args: MultiDict) -> Tree:
    """What the form sent, also what is not filled in yet. Names that mean nothing are passed over."""
    tree: Tree = {}
    for name, values in list(args.lists())[:MOST_NAMES]:
        steps = name.split(".")
        if len(steps) <= DEEPEST and all(step.isidentifier() or (step.isascii() and step.isdigit() and len(step) < 4) for step in steps):
            _put(tree, steps, [value[:LONGEST] for value in values][:200])
    return _tidy(tree)


def _put(tree: Tree, steps: list[str], values: list[str]) -> None:
    *way, last = steps
    at: Any = tree
    for step in way:
        at = at.setdefault(step, {})
        if not isinstance(at, dict):
            return
    at[last] = values if last in VALUES else values[-1]


def _tidy(part: Any, name: str = "") -> Any:
    """Numbered things become a list in the order of their numbers."""
    if not isinstance(part, dict):
        return part
    if name in MANY:
        kept = sorted((key for key in part if key.isdigit()), key=int)[:MOST_ENTRIES]
        return [_tidy(part[key]) for key in kept if isinstance(part[key], dict)]
    return {key: _tidy(value, key) for key, value in part.items() if (key not in MANY or isinstance(value, dict))}


def pairs_of(tree: Tree, stem: str = "") -> list[tuple[str, str]]:
    """The tree as names and values of an address."""
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{stem}{key}"
        if isinstance(value, dict):
            found += pairs_of(value, f"{name}.")
        elif isinstance(value, list) and key in MANY:
            for at, each in enumerate(value):
                found += pairs_of(each, f"{name}.{at}.") or [(f"{name}.{at}.field", "")]
        else:
            found += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
    return found


# ── buttons of the form: add, take away, move ──


def act(tree: Tree, args: MultiDict) -> str:
    """Do what a button asks for; says which input the person goes on with. `add=filters`, `drop=filters.0`, `up=rows.1`,
    `move=rows.2:0` (where it was dropped), `pick=partner.tier`, `join=1`."""
    if args.get("add"):
        return _add(tree, args["add"])
    if args.get("join"):
        return _join(tree)
    if args.get("pick"):
        tree["fields"] = list(dict.fromkeys([*tree.get("fields", []), args["pick"][:200]]))
        return "pick"
    for verb in ("drop", "up", "down", "move"):
        if args.get(verb):
            return _change(tree, verb, args[verb])
    return ""


def _add(tree: Tree, path: str) -> str:
    has = path.endswith(".has")
    path = path.removesuffix(".has")
    things = _list(tree, path)
    if things is None or len(things) >= MOST_ENTRIES:
        return ""
    things.append({"has": "without"} if has else {"fn": "count"} if path.endswith("measures") else {})
    last = {"measures": "fn", "bucket": "name", "marks": "key", "formulas": "formula"}.get(path.rpartition(".")[2], "object" if has else "field")
    return f"{path}.{len(things) - 1}.{last}"


def _join(tree: Tree) -> str:
    free = [part for part in PARTS if part not in tree]
    if not free:
        return ""
    shared = [dict(group) for group in tree.get("rows", [])[:1]] or [{}]
    tree["rows"], tree[free[0]] = tree.get("rows", [])[:1], {"object": tree.get("object", ""), "rows": shared, "measures": [{"fn": "count"}]}
    tree.pop("columns", None)
    return f"{free[0]}.title"


def _list(tree: Tree, path: str) -> list | None:
    """The list of things at `filters` or `p2.measures.0.where`, made where there is none yet."""
    *way, last = path.split(".")
    at: Any = tree
    for step in way:
        at = at[int(step)] if isinstance(at, list) and step.isdigit() and int(step) < len(at) else at.get(step) if isinstance(at, dict) else None
        if at is None:
            return None
    if not isinstance(at, dict) or last not in (*MANY, *VALUES):
        return None
    return at.setdefault(last, [])


def _change(tree: Tree, verb: str, path: str) -> str:
    """Take away or move; the person goes on with the same button where it is now, or with what adds another."""
    if verb == "drop" and path in PARTS and path in tree:
        del tree[path]
        return "1"
    path, _, aim = path.partition(":")
    stem, _, number = path.rpartition(".")
    things = _list(tree, stem) if stem else None
    if things is None or not number.isdigit() or not int(number) < len(things):
        return ""
    at = int(number)
    if verb == "drop":
        del things[at]
        return "pick" if stem == "fields" else stem
    wanted = {"up": at - 1, "down": at + 1}.get(verb, int(aim) if aim.isdecimal() and len(aim) < 4 else at)
    to = max(0, min(len(things) - 1, wanted))
    things.insert(to, things.pop(at))
    return f"{stem}.{to}"


# ── the tree as what is saved, and back ──


def content_of(tree: Tree) -> dict:
    """The content that the tree says, as JSON; things that are not filled in yet are left out."""
    questions = [tree, *(tree[part] for part in PARTS if isinstance(tree.get(part), dict))]
    parts = [{"title": str(each.get("title", ""))[:120], "question": _question(each)} for each in questions]
    kept = [f for f in tree.get("filters", []) if _is_filled(f)]
    return {
        "parts": parts,
        "open": [number for number, f in enumerate(kept, 1) if f.get("open") and not f.get("has")],
        "highlights": [_mark(mark) for mark in tree.get("marks", []) if mark.get("key") and mark.get("than")],
    }


def _mark(mark: Tree) -> dict:
    return {"value": mark["than"]} | {key: value for key, value in mark.items() if key != "than" and isinstance(value, str)}


def _is_filled(f: Tree) -> bool:
    return bool(f.get("object") if f.get("has") else f.get("field"))


def _question(tree: Tree) -> dict:
    found: dict[str, Any] = {"object": tree.get("object", "")}
    measures = [m for each in tree.get("measures", []) if (m := _measure(each))]
    groups = {name: [g for each in tree.get(name, []) if (g := _group(each))] for name in ("rows", "columns")}
    found["filters"] = [_filter(f) for f in tree.get("filters", []) if _is_filled(f)]
    if tree.get("logic", "").strip():
        found["logic"] = tree["logic"]
    if any(groups.values()) or measures:
        found |= groups | {"measures": _keyed(measures)}
    else:
        found["fields"] = [name for name in tree.get("fields", []) if name]
        found["formulas"] = _named([dict(f) for f in tree.get("formulas", []) if f.get("formula", "").strip()])
    if sort := tree.get("sort", ""):
        found["sort"] = [{"key": sort.removeprefix("-")} | ({"desc": True} if sort.startswith("-") else {})]
    if limit := tree.get("limit", "").strip():
        found["limit"] = int(limit) if limit.isdecimal() and len(limit) < 7 else limit
    if chart := {key: value for key, value in (tree.get("chart") or {}).items() if value and value != [""]}:
        found["chart"] = chart
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def _filter(f: Tree) -> dict:
    if f.get("has"):
        inner = [_filter(each) for each in f.get("filters", []) if each.get("field") and not each.get("has")]
        return {f["has"] if f["has"] in ("with", "without") else "with": f["object"], "filters": inner}
    values = [v for v in f.get("value", []) if v != ""]
    op = f.get("op") or "is"
    if op in SEVERAL:
        value: Any = [part.strip() for v in values for part in v.split(";") if part.strip()]
    elif op in RANGE:
        value = values
    else:
        value = values[0] if values else None
    found = {"field": f["field"], "op": op}
    return found | ({} if value in (None, []) else {"value": value})


def _group(each: Tree) -> dict:
    if not each.get("field"):
        return {}
    buckets = [b for b in map(_bucket, each.get("bucket", [])) if b]
    found = {"field": each["field"], "by": each.get("by") if each.get("by") in BY else "", "bucket": buckets, "key": each.get("key", "")}
    return {key: value for key, value in found.items() if value}


def _bucket(each: Tree) -> dict:
    if not each.get("name"):
        return {}
    values = [part.strip() for v in each.get("values", []) for part in v.split(";") if part.strip()]
    found = {"name": each["name"], "from": each.get("from"), "below": each.get("below"), "values": values}
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _measure(each: Tree) -> dict:
    if each.get("formula", "").strip():
        return {key: each[key] for key in ("key", "label", "formula", "kind") if each.get(key)}
    fn = each.get("fn", "")
    if not fn or (fn != "count" and not each.get("field")):
        return {}
    found = {key: each[key] for key in ("key", "label", "fn", "field", "by") if each.get(key)}
    where = [_filter(f) for f in each.get("where", []) if f.get("field") and not f.get("has")]
    return found | ({"where": where} if where else {})


def _named(formulas: list[dict]) -> list[dict]:
    for at, formula in enumerate(formulas, 1):
        formula.setdefault("key", f"formula{at}")
        formula["key"] = formula["key"] or f"formula{at}"
    return [{key: str(value) for key, value in formula.items() if value} for formula in formulas]


def _keyed(measures: list[dict]) -> list[dict]:
    """Each with a key of its own: what a formula, the order and the chart know it by."""
    taken = {m["key"] for m in measures if m.get("key")}
    for measure in measures:
        if not measure.get("key"):
            stem = "ratio" if measure.get("formula") else measure["fn"].split(" ")[-1] if measure.get("field") else "n"
            names = [stem, *(f"{stem}{number}" for number in range(2, 60))]
            measure["key"] = next(name for name in names if name not in taken)
            taken.add(measure["key"])
    return measures


def tree_from(content: dict) -> Tree:
    """A saved report as the form has it."""
    first, *others = [_tree(part) for part in content.get("parts", [])] or [{}]
    for number in content.get("open", []):
        if 1 <= number <= len(first.get("filters", [])):
            first["filters"][number - 1]["open"] = "1"
    if content.get("highlights"):
        first["marks"] = [{"than" if key == "value" else key: str(value) for key, value in mark.items()} for mark in content["highlights"]]
    return first | dict(zip(PARTS, others, strict=False))


def _tree(part: dict) -> Tree:
    question = part.get("question", {})
    tree: Tree = {"object": question.get("object", "")}
    if part.get("title"):
        tree["title"] = part["title"]
    for name in ("fields", "logic", "limit"):
        if question.get(name):
            tree[name] = [str(v) for v in question[name]] if name == "fields" else str(question[name])
    tree["filters"] = [_filter_tree(f) for f in question.get("filters", [])]
    for name in ("rows", "columns", "formulas"):
        tree[name] = [_strings(g) for g in question.get(name, [])]
    tree["measures"] = [_strings(m) for m in question.get("measures", [])]
    for sort in question.get("sort", [])[:1]:
        tree["sort"] = ("-" if sort.get("desc") else "") + (sort.get("key") or sort.get("field"))
    if question.get("chart"):
        tree["chart"] = _strings(question["chart"])
    return {key: value for key, value in tree.items() if value not in ([], "")}


def _filter_tree(f: dict) -> Tree:
    for has in ("with", "without"):
        if has in f:
            return {"has": has, "object": f[has], "filters": [_filter_tree(each) for each in f.get("filters", [])]}
    return _strings(f)


def _strings(part: dict) -> Tree:
    """Every value as the form has it: words, or lists of words, or things with parts."""
    tree: Tree = {}
    for key, value in part.items():
        if key == "where":
            tree[key] = [_filter_tree(each) for each in value]
        elif key in MANY:
            tree[key] = [_strings(each) for each in value]
        elif key in VALUES:
            tree[key] = [] if value is None else [str(v) for v in (value if isinstance(value, list) else [value])]
        elif value not in (None, ""):
            tree[key] = str(value)
    return {key: value for key, value in tree.items() if value != []}
