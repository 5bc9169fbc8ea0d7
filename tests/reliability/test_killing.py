"""A server that is killed again and again loses nothing it has acknowledged, and does nothing twice."""
from tests.reliability.acting import DONE, REFUSED, UNKNOWN
from tests.reliability.killing import run


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path):
    """`tools/prove kill` does the same for longer."""
    outcome = run(tmp_path, seconds=10, kills=8, slowest=20)
    assert not outcome.wrong, outcome.wrong
    said = outcome.ledger.said
    assert outcome.kills >= 8 and said.count(DONE) >= 20
    assert outcome.ledger.silences >= 8 and said.count(REFUSED) < len(said) / 2 and UNKNOWN in said
