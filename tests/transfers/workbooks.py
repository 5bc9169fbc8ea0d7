"""XLSX files, good and hostile."""
import io
import zipfile

import xlsxwriter

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows, *, sheets=("Sheet1",), formulas=()) -> bytes:
    """The rows on the last of the sheets. `formulas`: (row, column, formula, result)."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in sheets:
            page = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                page.write(at, column, value, day if hasattr(value, "year") else None)
        for at, column, formula, result in formulas:
            page.write_formula(at, column, formula, None, result)
    return file.getvalue()


def by_hand(cells: str, *, before="", sheets=1, compress=zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of this XML: what no program would write."""
    names = [f"xl/worksheets/sheet{n}.xml" for n in range(1, sheets + 1)]
    sheet = f'<?xml version="1.0"?>{before}<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>'
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, sheets + 1))
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compress) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        whole = f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        packed.writestr("_rels/.rels", f'<Relationships xmlns="{RELATIONS}">{whole}</Relationships>')
        packed.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>')
        packed.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>')
        for name in names:
            packed.writestr(name, sheet)
    return file.getvalue()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *texts: str) -> str:
    cells = "".join(cell(f"{'ABCDEFGH'[at]}{number}", text) for at, text in enumerate(texts))
    return f'<row r="{number}">{cells}</row>'
