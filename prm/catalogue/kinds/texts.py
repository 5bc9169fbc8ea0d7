"""Kinds that are text: one line, many lines, an e-mail address, a web address."""
from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from prm.catalogue.kinds.base import Kind, clean
from prm.core.errors import Invalid

LONGEST_NOTE = 20_000
LONGEST_URL = 400
ADDRESS = re.compile(r"https?://[^\s/?#<>\"'\\]+[^\s<>\"'\\]*", re.IGNORECASE)
BARE = re.compile(r"(?!javascript:|data:)[^\s:/]+\.[^\s]+", re.IGNORECASE)


class Text(Kind):
    """One line: what breaks a line becomes a space."""

    key, label, textual = "text", "Text", True

    def read(self, value, formats):
        return Kind.read(self, " ".join(clean(value).split()), formats)


class LongText(Text):
    key, label, groupable, orderable, input = "long_text", "Long text", False, False, "textarea"

    def read(self, value, formats):
        text = clean(value).replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LONGEST_NOTE:
            raise Invalid(f"At most {LONGEST_NOTE:,} characters fit here.")
        return text


class Email(Text):
    """One mailbox, in lower case, so that one person is not two."""

    key, label, input = "email", "E-mail", "email"

    def read(self, value, formats):
        text = clean(value)
        try:
            return validate_email(text[:320], check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Invalid(f"“{text[:80]}” is no e-mail address.") from None


class Url(Text):
    """http or https, nothing that could run; `example.com/a` is taken as https."""

    key, label, input = "url", "URL", "url"

    def read(self, value, formats):
        text = clean(value)
        text = f"https://{text}" if BARE.fullmatch(text) else text
        if not ADDRESS.fullmatch(text) or len(text) > LONGEST_URL:
            raise Invalid(f"“{text[:80]}” is no web address. It starts with https://.")
        return text
