"""A portal without the web: what commands that look after it need, and what the web stands on."""
from __future__ import annotations

from prm.core import files, links, mail, passwords, pdf
from prm.core.db import open_database
from prm.settings import ROOT, Settings, load


def open_portal(settings: Settings | None = None) -> Settings:
    """The plumbing without the web: the database (connected when it is asked something), files, mail, PDFs."""
    settings = settings or load()
    open_database(settings.database_url)
    files.configure(settings.var / "files")
    links.configure(settings.base_url, settings.secret_keys[0])
    mail.configure(settings.smtp, settings.mail_from)
    passwords.configure(weak_profile=settings.testing)
    pdf.configure(ROOT / "static")
    return settings
