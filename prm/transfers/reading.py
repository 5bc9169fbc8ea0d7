"""A table from an untrusted file: what it is is decided by its content, never its name; every refusal is a sentence.

Nothing is read before its size is known to be bearable, and XLSX is unpacked in a child process with limits.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from prm.core.errors import Invalid
from prm.transfers import workbooks

LARGEST = 30 * 2**20
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 32_767
ENCODINGS = ("utf-8", "cp1252", "utf-16", "iso-8859-15", "cp1250", "cp1251")  # to choose from
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NOT_TABLES = {
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"RIFF": "a picture or sound",
    b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old or locked Office file; save it as .xlsx without a password",
    b"\x1f\x8b": "a packed file", b"Rar!": "a packed file", b"7z\xbc\xaf": "a packed file", b"\x7fELF": "a program", b"MZ\x90": "a program",
}  # fmt: skip
HALF = re.compile(rb"\xed[\xa0-\xbf]")  # half a character, written as if it were one
Cells = list[Any]


@dataclass
class SheetFile:
    """An opened table. `rows()` streams (line, cells) from the start each time it is called; blank lines are left out."""

    kind: str
    header: list[str]
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    encoding: str = ""
    delimiter: str = ""
    sheets: list[str] = field(default_factory=list)


def open_table(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> SheetFile:
    """Recognise and open; Invalid for everything that is no table with a header and rows."""
    size = path.stat().st_size
    if not size:
        raise Invalid("The file is empty.", field="file")
    if size > LARGEST:
        raise Invalid(
            f"The file has {size / 2**20:.0f} MB; at most {LARGEST // 2**20} MB can be imported. Split it.",
            field="file",
        )
    with open(path, "rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06"):
        return _workbook(path, sheet)
    _refuse_others(start)
    return _csv(path, start, encoding, delimiter)


def _refuse_others(start: bytes) -> None:
    for mark, what in NOT_TABLES.items():
        if start.startswith(mark):
            raise Invalid(f"This is {what}, not a CSV or Excel table.", field="file")
    if start.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"{\\rtf")):
        raise Invalid("This is a web page or document, not a CSV or Excel table. Export it as CSV.", field="file")


# ── CSV ──


def _csv(path: Path, start: bytes, encoding: str, delimiter: str) -> SheetFile:
    encoding = _checked(encoding) or _encoding(path, start)
    delimiter = delimiter if delimiter in DELIMITERS else _delimiter(path, encoding)
    lines = _lines(path, encoding, delimiter)
    first = next(lines, None)
    if first is None:
        raise Invalid("The file has no lines.", field="file")
    header = _header(first[1])
    if next(lines, None) is None:
        raise Invalid("The file has a header but no rows.", field="file")

    def rows() -> Iterator[tuple[int, Cells]]:
        every = _lines(path, encoding, delimiter)
        next(every)
        for line, cells in every:
            yield line, _fitted(line, cells, len(header))

    return SheetFile("csv", header, rows, encoding=encoding, delimiter=delimiter)


def _checked(encoding: str) -> str:
    if encoding and encoding not in ENCODINGS:
        raise Invalid(f"There is no encoding “{encoding[:40]}” to choose.")
    return encoding


def _encoding(path: Path, start: bytes) -> str:
    """By its mark, else strict UTF-8, else Windows: guessers misread short Western files."""
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if start.count(b"\x00") > len(start) // 50:
        raise Invalid("This is no text file. Save the table as CSV or Excel (.xlsx).", field="file")
    line, letters = 1, 0
    with open(path, "rb") as file:
        for line, text in enumerate(file, 1):  # noqa: B007  told below
            try:
                letters += not text.isascii() and bool(text.decode("utf-8"))
            except UnicodeDecodeError as error:
                return _not_utf8(line, text[error.start :], letters)
    return "utf-8"


def _not_utf8(line: int, rest: bytes, letters: int) -> str:
    """A file whose other letters are UTF-8 is damaged, not Windows: read so, each of them would come out wrong."""
    if letters > 2 or HALF.match(rest):
        raise Invalid(f"Line {line} has characters that are no UTF-8. Save the file as CSV UTF-8 again.", field="file")
    return "cp1252"


def _delimiter(path: Path, encoding: str) -> str:
    """The mark that splits most of the first lines into the same number of cells, outside quotes."""
    with open(path, "rb") as file:
        start = file.read(64 * 1024)
    marked = encoding != "utf-16" or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode(encoding if marked else "utf-16-le", "replace")
    lines = [_unquoted(line) for line in text.splitlines()[:20] if line.strip()]
    best, most = ",", 0
    for mark in DELIMITERS:
        counts = Counter(line.count(mark) for line in lines)
        count, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if count and times * count > most:
            best, most = mark, times * count
    return best


def _unquoted(line: str) -> str:
    return "".join(part for at, part in enumerate(line.split('"')) if at % 2 == 0)


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """(line, cells) of every line that is not blank; Invalid names the line where something is wrong."""
    csv.field_size_limit(LONGEST_CELL * 4)
    with open(path, encoding=encoding, errors="strict", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        count, line = 0, 1
        try:
            for cells in reader:
                at, line = line, reader.line_num + 1
                if not any(cell.strip() for cell in cells):
                    continue
                count += 1
                if count > MOST_ROWS + 1:
                    raise Invalid(f"The file has more than {MOST_ROWS:,} rows. Split it.", field="file")
                yield at, _clean(at, cells)
        except csv.Error as error:
            raise Invalid(f"Line {line}: {_words(error)}", field="file") from None
        except UnicodeError:
            raise Invalid(
                f"After line {max(1, line - 1)} there are characters that are not {encoding}. Choose another encoding."
            ) from None


def _words(error: csv.Error) -> str:
    text = str(error)
    if "larger than" in text:
        return "a cell is too long. Perhaps a quotation mark is not closed."
    if "unexpected end" in text:
        return "a quotation mark is opened and never closed."
    if "expected after" in text:
        return "there is text after a closing quotation mark."
    return "a line break of an old kind stands in the middle. Save the file as CSV UTF-8 again."


def _clean(line: int, cells: list[str]) -> Cells:
    if "\x00" in "".join(cells):
        raise Invalid(f"Line {line}: there is a NUL character. The file is damaged or no text.", field="file")
    if max(map(len, cells)) > LONGEST_CELL:
        raise Invalid(f"Line {line}: a cell has more than {LONGEST_CELL:,} characters.", field="file")
    if len(cells) > MOST_COLUMNS:
        raise Invalid(f"Line {line} has {len(cells)} columns; at most {MOST_COLUMNS} are possible.", field="file")
    return cells


def _header(cells: Cells) -> list[str]:
    """Column names, each once: an empty one gets its place as name."""
    names: list[str] = []
    for at, cell in enumerate(cells, 1):
        name = " ".join(str(cell if cell is not None else "").split())[:120] or f"Column {at}"
        number, unique = 2, name
        while unique in names:
            unique, number = f"{name} ({number})", number + 1
        names.append(unique)
    if len(names) > MOST_COLUMNS:
        raise Invalid(f"The file has {len(names)} columns; at most {MOST_COLUMNS} are possible.", field="file")
    return names


def _fitted(line: int, cells: Cells, width: int) -> Cells:
    """Short rows are filled up; a row with more cells than columns is shifted somewhere, and nobody can tell where."""
    if len(cells) > width and any(str(c or "").strip() for c in cells[width:]):
        raise Invalid(
            f"Line {line} has {len(cells)} cells, but there are {width} columns. Perhaps a comma is not quoted.",
            field="file",
        )
    return cells[:width] + [None] * (width - len(cells))


# ── XLSX ──


def _workbook(path: Path, sheet: str) -> SheetFile:
    names, table = workbooks.read(path, sheet)
    lines = table()
    first = next(lines, None)
    if first is None:
        raise Invalid("The sheet is empty.", field="file")
    header = _header(_trimmed(first[1]))
    if next(lines, None) is None:
        raise Invalid("The sheet has a header but no rows.", field="file")

    def rows() -> Iterator[tuple[int, Cells]]:
        for line, cells in islice(table(), 1, None):
            yield line, _fitted(line, cells, len(header))

    return SheetFile("xlsx", header, rows, sheets=names)


def _trimmed(cells: Cells) -> Cells:
    while cells and cells[-1] in (None, ""):
        cells = cells[:-1]
    return cells
