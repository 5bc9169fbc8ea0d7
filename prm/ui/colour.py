"""Colour arithmetic: contrast as WCAG counts it, and lightness moved in OKLCH, where the hue stays what it was."""
from __future__ import annotations

import math

Triple = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, part: float) -> str:
    """`part` of one laid over the other."""
    return _written([a * part + b * (1 - part) for a, b in zip(_rgb(one), _rgb(other), strict=True)])


def _rgb(colour: str) -> Triple:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[return-value]


def _written(rgb: Triple | list[float]) -> str:
    return "#" + "".join(f"{round(max(0, min(1, channel)) * 255):02x}" for channel in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def oklch(colour: str) -> Triple:
    """Lightness, chroma, hue: Björn Ottosson's OKLab in polar form."""
    r, g, b = map(_linear, _rgb(colour))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def hex_of(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour a screen can show: chroma is given up first."""
    while chroma > 0 and not all(-1e-4 <= c <= 1.0001 for c in _linear_rgb(lightness, chroma, hue)):
        chroma -= 0.004
    return _written([_gamma(max(0.0, min(1.0, c))) for c in _linear_rgb(lightness, max(chroma, 0.0), hue)])
