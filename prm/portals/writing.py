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
    """HTML that cannot do anything: no markup of whoever wrote it, a short list of tags, pictures of our own store only. A heading
    of the page is the first level, so those in the text begin at the second."""
    html = _READER.render(text[:LONGEST])
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    safe = nh3.clean(
        html, tags=TAGS | TABLES | {"h2", "img"}, attributes={"a": {"href"}, "img": {"src", "alt"}}, attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"}, link_rel="noreferrer noopener nofollow",
    )  # fmt: skip
    return Markup(safe)  # noqa: S704 - cleaned right above


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not PICTURE.fullmatch(value):
        return None
    return value
