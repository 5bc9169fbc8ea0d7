"""Markdown that people write, as HTML that cannot do anything: no markup of theirs, a short list of tags, no styles."""
from __future__ import annotations

from functools import lru_cache

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "h3", "h4", "blockquote", "code", "pre", "a", "hr", "del"}
_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("strikethrough")


def init_app(app: Flask) -> None:
    app.jinja_env.filters["markdown"] = marked


@lru_cache(maxsize=512)
def marked(text: str) -> Markup:
    """Headings begin at the third level, as a page has its own; links leave without telling where they come from."""
    html = _READER.render(text[:20_000]).replace("<h1>", "<h3>").replace("</h1>", "</h3>").replace("<h2>", "<h3>").replace("</h2>", "</h3>")
    safe = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noreferrer noopener nofollow")
    return Markup(safe)  # noqa: S704 - cleaned right above
