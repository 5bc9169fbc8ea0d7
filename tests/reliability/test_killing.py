"""A server that is killed again and again loses nothing it has acknowledged, and does nothing twice."""
from tests import proof
from tests.reliability.acting import DONE
from tests.reliability.killing import run


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path):
    outcome = run(tmp_path, seconds=proof.seconds(8), kills=8, slowest=20)
    proof.tell(outcome)
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert outcome.kills >= 8 and outcome.ledger.silences >= 8
    assert outcome.ledger.said.count(DONE) >= 20
