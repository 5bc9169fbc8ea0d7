"""Answers of a view: the whole page, or the named block of the same template when htmx asks for a part of it.

The headers htmx reads are written here by hand; nothing depends on what the client says about its target.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import Flask, Response, current_app, flash, g, get_flashed_messages, make_response, redirect, request
from flask import render_template as render_page
from jinja2_fragments.flask import render_block

TOAST = "toast"


@dataclass(frozen=True)
class Toast:
    """One sentence about what just happened; `undo` is an address to post to that takes it back."""

    text: str
    undo: str | None = None
    icon: str = "circle-check"
    tone: str = ""


def init_app(app: Flask) -> None:
    app.after_request(_deliver_toasts)
    app.jinja_env.globals["pending_toasts"] = pending_toasts


def wants_block() -> bool:
    """Whether a part is wanted. Going back in the history asks for the whole page, and so do boosted links."""
    asked = request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def page(template: str, *, block: str | tuple[str, ...] | None = None, status: int = 200, **context) -> Response:
    """The template, or its `block` for htmx. Of several blocks the first is what was asked for; each further one
    replaces the content of the element whose id is the block's name."""
    if block and wants_block():
        html = _blocks(template, (block,) if isinstance(block, str) else block, context)
    else:
        html = render_page(template, **context)
    return _varying(make_response(html, status))


def toast(text: str, *, undo: str | None = None, icon: str = "circle-check", tone: str = "") -> None:
    """Say something with this answer, or with the next page when this answer sends the browser elsewhere."""
    g.setdefault("toasts", []).append(Toast(text, undo, icon, tone))


def redirect_to(url: str) -> Response:
    """Go there with a GET. htmx would follow a 303 inside the fragment, so it is told to load the page instead."""
    if request.htmx:
        return steer(Response(status=204), redirect=url)
    return _varying(redirect(url, 303))


def nothing(*events: str, status: int = 200) -> Response:
    """An htmx answer that leaves the target alone: it carries only the queued toasts and these events."""
    return steer(Response(status=status, mimetype="text/html"), trigger=events, reswap="none")


def steer(response: Response, *, trigger: tuple[str, ...] = (), **headers: str) -> Response:
    """Set what htmx reads: events to send on the page (`trigger`), and retarget, reswap, push_url, redirect…"""
    if trigger:
        response.headers["HX-Trigger"] = ", ".join(trigger)
    for name, value in headers.items():
        response.headers[f"HX-{name.replace('_', '-').title()}"] = value
    return _varying(response)


def pending_toasts() -> list[Toast]:
    """What is to be said on this page, each thing once: kept from before a redirect, then said in this request."""
    kept = [Toast(**facts) for facts in get_flashed_messages(category_filter=[TOAST])]
    return kept + g.pop("toasts", [])


def _blocks(template: str, names: tuple[str, ...], context: dict) -> str:
    first, *others = (render_block(template, name, **context) for name in names)
    parts = zip(names[1:], others, strict=True)
    return first + "".join(
        f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>' for name, html in parts
    )


def _deliver_toasts(response: Response) -> Response:
    """A fragment takes them along out of band; an answer that leads elsewhere leaves them for the next page."""
    if not g.get("toasts"):
        return response
    leaves = response.status_code in range(300, 400) or "HX-Redirect" in response.headers
    if request.htmx and not leaves and response.mimetype == "text/html":
        ui = current_app.jinja_env.globals["ui"]
        response.data = response.get_data(as_text=True) + str(ui.toasts_out_of_band(g.pop("toasts")))
    else:
        for each in g.pop("toasts"):
            flash(asdict(each), TOAST)
    return response


def _varying(response: Response) -> Response:
    """The same URL answers with a page or a part: caches must know what it depends on."""
    response.vary.update(("HX-Request", "HX-Boosted"))
    return response
