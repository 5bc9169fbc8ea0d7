"""A page as a tree, and its forms as a browser would send them."""
from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
CONTROLS = ("input", "select", "textarea", "button")


@dataclass(eq=False)
class Node:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Node]:
        """Every node below with one of these tags (any, without)."""
        found = []
        for child in self.children:
            if not tags or child.tag in tags:
                found.append(child)
            found += child.all(*tags)
        return found

    @property
    def text(self) -> str:
        return " ".join(" ".join(node.words) for node in (self, *self.all())).strip()

    def inside(self, *tags: str) -> Node | None:
        """The nearest node around it with one of these tags."""
        at = self.parent
        while at is not None and at.tag not in tags:
            at = at.parent
        return at

    def __str__(self) -> str:
        return f"<{self.tag} {' '.join(f'{k}={v!r}' for k, v in self.attrs.items())}>"


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.at = self.root = Node("")

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        closed = self.at
        while closed.parent is not None and closed.tag != tag:
            closed = closed.parent
        if closed.parent is not None:
            self.at = closed.parent

    def handle_data(self, data):
        if data.strip():
            self.at.words.append(data.strip())


def read(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


@dataclass
class Form:
    """`fields` are (name, value) as they are sent when nothing is touched."""

    page: str
    action: str
    method: str
    fields: list[tuple[str, str]]

    @property
    def feature(self) -> str:
        return self.action.split("/")[1]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.fields))

    def data(self, **changed) -> dict[str, list[str]]:
        """What is posted, with some values replaced; a new key against sending twice, as another browser has."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            if value is not None and name != "once_key":
                sent.setdefault(name, []).append(value)
        return sent | {name: [value] for name, value in changed.items()}


def forms(html: str, page: str) -> list[Form]:
    return [_form(node, page) for node in read(html).all("form")]


def _form(node: Node, page: str) -> Form:
    fields = [pair for control in node.all(*CONTROLS) if control.attrs.get("name") for pair in _sent(control)]
    return Form(page, node.attrs.get("action") or page, node.attrs.get("method", "get").lower(), fields)


def _sent(control: Node):
    """What a control sends untouched; a name with None where it sends nothing but could."""
    name, kind = control.attrs["name"], control.attrs.get("type", "")
    if control.tag == "select":
        options = control.all("option")
        chosen = [option for option in options if "selected" in option.attrs]
        if not chosen and "multiple" not in control.attrs:
            chosen = options[:1]
        yield from ((name, option.attrs.get("value", option.text)) for option in chosen)
        if not chosen:
            yield name, None
    elif control.tag == "textarea":
        yield name, control.text
    elif kind in ("checkbox", "radio"):
        yield name, control.attrs.get("value", "on") if "checked" in control.attrs else None
    elif kind != "file":
        yield name, control.attrs.get("value", "")
