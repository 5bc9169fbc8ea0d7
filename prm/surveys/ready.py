"""Surveys that are ready to be sent: each is a plain survey, to be changed like any other."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from prm.surveys.content import Content


@dataclass(frozen=True)
class Ready:
    key: str
    name: str
    about: str
    icon: str
    content: Content

    @property
    def minutes(self) -> int:
        """About how long it takes: a dozen seconds a question."""
        return max(1, round(len([q for q in self.content.questions if q.asks]) * 12 / 60))


AGREE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
NPS = {"code": "nps", "kind": "nps", "text": "How likely are you to recommend working with us to another company like yours?", "required": True,
       "low": "Not at all likely", "high": "Extremely likely"}  # fmt: skip
WHY = {"code": "why", "kind": "long_text", "text": "What is the main reason for your answer?"}
ANYTHING = {"code": "anything", "kind": "long_text", "text": "Anything we should fix first?", "help": "One sentence is plenty."}


def _choices(*words: str) -> list[dict]:
    return [{"code": f"c{at}", "text": each} for at, each in enumerate(words, 1)]


def _stars(code: str, text: str, **more) -> dict:
    return {"code": code, "kind": "stars", "text": text, "low": "Poor", "high": "Excellent"} | more


def _one(code: str, text: str, *words: str, **more) -> dict:
    return {"code": code, "kind": "choice", "text": text, "choices": _choices(*words)} | more


def _several(code: str, text: str, *words: str, **more) -> dict:
    return {"code": code, "kind": "choices", "text": text, "choices": _choices(*words), "other": True} | more


def _matrix(code: str, text: str, words: tuple[str, ...], *lines: str) -> dict:
    rows = [{"code": f"r{at}", "text": each} for at, each in enumerate(lines, 1)]
    return {"code": code, "kind": "matrix", "text": text, "choices": _choices(*words), "rows": rows}


def _page(key: str, title: str, *questions: dict, **more) -> dict:
    return {"key": key, "title": title, "questions": list(questions)} | more


def _when(question: str, op: str, *values: str) -> dict:
    return {"tests": [{"question": question, "op": op, "values": list(values)}]}


_THANKS = "Your answers are in. We read every one of them, and tell you what becomes of it."

_READY: tuple[tuple[str, str, str, str, dict], ...] = (
    ("satisfaction", "Partner satisfaction", "The Net Promoter Score and what drives it. Once or twice a year.", "gauge", {
        "title": "How are we doing?", "intro": "Two minutes, two short parts. Your answers decide what we work on next.", "thanks": _THANKS,
        "pages": [
            _page("p1", "Working with us", NPS, WHY,
                  {"code": "worst", "kind": "long_text", "text": "What went wrong, and how can we make it good?", "show_if": _when("nps", "below", "7")}),
            _page("p2", "What matters to you",
                  _matrix("drivers", "How satisfied are you with …", ("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"),
                          "our products", "prices and margins", "support when you need it", "training and materials", "your channel manager", "the leads we pass on"),
                  {"code": "ease", "kind": "scale", "text": "How easy is it to do business with us?", "least": 1, "most": 7, "low": "Very hard", "high": "Very easy"},
                  _several("help", "What would help you sell more?", "Faster quotes", "Co-marketing budget", "Technical training", "Customer references",
                           "A better margin on renewals", most=3, help="Choose up to three."),
                  ANYTHING),
        ]}),
    ("onboarding", "Onboarding after 30 days", "How the first month went, while it can still be mended.", "handshake", {
        "title": "Your first 30 days with us", "intro": "One minute: how was the start, and what is missing?", "thanks": _THANKS,
        "pages": [
            _page("p1", "The start", _stars("start", "How was your start with us?", required=True),
                  {"code": "contact", "kind": "yes_no", "text": "Do you know whom to ask when you are stuck?", "required": True},
                  {"code": "whom", "kind": "short_text", "text": "What did you need and find nobody for?", "show_if": _when("contact", "is", "no")},
                  _several("missing", "What do you still lack?", "Access to the portal", "Training", "Price lists", "Demo material", "A first deal to work on together"),
                  {"code": "ready", "kind": "slider", "text": "How ready do you feel to sell on your own?", "least": 0, "most": 100, "low": "Not at all", "high": "Entirely"},
                  ANYTHING),
        ]}),
    ("pulse", "Quarterly pulse", "Three questions, every quarter: the trend is the point.", "activity", {
        "title": "Quarterly pulse", "intro": "Three questions, half a minute.", "thanks": _THANKS,
        "pages": [
            _page("p1", "", NPS, _one("outlook", "How does your next quarter with our products look?", "Much better", "Better", "The same", "Worse", "Much worse", required=True),
                  {"code": "one", "kind": "long_text", "text": "What is the one thing we should do next quarter?"}),
        ]}),
    ("programme", "Programme review", "Benefits, rules and tiers of the partner programme, before you change them.", "layers", {
        "title": "Partner programme review", "intro": "Five minutes. We revise the programme and want it to fit how you work.", "thanks": _THANKS,
        "pages": [
            _page("p1", "What you use",
                  _several("used", "Which benefits did you use in the last 12 months?", "Deal registration", "Marketing funds", "Training and certification",
                           "Demo licences", "Lead sharing", "Technical support", required=True),
                  {"code": "worth", "kind": "ranking", "text": "Which are worth the most to you?", "help": "1 is worth the most.",
                   "choices": _choices("Margin", "Deal registration", "Marketing funds", "Training", "Leads")}),
            _page("p2", "Rules and tiers",
                  _matrix("rules", "How far do you agree?", AGREE, "I know what it takes to reach the next tier", "The tiers are worth the effort",
                          "Deal registration is fair", "Decisions are made fast enough"),
                  {"code": "funds", "kind": "number", "text": "How much marketing money would you need in a year?", "help": "In thousands.", "least": 0},
                  _one("change", "If we changed one thing, it should be …", "The margins", "The tiers", "Deal registration", "Training", "The portal", other=True), ANYTHING),
        ]}),
    ("training", "Training feedback", "The day after a training.", "award", {
        "title": "How was the training?", "intro": "One minute, so that the next one is better.", "thanks": _THANKS,
        "pages": [
            _page("p1", "", _stars("overall", "How was the training as a whole?", required=True),
                  _matrix("parts", "And its parts?", ("Poor", "Fair", "Good", "Very good"), "Content", "Trainer", "Exercises", "Materials"),
                  _one("pace", "The pace was …", "Too slow", "Just right", "Too fast"),
                  {"code": "use", "kind": "yes_no", "text": "Will you use what you learned within a month?"},
                  {"code": "whynot", "kind": "short_text", "text": "What holds you back?", "show_if": _when("use", "is", "no")},
                  {"code": "day", "kind": "date", "text": "When did you take part?"}, ANYTHING),
        ]}),
    ("exit", "Exit", "When a partner leaves: what you can learn from it.", "log-out", {
        "title": "Before you go", "intro": "We are sorry to see you go. Two minutes help us to do better.", "thanks": "Thank you for your time with us, and for your frank words.",
        "pages": [
            _page("p1", "", _one("reason", "What is the main reason that you leave?", "Too little demand", "Prices and margins", "Products", "Support", "We change our business",
                                 "A competitor offers more", required=True, other=True),
                  {"code": "competitor", "kind": "short_text", "text": "Which one, and what do they do better?", "show_if": _when("reason", "is", "c6")},
                  NPS | {"text": "How likely are you to recommend us all the same?"},
                  {"code": "back", "kind": "yes_no", "text": "Would you work with us again?"},
                  {"code": "keep", "kind": "long_text", "text": "What should we keep, whatever we change?"}, ANYTHING),
        ]}),
)  # fmt: skip


@cache
def ready() -> tuple[Ready, ...]:
    return tuple(Ready(key, name, about, icon, Content.parse(data)) for key, name, about, icon, data in _READY)


def ready_one(key: str) -> Ready | None:
    return next((each for each in ready() if each.key == key), None)


def empty(title: str) -> Content:
    """One page with one question, to begin with."""
    return Content.parse({"title": title, "thanks": _THANKS, "pages": [{"key": "p1", "questions": [NPS]}]})
