"""A backup as it is read: every part looked at before anything of it is used. Nothing else in a tar is touched."""
from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from prm.core.errors import Invalid

FORMAT = 1
PART = re.compile(r"secret|prm\.db|tables/[a-z_0-9]+\.jsonl|files/[0-9a-f]{2}/[0-9a-f]{64}")


class Archive:
    """The parts of a backup, laid out in a scratch folder."""

    def __init__(self, file: Path, scratch: Path):
        self.file, self.scratch = file, scratch
        with self._open() as tar:
            self.manifest = self._manifest(tar)
            self.digests = {m.name: self._lay(tar, m) for m in tar if m.isfile() and PART.fullmatch(m.name)}
        self._check()

    @contextmanager
    def _open(self) -> Iterator[tarfile.TarFile]:
        try:
            with tarfile.open(self.file, "r:*") as tar:
                yield tar
        except (tarfile.TarError, EOFError, zlib.error):
            raise Invalid(f"{self.file} is no backup of a portal, or it is damaged.") from None

    def _manifest(self, tar: tarfile.TarFile) -> dict:
        first = tar.next()
        if first is None or first.name != "manifest.json" or first.size > 2**20:
            raise Invalid(f"{self.file} is no backup of a portal.")
        try:
            manifest = json.load(tar.extractfile(first))
            wanted = manifest["format"], manifest["tables"], manifest["migrations"], manifest["files"], manifest["sha256"]
        except (ValueError, KeyError, TypeError):
            raise Invalid(f"{self.file} is no backup of a portal, or it is damaged.") from None
        if wanted[0] != FORMAT:
            raise Invalid(f"{self.file} was written by a newer version. Update this copy of the portal first.")
        return manifest

    def _lay(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
        path, digest = self.scratch / member.name, sha256()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tar.extractfile(member) as source, open(path, "wb") as target:
            while part := source.read(1 << 20):
                digest.update(part)
                target.write(part)
        return digest.hexdigest()

    def _check(self) -> None:
        """Each part is there and as it was."""
        named = {name: name.rpartition("/")[2] for name in self.digests if name.startswith("files/")}
        whole = (
            all(self.digests.get(name) == digest for name, digest in (self.manifest["sha256"] | named).items())
            and len(named) == self.manifest["files"]
            and len(self.secret.split()[0] if self.secret.split() else "") >= 32
            and all((self.scratch / f"tables/{table}.jsonl").exists() for table in self.tables if not self.copy)
        )
        if not whole:
            raise Invalid(f"{self.file} is damaged: not every part is as it was when the backup was made.")

    @property
    def tables(self) -> dict[str, int]:
        """How many rows each has."""
        return self.manifest["tables"]

    @property
    def copy(self) -> Path | None:
        """The database as a SQLite file, where the backup has one."""
        return self.scratch / "prm.db" if "prm.db" in self.digests else None

    @property
    def secret(self) -> str:
        path = self.scratch / "secret"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    @property
    def files(self) -> list[Path]:
        return [self.scratch / name for name in self.digests if name.startswith("files/")]
