"""No input gives a 500, hangs, or comes back alive."""
from tests import proof
from tests.security.bad_input import attack, every_try


def test_no_bad_input_breaks_a_page_or_comes_back_alive(portal):
    """A fair sample of the tries that `tools/prove input` makes in full."""
    tries = every_try(portal)
    assert len(tries) >= 20_000
    outcome = attack(portal, tries, seconds=proof.seconds(10))
    proof.tell(f"{outcome.tried} of {len(tries)} bad inputs, slowest {outcome.slowest:.2f} s, codes {outcome.codes}, wrong {len(outcome.wrong)}")
    assert not outcome.wrong, "\n".join(outcome.wrong[:40])
    assert outcome.tried >= 50
