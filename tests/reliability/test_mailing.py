"""No mail is lost silently, and at most one extra copy is sent, whatever the server does and whenever the worker dies."""
from tests import proof
from tests.reliability.mailing import run


def test_a_bad_mail_server_and_a_dying_worker_lose_no_mail(tmp_path):
    outcome = run(tmp_path, mails=2000 if proof.SECONDS else 40, kills=100 if proof.SECONDS else 4, seconds=proof.seconds(60))
    proof.tell(outcome)
    assert not outcome.wrong, "\n".join(outcome.wrong[:20])
    assert outcome.kills >= 1
    assert sum(outcome.states.values()) == outcome.mails
    assert outcome.states["sent"] > outcome.mails / 2 and outcome.states["refused"] and outcome.copies[2] + outcome.copies[1] > outcome.mails / 2
