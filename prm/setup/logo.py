"""The logo: a small bitmap kept as a data: URI, so that neither a page nor a PDF has to fetch anything."""

from __future__ import annotations

import base64
import warnings
from io import BytesIO

from PIL import Image

from prm.core.errors import Invalid

LARGEST = 200 * 1024
MOST_PIXELS = 4_000_000
MAGIC = {
    "image/png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda data: data.startswith(b"\xff\xd8\xff"),
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}
REFUSED = "That is no PNG, JPEG or WebP picture. Save it as one of these and try again."


def data_uri(data: bytes) -> str:
    """Invalid where the bytes are not what a picture starts with, whatever the file is called."""
    if len(data) > LARGEST:
        raise Invalid(f"The logo is {len(data) // 1024} KB; it may have at most {LARGEST // 1024}.", field="logo")
    kind = next((name for name, fits in MAGIC.items() if fits(data)), None)
    if kind is None:
        raise Invalid(REFUSED, field="logo")
    _check_size(data)
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _check_size(data: bytes) -> None:
    """Only the header is read: a few KB can unpack to gigabytes."""
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            warnings.simplefilter("error")
            width, height = picture.size
    except Exception:
        raise Invalid(REFUSED, field="logo") from None
    if width * height > MOST_PIXELS:
        raise Invalid(f"The logo has {width} × {height} pixels; 1,000 × 1,000 are plenty.", field="logo")
