"""Pages in Markdown, with pictures of the portal and nothing else from anywhere."""
from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from prm.ui.marked import TAGS

PICTURE = re.compile(r"/pages/pictures/\d{1,9}", re.ASCII)
LONGEST = 50_000
_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["strikethrough", "table"])
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}


def written(text: str) -> Markup:
    """HTML that cannot do anything: no markup of whoever wrote it, a short list of tags, pictures of our own store only. The page has
    a heading of the first level, so the highest in the text becomes the second."""
    parts = _READER.parse(text[:LONGEST])
    headings = [part for part in parts if part.type in ("heading_open", "heading_close")]
    first = min((int(part.tag[1]) for part in headings), default=2)
    for part in headings:
        part.tag = f"h{min(int(part.tag[1]) - first + 2, 4)}"
    html = _READER.renderer.render(parts, _READER.options, {})
    safe = nh3.clean(
        html, tags=TAGS | TABLES | {"h2", "img"}, attributes={"a": {"href"}, "img": {"src", "alt"}}, attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"}, link_rel="noreferrer noopener nofollow",
    )  # fmt: skip
    return Markup(safe)  # noqa: S704 - cleaned right above


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not PICTURE.fullmatch(value):
        return None
    return value
