"""A portal of its own: `prm serve` as people run it, an empty folder, a mail server that takes what it sends, and a browser."""
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiosmtpd.controller import Controller

ROOT = Path(__file__).parents[2]
PASSWORD = "four quiet green bicycles"


class Postbox:
    """Keeps the mails it is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"

    def link_to(self, address, path, seconds=20):
        """The newest link of this kind in a mail to `address`, waited for."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for to, text in reversed(self.mails):
                found = re.search(rf"https?://\S+{path}\S+", text.replace("=\r\n", ""))
                if to == [address] and found:
                    return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address} with a link {path}: {self.mails}")


@pytest.fixture
def postbox():
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=_free_port())
    server.start()
    box.port = server.port
    yield box
    server.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def portal(tmp_path, postbox):
    """The address of a fresh portal, web and jobs in one process."""
    port = _free_port()
    env = os.environ | {
        "PRM_VAR": str(tmp_path / "var"), "PRM_PORT": str(port), "PRM_SMTP_URL": f"smtp://127.0.0.1:{postbox.port}?tls=none",
        "PRM_MAIL_FROM": "portal@kestrel.example",
    }  # fmt: skip
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen([sys.executable, "-m", "prm", "serve"], cwd=ROOT, env=env, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    _await(address, server, tmp_path / "log")
    yield address
    server.terminate()
    server.wait(20)
    said = (tmp_path / "log").read_text()
    assert "Traceback" not in said, said


def _await(address: str, server, log: Path) -> None:
    for _ in range(150):
        try:
            urlopen(f"{address}/health", timeout=2)
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def open_page(chromium, portal):
    """`open_page()` is a browser of its own; what goes wrong in its console fails the test."""
    contexts, errors = [], []

    def fresh(**more):
        context = chromium.new_context(base_url=portal, reduced_motion="reduce", **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        return page

    yield fresh
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def set_up():
    """Make the first account on the first visit; `sample` ticks the box."""

    def fill(page, sample=False):
        page.goto("/")
        page.get_by_label("Name of the organisation").fill("Kestrel Alliance")
        page.get_by_label("Time zone").select_option("Europe/Berlin")
        page.get_by_label("Currency").select_option("USD")
        page.get_by_label("Your name").fill("Sam Ortega")
        page.get_by_label("Your e-mail").fill("sam@kestrel.example")
        page.get_by_label("Password").fill(PASSWORD)
        if sample:
            page.get_by_label("Load sample data").check()
        page.get_by_role("button", name="Start").click()

    return fill
