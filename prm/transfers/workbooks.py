"""Excel workbooks, read in a child process: first the ZIP is looked at, then limits of memory and time hold.

The child leaves its rows in a temporary file, from where they are read a few hundred at a time.
"""

from __future__ import annotations

import pickle
import re
import resource
import subprocess
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

from prm.core.errors import Invalid

UNPACKED, RATIO, MEMBERS = 50 * 2**20, 100, 200
MEMORY, SECONDS = 1536 * 2**20, 30
REFUSED, GROUP = 3, 500
BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
QUOTES = {'"': "&quot;"}
UNANSWERED = re.compile(
    rb'<c [^>]*?r="[A-Z]+(\d+)"[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v>\s*</v>)?</c>', re.ASCII
)
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 32_767


Row = tuple[int, list[Any]]


def read(path: Path, sheet: str) -> tuple[list[str], Callable[[], Iterator[Row]]]:
    """Names of the sheets, and what gives the (line, cells) of one again and again; Invalid with a sentence for anything
    broken or hostile."""
    _guard(path)
    spool = tempfile.TemporaryFile()

    def rows() -> Iterator[Row]:
        return _rows(spool, start)

    weakref.finalize(rows, spool.close)
    _run([sys.executable, "-m", "prm.transfers.workbooks", str(path.absolute()), sheet], spool)
    spool.seek(0)
    names = pickle.load(spool)  # noqa: S301  written by our own child, from plain values only
    start = spool.tell()
    return names, rows


def _run(command: list[str], spool: IO[bytes]) -> None:
    try:
        child = subprocess.run(command, stdout=spool, stderr=subprocess.PIPE, timeout=SECONDS, check=False)  # noqa: S603  nothing of it but a path of ours
    except subprocess.TimeoutExpired:
        raise Invalid("The workbook took too long to read. Save the table as CSV.", field="file") from None
    if child.returncode == REFUSED:
        raise Invalid(child.stderr.decode("utf-8", "replace").strip(), field="file")
    if child.returncode:
        raise Invalid(
            "The workbook is damaged or too large. Open it in Excel, save it again, or save it as CSV.", field="file"
        )


def _rows(spool: IO[bytes], at: int) -> Iterator[Row]:
    """From a place in the file on; several may read in turn."""
    while True:
        spool.seek(at)
        try:
            group = pickle.load(spool)  # noqa: S301  written by our own child, from plain values only
        except EOFError:
            return
        at = spool.tell()
        yield from group


def _guard(path: Path) -> None:
    """A few bytes can unpack to gigabytes: the directory of the ZIP says so before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Invalid("The workbook is damaged. Open it in Excel and save it again.", field="file") from None
    names = {m.filename for m in members}
    if BOOK not in names:
        raise Invalid("This is a packed file, not an Excel workbook (.xlsx).", field="file")
    unpacked, packed_size = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if (
        len(members) > MEMBERS
        or unpacked > UNPACKED
        or unpacked > RATIO * packed_size
        or any(m.flag_bits & 1 for m in members)
    ):
        raise Invalid(
            "The workbook is locked, or unpacks to more than can be read. Save the one table as CSV.", field="file"
        )


def _child(path: str, sheet: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    names = book.sheet_names
    if sheet and sheet not in names:
        _refuse(f"The workbook has no sheet “{sheet[:60]}”.")
    if not names:
        _refuse("The workbook has no sheets.")
    page = book.get_sheet_by_name(sheet or names[0])
    if (page.height or 0) > MOST_ROWS + 1 or (page.total_height or 0) > MOST_ROWS * 5:
        _refuse(f"The sheet has more than {MOST_ROWS:,} rows. Split it.")
    if (page.total_width or 0) > MOST_COLUMNS * 5:
        _refuse(f"The sheet has more than {MOST_COLUMNS} columns.")
    _refuse_unanswered(path, sheet or names[0])
    pickle.dump(names, sys.stdout.buffer)
    _hand_over(page)


def _hand_over(page) -> None:
    """The rows that are not blank, with their lines, some hundred at a time."""
    group: list[Row] = []
    for line, row in enumerate(page.iter_rows(), 1):
        if any(cell != "" for cell in row):
            group.append((line, [_plain(line, cell) for cell in row]))
        if len(group) == GROUP:
            pickle.dump(group, sys.stdout.buffer)
            group.clear()
    pickle.dump(group, sys.stdout.buffer)


def _refuse_unanswered(path: str, sheet: str) -> None:
    """A formula that was never worked out would look like an empty cell."""
    with zipfile.ZipFile(path) as packed:
        book, links = (packed.read(name).decode("utf-8", "replace") for name in (BOOK, LINKS))
        link = re.search(rf'<sheet [^>]*name="{re.escape(escape(sheet, QUOTES))}"[^>]* r:id="([^"]+)"', book)
        target = link and re.search(rf'<Relationship (?=[^>]*Id="{re.escape(link[1])}")[^>]*Target="([^"]+)"', links)
        if not target:
            return
        name = target[1].lstrip("/") if target[1].startswith("/") else f"xl/{target[1]}"
        with packed.open(name) as cells:
            found = UNANSWERED.search(cells.read(UNPACKED))
        if found:
            _refuse(f"Line {found[1].decode()}: a formula has no result yet. Open the file in Excel and save it again.")


def _plain(line: int, cell: Any) -> Any:
    """Plain values only; whole numbers come as floats from Excel."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL or "\x00" in cell:
            _refuse(f"Line {line}: a cell is too long, or has characters that cannot be kept.")
        if cell.startswith("#") and cell in ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"):
            _refuse(f"Line {line}: a formula gives {cell}. Mend it in Excel first.")
        return cell
    if isinstance(cell, bool | int | date | datetime):
        return cell
    return str(cell) if isinstance(cell, time | timedelta) else None


def _refuse(words: str) -> None:
    sys.stderr.write(words)
    sys.exit(REFUSED)


if __name__ == "__main__":
    _child(*sys.argv[1:3])
