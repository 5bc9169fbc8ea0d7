"""How far storing is. It happens in one transaction, whose rows nobody else can see before it ends, the job's own
included: so a small file tells, which may be lost without harm."""

from __future__ import annotations

import os

from prm.core import files


def tell(batch: int, done: int) -> None:
    path = files.scratch(f"import-{batch}")
    path.with_suffix(".new").write_text(str(done), "ascii")
    os.replace(path.with_suffix(".new"), path)


def told(batch: int) -> int:
    """Rows stored so far; 0 where nobody told."""
    try:
        return int(files.scratch(f"import-{batch}").read_text("ascii"))
    except (OSError, ValueError):
        return 0


def forget(batch: int) -> None:
    files.scratch(f"import-{batch}").unlink(missing_ok=True)
