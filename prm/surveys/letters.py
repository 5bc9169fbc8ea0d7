"""The mails of surveys: the invitation with the words of whoever sends it, the reminder, and what became of the answers."""
from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from prm.access.portals import dressed_as
from prm.core import links
from prm.core.errors import Invalid
from prm.models import Contact, Organisation, Portal, Survey, Wave
from prm.surveys.content import Content, Question
from prm.ui.paper import environment
from prm.ui.theme import accents

FIELDS = {
    "name": "Their name", "first_name": "Their first name", "partner": "The name of their company", "link": "The link to the survey",
    "organisation": "Your organisation",
}  # fmt: skip
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")
IN_MAILS = ("nps", "stars", "scale", "yes_no")
SUBJECT = "{title} – two minutes for your opinion"
TEXT = """Hello {first_name},

we would like to know how working with us is going for {partner}. It takes about {minutes}, on a phone as well.

{link}

Thank you!
"""


@dataclass(frozen=True)
class Letter:
    """With the fields of a contact still in it, as \x00name\x00: filled in as often as there are contacts."""

    subject: str
    text: str
    html: str

    def to(self, contact: Contact, partner: str, link: str, leave: str) -> tuple[str, str, str]:
        values = values_of(contact, partner) | {"link": link, "leave": leave}
        return (
            _filled(self.subject, {k: " ".join(v.split()) for k, v in values.items()}), _filled(self.text, values),
            _filled(self.html, {k: escape(v) for k, v in values.items()}),
        )  # fmt: skip


def values_of(contact: Contact, partner: str) -> dict[str, str]:
    name = contact.name or "there"
    return {"name": name, "first_name": name.split()[0], "partner": partner or "your company", "organisation": Organisation.current().name}


MARK = re.compile("\0([a-z_]+)\0")


def _filled(pattern: str, values: dict[str, str]) -> str:
    return MARK.sub(lambda found: values[found[1]], pattern)


def check(subject: str, text: str) -> None:
    """Invalid for a field that nobody knows, or a mail without the link."""
    for name, words in (("subject", subject), ("text", text)):
        if unknown := next((each for each in FIELD.findall(words) if each not in FIELDS), None):
            known = ", ".join(f"{{{each}}}" for each in FIELDS)
            raise Invalid(f"There is no field {{{unknown}}}. There are: {known}.", field=name)
    if not subject.strip():
        raise Invalid("A mail needs a subject.", field="subject")
    if "{link}" in subject:
        raise Invalid("The link belongs into the text.", field="subject")
    if "{link}" not in text:
        raise Invalid("The text needs the link: write {link} where it should stand.", field="text")


def usual_text(content: Content) -> str:
    questions = len([q for q in content.questions if q.asks])
    minutes = max(1, round(questions * 12 / 60))
    return TEXT.replace("{minutes}", "a minute" if minutes == 1 else f"{minutes} minutes")


def usual_subject(content: Content) -> str:
    return SUBJECT.replace("{title}", content.say(content.title))


def askable(content: Content) -> list[Question]:
    """The questions that may stand in the mail: those of the first page, with few answers."""
    first = content.pages[0].questions if content.pages else ()
    return [q for q in first if q.kind in IN_MAILS and not q.show_if and len(options(q)) <= 11]


def options(question: Question) -> list[tuple[str, str]]:
    """(value, words) of a question that stands in a mail."""
    if question.kind == "yes_no":
        return [("yes", "Yes"), ("no", "No")]
    low, high = question.bounds
    return [(str(each), f"{each}" if question.kind != "stars" else "★" * each) for each in range(low, high + 1)]


def compose(survey: Survey, wave: Wave, content: Content, *, reminder: bool = False) -> Letter:
    """The letter of a wave, for `Letter.to`."""
    org = Organisation.current()
    subject = ("Reminder: " if reminder else "") + wave.subject
    marked = FIELD.sub(lambda found: f"\0{found[1]}\0", wave.text.replace("\0", ""))
    foot = foot_of(survey, org.name)
    question = content.question(wave.ask) if wave.ask else None
    colours = accents(org.brand)["light"]
    html = environment().get_template("mails/survey.html").render(
        title=content.say(content.title), organisation=org.name, paragraphs=_paragraphs(marked), question=question, foot=foot,
        words=content.say(question.text) if question else "", low=content.say(question.low) if question else "", colours=colours,
        high=content.say(question.high) if question else "", options=options(question) if question else [], link="\0link\0", leave="\0leave\0",
    )  # fmt: skip
    text = f"{marked.strip()}\n\n-- \n{foot}\nNo more surveys, with one click: \0leave\0\n"
    return Letter(FIELD.sub(lambda found: f"\0{found[1]}\0", subject.replace("\0", ""))[:190], text, html)


class Letters:
    """The letter of a wave to many people: composed once for each portal that they are in."""

    def __init__(self, survey: Survey, wave: Wave, content: Content, *, reminder: bool = False):
        self._compose = lambda: compose(survey, wave, content, reminder=reminder)
        self._by_portal: dict[int, Letter] = {}

    def to(self, contact: Contact, partner: str, link: str, leave: str, portal: Portal | None) -> tuple[str, str, str]:
        key = portal.id if portal else 0
        with dressed_as(portal):
            if key not in self._by_portal:
                self._by_portal[key] = self._compose()
            return self._by_portal[key].to(contact, partner, link, leave)


def foot_of(survey: Survey, organisation: str) -> str:
    if survey.anonymous:
        return f"The survey is anonymous: {organisation} sees that you answered, not what. The link is yours alone; please do not pass it on."
    return f"{organisation} sees your answers with your name. The link is yours alone; please do not pass it on."


def _paragraphs(text: str) -> list[list[str]]:
    """The blocks of the text, each as its lines. The link by itself becomes a button."""
    blocks = [block.strip().splitlines() for block in re.split(r"\n\s*\n", text.strip())]
    return [block for block in blocks if block]


def address(key: str) -> str:
    return links.address(f"/s/{key}")
