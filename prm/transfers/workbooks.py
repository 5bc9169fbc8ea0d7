"""Excel workbooks, read in a child process: first the ZIP is looked at, then limits of memory and time hold."""

from __future__ import annotations

import pickle
import resource
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from prm.core.errors import Invalid

UNPACKED, RATIO, MEMBERS = 50 * 2**20, 100, 200
MEMORY, SECONDS = 1536 * 2**20, 30
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 32_767


def read(path: Path, sheet: str | None) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    """Names of the sheets and (line, cells) of one; Invalid with a sentence for anything broken or hostile."""
    _guard(path)
    command = [sys.executable, "-m", "prm.transfers.workbooks", str(path), sheet or ""]
    try:
        child = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  nothing of it but a path of ours
    except subprocess.TimeoutExpired:
        raise Invalid("The workbook took too long to read. Save the table as CSV.", field="file") from None
    if child.returncode == 3:
        raise Invalid(child.stderr.decode("utf-8", "replace").strip(), field="file")
    if child.returncode:
        raise Invalid(
            "The workbook is damaged or too large. Open it in Excel, save it again, or save it as CSV.", field="file"
        )
    return pickle.loads(child.stdout)  # noqa: S301  written by our own child, from plain values only


def _guard(path: Path) -> None:
    """A few bytes can unpack to gigabytes: the directory of the ZIP says so before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Invalid("The workbook is damaged. Open it in Excel and save it again.", field="file") from None
    names = {m.filename for m in members}
    if "xl/workbook.xml" not in names:
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
    if not names:
        _refuse("The workbook has no sheets.")
    if sheet and sheet not in names:
        _refuse(f"The workbook has no sheet “{sheet[:60]}”.")
    page = book.get_sheet_by_name(sheet or names[0])
    if (page.total_width or 0) > MOST_COLUMNS * 5 or (page.total_height or 0) > MOST_ROWS * 5:
        _refuse(f"The sheet is larger than {MOST_ROWS:,} rows and {MOST_COLUMNS} columns.")
    first = page.start[0] if page.start else 0
    table = [
        (first + at, [_plain(first + at, c) for c in row])
        for at, row in enumerate(page.to_python(skip_empty_area=True), 1)
    ]
    if len(table) > MOST_ROWS + 1:
        _refuse(f"The sheet has more than {MOST_ROWS:,} rows. Split it.")
    sys.stdout.buffer.write(pickle.dumps((names, table)))


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
    sys.exit(3)


if __name__ == "__main__":
    _child(*sys.argv[1:3])
