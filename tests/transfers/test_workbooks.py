"""Excel files: what is hostile or broken is refused in words, within seconds, and a good one means what it says."""
import time
import zipfile
from datetime import date

import pytest

from prm.core.errors import Invalid
from prm.models import Deal, Partner
from prm.transfers.reading import open_table
from tests.transfers.workbooks import by_hand, cell, row, workbook

HEADER = row(1, "Partner no", "Name")
BOMB = by_hand(HEADER + row(2, "P1", "x" * 300_000_000))
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def opened(written, content):
    return open_table(written(content, "file.xlsx"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "unpacks to more than can be read"),
        (by_hand(HEADER, sheets=10_000), "unpacks to more than can be read"),
        (by_hand(HEADER + row(1048576)[:-6] + cell("XFD1048576", "far") + "</row>"), "damaged or too large"),
        (by_hand(HEADER + row(2, "P1", "&nosuch;")), "damaged"),
        (by_hand(HEADER + '<row r="2"><c r="A2" t="s"><v>99</v></c></row>'), "damaged"),
        (by_hand(HEADER + row(2, "P1", "&#xD800;")), "damaged"),
        (by_hand("not <xml"), "damaged"),
        (by_hand(HEADER), "has a header but no rows"),
        (by_hand(""), "is empty"),
        (workbook([["No"], ["x"]])[:-200], "damaged"),
        (workbook([["No", "Name"], ["P1", "#REF!"]]), "Line 2: a formula gives #REF!"),
        (workbook([["No", "Sum"]], formulas=[(1, 1, "=1+1", "")]), "Line 2: a formula has no result yet"),
        (workbook([["A", *map(str, range(300))], ["1"]]), "at most 200"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_hostile_or_broken_is_refused_within_seconds(written, content, words):
    started = time.monotonic()
    with pytest.raises(Invalid, match=words):
        list(opened(written, content).rows())
    assert time.monotonic() - started < 10


def test_the_bomb_is_one():
    assert len(BOMB) < 1_500_000


def test_another_packed_file_is_no_workbook(written, tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(Invalid, match="packed file, not an Excel workbook"):
        open_table(path)


@pytest.mark.parametrize("before", [XXE, LAUGHS])
def test_an_entity_leads_nowhere(written, before):
    content = by_hand(HEADER + row(2, "P1", "&e;" if before is XXE else "&c;"), before=before)
    try:
        read = str(list(opened(written, content).rows()))
    except Invalid:
        return
    assert "root:" not in read and "haha" not in read


def test_numbers_days_and_results_of_formulas_come_typed(written):
    rows = [["No", "Count", "Day", "Sum"], [585, 2.5, date(2026, 7, 31)]]
    content = workbook(rows, formulas=[(1, 3, "=SUM(1,2)", 3)])
    assert list(opened(written, content).rows()) == [(2, [585, 2.5, date(2026, 7, 31), 3])]


def test_lines_are_counted_as_the_program_shows_them(written):
    content = by_hand(row(4, "No", "Name") + row(5, "1", "a") + row(9, "2", "b"))
    assert [(line, cells[:2]) for line, cells in opened(written, content).rows()] == [(5, ["1", "a"]), (9, ["2", "b"])]


def test_a_sheet_is_chosen_by_its_name(written):
    path = written(workbook([["No"], ["x"]], sheets=("First & <last>", "Second")), "a.xlsx")
    assert open_table(path, sheet="Second").header == ["No"]
    with pytest.raises(Invalid, match="is empty"):
        open_table(path, sheet="First & <last>")
    with pytest.raises(Invalid, match="no sheet “Third”"):
        open_table(path, sheet="Third")


def test_a_column_of_long_numbers_keeps_every_digit(load, make):
    done = load("partner", workbook([["Partner no", "Name"], ["00123", "Acme"], [9007199254740991, "Globex"]]))
    assert done.counts["made"] == 2, done.refusals
    assert sorted(p.number for p in Partner.select()) == ["00123", "9007199254740991"]


def test_figures_and_days_are_stored_as_the_sheet_has_them(load, make, acme):
    make.stages()
    rows = [["Deal no", "Partner", "Amount", "Closed on"], ["D1", "Acme", 1234.5, date(2026, 7, 31)]]
    assert load("deal", workbook(rows)).counts["made"] == 1
    deal = Deal.get()
    assert (deal.amount, deal.closed_on) == (123450, date(2026, 7, 31))
