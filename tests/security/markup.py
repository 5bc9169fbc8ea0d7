"""Whether a page has anything alive in it that somebody typed. The page is read as a browser reads it, not searched."""
from __future__ import annotations

from tests.contracts.pages import Node, read

ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href", "data")
OURS = ("/", "#", "?", "http://127.0.0.1", "http://localhost", "mailto:", "data:image/", "https://", "http://")
NEVER = {"iframe", "object", "embed", "base", "style", "applet", "frame", "math", "template", "marquee"}


def alive(html: str) -> list[str]:
    """Every element or attribute that cannot be ours."""
    return [str(node)[:200] for node in read(html).all() if _foreign(node)]


def _foreign(node: Node) -> bool:
    if node.tag.startswith("zq") or node.tag in NEVER:
        return True
    if node.tag == "script" and not node.attrs.get("src", "").startswith("/static/"):
        return True
    return any(_foreign_attribute(name, value) for name, value in node.attrs.items())


def _foreign_attribute(name: str, value: str) -> bool:
    if name.startswith(("zq", "on")) or name == "style" or name == "srcdoc":
        return True
    if name.startswith("hx-on"):
        return True
    value = "".join(value.split()).lower()  # browsers leave out white space in a scheme
    return name in ADDRESSES and bool(value) and not value.startswith(OURS)
