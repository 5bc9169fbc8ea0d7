"""The file store: whole or not at all, by content, readable by us alone."""
import io
import os
import stat
from hashlib import sha256

import pytest

from prm.core import files


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_root", tmp_path / "files")
    return tmp_path / "files"


def test_a_file_is_found_by_the_hash_of_its_content(root):
    name = files.save(b"hello")
    assert name == sha256(b"hello").hexdigest()
    assert files.place(name) == root / name[:2] / name
    assert files.place(name).read_bytes() == b"hello"


def test_it_comes_in_parts_or_from_a_finished_file():
    large = [b"x" * 1000] * 1000
    name = files.save(iter(large))
    waiting = files.temporary(".csv")
    waiting.write_bytes(b"".join(large))
    assert files.adopt(waiting) == name and not waiting.exists()
    assert files.place(name).stat().st_size == 10**6


def test_the_same_content_is_kept_once(root):
    assert files.save(b"hello") == files.save(b"hello")
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1


def test_nobody_else_on_the_machine_reads_it(root):
    name = files.save(b"secret")
    assert stat.S_IMODE(files.place(name).stat().st_mode) == 0o600
    assert stat.S_IMODE(files.place(name).parent.stat().st_mode) & 0o077 == 0


def test_a_file_that_breaks_off_is_not_in_the_store(root):
    def broken():
        yield b"half"
        raise OSError("the browser went away")

    with pytest.raises(OSError):
        files.save(broken())
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_full_disk_leaves_no_file_behind(root, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        files.save(b"hello")
    assert [path for path in root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "/" * 64, "../" * 21 + "a", "a" * 63 + "\0"]
)
def test_what_is_no_hash_has_no_place(name):
    with pytest.raises(ValueError):
        files.place(name)


def test_an_empty_file_is_a_file():
    assert files.place(files.save(b"")).read_bytes() == b""
    assert files.place(files.save(io.BytesIO(b""))).exists()
