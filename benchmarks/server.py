"""Servers as processes of their own, ours and the floor's, over the same database file."""
from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figure import children_of, cpu_of, memory_of

SLOWEST = 60.0


class Server:
    """Started, and waited for until it answers: `ready` is how many seconds that took."""

    def __init__(self, command: list[str], env: dict[str, str], port: int, cookie: str):
        self.port, self.cookie = port, cookie
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self._answers():
            if time.perf_counter() - begun > SLOWEST or self.process.poll() is not None:
                raise RuntimeError(f"{command[-1]} did not start")
            time.sleep(0.02)
        self.ready = time.perf_counter() - begun

    def _answers(self) -> bool:
        try:
            self.ask("/sign-in")
        except OSError:
            return False
        return True

    def ask(self, path: str, times: int = 1) -> int:
        """The page, as a browser that has been here before asks for it; returns the bytes of the last answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)
        length = 0
        for _ in range(times):
            cookie = "" if path == "/sign-in" else self.cookie
            connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "br"})
            answer = connection.getresponse()
            length = len(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            if cookie and answer.headers["Set-Cookie"]:
                self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        connection.close()
        return length

    def cost(self, path: str, requests: int = 40, before_each: Callable[[], object] | None = None) -> float:
        """Milliseconds of CPU of one request."""
        before = cpu_of(self.process.pid)
        if before_each is None:
            self.ask(path, requests)
        else:
            for _ in range(requests):
                before_each()
                self.ask(path)
        return (cpu_of(self.process.pid) - before) / requests

    def memory(self) -> tuple[float, float]:
        """MiB of it, and of its children."""
        return memory_of(self.process.pid), memory_of(*children_of(self.process.pid))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def ours(var: Path, cookie: str) -> Server:
    port = free_port()
    return Server([sys.executable, "-m", "prm", "serve"], {**os.environ, "PRM_VAR": str(var), "PRM_PORT": str(port)}, port, cookie)


def floor(var: Path) -> Server:
    port = free_port()
    return Server([sys.executable, "-m", "benchmarks.floor", str(var / "prm.db"), str(port)], dict(os.environ), port, "who=1")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
