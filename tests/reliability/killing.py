"""The kill run: a real server is killed with SIGKILL at random moments while people save, import and publish, and is
started again. Afterwards the ledger of what was acknowledged is held against what is stored.
"""
from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playhouse.db_url import connect

from tests.reliability.acting import DONE, REFUSED, UNKNOWN, Actor, Adder, Editor, Importer, Ledger, Publisher
from tests.reliability.process import Server

PARTNERS = 60
SHORT, LONG = (0.05, 0.8), (1.5, 4.5)  # seconds a server lives once it answers: jobs need some that are longer
DRAIN = 120
QUARTERS = [(year, month) for year in (2025, 2026) for month in (2, 5, 8, 11)][:6]


@dataclass
class Outcome:
    """`wrong` names everything that was lost, doubled or left in halves."""

    kills: int = 0
    starts: list[float] = field(default_factory=list)
    seconds: float = 0
    ledger: Ledger = field(default_factory=Ledger)
    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        said = Counter(self.ledger.said)
        return (
            f"{self.kills} kills in {self.seconds:.0f} s; {said[DONE]} changes acknowledged, {self.ledger.silences} times no answer, "
            f"{said[UNKNOWN]} left unanswered; {self.counts}; restart median {median(self.starts):.2f} s, worst {max(self.starts):.2f} s; "
            f"wrong: {len(self.wrong)}"
        )


def run(folder: Path, *, seconds: float, kills: int = 0, seed: int = 1, slowest: float = 5, **env: str) -> Outcome:
    """At least so many seconds and so many kills; then everything open is brought to its end, and counted."""
    server, outcome, chance = Server(folder / "var", **env), Outcome(), random.Random(seed)
    seed_portal(server, folder)
    outcome.starts.append(server.start())
    begun, over = time.monotonic(), threading.Event()
    actors = people(server.port, outcome.ledger, over, seed)
    try:
        while time.monotonic() - begun < seconds or outcome.kills < kills:
            time.sleep(chance.uniform(*(LONG if chance.random() < 0.3 else SHORT)))
            _await_one(actors, chance)
            server.kill()
            outcome.kills += 1
            outcome.starts.append(server.start())
        outcome.seconds = time.monotonic() - begun
        conclude(server, outcome, actors, over)
    finally:
        over.set()
        server.kill()
    outcome.wrong += [f"start took {each:.1f} s" for each in outcome.starts if each > slowest]
    return outcome


def conclude(server: Server, outcome: Outcome, actors: list[Actor], over: threading.Event) -> None:
    """Everybody brings to its end what they began; then it is counted."""
    over.set()
    for actor in actors:
        actor.join(300)
    _drain(server)
    server.stop()
    outcome.wrong += [f"{actor.name}: {actor.failure!r}" for actor in actors if actor.failure or actor.is_alive()]
    Verdict(server, outcome).reach()


def _await_one(actors: list[Actor], chance: random.Random) -> None:
    """Wait for somebody to send something, and a moment longer: it is then under way, stored or answered."""
    chosen = chance.choice(actors)
    chosen.sending.clear()
    chosen.sending.wait(1)
    time.sleep(chance.uniform(0, 0.06))


def people(port: int, ledger: Ledger, over: threading.Event, seed: int, *, but: type | None = None) -> list[Actor]:
    """All of them, at work; without those of one kind."""
    kinds = [(Adder, 3), (Editor, 1), (Importer, 1), (Publisher, 2)]
    names = [(kind, f"{kind.__name__.lower()}{at}") for kind, count in kinds for at in range(count if kind is not but else 0)]
    found = [kind(name, port, ledger, over, seed + at) for at, (kind, name) in enumerate(names)]
    for actor in found:
        actor.start()
    return found


def seed_portal(server: Server, folder: Path) -> None:
    """Partners with a deal in each quarter, so that there are scorecards to publish."""
    partners, deals = folder / "seed-partners.csv", folder / "seed-deals.csv"
    partners.write_text("\n".join(["Number,Name", *(f"SEED{at:03},Seed {at}" for at in range(PARTNERS))]))
    lines = [f"S{at}-{y}-{m},Seed deal,SEED{at:03},{100 + at},{y}-{m:02}-10,Won" for at in range(PARTNERS) for y, m in QUARTERS]
    deals.write_text("\n".join(["Number,Title,Partner,Amount,Closed,Stage", *lines]))
    server.prepare(f"""
        from pathlib import Path
        from prm.access.system import SYSTEM
        from prm.kpis.refreshing import compute_all
        from prm.transfers.running import import_file
        import_file(SYSTEM, "partner", Path({str(partners)!r}))
        import_file(SYSTEM, "deal", Path({str(deals)!r}))
        compute_all()
    """)


def _database(server: Server):
    return connect(server.env.get("PRM_DATABASE_URL") or f"sqlite:///{server.var / 'prm.db'}")


def _drain(server: Server) -> None:
    """Wait until no import is under way any more."""
    database, until = _database(server), time.monotonic() + DRAIN
    waiting = "SELECT count(*) FROM job WHERE done_at IS NULL AND failed_at IS NULL AND kind LIKE 'import.%%'"
    try:
        while database.execute_sql(waiting).fetchone()[0]:
            assert time.monotonic() < until, "the queue did not empty"
            time.sleep(0.2)
    finally:
        database.close()


class Verdict:
    """Holds the ledger against the database."""

    def __init__(self, server: Server, outcome: Outcome):
        self.server, self.ledger, self.outcome = server, outcome.ledger, outcome

    def reach(self) -> None:
        self.database = _database(self.server)
        self._whole()
        self._added("partner", "name", self.ledger.partners)
        self._added("deal", "title", self.ledger.deals)
        self._edited()
        self._imported()
        self._published()
        self.outcome.wrong += self.ledger.broke
        self.database.close()

    def ask(self, sql: str) -> list[tuple]:
        return self.database.execute_sql(sql).fetchall()

    def blame(self, words: str) -> None:
        self.outcome.wrong.append(words)

    def _whole(self) -> None:
        if "PRM_DATABASE_URL" not in self.server.env:
            for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if (found := self.ask(f"PRAGMA {check}")) != good:
                    self.blame(f"{check}: {found[:3]}")
            self._quiet()

    def _quiet(self) -> None:
        if "Traceback" in (log := self.server.log.read_text()):
            self.blame(f"the log has a traceback: …{log[log.index('Traceback'):][-1500:]}")

    def _fits(self, what: str, fate: str, count: int) -> None:
        """Acknowledged: once. Unanswered: at most once. Turned down: never."""
        if count not in {DONE: {1}, UNKNOWN: {0, 1}, REFUSED: {0}}[fate]:
            self.blame(f"{what} was {fate} and is there {count} times")

    def _added(self, table: str, column: str, sent: dict[str, str]) -> None:
        found = Counter(name for (name,) in self.ask(f"SELECT {column} FROM {table} WHERE {column} LIKE 'Kill %%'"))
        told = Counter(
            name for (name,) in self.ask(
                f"SELECT t.{column} FROM activity a JOIN {table} t ON t.id = a.subject_id AND a.subject = '{table}' "
                f"WHERE a.verb = '{table}.created' AND t.{column} LIKE 'Kill %%'"
            )
        )  # fmt: skip
        self.outcome.counts[f"{table}s"] = len(found)
        for word, fate in sent.items():
            self._fits(f"{table} {word}", fate, found[word])
            if told[word] != found[word]:
                self.blame(f"{table} {word} is there {found[word]} times and in the history {told[word]} times")
        for word in set(found) - set(sent):
            self.blame(f"{table} {word} was never sent")

    def _edited(self) -> None:
        """Each amount was set once, none after a later one, and the last is the one that stands."""
        for word, sent in self.ledger.amounts.items():
            id, amount = self.ask(f"SELECT id, amount FROM deal WHERE title = '{word}'")[0]
            told = self.ask(f"SELECT facts FROM activity WHERE subject = 'deal' AND subject_id = {id} AND verb = 'deal.changed' ORDER BY id")
            facts = [json.loads(f) if isinstance(f, str) else f for (f,) in told]
            values = [f["fields"]["amount"][1] // 100 for f in facts]
            self.outcome.counts["edits"] = len(values)
            for value, fate in sent:
                self._fits(f"{word}: amount {value}", fate, values.count(value))
            if values != sorted(values) or (values and values[-1] != amount // 100):
                self.blame(f"{word}: {values[-5:]} and now {amount}")

    def _imported(self) -> None:
        kept = self.ask("SELECT filename, id, state, made, refused FROM import WHERE filename LIKE 'importer%%'")
        self.outcome.counts["imports"] = sum(state == "done" for _, _, state, _, _ in kept)
        self.outcome.counts["taken back"] = sum(state == "undone" for _, _, state, _, _ in kept)
        for upload in self.ledger.uploads:
            mine = [each for each in kept if each[0] == upload.name]
            self._fits(f"upload {upload.name}", upload.sent, len(mine))
            for name, id, state, made, refused in mine:
                self._whole_import(upload, name.removesuffix(".csv"), id, state, made, refused)

    def _whole_import(self, upload, stem: str, id: int, state: str, made: int, refused: int) -> None:
        """All rows or none, none twice, told once; stored where that was acknowledged, gone where it was taken back."""
        titles = [t for (t,) in self.ask(f"SELECT title FROM deal WHERE title LIKE '{stem} row %%'")]
        noted = self.ask(f"SELECT count(*) FROM import_row WHERE batch_id = {id} AND outcome = 'made'")[0][0]
        told = self.ask(f"SELECT count(*) FROM activity WHERE verb = 'import.done' AND subject_id = {id}")[0][0]
        rows = len(titles), len(set(titles))
        if state == "done":
            good = rows == (upload.rows, upload.rows) and (noted, told, made, refused) == (upload.rows, 1, upload.rows, 0)
        elif state == "undone":
            good = rows == (0, 0) and told == 1
        else:
            good = rows == (0, 0) and noted == told == 0
        if not good or (upload.stored == DONE and state not in ("done", "undone")) or (upload.undone == DONE and state != "undone"):
            self.blame(f"{upload} is {state} with {rows} rows, {noted} noted, {told} told, {made} made, {refused} refused")

    def _published(self) -> None:
        columns = "s.id, s.state, s.frozen, s.publisher_id, s.published_at, s.note, p.name"
        cards = self.ask(f"SELECT {columns} FROM scorecard s JOIN partner p ON p.id = s.partner_id")
        told = Counter(id for (id,) in self.ask("SELECT subject_id FROM activity WHERE verb = 'scorecard.published'"))
        self.outcome.counts["published"] = sum(card[1] == "published" for card in cards)
        for id, state, frozen, publisher, at, note, name in cards:
            card = json.loads(frozen) if isinstance(frozen, str) else frozen
            whole = bool(publisher and at and card) and card["partner"]["name"] == name
            self._fits(f"publishing {id}", self.ledger.published.get(id, REFUSED), told[id])
            if (state == "published") != whole or (state == "published") != (told[id] == 1):
                self.blame(f"scorecard {id} is {state}, whole: {whole}, told {told[id]} times")
            if self.ledger.notes.get(id) == DONE and not note:
                self.blame(f"the note on {id} is lost")
