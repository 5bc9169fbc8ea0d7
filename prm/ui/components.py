"""The components: every macro of templates/_ui/*.html as an attribute of one Jinja global, `ui`.

A macro imported at the top of a template is undefined when one of its blocks is rendered alone; a global never is.
"""
from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import Environment

FOLDER = "_ui/"
# the same words give the same HTML
PURE = ("icon", "avatar", "badge", "status", "tier", "grade", "score", "standing", "delta", "field_options", "field_boxes")
REMEMBERED = 4096
HUES = 8


def init_app(app: Flask) -> None:
    app.jinja_env.globals["ui"] = Components(app.jinja_env)
    app.jinja_env.filters.update(initials=initials, hue=hue)


class Components:
    """`ui.icon('x')` calls the macro `icon`, whichever file of templates/_ui/ it is in."""

    def __init__(self, environment: Environment):
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        """Found on first use and kept; while templates are being edited, found anew each time."""
        macro = self._found(name)
        if self._environment.auto_reload:
            return macro
        component = lru_cache(maxsize=REMEMBERED)(macro) if name in PURE else macro
        self.__dict__[name] = component
        return component

    def _found(self, name: str) -> Any:
        for template in self._environment.list_templates(filter_func=lambda path: path.startswith(FOLDER)):
            macro = getattr(self._environment.get_template(template).module, name, None)
            if macro is not None:
                return macro
        raise AttributeError(f"no component is called {name}: see templates/{FOLDER}")


@lru_cache(maxsize=REMEMBERED)
def initials(name: str) -> str:
    """Up to two letters for an avatar: of the first word and the last."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in letters).upper() or "?"


@lru_cache(maxsize=REMEMBERED)
def hue(name: str) -> int:
    """A colour for a name, the same every time."""
    return zlib.crc32(name.encode("utf-8", "replace")) % HUES
