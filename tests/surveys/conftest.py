"""A survey of five questions, made, sent and answered as in the portal."""
import pytest

from prm.core.jobs import run_once
from prm.models import Survey
from prm.surveys import jobs, sending, services  # noqa: F401  its jobs are known
from prm.surveys.content import Content

FIVE = {
    "title": "How are we doing?", "intro": "Two minutes.", "thanks": "We read every one.",
    "pages": [
        {"key": "p1", "questions": [
            {"code": "nps", "kind": "nps", "text": "Would you recommend us?", "required": True},
            {"code": "worst", "kind": "short_text", "text": "What went wrong?", "required": True, "show_if": {"tests": [{"question": "nps", "op": "below", "values": ["7"]}]}},
        ]},
        {"key": "p2", "questions": [
            {"code": "region", "kind": "choice", "text": "Where are you?", "choices": [{"code": "n", "text": "North"}, {"code": "s", "text": "South"}], "other": True},
            {"code": "like", "kind": "matrix", "text": "How do you like", "choices": [{"code": "a", "text": "Bad"}, {"code": "b", "text": "Good"}],
             "rows": [{"code": "r1", "text": "prices"}, {"code": "r2", "text": "people"}]},
        ]},
        {"key": "p3", "questions": [{"code": "why", "kind": "long_text", "text": "Why?"}]},
    ],
}  # fmt: skip


@pytest.fixture
def make_survey(make, sam):
    """`make_survey()` with the five questions, or what is given; named unless `anonymous`."""

    def made(content=None, *, anonymous=False, **values):
        survey = services.make(sam, Content.parse(content or FIVE), anonymous=anonymous)
        for name, value in values.items():
            setattr(survey, name, value)
        survey.save()
        return survey

    return made


@pytest.fixture
def ask(sam):
    """`ask(survey, contact, …)` sends it to these contacts and gives the key of each."""

    def sent(survey, *contacts, **order):
        facts = {"recipients": {"contacts": [each.id for each in contacts]}, "subject": "Your opinion", "text": "Hello {first_name},\n\n{link}\n"}
        wave = sending.send(sam, Survey.get_by_id(survey.id), sending.Order(**facts | order))
        work()
        return [sending.key_of(wave, each.id) for each in contacts]

    return sent


def work():
    while run_once():
        pass


@pytest.fixture
def contacts(make, acme, globex):
    """Seven people: the first two of Acme, the others of Globex."""
    names = ("Ada", "Alan", "Grace", "Gus", "Gina", "Gerd", "Gwen")
    return [make.contact(f"{name} Smith", partner=acme if name[0] == "A" else globex, email=f"{name.lower()}@example.com") for name in names]


def fill(client, key, *, nps="9", region="n", why="Because", **more):
    """Answer all pages as a browser without a script does; returns the last answer."""
    def send(page, seen, **values):
        return client.post(f"/s/{key}", data={"page": page, "seen": seen, "do": "next", **carried(answer[0]), **values})

    answer = [client.get(f"/s/{key}")]
    answer[0] = send("p1", "nps", **{"q.nps": nps})
    if int(nps) < 7:
        answer[0] = send("p1", "nps,worst", **{"q.nps": nps, "q.worst": more.get("worst", "All of it")})
    answer[0] = send("p2", "region,like", **{"q.region": region, "q.like.r1": more.get("r1", "b"), "q.like.r2": "b"})
    return send("p3", "why", **{"q.why": why})


def carried(answer) -> dict:
    """What travels hidden in a form."""
    import re
    from html import unescape

    found = dict(re.findall(r'<input type="hidden" name="(so_far|seed)" value="([^"]*)"', answer.text))
    return {name: unescape(value) for name, value in found.items()}
