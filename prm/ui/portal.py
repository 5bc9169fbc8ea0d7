"""The portal that somebody is in, for templates and for views of any feature."""
from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask, g, has_request_context

from prm.access.portals import Content
from prm.models import Portal

HOME = ("welcome", "figures", "board", "scorecard", "contact", "surveys", "news")  # all that a home page can have, in the usual order


@dataclass(frozen=True)
class Here:
    """`others` are the further portals of the same person; `preview`: staff look at a draft."""

    portal: Portal
    content: Content
    others: list[Portal] = field(default_factory=list)
    preview: bool = False


def init_app(app: Flask) -> None:
    from prm.ui import entering

    app.jinja_env.globals["portal_here"] = here
    app.before_request(entering.begin)


def here() -> Here | None:
    return g.get("portal") if has_request_context() else None


def home_sections() -> tuple[str, ...]:
    found = here()
    return tuple(key for key in found.content.home if key in HOME) if found else HOME
