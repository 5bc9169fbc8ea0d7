"""The headers of every answer: what a browser may load and do with it, and who may keep it."""
from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin and not no-referrer: over https a POST without a Referer fails the CSRF check
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


def init_app(app: Flask, *, secure: bool) -> None:
    always = ALWAYS | {"Cache-Control": "no-store"} | ({"Strict-Transport-Security": TWO_YEARS} if secure else {})

    @app.after_request
    def guard(response: Response) -> Response:
        """A view may say something stricter of its own (a download its sandbox); nothing here replaces that. Files are
        sent as "no-cache", which means that they are kept."""
        if response.headers.get("Cache-Control") == "no-cache" and request.endpoint != "static":
            del response.headers["Cache-Control"]
        said = {name.lower() for name, _ in response.headers}
        response.headers.extend([(name, value) for name, value in always.items() if name.lower() not in said])
        if "public" not in response.headers["Cache-Control"]:
            response.vary.update(("Cookie", "HX-Request", "HX-Boosted"))
        return response
