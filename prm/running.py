"""Whether a portal is running: each of its processes holds a lock in the state folder, which ends with the process."""
from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "running.lock"


@contextmanager
def running(var: Path, first: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Held, beside others, for as long as this process serves or works; where there are no others, `first` is done
    before anybody else may begin."""
    with open(var / NAME, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            first()
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def is_running(var: Path) -> bool:
    """Whether a process on this machine serves or works with this folder."""
    path = var / NAME
    if not path.exists():
        return False
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
