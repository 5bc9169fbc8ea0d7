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
    page.goto("/dashboards/")
    page.get_by_label("Name").first.focus()
    page.keyboard.type("Monday")
    page.keyboard.press("Enter")
    choose(page, "What the new tile shows", "Won by partner")
    press(page, "Add tile")
    expect(page.get_by_label("Own title of Won by partner")).to_be_visible()
    page.get_by_role("link", name="Look at it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Won by partner")).to_be_visible()
    expect(page.locator(".tile svg.chart")).to_be_visible()


def drag(page, grip, onto) -> None:
    """As a hand does it: take hold, move in steps, let go below the middle of the other."""
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), onto.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + end["height"] / 2, steps=8)
    page.wait_for_timeout(200)  # the others make room
    page.mouse.move(end["x"] + 20, end["y"] + end["height"] - 3, steps=4)
    page.wait_for_timeout(200)
    page.mouse.up()


def test_columns_and_measures_are_ordered_by_drag(page, enter, book, sam):
    enter(sam).goto("/reports/new?object=deal&fields=title&fields=partner&fields=amount")
    columns = page.locator(".sort li")
    expect(page.locator("#preview th[scope=col]").first).to_have_text("Title")
    drag(page, columns.nth(0).locator(".grip"), columns.nth(2))
    expect(page.locator("#preview th[scope=col]")).to_have_text(["Partner", "Amount", "Title"])
    page.goto("/reports/new?object=deal&rows.0.field=stage&measures.0.fn=count&measures.0.label=How+many&measures.1.fn=sum&measures.1.field=amount&measures.1.label=Sum")
    expect(page.locator("#preview th[scope=col]")).to_have_text(["Stage", "How many", "Sum"])
    measures = page.locator("[data-sort=measures] > fieldset")
    drag(page, measures.nth(0).locator(".grip"), measures.nth(1))
    expect(page.locator("#preview th[scope=col]")).to_have_text(["Stage", "Sum", "How many"])
    page.get_by_role("button", name="Move measure 2 up").press("Enter")
    expect(page.locator("#preview th[scope=col]")).to_have_text(["Stage", "How many", "Sum"])


def test_tiles_are_ordered_by_drag_and_fill_the_screen(page, enter, make, book, sam):
    first, second = (make.report(name, owner=sam) for name in ("First report", "Second report"))
    board = make.dashboard("Monday", first, second, owner=sam)
    enter(sam).goto(f"/dashboards/{board.id}/edit")
    tiles = page.locator("[data-sort] > li")
    drag(page, tiles.nth(0).locator(".grip"), tiles.nth(1))
    expect(page.locator("[data-sort] > li b")).to_have_text(["Second report", "First report"])
    slider = page.get_by_label("Width of Second report")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * (6 - 3) / 9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    expect(page.locator("output").first).to_have_text("12 of 12")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(slider).to_have_value("12")
    page.goto(f"/dashboards/{board.id}")
    expect(page.locator(".tile h2")).to_have_text(["Second report", "First report"])
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.id === 'board'")


def test_what_takes_long_says_so_and_can_be_cancelled(page, enter, make, book, sam):
    board = make.dashboard("Monday", make.report("Slow report", owner=sam), owner=sam)
    enter(sam)
    held = []
    page.route(re.compile(r"/tiles/\d+\?"), lambda route: held.append(route))
    page.goto(f"/dashboards/{board.id}")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".tile")).to_have_text("Stopped. Open this tile")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("link", name="Open this tile").click()
    expect(page.get_by_role("link", name="Slow report", exact=True)).to_be_visible()


def test_all_groups_fold_and_open_at_once(page, enter, make, book, sam):
    question = {"rows": [{"field": "partner"}, {"field": "stage"}], "measures": [{"key": "n", "fn": "count"}]}
    enter(sam).goto(f"/reports/{make.report('By partner', question, owner=sam).id}")
    rows = page.locator("tr.ln-row")
    expect(rows.filter(visible=True)).to_have_count(3)
    page.get_by_role("button", name="Collapse all").click()
    expect(rows.filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="Expand all").click()
    expect(rows.filter(visible=True)).to_have_count(3)


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
