"""The portal as processes: the web server with the worker inside, or either alone."""
from __future__ import annotations

import logging
import signal
import threading
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
        worker = start_worker(stop) if jobs else None
        try:
            server.run()
        finally:
            stop.set()
            if worker:
                worker.join(10)


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


def start_worker(stop: threading.Event) -> threading.Thread:
    """Work in threads: one for the jobs, one that says as long as the first lives that somebody works."""
    timetable = schedule.load()
    worker = threading.Thread(target=work, args=(stop, timetable), name="jobs", daemon=True)
    worker.start()
    threading.Thread(target=_beat, args=(stop, worker), name="beat", daemon=True).start()
    return worker


def work_until_stopped(settings: Settings) -> None:
    """The worker alone, beside web processes that have none."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with running(settings.var, first=_take_over):
        print("Working on jobs (Ctrl+C stops it)", flush=True)
        worker = start_worker(stop)
        while worker.is_alive() and not stop.wait(1):
            pass
        worker.join(10)  # a job that needs longer is taken over by another worker


def _beat(stop: threading.Event, worker: threading.Thread) -> None:
    while worker.is_alive() and not stop.is_set():
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
