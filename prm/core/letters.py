"""The texts of mails: files in templates/mails/ with the subject on the first line and {names} to fill in.

Values are put in once and never read as a pattern; line breaks in them are taken out, so that nobody writes a second
paragraph, or a header, by way of a name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "templates" / "mails"
NAME = re.compile(r"\{([a-z_]+)\}")


def letter(file: str, /, **values: str) -> tuple[str, str]:
    """Subject and text of the mail in `file`; a name that is not given is a mistake of ours and raises."""
    subject, _, text = _pattern(file).partition("\n")
    plain = {key: " ".join(str(value).split()) for key, value in values.items()}
    return _filled(subject, plain), _filled(text.lstrip("\n"), plain)


def _filled(pattern: str, values: dict[str, str]) -> str:
    return NAME.sub(lambda found: values[found[1]], pattern)


@lru_cache(maxsize=32)
def _pattern(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text("utf-8")
