"""CPU milliseconds per request of the whole server process, median of rounds, ours and the floor's in turn."""
from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROUNDS, REQUESTS = 5, 60
PAGES = [
    ("sign-in page", "/sign-in", "/sign-in", 4),
    ("partners, 25 rows", "/partners/", "/partners/", 5),
    ("partner page", "/partners/7", "/partners/7", 7),
    ("deals, 25 of 10,000", "/deals/", "/deals/", 6),
]
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """A server process on a free port."""

    def __init__(self, command: list[str], env: dict[str, str], port: int, cookie: str):
        self.port, self.cookie = port, cookie
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()
        self.ready = time.perf_counter() - self.started

    def _wait(self) -> None:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> float:
        """PSS in MiB, with its children."""
        pids = [str(self.process.pid), *Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]
        lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def ask(self, path: str, times: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        cookie = "" if path == "/sign-in" else self.cookie
        length = 0
        for _ in range(times):
            connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "br"})
            answer = connection.getresponse()
            length = len(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
        connection.close()
        return length

    def cost(self, path: str) -> float:
        """CPU milliseconds of one request."""
        before = self.cpu()
        self.ask(path, REQUESTS)
        return (self.cpu() - before) / REQUESTS * 1000

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def servers(var: Path, app, key: str) -> tuple[Server, Server]:
    """Ours, signed in as the admin, and the floor, over the same database file."""
    from flask.sessions import SecureCookieSessionInterface

    signed = SecureCookieSessionInterface().get_signing_serializer(app).dumps({"key": key})
    port, floor_port = free_port(), free_port()
    env = {**os.environ, "PRM_VAR": str(var), "PRM_PORT": str(port)}
    ours = Server([sys.executable, "-m", "prm", "serve"], env, port, f"prm={signed}")
    floor = Server([sys.executable, "-m", "benchmarks.floor", str(var / "prm.db"), str(floor_port)], env, floor_port, "who=1")
    return ours, floor


def measure(var: Path, app, key: str) -> list[tuple]:
    """Rows of the table: what, floor, ours, limit, unit."""
    ours, floor = servers(var, app, key)
    try:
        found = []
        for name, path, floor_path, limit in PAGES:
            for server, at in ((ours, path), (floor, floor_path)):
                server.ask(at, 10)
            pairs = [(floor.cost(floor_path), ours.cost(path)) for _ in range(ROUNDS)]
            found.append((name, median(p[0] for p in pairs), median(p[1] for p in pairs), limit, "ms CPU"))
        found.append(("memory of the stack", floor.memory(), ours.memory(), 100, "MiB PSS"))
        found.append(("start to first answer", floor.ready, ours.ready, 3, "s"))
        found.append(("a list of partners on the wire", floor.ask("/partners/", 1) / 1024, ours.ask("/partners/", 1) / 1024, 10, "KiB"))
        return found
    finally:
        ours.stop()
        floor.stop()
