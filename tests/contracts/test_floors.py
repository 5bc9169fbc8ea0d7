"""The house as its plan says: imports go down, views ask through the rules, templates ask nothing, and what belongs in
one place is in one place. Read from the code itself.
"""
import ast
import re
from pathlib import Path

import pytest

from prm import menu
from prm.models import TABLES
from prm.settings import ROOT

CODE = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted((ROOT / "prm").rglob("*.py"))}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = {table.__name__ for table in TABLES}
# Where SQL has more than constants in it, never a value: names of our tables, numbers of groups, SQL that peewee wrote.
OF_OUR_NAMES = {
    "prm/catalogue/comparing.py", "prm/catalogue/grouping.py", "prm/catalogue/measuring.py", "prm/catalogue/summary.py",
    "prm/core/bulk.py", "prm/core/prepared.py", "prm/portable.py", "prm/restoring.py", "prm/ui/quick.py",
}  # fmt: skip
ASKING = {"select", "get", "get_or_none", "get_by_id", "get_or_create", "filter", "raw", "alias"}
WRITING = {"insert", "insert_many", "create", "update", "delete", "bulk_create", "replace", "truncate_table"}


def views() -> dict[str, ast.Module]:
    """The files with views: those in which something carries a mark."""
    return {path: tree for path, tree in CODE.items() if any(_is_mark(node) for node in ast.walk(tree)) and "access" not in path}


def _is_mark(node) -> bool:
    marks = [*getattr(node, "decorator_list", ())]
    return any(getattr(getattr(mark, "func", mark), "id", "") in ("needs", "public") for mark in marks)


def test_imports_only_go_down_and_features_never_import_each_other(capsys, monkeypatch):
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_the_contract_of_the_floors_is_the_plan():
    """A hole in it would make the test above worthless."""
    text = (ROOT / "pyproject.toml").read_text().partition("[tool.importlinter]")[2]
    layers = re.findall(r'^    "(.*)",$', text, re.M)
    floors = ["ui", "catalogue", "access", "models", "core"]
    assert [name for name in layers if name in floors] == floors
    assert "exhaustive = true" in text and "ignore_imports" not in text


def test_views_ask_through_the_rules():
    """`rows.visible` and `rows.get`, or a service: a view never selects from a table, nor writes to one."""
    found = [
        f"{path}:{call.lineno} {call.func.value.id}.{call.func.attr}"
        for path, tree in views().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", "") in NAMES and call.func.attr in ASKING | WRITING
        and path != "prm/health.py"  # whether a worker lives is nobody's row
    ]  # fmt: skip
    assert not found, found


def test_views_open_no_transaction():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in views().items() for node in ast.walk(tree)
        if isinstance(node, ast.With) and any("atomic" in ast.dump(item) for item in node.items)
    ]  # fmt: skip
    assert not found, found


def test_templates_ask_the_database_nothing():
    asking = re.compile(r"\.(select|where|join|get_or_none|get_by_id|execute|tuples|dicts|exists|count|first|order_by)\(")
    found = [f"{path.name}: {match[0]}" for path in TEMPLATES for match in asking.finditer(path.read_text())]
    assert not found, found


def test_templates_name_no_role_and_trust_no_text():
    """`may(Do.X)` is what they ask; `|safe` and `autoescape false` would let text out as it is."""
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r"(viewer|current_user)\.role\b|Role\.", text), path
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text), path


def imported(tree: ast.Module) -> set[str]:
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        for name in node.names
    }  # fmt: skip


@pytest.mark.parametrize("name", ["flask.request", "flask_login.current_user"])
def test_who_asks_and_what_is_asked_are_known_only_at_the_edge(name):
    """In views, the gate and ui. Everything else takes the viewer, so that it runs in a job, a command and a test."""
    edge = {path for path in CODE if path.startswith("prm/ui/") or path == "prm/access/gate.py"} | set(views())
    assert {path for path, tree in CODE.items() if name in imported(tree)} - edge == set()


def test_the_floors_below_know_no_web_at_all():
    below = ("prm/core/", "prm/models/", "prm/catalogue/", "prm/cards/", "prm/reporting/")
    web = {path for path, tree in CODE.items() if path.startswith(below) and any(m.startswith("flask.") for m in imported(tree))}
    assert web == set()


def calls(*names: str) -> set[str]:
    """The files in which one of these is called, as in `datetime.now`."""
    return {
        path for path, tree in CODE.items() for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and f"{getattr(node.func.value, 'id', getattr(node.func.value, 'attr', ''))}.{node.func.attr}" in names
    }  # fmt: skip


def test_one_place_knows_what_time_it_is():
    assert calls("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time") <= {"prm/core/clock.py"}


def test_sql_is_never_put_together_from_text():
    """A value is a parameter, a name comes from a table of ours."""
    found = set()
    for path, tree in CODE.items():
        for node in ast.walk(tree):
            called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if called in ("execute_sql", "SQL") and node.args and not isinstance(node.args[0], ast.Constant):
                found.add(path)
    assert found <= OF_OUR_NAMES, found - OF_OUR_NAMES


def test_nothing_is_evaluated():
    found = [
        f"{path}:{node.lineno}" for path, tree in CODE.items() for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec", "compile", "__import__")
    ]  # fmt: skip
    assert not found, found


# ── features ──


def features() -> list[str]:
    return sorted(path.split("/")[1] for path in CODE if re.fullmatch(r"prm/\w+/views\.py", path))


def test_every_feature_is_offered_and_has_one_word():
    """Its package, its blueprint and its templates are called alike."""
    from importlib import import_module

    assert {f"prm.{name}.views" for name in features()} == set(menu.FEATURES)
    for name in features():
        assert import_module(f"prm.{name}.views").bp.name == name
        assert (ROOT / "templates" / name).is_dir() or name == "api", "which answers programs"


def test_a_feature_shows_its_own_templates():
    found = [
        (path, call.args[0].value)
        for path, tree in views().items() for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "page" and isinstance(call.args[0], ast.Constant)
        and call.args[0].value.split("/")[0] != path.split("/")[1]
    ]  # fmt: skip
    assert not found, found


def test_every_module_says_what_it_is_for():
    assert [path for path, tree in CODE.items() if not ast.get_docstring(tree)] == []


def test_no_name_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "manager", "managers", "handler", "handlers", "misc", "common", "base_views"}
    assert [path for path in CODE if Path(path).stem in empty] == []
