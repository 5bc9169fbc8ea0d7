"""A report built from nothing with the keyboard alone, in a real browser."""
import re

import pytest
from playwright.sync_api import expect

from prm.models import Report

pytestmark = pytest.mark.browser


def choose(page, label: str, option: str) -> None:
    """As a keyboard does it: focus the select, type the words of the option."""
    select = page.get_by_label(label, exact=True)
    select.focus()
    value = select.locator("option", has_text=re.compile(f"^{re.escape(option)}$")).first.get_attribute("value")
    for _ in range(80):
        if select.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{option} is not among {label}")


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def test_a_report_is_built_saved_and_downloaded_with_the_keyboard_alone(page, enter, book, sam):
    enter(sam).goto("/reports/new")
    press(page, "Filter")
    expect(page.get_by_label("Field", exact=True)).to_be_focused()
    choose(page, "Field", "Outcome")
    expect(page.get_by_label("Value", exact=True)).to_be_visible()
    page.get_by_label("Value", exact=True).focus()
    page.keyboard.type("won")
    expect(page.locator("#preview")).to_contain_text("outcome is Won")
    press(page, "Group by")
    expect(page.get_by_label("Row group 1", exact=True)).to_be_focused()
    choose(page, "Row group 1", "Partner")
    press(page, "Measure")
    choose(page, "Measure 1", "Sum of")
    choose(page, "Of what", "Amount")
    expect(page.locator("#preview")).to_contain_text("$180.00")
    choose(page, "Kind of chart", "Columns")
    expect(page.locator("#preview svg.chart")).to_be_visible()
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Won by partner")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Won by partner")).to_be_visible()
    expect(page.get_by_text("Showing 2 of 2")).to_be_visible()
    press(page, "More")
    with page.expect_download() as started:
        page.get_by_role("link", name="Excel").press("Enter")
    assert started.value.suggested_filename.startswith("won-by-partner-")
    assert Report.get().name == "Won by partner"


def test_groups_fold_and_open(page, enter, make, book, sam):
    question = {"rows": [{"field": "partner"}, {"field": "stage"}], "measures": [{"key": "n", "fn": "count"}]}
    made = make.report("Two", question, owner=sam)
    enter(sam).goto(f"/reports/{made.id}")
    rows = page.locator(".answer tbody tr:visible")
    expect(rows).to_have_count(6)
    button = page.get_by_role("button", name="Fold Acme")
    button.press("Enter")
    expect(rows).to_have_count(4)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    expect(rows).to_have_count(6)


def test_a_wrong_logic_keeps_the_last_good_answer(page, enter, book, sam):
    enter(sam).goto("/reports/new?object=deal&filters.0.field=outcome&filters.0.value=won&filters.1.field=stage&filters.1.value=Won&measures.0.fn=sum&measures.0.field=amount")
    expect(page.locator("#preview")).to_contain_text("$180.00")
    page.get_by_label("How they combine").fill("1 and (2")
    expect(page.locator("#logic")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#preview")).to_contain_text("$180.00")
    expect(page.locator("#logic")).to_be_focused()
    page.get_by_label("How they combine").fill("1 and 2")
    expect(page.locator("#logic")).not_to_have_attribute("aria-invalid", "true")
