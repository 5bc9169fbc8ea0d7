"""No text that a spreadsheet would run leaves the portal as one: planted everywhere, read back from every file there is."""
import csv
import io
import re
import zipfile

import pytest

from tests.contracts.routes import worded
from tests.contracts.world import OWN
from tests.security.corpus import FORMULAS
from tests.security.planting import plant

RUNS = tuple("=+-@\t\r\n＝＋－＠")


def files(portal) -> list[tuple[str, str]]:
    """(address, kind) of every address that gives a sheet."""
    found = []
    for route, words in worded(portal):
        address = route.address((OWN,) * len(route.numbers), words)
        for kind in ("csv", "xlsx") if route.gets else ():
            answer = portal.ask("sam", f"{address}?format={kind}")
            if answer.mimetype == "text/csv" and kind == "csv":
                found.append((f"{address}?format=csv", kind))
            elif answer.data[:4] == b"PK\3\4":
                found.append((f"{address}?format=xlsx", "xlsx"))
    return found


@pytest.fixture(scope="module")
def sheets(portal):
    found = files(portal)
    assert len(found) >= 10, found
    return found


def dangerous_in_csv(data: bytes) -> list[str]:
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    return [cell for cell in cells if cell.startswith(RUNS) and not re.fullmatch(r"-?\d+(\.\d+)?", cell)]


def dangerous_in_xlsx(data: bytes) -> list[str]:
    """Formulas and links to elsewhere. A text cell is a text there, whatever it starts with."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    typed = [name for name, text in parts.items() if re.search(r'<f[ >]|t="str"', text)]
    return typed + [name for name, text in parts.items() if "externalLink" in name or ("evil.example" in text and "rels" in name)]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_gets_out(portal, sheets, text):
    assert plant(text, address=text) > 150
    wrong, seen = [], 0
    for address, kind in sheets:
        answer = portal.ask("sam", address)
        assert answer.status_code == 200, (answer.status_code, address)
        seen += len(answer.data) > 100
        found = (dangerous_in_csv if kind == "csv" else dangerous_in_xlsx)(answer.data)
        wrong += [(address, found[:3])] if found else []
    assert not wrong, wrong
    assert seen >= 10


def test_what_was_typed_is_still_there_to_be_read(portal, sheets):
    """Made harmless, not taken away."""
    plant("=1+1")
    text = portal.ask("sam", "/partners/?format=csv").get_data(as_text=True)
    assert "'=1+1" in text


def test_numbers_stay_numbers(portal):
    from prm.models import Deal

    Deal.update(amount=-12345).where(Deal.id == OWN).execute()
    cells = [cell for row in csv.reader(io.StringIO(portal.ask("sam", "/deals/?format=csv").data.decode("utf-8-sig"))) for cell in row]
    assert "-123.45" in cells
