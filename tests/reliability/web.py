"""A browser without a screen: cookies, forms as pages offer them, and a clear word when nobody answered."""
from __future__ import annotations

import http.client
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlencode

from tests.contracts.pages import Form, forms
from tests.reliability.process import ADMIN, PASSWORD


class Unanswered(Exception):
    """No status came back: what was sent is done, or it is not."""


@dataclass
class Answer:
    status: int
    location: str
    text: str
    headers: dict[str, str]

    @property
    def acknowledged(self) -> bool:
        return 200 <= self.status < 400


class Browser:
    """One person's, on the portal at this port."""

    def __init__(self, port: int, *, patience: float = 20):
        self.port, self.patience, self.cookies = port, patience, {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, data: dict | None = None, **headers: str) -> Answer:
        body = urlencode(data or {}, doseq=True)
        return self._ask("POST", path, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"} | headers)

    def upload(self, path: str, data: dict, name: str, content: bytes) -> Answer:
        """A form with one file in its field `file`."""
        mark = token_hex(12)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value[0] if isinstance(value, list) else value}\r\n'
            for key, value in data.items()
        ]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
        body = "".join(parts).encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self._ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def form(self, path: str, action: str = "") -> Form:
        """The form of a page that posts to `action` (the page itself unless said); with the keys the page gave it."""
        answer = self.get(path)
        if answer.status == 503:
            raise Unanswered("busy")
        assert answer.status == 200, (answer.status, path)
        wanted = action or path
        return next(f for f in forms(answer.text, path) if f.method == "post" and f.action.split("?")[0] == wanted.split("?")[0])

    def sign_in(self, email: str = ADMIN, password: str = PASSWORD) -> Answer:
        sent = filled(self.form("/sign-in"), email=email, password=password)
        answer = self.post("/sign-in", sent)
        if answer.status == 503:
            raise Unanswered("busy")
        assert answer.status == 303, answer.text
        return answer

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, headers | ({"Cookie": cookies} if cookies else {}))
            with connection.getresponse() as response:
                self._keep(response)
                return Answer(response.status, response.headers.get("Location", ""), _page(response, method), dict(response.headers))
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(str(error)) from None
        finally:
            connection.close()

    def _keep(self, response) -> None:
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value


def _page(response, method: str) -> str:
    """What was sent is answered when the status has come, whatever became of the page."""
    try:
        return response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        if method == "GET":
            raise
        return ""


def filled(form: Form, **changed) -> dict[str, list[str]]:
    """What a browser sends: the form as it is, hidden keys and all, with some inputs filled in."""
    sent: dict[str, list[str]] = {}
    for name, value in form.fields:
        if value is not None:
            sent.setdefault(name, []).append(value)
    return sent | {name: [str(value)] for name, value in changed.items()}
