"""prm backup: the whole portal in one tar, consistent while others write, readable by its owner only.

Inside: manifest.json (what, when, how many rows), secret, files/…, and the database: a copy of the file of SQLite, or
each table of PostgreSQL as JSON lines. Files never change and go after the database: what its rows name is there.
"""
from __future__ import annotations

import json
import os
import tarfile
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import click
from playhouse.migrations import Runner

from prm.archive import FORMAT
from prm.core import clock, files
from prm.core.db import db, is_sqlite
from prm.core.errors import Invalid
from prm.migrating import FOLDER, copy_to
from prm.opening import open_portal
from prm.portable import count_rows, opened, tables, write_lines

REPEATABLE_READ = 3  # psycopg's number for it


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole portal to FILE, a new tar (compressed when its name ends in .gz or .tgz). The portal may run."""
    settings = open_portal()
    if file.exists():
        raise Invalid(f"{file} exists already. Choose another name.")
    with files.workshop() as scratch, db.connection_context():
        manifest, parts = _snapshot(Path(scratch))
        parts["secret"] = settings.var / "secret"
        kept = _linked(settings.var / "files", Path(scratch))
        manifest |= {"files": len(kept), "sha256": {name: _digest(path) for name, path in parts.items()}}
        _write(file, manifest, parts | kept)
    rows = sum(manifest["tables"].values())
    size = file.stat().st_size / 2**20
    click.echo(f"{rows:,} rows in {len(manifest['tables'])} tables and {len(kept):,} files are in {file} ({size:,.1f} MB).")


def _snapshot(scratch: Path) -> tuple[dict, dict[str, Path]]:
    """What there is at one moment, and the files that hold it."""
    migrations = list(Runner(db.obj, directory=str(FOLDER)).applied())
    if not migrations:
        raise Invalid("There is no portal here yet: its database is empty.")
    manifest = {"format": FORMAT, "made_at": clock.now().isoformat(), "migrations": sorted(migrations)}
    counts, parts = (_copy_sqlite if is_sqlite() else _dump_postgres)(scratch)
    return manifest | {"database": "sqlite" if is_sqlite() else "postgresql", "tables": counts}, parts


def _copy_sqlite(scratch: Path) -> tuple[dict[str, int], dict[str, Path]]:
    copy = scratch / "prm.db"
    copy_to(copy)
    with opened(copy) as database:
        return {table: count_rows(database, table) for table in tables(database)}, {"prm.db": copy}


def _dump_postgres(scratch: Path) -> tuple[dict[str, int], dict[str, Path]]:
    with db.atomic(REPEATABLE_READ):
        parts = {table: scratch / f"{table}.jsonl" for table in tables()}
        counts = {table: write_lines(table, path) for table, path in parts.items()}
    return counts, {f"tables/{path.name}": path for path in parts.values()}


def _linked(root: Path, scratch: Path) -> dict[str, Path]:
    """The kept files, held: one that is thrown away in the meantime is still there for us."""
    kept = {}
    for path in sorted(root.glob("[0-9a-f][0-9a-f]/*")):
        with suppress(FileNotFoundError):
            os.link(path, scratch / path.name)
            kept[f"files/{path.parent.name}/{path.name}"] = scratch / path.name
    return kept


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        digest = sha256()
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _write(target: Path, manifest: dict, parts: dict[str, Path]) -> None:
    """A new file for its owner only; one that broke off is taken away."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            _fill(file, "w:gz" if target.suffix in (".gz", ".tgz") else "w", manifest, parts)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _fill(file, mode: str, manifest: dict, parts: dict[str, Path]) -> None:
    more = {"compresslevel": 1} if mode == "w:gz" else {}
    with tarfile.open(fileobj=file, mode=mode, **more) as tar:
        content = json.dumps(manifest, indent=2).encode()
        tar.addfile(_entry("manifest.json", len(content)), BytesIO(content))
        for name, path in parts.items():
            with open(path, "rb") as part:
                tar.addfile(_entry(name, os.fstat(part.fileno()).st_size), part)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(clock.now().timestamp())
    return entry
