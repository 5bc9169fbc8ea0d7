"""What a browser loads: a list the first time, and the next page of it, counted by Chromium itself."""
from __future__ import annotations

import os
import shutil

from benchmarks.figure import Figure
from benchmarks.server import Server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def measure(ours: Server, cookie: str) -> list[Figure]:
    place = os.environ.get("PRM_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if place is None:
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=place, args=FLAGS)
        first, then = _loads(chromium, ours, cookie)
        chromium.close()
    return [
        Figure("first load of a list, requests", 1, first[0], 10),
        Figure("first load of a list, on the wire", _bare(ours), first[1], 115, "KiB"),
        Figure("the next list, requests", 1, then[0], 1),
        Figure("the next list, on the wire", None, then[1], 7, "KiB"),
    ]


def _loads(chromium, ours: Server, cookie: str) -> list[tuple[int, float]]:
    """(requests, KiB) of the partners, then of the deals that a click in the menu opens."""
    at = f"http://127.0.0.1:{ours.port}"
    context = chromium.new_context(base_url=at)
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": at}])
    page, loads = context.new_page(), []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda sent: loads.append(sent["encodedDataLength"]))
    found = []
    for go in (lambda: page.goto("/partners/"), lambda: page.click("nav >> text=Deals")):
        loads.clear()
        go()
        page.wait_for_load_state("networkidle")
        found.append((sum(1 for size in loads if size), sum(loads) / 1024))
    context.close()
    return found


def _bare(ours: Server) -> float:
    """The page alone."""
    return ours.ask("/partners/") / 1024
