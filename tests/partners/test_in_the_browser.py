"""What of the partners' screens only a real browser can show: swaps, focus, the way back, and life without a script."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def many(make, sam):
    make.stages()
    for number in range(30):
        make.partner(f"Partner {number:02d}", territory="North" if number % 2 else "South", tier="Gold" if number < 3 else None)


@pytest.fixture
def at_partners(page, enter, many, sam):
    enter(sam).goto("/partners/")
    return page


@pytest.fixture
def without_script(chromium, live_server, app, enter, sam):
    """A page of Sam's in a browser that runs no script."""
    signed = enter(sam).context.cookies()
    context = chromium.new_context(base_url=live_server, java_script_enabled=False)
    context.add_cookies(signed)
    yield context.new_page()
    context.close()


def names(page):
    return page.locator("tbody th a").all_text_contents()


def test_typing_narrows_the_list_and_keeps_the_place_in_the_word(at_partners):
    search = at_partners.get_by_role("searchbox")
    search.focus()
    at_partners.keyboard.type("partner 0")
    expect(at_partners.get_by_text("1–12 of 12")).to_be_visible()
    at_partners.keyboard.press("ArrowLeft")
    at_partners.keyboard.type("1")
    expect(at_partners.locator("tbody tr")).to_have_count(1)
    expect(search).to_be_focused()
    expect(search).to_have_value("partner 10")
    assert "q=partner+10" in at_partners.url or "q=partner%2010" in at_partners.url
    at_partners.reload()
    assert names(at_partners) == ["Partner 10"]


def test_sorting_and_paging_are_steps_one_can_go_back(at_partners):
    at_partners.get_by_role("link", name="Name").click()
    expect(at_partners.locator("tbody th").first).to_have_text(re.compile("Partner 29"))
    at_partners.get_by_role("link", name="Page after").click()
    expect(at_partners.get_by_text("26–30 of 30")).to_be_visible()
    at_partners.go_back()
    expect(at_partners.get_by_text("1–25 of 30")).to_be_visible()
    assert "sort=-name" in at_partners.url and "page=" not in at_partners.url
    at_partners.go_back()
    expect(at_partners.locator("tbody th").first).to_have_text(re.compile("Partner 00"))


def test_a_quick_filter_becomes_a_chip_that_can_be_taken_away(at_partners):
    at_partners.get_by_role("combobox", name="Tier").select_option("Gold")
    expect(at_partners.locator("tbody tr")).to_have_count(3)
    at_partners.get_by_role("link", name="Remove filter: Tier is Gold").click()
    expect(at_partners.locator("tbody tr")).to_have_count(25)
    expect(at_partners.get_by_role("combobox", name="Tier")).to_have_value("")


def test_a_filter_is_built_with_the_keyboard_alone(at_partners):
    at_partners.get_by_role("button", name="Filter", exact=True).focus()
    at_partners.keyboard.press("Enter")
    expect(at_partners.locator("#ff")).to_be_focused()
    at_partners.keyboard.type("Terr")
    at_partners.keyboard.press("Tab")
    at_partners.keyboard.press("ArrowDown")
    expect(at_partners.locator("#fo")).to_have_value("is not")
    at_partners.keyboard.press("Tab")
    at_partners.keyboard.type("south")
    at_partners.keyboard.press("Enter")
    expect(at_partners.get_by_text("1–15 of 15")).to_be_visible()
    assert names(at_partners)[0] == "Partner 01"


def test_columns_are_chosen_with_the_keyboard_and_escape_leaves_them(at_partners):
    button = at_partners.get_by_role("button", name="Choose columns")
    button.focus()
    at_partners.keyboard.press("Enter")
    expect(at_partners.locator("#columns input").first).to_be_focused()
    at_partners.keyboard.press("Escape")
    expect(at_partners.locator("#columns")).to_be_hidden()
    expect(button).to_be_focused()
    at_partners.keyboard.press("Enter")
    expect(at_partners.locator("#columns input").first).to_be_focused()
    at_partners.keyboard.press("Space")
    at_partners.keyboard.press("ArrowDown")
    expect(at_partners.locator("#columns input").nth(1)).to_be_focused()
    at_partners.get_by_role("button", name="Show these").click()
    expect(at_partners.get_by_role("columnheader", name="Partner no")).to_have_count(0)
    assert names(at_partners)[0] == "Partner 00"


def test_tabs_swap_in_place_and_the_back_button_returns(page, enter, make, acme, sam):
    make.deal("Forty bikes", partner=acme)
    enter(sam).goto(f"/partners/{acme.id}")
    page.evaluate("window.stayed = true")
    tabs = page.get_by_role("navigation", name="Partner sections")
    tabs.get_by_role("link", name="Deals").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    expect(tabs.get_by_role("link", name="Deals")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Overview")).not_to_have_attribute("aria-current", "page")
    assert page.evaluate("window.stayed") and page.url.endswith("?tab=deals")
    page.get_by_role("searchbox").fill("zzz")
    expect(page.get_by_text("No deal matches")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("link", name="Forty bikes")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Open and latest deals")).to_be_visible()
    expect(tabs.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")


def test_a_refused_form_keeps_what_was_typed_and_goes_to_the_first_error(page, enter, sam):
    enter(sam).goto("/partners/new")
    page.get_by_label("Website").fill("no site")
    page.get_by_role("button", name="Add partner").click()
    expect(page.get_by_role("alert")).to_contain_text("2 fields need a change")
    expect(page.get_by_label("Name required")).to_be_focused()
    expect(page.get_by_label("Website")).to_have_value("no site")
    page.get_by_label("Name required").fill("Nova 🚲")
    page.get_by_label("Website").fill("nova.example")
    page.get_by_role("button", name="Add partner").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nova 🚲")
    expect(page.get_by_role("status").get_by_text("Partner added")).to_be_visible()


def test_the_second_of_two_editors_sees_both_values_and_decides(page, enter, acme, sam, sign_in, mia):
    from prm.models import Partner

    enter(sam).goto(f"/partners/{acme.id}/edit")
    assert sign_in(mia).post(f"/partners/{acme.id}/edit", data={"name": "By Mia"}).status_code == 303
    page.get_by_label("Name required").fill("By Sam")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this")
    expect(page.get_by_role("cell", name="By Mia")).to_be_visible()
    assert Partner.get_by_id(acme.id).name == "By Mia"
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("By Sam")


def test_values_in_use_are_offered_while_typing(page, enter, many, sam):
    enter(sam).goto("/partners/new")
    page.get_by_label("Territory").press_sequentially("nor", delay=20)
    expect(page.locator("#territory-values option")).to_have_count(1)
    assert page.locator("#territory-values option").get_attribute("value") == "North"


def test_search_or_jump_to_finds_with_the_keyboard(at_partners):
    at_partners.keyboard.press("Control+k")
    at_partners.keyboard.type("partner 07")
    expect(at_partners.get_by_role("option", name="Partner 07")).to_have_attribute("aria-selected", "true")
    at_partners.keyboard.press("Enter")
    expect(at_partners.get_by_role("heading", level=1)).to_have_text("Partner 07")


def test_what_is_typed_takes_the_place_of_the_list_that_is_still_on_its_way(at_partners):
    held, given_up = [], []
    at_partners.route(re.compile(r"/search/\?q=$"), lambda route: held.append(route))
    at_partners.on("requestfailed", lambda request: given_up.append(request.url))
    at_partners.keyboard.press("Control+k")
    at_partners.keyboard.type("partner 07")
    expect(at_partners.get_by_role("option", name="Partner 07")).to_have_attribute("aria-selected", "true")
    assert [route.request.url for route in held] == given_up


def test_who_types_before_the_page_has_come_to_rest_finds_too(page, enter, many, sam):
    later = "const soon = window.setTimeout; window.setTimeout = (what, ms, ...more) => soon(what, ms ?? 60_000, ...more);"
    page.add_init_script(later)  # htmx takes up a page by a timer of its own, which typing may overtake
    enter(sam).goto("/partners/")
    page.keyboard.press("Control+k")
    page.keyboard.type("partner 07")
    expect(page.get_by_role("option", name="Partner 07")).to_have_attribute("aria-selected", "true")


def test_without_a_script_everything_is_a_link_or_a_form(without_script, many):
    page = without_script
    page.goto("/partners/")
    page.get_by_role("searchbox").fill("partner 0")
    page.get_by_role("button", name="Search", exact=True).click()
    assert len(names(page)) == 12
    page.get_by_role("link", name="Name").click()
    assert names(page)[0] == "Partner 20"
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#ff").select_option("territory")
    page.locator("#fv").fill("North")
    page.get_by_role("button", name="Add filter").click()
    assert names(page) == [f"Partner 0{n}" for n in (9, 7, 5, 3, 1)]
    page.get_by_role("link", name="Partner 09").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name required").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Name is needed.")
    page.get_by_label("Name required").fill("Nova")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nova")
    page.get_by_role("link", name="Contacts 0").click()
    expect(page.get_by_text("No contacts yet")).to_be_visible()
