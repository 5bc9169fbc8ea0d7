"""People at work while their server is killed: each keeps a ledger of what was sent and what was answered.

A form that nobody answered is sent again unchanged, or, one time in five, left as it is: then it is done once or never.
One answer in ten is lost on its way, as the moment between a change and its answer is short to be hit by a kill.
"""
from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.contracts.pages import forms
from tests.reliability.web import Answer, Browser, Unanswered, filled

LEFT_ALONE, LOST = 0.2, 0.1
PERIODS = ("2026-Q1", "2026-Q2", "2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1")
DONE, UNKNOWN, REFUSED = "done", "unknown", "refused"


@dataclass
class Upload:
    """One import. `stored` is what became of the order to store it, `undone` of the order to take it back."""

    name: str
    rows: int
    id: str = ""
    sent: str = REFUSED
    stored: str = REFUSED
    undone: str = REFUSED


@dataclass
class Ledger:
    """What became of each thing sent, by a word that stands in the row it makes."""

    partners: dict[str, str] = field(default_factory=dict)
    deals: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    published: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    broke: list[str] = field(default_factory=list)
    answers: int = 0
    silences: int = 0

    @property
    def said(self) -> list[str]:
        """Every fate in it."""
        orders = [fate for u in self.uploads for fate in (u.sent, u.stored, u.undone)]
        edits = [fate for each in self.amounts.values() for _, fate in each]
        return [*self.partners.values(), *self.deals.values(), *self.published.values(), *self.notes.values(), *edits, *orders]


class Actor(threading.Thread):
    """Acts again and again until `over`; what is open then is brought to an end by `finish`."""

    def __init__(self, name: str, port: int, ledger: Ledger, over: threading.Event, seed: int):
        super().__init__(name=name, daemon=True)
        self.browser, self.ledger, self.over = Browser(port), ledger, over
        self.chance, self.count = random.Random(seed), 0
        self.sending = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._patiently(self.browser.sign_in)
            self.begin()
            while not self.over.is_set():
                self.count += 1
                self._patiently(self.act)
                time.sleep(self.chance.uniform(0, 0.1))
            self._patiently(self.finish)
        except BaseException as error:
            self.failure = error

    def begin(self) -> None: ...

    def act(self) -> None: ...

    def finish(self) -> None: ...

    def _patiently(self, act: Callable[[], object]) -> None:
        """A page that did not come is asked for again, as people do."""
        while True:
            try:
                act()
                return
            except Unanswered:
                time.sleep(0.1)

    def send(self, post: Callable[[], Answer], keep: Callable[[str], None], *, insist: bool = False) -> Answer | None:
        """Send until answered, and keep what became of it; None where it is left alone, unanswered."""
        unanswered, leave = False, not insist and self.chance.random() < LEFT_ALONE
        while True:
            try:
                answer = self._answer(post)
            except Unanswered:
                unanswered, self.ledger.silences = True, self.ledger.silences + 1
                keep(UNKNOWN)
                if leave:
                    return None
                time.sleep(0.1)
                continue
            self.ledger.answers += 1
            if answer.status >= 500 and answer.status != 503:
                self.ledger.broke.append(f"{self.name}: {answer.status}")
            if answer.status != 503:
                # a form that is turned down the second time, as its first has been heard, is done or not
                keep(DONE if answer.acknowledged else UNKNOWN if unanswered else REFUSED)
                return answer


    def _answer(self, post: Callable[[], Answer]) -> Answer:
        self.sending.set()
        answer = post()
        if self.chance.random() < LOST:
            raise Unanswered("lost on its way")
        return answer


class Adder(Actor):
    """Adds partners and deals. They get no number, so that nothing but the form's key keeps a second one away."""

    def act(self) -> None:
        word = f"Kill {self.name} {self.count}"
        if self.chance.random() < 0.4:
            data = filled(self.browser.form("/partners/new"), name=word)
            self.send(lambda: self.browser.post("/partners/new", data), lambda fate: self.ledger.partners.__setitem__(word, fate))
        else:
            new = {"title": word, "partner": "SEED001", "stage": "1", "amount": self.count}
            data = filled(self.browser.form("/deals/new"), **new)
            self.send(lambda: self.browser.post("/deals/new", data), lambda fate: self.ledger.deals.__setitem__(word, fate))


class Editor(Actor):
    """Changes the amount of one deal again and again, each time to one it never had."""

    def begin(self) -> None:
        self.word, self.address = f"Edited by {self.name}", ""
        self._patiently(self._find)

    def _find(self) -> None:
        data = self.__dict__.setdefault("first", {})
        if not data:
            new = {"title": self.word, "partner": "SEED002", "stage": "1", "amount": "1"}
            data |= filled(self.browser.form("/deals/new"), **new)
        answer = self.send(lambda: self.browser.post("/deals/new", data), lambda fate: None, insist=True)
        self.address, self.ledger.amounts[self.word] = f"{answer.location}/edit", []

    def act(self) -> None:
        amount, kept = self.count + 1, self.ledger.amounts[self.word]
        data = filled(self.browser.form(self.address), amount=amount)
        kept.append((amount, REFUSED))
        self.send(lambda: self.browser.post(self.address, data), lambda fate: kept.__setitem__(-1, (amount, fate)))


class Importer(Actor):
    """Uploads a sheet of deals, follows its check, has it stored, and takes some of them back."""

    rows = 200

    def act(self) -> None:
        upload = Upload(f"{self.name}-{self.count}.csv", self.rows)
        stem = upload.name.removesuffix(".csv")
        lines = [f"{stem} row {at},SEED{at % 20:03},{at + 1},2026-05-{at % 28 + 1:02},Won" for at in range(self.rows)]
        sheet = "\n".join(["Title,Partner,Amount,Closed,Stage", *lines]).encode()
        data = filled(self.browser.form("/import/new"), object="deal")
        self.ledger.uploads.append(upload)
        answer = self.send(
            lambda: self.browser.upload("/import/new", data, upload.name, sheet), lambda fate: setattr(upload, "sent", fate)
        )
        if answer is not None and answer.location:
            upload.id = answer.location.rpartition("/")[2]
            self._follow(upload)

    def _follow(self, upload: Upload) -> None:
        """Whatever the import's page offers next is done, until it is stored; some are taken back again."""
        page, back = f"/import/{upload.id}", self.chance.random() < 0.3
        until = time.monotonic() + 900
        while time.monotonic() < until:
            offered: dict[str, dict] = {}
            self._patiently(partial(self._look, page, offered))
            if "commit" in offered:
                self._order(upload, "stored", f"{page}/commit", offered["commit"])
            elif "undo" in offered and back and upload.undone == REFUSED:
                self._order(upload, "undone", f"{page}/undo", offered["undo"])
            elif "undo" in offered or "over" in offered:
                return
            time.sleep(0.15)
        self.ledger.broke.append(f"{upload.name} came to no end")

    def _order(self, upload: Upload, what: str, address: str, data: dict) -> None:
        self.send(lambda: self.browser.post(address, data), lambda fate: self._keep(upload, what, fate), insist=True)

    def _keep(self, upload: Upload, what: str, fate: str) -> None:
        """Once acknowledged, an order stays that, whatever is answered to a second one."""
        if getattr(upload, what) != DONE:
            setattr(upload, what, fate)

    def _look(self, page: str, offered: dict[str, dict]) -> None:
        answer = self.browser.get(page)
        for form in forms(answer.text, page):
            if form.action.startswith(f"{page}/"):
                offered[form.action.rpartition("/")[2]] = filled(form)
        if "Taken back" in answer.text:
            offered["over"] = {}


class Publisher(Actor):
    """Publishes scorecards of one period after another, some with a note first."""

    def begin(self) -> None:
        self.waiting: list[int] = []
        self.periods = list(PERIODS if self.name.endswith("0") else reversed(PERIODS))

    def _look(self, period: str) -> None:
        """The drafts of one more period."""
        answer = self.browser.get(f"/scorecards/?period={period}&per=100")
        if answer.status == 503:
            raise Unanswered("busy")
        self.waiting = list(dict.fromkeys(int(id) for id in re.findall(r'href="/scorecards/(\d+)"', answer.text)))
        self.periods.remove(period)

    def act(self) -> None:
        if not self.waiting and self.periods:
            self._look(self.periods[0])
        if not self.waiting:
            return
        id, page = self.waiting[0], f"/scorecards/{self.waiting[0]}"
        if self.chance.random() < 0.5:
            data = filled(self.browser.form(page, f"{page}/note"), note=f"Note on {id}")
            self.send(lambda: self.browser.post(f"{page}/note", data), lambda fate: self.ledger.notes.__setitem__(id, fate), insist=True)
        data = filled(self.browser.form(page, f"{page}/publish"))
        self.waiting.pop(0)
        self.send(lambda: self.browser.post(f"{page}/publish", data), lambda fate: self.ledger.published.__setitem__(id, fate))
