"""A portal as a process of its own: `prm serve` on a free port with a folder of its own, to be killed and started again."""
from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PASSWORD = "three quiet green boats"
ADMIN = "sam@kestrel.example"
SLOWEST = 60.0
PREPARE = """
from prm import create_app
from prm.core.db import db
from prm.migrating import migrate
from prm.setup.services import make_admin
app = create_app()
migrate(app.extensions["settings"].var)
with app.app_context(), db.connection_context():
    make_admin(email={email!r}, password={password!r})
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """`start` returns how many seconds it took until it answered; `kill` is SIGKILL, to it and to what it started."""

    def __init__(self, var: Path, *, command: str = "serve", **env: str):
        self.var, self.port, self.command = Path(var), free_port(), command
        own = {name: value for name, value in os.environ.items() if not name.startswith("PRM_")}
        self.env = own | {"PRM_VAR": str(var), "PRM_PORT": str(self.port)} | env
        self.process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return self.var.with_name(f"{self.var.name}.{self.command}.log")

    def prepare(self, code: str = "") -> None:
        """Migrate the portal, give it an admin, and run some Python inside of it."""
        whole = PREPARE.format(email=ADMIN, password=PASSWORD) + textwrap.indent(textwrap.dedent(code), "    ")
        done = subprocess.run([sys.executable, "-c", whole], cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> float:
        begun = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "prm", self.command], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip
        if self.command == "serve":
            self._wait(begun)
        return time.monotonic() - begun

    def _wait(self, begun: float) -> None:
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - begun > SLOWEST:
                raise AssertionError(f"it did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        try:
            if how == signal.SIGKILL:
                os.killpg(self.process.pid, how)
            else:
                self.process.send_signal(how)
        except ProcessLookupError:
            pass
        self.process.wait(30)
        self.process = None
