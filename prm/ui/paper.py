"""What every PDF of ours is made with: templates, painted icons and the logo of the organisation.

The templates of paper have an environment of their own: jobs and commands print without a web application.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from prm.core import files

ROOT = Path(__file__).parents[2]
SIZES = {"a4": "A4", "letter": "Letter"}
LOGO = (480, 160)  # pixels, four to a printed one
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,(.+)", re.DOTALL)
SYMBOL = re.compile(r'<symbol[^>]* id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@lru_cache(maxsize=1)
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    return dict(SYMBOL.findall((ROOT / "static/vendor/icons.svg").read_text("utf-8")))


@lru_cache(maxsize=64)
def icon(name: str, colour: str, size: float = 9) -> Markup:
    """An icon of the set, painted outright: no stylesheet reaches into an SVG on paper."""
    return Markup(  # noqa: S704  our own file
        f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="{colour}" stroke-width="2.4" '
        f'stroke-linecap="round" stroke-linejoin="round">{_symbols()[name]}</svg>'
    )


def freeze_logo(logo: str) -> str:
    """The picture kept once by its content, and its hash: a thousand frozen cards must not each carry it."""
    found = PICTURE.match(logo)
    return f"file:{files.save(base64.b64decode(found[1]))}" if found else ""


def logo_address(logo: str) -> str:
    """The picture as a small data: address; empty where there is none, or where it is lost."""
    try:
        if logo.startswith("file:"):
            return _small(files.place(logo.removeprefix("file:")).read_bytes())
        found = PICTURE.match(logo)
        return _small(base64.b64decode(found[1])) if found else ""
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=4)
def _small(picture: bytes) -> str:
    """No larger than it is printed: a logo of 200 KB would make every PDF that heavy."""
    with Image.open(BytesIO(picture), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
        image.thumbnail(LOGO)
        kept = BytesIO()
        image.convert("RGBA").save(kept, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()
