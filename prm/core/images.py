"""Small pictures that people upload: logos and covers, kept as a data: URI so that neither a page nor a PDF has to fetch anything,
and pictures of pages. Only bitmaps: an SVG can hold a script."""

from __future__ import annotations

import base64
import warnings
from io import BytesIO

from PIL import Image

from prm.core.errors import Invalid

LARGEST = 200 * 1024  # bytes of a logo
MOST_PIXELS = 4_000_000
MAGIC = {
    "image/png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda data: data.startswith(b"\xff\xd8\xff"),
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}
REFUSED = "That is no PNG, JPEG or WebP picture. Save it as one of these and try again."


def data_uri(data: bytes, *, field: str = "logo", largest: int = LARGEST) -> str:
    """Invalid where the bytes are not what a picture starts with, whatever the file is called."""
    kind = kind_of(data, field=field, largest=largest)
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def kind_of(data: bytes, *, field: str, largest: int) -> str:
    """image/png, image/jpeg or image/webp."""
    if len(data) > largest:
        raise Invalid(f"The {field} is {len(data) // 1024:,} KB; it may have at most {largest // 1024:,}.", field=field)
    kind = next((name for name, fits in MAGIC.items() if fits(data)), None)
    if kind is None:
        raise Invalid(REFUSED, field=field)
    _check_size(data, field)
    return kind


def _check_size(data: bytes, field: str) -> None:
    """Only the header is read: a few KB can unpack to gigabytes."""
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            warnings.simplefilter("error")
            width, height = picture.size
    except Exception:
        raise Invalid(REFUSED, field=field) from None
    if width * height > MOST_PIXELS:
        raise Invalid(f"The {field} has {width} × {height} pixels; 2,000 × 2,000 are the most.", field=field)
