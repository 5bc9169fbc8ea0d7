"""The portal as processes: the web server with the worker inside, or either alone."""
from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import timedelta

from flask import Flask

from prm import schedule
from prm.core import clock
from prm.core.db import db, is_sqlite
from prm.core.errors import Invalid
from prm.core.jobs import Schedule, take_over, work
from prm.running import running
from prm.settings import MB, Settings

log = logging.getLogger("prm")

WORKER = "worker"
BEAT = timedelta(seconds=20)


def serve(app: Flask, settings: Settings, *, jobs: bool = True) -> None:
    """Answer requests until told to stop. Invalid when the address cannot be had."""
    signal.signal(signal.SIGTERM, _leave)
    with running(settings.var, first=_take_over):
        server = _listening(app, settings)
        print(f"Alongside is at http://{_shown(settings.host)}:{settings.port} (Ctrl+C stops it)", flush=True)
        stop = threading.Event()
        workers = start_workers(stop) if jobs else []
        if is_sqlite():
            db.connect(reuse_if_open=True)  # held: SQLite folds its log into the file whenever nobody has it open
        try:
            server.run()
        finally:
            stop.set()
            _end(workers)


def _listening(app: Flask, settings: Settings):
    try:
        return _listen(app, settings)
    except OSError as error:
        raise Invalid(f"Port {settings.port} on {settings.host}: {error.strerror}. Set PRM_PORT.") from None
    except ValueError:
        raise Invalid(f"This machine has no address {settings.host}. Set PRM_HOST.") from None


def _listen(app: Flask, settings: Settings):
    """Waitress holds out against slow clients with these limits, and reads a body whole before a thread is used."""
    from waitress import create_server

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        connection_limit=1000,
        channel_timeout=20,
        channel_request_lookahead=1,  # so that it notices a browser that does not wait any more: prm/core/patience.py
        # above our own limit, so that a file somewhat too large gets a page with an explanation
        max_request_body_size=128 * MB,
        ident=None,
    )


def _take_over() -> None:
    """A SQLite file belongs to one machine, so that its lock says that nobody works; with PostgreSQL others may."""
    if is_sqlite():
        with db.connection_context():
            take_over()


def _shown(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _leave(*_signal) -> None:
    raise SystemExit(0)


def start_workers(stop: threading.Event) -> list[threading.Thread]:
    """Two that work, of whom one takes no long jobs, so that a mail does not wait for an import; and a third thread that
    says, as long as they live, that somebody works."""
    timetable = schedule.load()
    workers = [
        threading.Thread(target=work, args=(stop, timetable), name="jobs", daemon=True),
        threading.Thread(target=work, args=(stop, None, True), name="quick jobs", daemon=True),
    ]
    for worker in workers:
        worker.start()
    threading.Thread(target=_beat, args=(stop, workers), name="beat", daemon=True).start()
    return workers


def _end(workers: list[threading.Thread]) -> None:
    """A job that needs longer is taken over by another worker."""
    until = time.monotonic() + 10
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))


def work_until_stopped(settings: Settings) -> None:
    """The worker alone, beside web processes that have none."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with running(settings.var, first=_take_over):
        print("Working on jobs (Ctrl+C stops it)", flush=True)
        workers = start_workers(stop)
        while all(worker.is_alive() for worker in workers) and not stop.wait(1):
            pass
        _end(workers)


def _beat(stop: threading.Event, workers: list[threading.Thread]) -> None:
    while all(worker.is_alive() for worker in workers) and not stop.is_set():
        try:
            with db.connection_context():
                note_worker()
        except Exception:
            log.exception("the worker could not say that it lives")
        stop.wait(BEAT.total_seconds())


def note_worker() -> None:
    """Somebody works; to be said again within a beat."""
    due = clock.now() + BEAT
    Schedule.insert(kind=WORKER, next_at=due).on_conflict(
        conflict_target=[Schedule.kind], update={Schedule.next_at: due}
    ).execute()
