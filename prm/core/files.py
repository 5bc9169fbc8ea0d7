"""Files by the hash of their content, outside the web root: written whole or not at all, never changed."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from prm.core import clock

_root = Path("var/files")


def configure(root: Path) -> None:
    global _root
    _root = Path(root)


def save(content: bytes | Iterable[bytes]) -> str:
    """Keep the content and return its hash; a file that exists already is kept as it is."""
    path, digest = temporary(), sha256()
    try:
        with open(path, "wb") as file:
            for part in (content,) if isinstance(content, bytes) else content:
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        return _keep(path, digest.hexdigest())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def adopt(path: Path) -> str:
    """Move a finished temporary file (made by `temporary`) into the store."""
    digest = sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
        os.fsync(file.fileno())
    return _keep(path, digest.hexdigest())


def temporary(suffix: str = "") -> Path:
    """A place on the store's disk to write a large file to, before `adopt`."""
    folder = _root / "new"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as file:
        return Path(file.name)


def scratch(name: str) -> Path:
    """A place for a file that may be lost at any time, by a name of our own."""
    folder = _root / "new"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / name


def workshop() -> TemporaryDirectory:
    """A folder on the store's disk for as long as one works in it."""
    return TemporaryDirectory(dir=scratch(""), prefix="work-")


def discard(name: str) -> None:
    """Throw a file away that nobody needs any more."""
    place(name).unlink(missing_ok=True)


def discard_unfinished(age: timedelta) -> int:
    """Throw away temporary files older than this: whoever wrote them was killed."""
    old = [each for each in (_root / "new").glob("*") if clock.now().timestamp() - each.stat().st_mtime > age.total_seconds()]
    for each in old:
        shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
    return len(old)


def _keep(path: Path, name: str) -> str:
    target = place(name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(path, 0o600)
    os.replace(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return name


def place(name: str) -> Path:
    """Where the file with this hash lies; ValueError for anything that is no hash."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise ValueError("not a content hash")
    return _root / name[:2] / name
