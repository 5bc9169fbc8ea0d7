"""A portal of its own in a folder, driven by the command `prm`: in this process, or as a real one."""
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner, Result

from prm.cli import main
from prm.core import files, links, mail, passwords, pdf
from prm.core.db import db

ROOT = Path(__file__).parents[2]
CONFIGURED = [(files, "_root"), (links, "_base"), (mail, "_server"), (mail, "_sender"), (passwords, "_hasher"), (pdf, "_static")]


@dataclass
class Portal:
    """`run` answers with exit_code, stdout, stderr; `done` wants a 0 and gives stdout; `refused` wants one line."""

    var: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PRM_")}
        return own | {"PRM_VAR": str(self.var)} | self.env

    def run(self, *args, input=None) -> Result:
        named = {name: None for name in os.environ if name.startswith("PRM_")}
        with as_it_was():
            return CliRunner().invoke(main, [str(a) for a in args], input=input, env=named | self.environment)

    def done(self, *args, input=None) -> str:
        result = self.run(*args, input=input)
        assert result.exit_code == 0, result.stderr or result.exception
        return result.stdout

    def refused(self, *args, input=None) -> str:
        result = self.run(*args, input=input)
        assert result.exit_code not in (0, None) and isinstance(result.exception, SystemExit), result.exception
        assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1, result.stderr
        return result.stderr.removeprefix("Error: ").strip()

    def process(self, *args, **more) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "prm", *map(str, args)]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, **pipes | more)


@contextmanager
def as_it_was():
    """The command configures the whole process; afterwards it is the tests' again."""
    before, mask = [(module, name, getattr(module, name)) for module, name in CONFIGURED], os.umask(0o077)
    database = db.obj
    try:
        yield
    finally:
        if db.obj is not database and hasattr(db.obj, "close_all"):
            db.obj.close_all()
        db.initialize(database)
        os.umask(mask)
        for module, name, value in before:
            setattr(module, name, value)
