"""A wrong setting stops the start with one sentence that names it; without any setting all is well."""
import os
import stat

import pytest

from prm.core.mail import Server
from prm.settings import SettingsError, load


def read(var, **env):
    return load({"PRM_VAR": str(var)} | {f"PRM_{name}": value for name, value in env.items()})


WRONG = [
    ("PORT", "0"), ("PORT", "65536"), ("PORT", "80 80"), ("PORT", "٣"), ("PORT", "9" * 5000), ("PORT", "-1"), ("PORT", "1e3"),
    ("THREADS", "0"), ("THREADS", "65"), ("THREADS", "four"),
    ("DATABASE_URL", "mysql://root@localhost/x"), ("DATABASE_URL", "prm.db"), ("DATABASE_URL", "oracle"),
    ("DATABASE_URL", "sqlite:"), ("DATABASE_URL", "sqlite:///"), ("DATABASE_URL", "postgresql://"), ("DATABASE_URL", "postgresql://[::1/x"),
    ("DATABASE_URL", "postgresql://h:port/x"),
    ("BASE_URL", "portal.example.com"), ("BASE_URL", "ftp://portal.example.com"), ("BASE_URL", "https://portal.example.com/prm"),
    ("BASE_URL", "https://"), ("BASE_URL", "https://portal.example.com?x=1"), ("BASE_URL", "https://[::1"), ("BASE_URL", "https://a.example:99999"),
    ("SMTP_URL", "mail.example.com"), ("SMTP_URL", "smtp://"), ("SMTP_URL", "smtp://mail.example.com:notaport"),
    ("SMTP_URL", "smtp://mail.example.com?tls=maybe"), ("SMTP_URL", "http://mail.example.com"), ("SMTP_URL", "smtp://[::1"),
    ("MAIL_FROM", "portal"), ("MAIL_FROM", "a@b.example, c@d.example"), ("MAIL_FROM", "Portal <portal@example.com>"),
    ("BEHIND_PROXY", "maybe"), ("BEHIND_PROXY", "2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path, name, value):
    with pytest.raises(SettingsError) as stop:
        read(tmp_path, **{name: value})
    said = str(stop.value)
    assert f"PRM_{name}" in said and "\n" not in said and said.endswith((".", "'")) and len(said) < 400


def test_a_wrong_setting_ends_a_command_with_that_sentence_alone(portal):
    portal.env["PRM_PORT"] = "http"
    process = portal.process("migrate")
    said, words = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "")
    assert words == "PRM_PORT has to be a whole number from 1 to 65535; it is 'http'.\n"


def test_nothing_has_to_be_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = load({})
    assert found.var == tmp_path / "var" and found.base_url == "http://127.0.0.1:8000" and found.smtp is None
    assert found.database_url == f"sqlite:///{tmp_path / 'var' / 'prm.db'}" and not found.secure
    assert stat.S_IMODE(found.var.stat().st_mode) == 0o700


def test_the_secret_is_made_once_for_its_owner_and_kept(tmp_path):
    first = read(tmp_path / "a").secret_keys
    assert read(tmp_path / "a").secret_keys == first and len(first[0]) >= 48
    assert read(tmp_path / "b").secret_keys != first
    assert stat.S_IMODE((tmp_path / "a" / "secret").stat().st_mode) == 0o600


def test_a_key_on_top_is_the_new_one_and_those_below_are_still_read(tmp_path):
    (tmp_path / "secret").write_text("n" * 40 + "\n" + "o" * 40 + "\n")
    assert read(tmp_path).secret_keys == ("n" * 40, "o" * 40)


@pytest.mark.parametrize("content", [b"", b"short", b"\n\n", b"\xff" * 60])
def test_a_secret_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(SettingsError, match="secret"):
        read(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="PRM_VAR"):
        read(tmp_path / "file" / "var")
    with pytest.raises(SettingsError, match="PRM_VAR"):
        read(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(SettingsError, match="PRM_VAR"):
        read(tmp_path)


@pytest.mark.parametrize(("url", "server"), [
    ("smtp://mail.example.com", Server("mail.example.com", 25)),
    ("smtps://mail.example.com", Server("mail.example.com", 465, security="tls")),
    ("smtp://u%40x:p%2Fw@mail.example.com:2525?tls=starttls", Server("mail.example.com", 2525, "u@x", "p/w", "starttls")),
    ("smtp://mail.example.com?tls=starttls", Server("mail.example.com", 587, security="starttls")),
])  # fmt: skip
def test_a_mail_server_is_one_address(tmp_path, url, server):
    assert read(tmp_path, SMTP_URL=url).smtp == server


def test_the_address_says_which_hosts_are_ours(tmp_path):
    found = read(tmp_path, BASE_URL="https://portal.example.com/", TRUSTED_HOSTS="a.example, b.example", BEHIND_PROXY="yes")
    assert found.hosts == ["portal.example.com", "127.0.0.1", "localhost", "a.example", "b.example"]
    assert found.secure and found.behind_proxy and found.base_url == "https://portal.example.com"


def test_postgres_is_reached_through_the_pool(tmp_path):
    for scheme in ("postgres", "postgresql", "postgresql+pool"):
        assert read(tmp_path, DATABASE_URL=f"{scheme}://u@h/d").database_url == "postgresql+pool://u@h/d"
