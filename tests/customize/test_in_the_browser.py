"""An object with a field of each kind, from nothing to a report, a KPI and a file, in a real browser and with no code."""
import csv
import io

import pytest
import xlsxwriter
from playwright.sync_api import expect

from prm import schedule
from prm.core.jobs import run_once
from prm.customize.kinds import CHOOSABLE, ROLLUP
from prm.kpis.refreshing import compute_all
from prm.models import CustomField, Kpi, KpiResult, records_of

pytestmark = pytest.mark.browser
KINDS = [key for key in CHOOSABLE if key != ROLLUP]
CELLS = {
    "text": "ISO 27001", "long_text": "Two\nlines", "number": 12.5, "money": 1500, "percent": 0.25, "date": "2026-07-31", "datetime": "2026-07-31 09:30", "bool": "yes",
    "choice": "Expert", "choices": "Alpha; Beta", "link": "Ada Byron", "email": "iso@acme.example", "url": "https://iso.example/27001",
}  # fmt: skip


def work():
    schedule.load()  # what a worker knows
    while run_once():
        pass


def add_field(page, object, kind, label, **fill):
    page.goto(f"/setup/objects/{object}")
    page.get_by_role("link", name="Add field").first.click()
    page.get_by_role("link", name=CHOOSABLE[kind].label, exact=False).filter(has_text=CHOOSABLE[kind].about).click()
    page.locator("[name=label]").fill(label)
    page.locator("[name=audience]").select_option("partner")
    for name, value in fill.items():
        place = page.locator(f"[name='{name.replace('__', '-')}']")
        place.select_option(value) if place.evaluate("e => e.tagName") == "SELECT" else place.fill(value)
    page.get_by_role("button", name="Add field").click()
    expect(page.get_by_role("link", name=label, exact=True)).to_be_visible()


def sheet(tmp_path, number, partner):
    path = tmp_path / "certifications.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Number", "Name", "Partner", *(f"A {key}" for key in CELLS)])
        page.write_row(1, 0, [number, "Information security", partner, *CELLS.values()])
    return path


def test_from_nothing_to_a_report_a_kpi_and_a_file_with_no_code(page, enter, make, sam, acme, ada, grace, tmp_path, chromium, live_server):
    enter(sam).goto("/setup/")
    page.get_by_role("searchbox", name="Find a setting").press_sequentially("custom field", delay=10)
    page.locator("#settings").get_by_role("link", name="Objects and fields").click()
    page.get_by_role("link", name="New object").click()
    page.locator("[name=label]").fill("Certification")
    page.locator("[name=plural]").fill("Certifications")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Certifications", level=1)).to_be_visible()

    # a field of each kind
    more = {
        "choice": {"choices__0__label": "Associate", "choices__1__label": "Expert", "choices__1__colour": "good"},
        "choices": {"choices__0__label": "Alpha", "choices__1__label": "Beta"}, "link": {"link": "contact"}, "formula": {"formula": "a_number * 2"},
    }  # fmt: skip
    for kind in KINDS:
        add_field(page, "certification", kind, f"A {kind}", **more.get(kind, {}))
    add_field(page, "partner", ROLLUP, "Certificates", rollup_fn="count", rollup_of="certification:partner")
    assert {f.kind for f in CustomField.select()} == set(CHOOSABLE)

    # filled from a spreadsheet
    page.goto("/import/new?object=certification")
    page.get_by_label("File").set_input_files(sheet(tmp_path, "C1", acme.number))
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Columns").wait_for()
    work()
    page.reload()
    page.get_by_role("button", name="Store 1 row").click()
    work()
    page.get_by_role("heading", name="What came of its rows").wait_for()
    record = records_of(1).get()
    assert record.custom == {
        "a_text": "ISO 27001", "a_long_text": "Two\nlines", "a_number": 12_500_000, "a_money": 150_000, "a_percent": 250_000, "a_date": "2026-07-31",
        "a_datetime": record.custom["a_datetime"], "a_bool": True, "a_choice": "expert", "a_choices": ["alpha", "beta"], "a_link": ada.contact_id,
        "a_email": "iso@acme.example", "a_url": "https://iso.example/27001", "a_formula": 25_000_000,
    }  # fmt: skip

    # in its list and on its page, and counted at its partner
    page.goto("/records/certification/")
    expect(page.get_by_role("row").filter(has_text="Information security")).to_contain_text("ISO 27001")
    page.get_by_role("link", name="Information security").click()
    for text in ("$1,500.00", "25%", "Jul 31, 2026", "Expert", "Alpha, Beta", "Ada Byron", "25"):
        expect(page.locator(".kv").get_by_text(text, exact=True).first).to_be_visible()
    page.goto("/partners/?cols=name,certificates")
    expect(page.get_by_role("row").filter(has_text="Acme")).to_contain_text("1")

    # charted in a report
    page.goto("/reports/new?object=certification&rows.0.field=a_choice&measures.0.fn=sum&measures.0.field=a_money&measures.0.label=Worth&chart.kind=bar")
    expect(page.locator("#preview")).to_contain_text("Expert")
    expect(page.locator("#preview")).to_contain_text("$1,500.00")
    page.get_by_label("Kind of chart").select_option("bar")
    expect(page.locator("#preview svg.chart")).to_be_visible()

    # used in a KPI
    page.goto("/kpis/new")
    page.get_by_label("Name").fill("Certified")
    page.locator("[name=object]").select_option("certification")
    expect(page.locator("[name=date_field] option[value=a_date]")).to_have_count(1)
    page.locator("[name=date_field]").select_option("a_date")
    page.locator("[name=fn_a]").select_option("count")
    page.locator("[name=of_a]").select_option("")
    page.locator("[name=field_1]").select_option("a_choice")
    page.locator("[name=value_1]").fill("Expert")
    page.locator("[name=unit]").select_option("number") if page.locator("select[name=unit]").count() else page.locator("[name=unit][value=number]").check()
    page.get_by_role("button", name="Save").or_(page.get_by_role("button", name="Add KPI")).first.click()
    expect(page.get_by_role("heading", name="Certified", level=1)).to_be_visible()
    Kpi.update(state="active").execute()
    compute_all()
    assert KpiResult.get((KpiResult.partner == acme.id) & (KpiResult.period == "2026-Q3")).value == 1

    # exported
    page.goto("/records/certification/?cols=name,a_money,a_date")
    page.get_by_role("button", name="Download these rows").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(coming.value.path().read_text("utf-8-sig"))))
    assert rows == [["Name", "A money", "A date"], ["Information security", "1500.00", "2026-07-31"]]

    # shown to its partner, hidden from another
    for person, count in ((ada, 1), (grace, 0)):
        page.context.clear_cookies()
        enter(person).goto("/records/certification/")
        expect(page.get_by_text("Information security")).to_have_count(count)
