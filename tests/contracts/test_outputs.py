"""What one may not know does not come out elsewhere: fields that only staff may know, in columns, filters, sorts,
searches, values offered and files; and a file has exactly the rows and fields of who loads it.
"""
import csv
import io
import re
import zipfile

import pytest

from prm.access import rows
from prm.catalogue.answer import answer, context
from prm.catalogue.objects import OBJECTS, catalogue
from prm.catalogue.question import Question
from prm.core.errors import Invalid
from prm.models import Person
from tests.contracts import world
from tests.contracts.routes import worded
from tests.contracts.test_strangers import leaks, viewer
from tests.contracts.world import GLOBEX, OWN, STAFF_ONLY

PARTNER_SIDE = ("ada", "pat", "max")
UNKNOWN = "xylophone"  # no field is called that
BY_PLURAL = {obj.plural.lower().replace(" ", "-"): obj for obj in OBJECTS}
FRESH = re.compile(r"[\w.-]{24,}")  # tokens, new on every page


@pytest.fixture(scope="module")
def lists(portal):
    """[(address, object)] of every list there is: what can be loaded as CSV."""
    found = []
    for route, words in worded(portal):
        for tab in ("", "deals", "contacts") if route.gets and not route.is_file else ():
            address = route.address((OWN,) * len(route.numbers), words) + (f"?tab={tab}&" if tab else "?")
            loaded = portal.ask("sam", f"{address}format=csv")
            name = re.search(r'filename="?([a-z-]+)-\d', loaded.headers.get("Content-Disposition", ""))
            if loaded.mimetype == "text/csv" and name and name[1] in BY_PLURAL and (not tab or route.numbers):
                found.append((address, BY_PLURAL[name[1]]))
    return found


def paths(person: Person, object: str) -> set[str]:
    """Every field of the object, and of what it leads to, that this person may know."""
    known = catalogue(person)
    if object not in known.objects:
        return set()
    found = set()
    for field in known[object].fields:
        found.add(field.key)
        if field.link and field.link in known.objects:
            found |= {f"{field.key}.{further.key}" for further in known[field.link].fields}
    return found


def forbidden(person: Person, object: str) -> list[str]:
    hidden = paths(viewer("sam"), object) - paths(person, object)
    return sorted(path for path in hidden if path != "parent.parent")  # told apart by nothing but its own name


def nothing_like(path: str) -> str:
    """A field that does not exist, as far away as this one."""
    return ".".join((*path.split(".")[:-1], UNKNOWN))


def page_of(portal, name: str, address: str, path: str) -> str:
    """The page that answers when everything is asked of one field, with the field's name taken out."""
    found = portal.ask(name, f"{address}cols=number,{path}&sort=-{path}&f.{path}=zq&f.{path}.contains=zq&f.{path}.is_empty=-")
    assert found.status_code == 200, (name, address, path)
    key = path.rpartition(".")[2].replace("_", " ")  # after a link it could be an operator too
    return FRESH.sub("", found.text.replace(path, "FIELD").replace(f"“{key}”", "FIELD"))


def test_there_are_lists(lists):
    assert {obj.key for _, obj in lists} >= {"partner", "contact", "deal"} and len(lists) >= 5


@pytest.mark.parametrize("name", PARTNER_SIDE)
def test_a_forbidden_field_answers_as_one_that_does_not_exist(portal, lists, name):
    """As column, sort and filter; its own, custom ones, and those of what a row leads to."""
    wrong, tried = [], set()
    for address, obj in lists:
        if portal.ask(name, address).status_code != 200:
            continue
        unknown = {}
        for path in forbidden(viewer(name), obj.key):
            tried.add((obj.key, path))
            nothing = nothing_like(path)
            if nothing not in unknown:
                unknown[nothing] = page_of(portal, name, address, nothing)
            if page_of(portal, name, address, path) != unknown[nothing]:
                wrong.append((address, path))
    assert not wrong, wrong
    assert {("partner", "notes"), ("partner", "credit_line"), ("deal", "notes"), ("deal", "partner.credit_line")} <= tried


def test_staff_do_see_what_partners_do_not(portal, lists):
    """Else the test above would prove nothing."""
    for address, obj in lists:
        if obj.key in ("partner", "contact", "deal"):
            assert STAFF_ONLY in portal.ask("mia", f"{address}cols=number,credit_line").text, address
            assert STAFF_ONLY not in portal.ask("ada", f"{address}cols=number,credit_line").text, address


def uses(object: str, path: str):
    """Every part of a question in which a field can stand."""
    condition = {"field": path, "op": "is", "value": "zq"}
    yield {"object": object, "fields": [path]}
    yield {"object": object, "filters": [condition]}
    yield {"object": object, "sort": [{"key": path}]}
    yield {"object": object, "rows": [{"field": path}]}
    yield {"object": object, "columns": [{"field": path}], "rows": [{"field": path, "key": "again"}]}
    yield {"object": object, "measures": [{"key": "n", "fn": "count distinct", "field": path}]}
    yield {"object": object, "measures": [{"key": "n", "where": [condition]}]}
    yield {"object": "partner", "filters": [{"with": object, "filters": [condition]}]}


def refusal(question: dict, person: Person) -> str:
    try:
        answer(Question.parse(question), person)
    except Invalid as refused:
        return refused.message
    return ""


@pytest.mark.parametrize("name", PARTNER_SIDE)
def test_a_question_about_a_forbidden_field_is_refused_as_one_about_none(portal, name):
    person, wrong = viewer(name), []
    for obj in OBJECTS:
        for path in forbidden(person, obj.key):
            nothing = nothing_like(path)
            for asked, unknown in zip(uses(obj.key, path), uses(obj.key, nothing), strict=True):
                said = refusal(asked, person)
                if not said or said.replace(f"“{path}”", "it") != refusal(unknown, person).replace(f"“{nothing}”", "it"):
                    wrong.append((asked, said))
    assert not wrong, wrong


# ── files ──


def sheet(answer) -> list[list[str]]:
    """The rows of a CSV or XLSX as texts, the heading first."""
    if answer.mimetype == "text/csv":
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    return [[str(cell) for cell in line] for line in book.get_sheet_by_index(0).to_python()]


def expected_numbers(person: Person, obj, address: str) -> set[str]:
    found = rows.visible(obj.table, person, obj.table.number)
    if "tab=" in address:
        found = found.where(obj.table.partner == OWN)
    return set(found.scalars())


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("name", [*world.STRANGERS, "ann", "una", "grace"])
def test_a_file_has_exactly_ones_own_rows_and_fields(portal, lists, name, format):
    person, everything = viewer(name), {obj.key: sorted(paths(viewer("sam"), obj.key)) for obj in OBJECTS}
    for address, obj in lists:
        loaded = portal.ask(name, f"{address}format={format}&cols={','.join(['number', *everything[obj.key]][:30])}")
        if loaded.status_code in (403, 404):
            continue
        heading, *lines = sheet(loaded)
        source = context(Question(obj.key), person).source
        labels = {source.bind(path).label for path in paths(person, obj.key)}
        assert set(heading) <= labels, (address, set(heading) - labels)
        if hasattr(obj.table, "number"):
            assert {line[0] for line in lines} == expected_numbers(person, obj, address), address
        if name in world.STRANGERS:
            assert not leaks(loaded, name), address


def test_no_cell_of_a_workbook_is_a_formula(portal, lists):
    for address, _ in lists:
        data = portal.ask("sam", f"{address}format=xlsx").data
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            assert not any(b"<f>" in book.read(name) for name in book.namelist() if "sheet" in name), address


# ── found while typing ──


@pytest.mark.parametrize("name", world.STRANGERS)
def test_search_finds_no_stranger(portal, name):
    own = {"mia": "Acme", "ada": "Acme", "pat": "Acme pat", "max": "Acme max"}[name]
    assert own in portal.ask(name, "/search/?q=acme").text
    for text in (GLOBEX, "Glbx-77", "grace", "zqglob", "globex"):
        assert not leaks(portal.ask(name, "/search/", query_string={"q": text}), name, text), text


@pytest.mark.parametrize("name", world.STRANGERS)
def test_values_offered_while_typing_are_of_ones_own_rows(portal, name):
    """For every field of every object; for one that may not be known as for one that does not exist."""
    sam, person = catalogue(viewer("sam")), viewer(name)
    for obj in OBJECTS:
        unknown = portal.ask(name, f"/search/values/{obj.key}/{UNKNOWN}")
        for field in sam[obj.key].fields:
            for typed in ("", "zq", "a"):
                found = portal.ask(name, f"/search/values/{obj.key}/{field.key}", query_string={field.key: typed})
                assert found.status_code < 500 and not leaks(found, name), (obj.key, field.key)
                if field.key not in paths(person, obj.key):
                    assert found.status_code == unknown.status_code, (obj.key, field.key)
                    said = [FRESH.sub("", page.text) for page in (found, unknown)]
                    assert said[0].replace(f"“{field.key}”", "it") == said[1].replace(f"“{UNKNOWN}”", "it"), field.key
