"""The organisation's colour and logo: one brand colour in, a small scale out that is readable in light and dark.

Every pairing is checked here, so a yellow and a navy brand both give readable buttons and links.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from flask import Flask, Response, abort, request

from prm.access.gate import public
from prm.access.portals import pictures
from prm.models import Organisation
from prm.ui.assets import A_YEAR
from prm.ui.colour import contrast, hex_of, mix, oklch

DEFAULT = "#4f46e5"
WHITE, BLACK = "#ffffff", "#14171f"
LIGHT = {"surface": "#ffffff", "canvas": "#f6f7f9"}
DARK = {"surface": "#14161b", "raised": "#1a1d24"}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,")
TEXT = 4.6  # contrast of text, a little over the 4.5 of WCAG 1.4.3
LINE = 3.1  # contrast of lines and bars, a little over the 3.0 of WCAG 1.4.11


def init_app(app: Flask) -> None:
    app.add_url_rule("/theme.css", "theme_css", serve_colours)
    app.add_url_rule("/logo", "logo", serve_logo)
    app.jinja_env.globals.update(theme_url=theme_url, logo_url=logo_url, picture_url=picture_url)


@public
def serve_colours() -> Response:
    """Of the colour in the address: a portal has its own. Anything else than a colour is the usual one."""
    response = Response(theme_css(request.args.get("c", "")), mimetype="text/css")
    response.headers["Cache-Control"] = A_YEAR
    return response


@public
def serve_logo() -> Response:
    """The logo apart from the pages, which would otherwise all carry it. Bitmaps only: an SVG can hold a script."""
    wanted = request.args.get("v", "")
    logo = next((logo for logo in _logos() if not wanted or _digest(logo) == wanted), "")
    found = PICTURE.match(logo)
    if not found:
        abort(404)
    try:
        picture = base64.b64decode(logo[found.end() :], validate=True)
    except binascii.Error:
        abort(404)
    return Response(picture, mimetype=found[1], headers={"Cache-Control": A_YEAR})


def _logos() -> Iterator[str]:
    """That of the organisation, then those of its portals and their covers."""
    yield Organisation.current().logo
    yield from pictures()


def theme_url(organisation: Organisation) -> str:
    brand = organisation.brand if COLOUR.fullmatch(organisation.brand) else DEFAULT
    return f"/theme.css?c={brand[1:]}&v={_digest(theme_css(brand))}"


def picture_url(data: str) -> str:
    """The address of a logo or cover that some portal has."""
    return "/logo?v=" + _digest(data)


def logo_url(organisation: Organisation) -> str | None:
    """None without a logo: the shell then shows the first letter of the name."""
    return "/logo?v=" + _digest(organisation.logo) if PICTURE.match(organisation.logo) else None


@lru_cache(maxsize=64)
def theme_css(brand: str) -> str:
    """The stylesheet that fills the last layer with the brand; about 0.5 KB."""
    colours = accents(brand)
    rules = (f"--{name}:light-dark({light},{colours['dark'][name]})" for name, light in colours["light"].items())
    return "@layer theme{:root{" + ";".join(rules) + "}}\n"


@lru_cache(maxsize=64)
def accents(brand: str) -> dict[str, dict[str, str]]:
    """Seven variables for light and dark. A brand that is not a colour gives the default."""
    brand = f"#{brand}" if COLOUR.fullmatch(f"#{brand}") else brand
    brand = brand if COLOUR.fullmatch(brand) else DEFAULT
    return {"light": _light(brand), "dark": _dark(brand)}


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def readable(colour: str) -> tuple[float, str]:
    """How well white or black text is read on a colour (contrast, WCAG 1.4.3 asks for 4.5), and the nearest colour on which it is."""
    return max(contrast(colour, WHITE), contrast(colour, BLACK)), _fit(colour)


def _light(brand: str) -> dict[str, str]:
    soft = mix(brand, LIGHT["surface"], 0.09)
    fill = _fit(_walk(brand, (LIGHT["surface"],), 1.35, -0.01))  # visible on white at all
    return _scale(fill) | {
        "accent-text": _walk(brand, (LIGHT["canvas"], soft), TEXT, -0.01),
        "accent-soft": soft,
        "accent-line": _walk(brand, (LIGHT["surface"], LIGHT["canvas"]), LINE, -0.01),
        "accent-chart": _walk(brand, (LIGHT["surface"],), LINE, -0.01),
    }


def _dark(brand: str) -> dict[str, str]:
    soft = mix(brand, DARK["surface"], 0.22)
    fill = _fit(_walk(brand, (DARK["surface"],), 3.2, 0.01))  # a navy is lifted on dark
    return _scale(fill) | {
        "accent-text": _walk(brand, (DARK["raised"], soft), TEXT, 0.01),
        "accent-soft": soft,
        "accent-line": _walk(brand, (DARK["raised"],), 3.2, 0.01),
        "accent-chart": _walk(brand, (DARK["raised"],), 4.2, 0.01),
    }


def _scale(fill: str) -> dict[str, str]:
    """The fill, its text, and its hover colour: that moves away from the text, so contrast only rises."""
    lightness, chroma, hue = oklch(fill)
    away = -0.05 if _ink_on(fill) == WHITE else 0.05
    return {"accent": fill, "accent-hover": hex_of(lightness + away, chroma, hue), "accent-ink": _ink_on(fill)}


def _ink_on(fill: str) -> str:
    return WHITE if contrast(fill, WHITE) >= 4.5 else BLACK


def _fit(fill: str) -> str:
    """Mid-tones carry neither white nor near-black text: darken them a touch."""
    return fill if contrast(fill, _ink_on(fill)) >= 4.5 else _walk(fill, (WHITE,), 4.55, -0.005)


def _walk(brand: str, against: tuple[str, ...], ratio: float, step: float) -> str:
    """Move the lightness until `ratio` is reached on every background."""
    lightness, chroma, hue = oklch(brand)
    colour = brand
    for _ in range(120):
        if all(contrast(colour, ground) >= ratio for ground in against):
            break
        lightness = max(0.02, min(0.98, lightness + step))
        colour = hex_of(lightness, chroma, hue)
    return colour
