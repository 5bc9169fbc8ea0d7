"""Work that is done by one at a time, over all processes."""
from threading import Event, Thread

from prm.core.alone import alone, anybody
from prm.core.db import db


def test_others_can_tell_that_somebody_is_at_it(database):
    """Each thread has a connection of its own, as another process would."""
    begun, enough = Event(), Event()

    def work():
        with db.connection_context(), alone("counting"):
            begun.set()
            enough.wait(20)

    worker = Thread(target=work)
    assert not anybody("counting")
    worker.start()
    assert begun.wait(20)
    assert anybody("counting") and not anybody("sorting")
    enough.set()
    worker.join()
    assert not anybody("counting") and not anybody("counting")


def test_who_only_looks_is_not_taken_for_work(database):
    """Twenty who publish at once all look."""
    seen = []

    def look():
        with db.connection_context():
            seen.extend(anybody("counting") for _ in range(50))

    lookers = [Thread(target=look) for _ in range(8)]
    for each in lookers:
        each.start()
    for each in lookers:
        each.join()
    assert len(seen) == 400 and not any(seen)
