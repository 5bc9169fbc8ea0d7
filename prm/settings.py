"""Settings, read from the environment once. A wrong one stops the start with a sentence that names it."""
from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from prm.core.errors import Invalid
from prm.core.mail import Server, address

MB = 2**20
ROOT = Path(__file__).parents[1]  # where templates, static files and migrations are


class SettingsError(SystemExit):
    """Raised with a sentence; uncaught, Python prints it and leaves with a non-zero code."""


@dataclass(frozen=True)
class SingleSignOn:
    """An OpenID Connect provider. `trusts_email`: it says nothing about addresses being verified, and they are (Entra ID)."""

    issuer: str
    client_id: str
    client_secret: str
    name: str = "single sign-on"
    trusts_email: bool = False


@dataclass(frozen=True)
class Settings:
    """`secret_keys` has the current key first; older ones only keep cookies readable. No `smtp`: mails stay queued."""

    var: Path
    database_url: str
    secret_keys: tuple[str, ...]
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 4
    trusted_hosts: tuple[str, ...] = ()
    smtp: Server | None = None
    mail_from: str = ""
    sso: SingleSignOn | None = None
    behind_proxy: bool = False
    testing: bool = False
    max_request: int = 12 * MB
    max_upload: int = 30 * MB

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Every host name the portal answers to; any other is refused, as links in mails must not follow it."""
        return [urlsplit(self.base_url).hostname or "", "127.0.0.1", "localhost", *self.trusted_hosts]


def load(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this environment. Makes the state folder and the secret key when they are not there yet."""
    var = Path(env.get("PRM_VAR") or "var").absolute()
    port = _whole(env, "PRM_PORT", 8000, 1, 65535)
    return Settings(
        var=_folder(var),
        database_url=_database(env, var),
        secret_keys=_secret(var),
        base_url=_base_url(env, port),
        host=env.get("PRM_HOST") or "127.0.0.1",
        port=port,
        threads=_whole(env, "PRM_THREADS", 4, 1, 64),
        trusted_hosts=_listed(env.get("PRM_TRUSTED_HOSTS", "")),
        smtp=_smtp(env),
        mail_from=_sender(env),
        sso=_single_sign_on(env),
        behind_proxy=_yes(env, "PRM_BEHIND_PROXY"),
    )


def _folder(var: Path) -> Path:
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"PRM_VAR: the folder {var} cannot be made: {error.strerror}.") from None
    if not os.access(var, os.W_OK):
        raise SettingsError(f"PRM_VAR: the folder {var} cannot be written by this user.")
    return var


def _database(env: Mapping[str, str], var: Path) -> str:
    url = env.get("PRM_DATABASE_URL") or f"sqlite:///{var / 'prm.db'}"
    scheme = url.partition(":")[0]
    if scheme == "sqlite" and len(url) > len("sqlite:///") and url.startswith("sqlite:///"):
        return url
    if scheme not in ("postgres", "postgresql", "postgres+pool", "postgresql+pool") or not _readable(url):
        raise SettingsError("PRM_DATABASE_URL has to start with sqlite:///path or postgresql://user:password@host/name.")
    if find_spec("psycopg") is None:
        raise SettingsError("PRM_DATABASE_URL names PostgreSQL, which needs a library: pip install 'psycopg[binary,pool]'.")
    return "postgresql+pool" + url.removeprefix(scheme)


def _readable(url: str) -> bool:
    """Whether it has the parts of an address, a port within reach among them."""
    try:
        parts = urlsplit(url)
        return bool(parts.netloc or parts.path.strip("/")) and (parts.port or 1) > 0
    except ValueError:
        return False


def _secret(var: Path) -> tuple[str, ...]:
    """Made once, by whichever process comes first; readable by its owner only. To rotate it, put a new line on top."""
    path = var / "secret"
    if not path.exists():
        _write_new(path, secrets.token_urlsafe(48))
    keys = tuple(path.read_text("utf-8", "replace").split())
    if not keys or len(keys[0]) < 32 or not keys[0].isascii():
        raise SettingsError(f"{path} has no key of 32 characters or more. Delete it to have a new one made.")
    return keys


def _write_new(path: Path, text: str) -> None:
    """Appears whole or not at all, and never replaces one that another process has made in between."""
    draft = path.with_name(f".secret.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _base_url(env: Mapping[str, str], port: int) -> str:
    url = (env.get("PRM_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(url if _readable(url) else "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        shown = url[:80]
        raise SettingsError(f"PRM_BASE_URL has to look like https://portal.example.com, without a path; it is {shown!r}.")
    return url


def _smtp(env: Mapping[str, str]) -> Server | None:
    """smtp://user:password@host:587?tls=starttls; smtps:// speaks TLS from the first byte."""
    url = env.get("PRM_SMTP_URL", "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        tls = parse_qs(parts.query).get("tls", ["tls" if parts.scheme == "smtps" else ""])[0]
        port = parts.port or {"tls": 465, "starttls": 587}.get(tls, 25)
    except ValueError:
        parts, tls, port = urlsplit(""), "", 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls not in ("", "none", "starttls", "tls"):
        raise SettingsError("PRM_SMTP_URL has to look like smtp://user:password@mail.example.com:587?tls=starttls.")
    security = "" if tls == "none" else tls
    return Server(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), security)


def _sender(env: Mapping[str, str]) -> str:
    text = env.get("PRM_MAIL_FROM", "").strip()
    try:
        return address(text) if text else ""
    except Invalid as refusal:
        raise SettingsError(f"PRM_MAIL_FROM has to be one address, such as portal@example.com. {refusal}") from None


def _single_sign_on(env: Mapping[str, str]) -> SingleSignOn | None:
    issuer = env.get("PRM_OIDC_ISSUER", "").strip().rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer if _readable(issuer) else "")
    local = parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        raise SettingsError("PRM_OIDC_ISSUER has to look like https://login.example.com.")
    id, secret = (env.get(f"PRM_OIDC_CLIENT_{name}", "").strip() for name in ("ID", "SECRET"))
    if not id or not secret:
        raise SettingsError("PRM_OIDC_ISSUER needs PRM_OIDC_CLIENT_ID and PRM_OIDC_CLIENT_SECRET beside it.")
    if find_spec("authlib") is None:
        raise SettingsError("PRM_OIDC_ISSUER needs a library: pip install 'alongside[sso]'.")
    return SingleSignOn(issuer, id, secret, env.get("PRM_OIDC_NAME", "").strip()[:60] or "single sign-on", _yes(env, "PRM_OIDC_TRUST_EMAIL"))


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
        raise SettingsError(f"{name} has to be a whole number from {low} to {high}; it is {text[:40]!r}.")
    return int(text)


def _yes(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in ("", "0", "1", "no", "yes", "false", "true"):
        raise SettingsError(f"{name} has to be 1 or 0; it is {text[:40]!r}.")
    return text in ("1", "yes", "true")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
