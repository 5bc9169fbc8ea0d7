"""Random formulas, well formed, broken and hostile: a number, a text, nothing or a refusal, each within 50 ms."""
import builtins
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from prm.catalogue.formula import LIMIT, Formula
from prm.core.errors import Invalid
from tests import proof

ROW = {"won": Decimal(120), "n": 4, "lost": Decimal("0.1"), "zero": 0, "none": None, "huge": Decimal("9e23"), "stage": "Won", "since": date(2026, 2, 27)}
ATOMS = [*ROW, "1", "0", "9" * 30, "0." + "0" * 29 + "1", '"x"', '""', "share(won)", "share(n, total)", "change(n)", "unknown"]
SIGNS = [*"+-*/×÷&<>=", "<=", "<>", "!="]
FUNCTIONS = ["abs", "round", "min", "max", "concat", "if", "days", "coalesce", "share", "change", "-", "nothing"]
HOSTILE = [
    "__import__('os').system('true')", "().__class__.__bases__[0].__subclasses__()", "won.__class__", "eval(1)", "exec(1)", "open(1)",
    "lambda: 1", "[x for x in 1]", "{won}", "{0.__class__}", "%(won)s", "{{ won }}", "9**9**9**9", "1" * 3000, "(" * 900, "-" * 1900 + "1",
    "1" + "+1" * 990, "not" * 500, "1e2000000", "NaN", "0x10", "\0", "\ud800", "won;n", "won\nn", "`id`", "$(id)", "1 if 1 else 2", "a:=1",
    '"' * 101, "if(" * 49 + "1", "concat(" + '"' + "x" * 190 + '", ' + "stage" + ", stage" * 200 + ")", "self", "lookup", "Here", "@x", "won..n",
]  # fmt: skip
LETTERS = '1a.(),+-*/÷"& <>=_9e%^[]{}:;\\\'\n\t٣½'


def written(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.6:
        return _well_formed(chance, chance.randint(1, 6))
    if kind < 0.8:
        text = _well_formed(chance, 4)
        at = chance.randrange(len(text))
        return text[:at] + chance.choice([*LETTERS, *HOSTILE[:12], ""]) + text[at + chance.randint(0, 3) :]
    if kind < 0.9:
        return "".join(chance.choices(LETTERS, k=chance.randint(0, 200)))
    return chance.choice(HOSTILE) + chance.choice(["", " + 1", _well_formed(chance, 2)])


def _well_formed(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.15:
        return chance.choice(ATOMS)
    inner = [_well_formed(chance, depth - 1) for _ in range(3)]
    if chance.random() < 0.6:
        return f"({inner[0]} {chance.choice(SIGNS)} {inner[1]})"
    return f"{chance.choice(FUNCTIONS)}({', '.join(inner[: chance.randint(1, 3)])})"


@contextmanager
def watched(monkeypatch) -> Iterator[list[str]]:
    """Names of whatever a formula must never reach."""
    reached: list[str] = []
    with monkeypatch.context() as patch:
        for module, name in ((builtins, "eval"), (builtins, "exec"), (os, "system"), (os, "popen"), (subprocess, "Popen")):
            patch.setattr(module, name, lambda *_, name=name: reached.append(name))
        yield reached


def tried_out(text: str) -> tuple[float, bool]:
    """How long it took of this thread's time, whoever else wants the processor; and whether it had a result."""
    begun = time.thread_time()
    try:
        found = Formula.parse(text).result(ROW.get, share=lambda name, total: Decimal("0.5"), change=lambda name: None)
    except Invalid as refusal:
        assert refusal.message and len(refusal.message) < 500, text
        return time.thread_time() - begun, False
    assert found is None or type(found) in (Decimal, str, bool, int, date), (type(found), text)
    assert not isinstance(found, Decimal) or abs(found) < LIMIT, text
    assert not isinstance(found, str) or len(found) < 100_000, text
    return time.thread_time() - begun, True


def test_random_formulas_give_a_value_or_a_refusal_and_never_escape(monkeypatch):
    chance, slowest, worked, tried = random.Random(11), 0.0, 0, 0
    until, count = time.monotonic() + proof.seconds(20), 100_000 if proof.SECONDS else 3000
    with watched(monkeypatch) as reached:
        while tried < count and time.monotonic() < until:
            tried, text = tried + 1, written(chance)
            took, fine = tried_out(text)
            if took >= 0.01:  # the collector of garbage may have come in between: what is slow is slow again
                took = min(took, tried_out(text)[0])
            slowest, worked = max(slowest, took), worked + fine
            assert took < 0.05, (took, text)
    proof.tell(f"{tried} formulas, {worked} worked out, {tried - worked} refused, slowest {slowest * 1000:.1f} ms, escapes {len(reached)}")
    assert not reached
    assert tried >= 1000 and worked > tried / 4
