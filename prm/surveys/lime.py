"""The structure of a LimeSurvey (.lss, XML) as a survey of ours. What has no counterpart here is listed, never dropped in silence.

Groups become pages, questions keep their codes. Several short texts or numbers in one question become one question each, called
code[part] as in LimeSurvey's own exports. Conditions over earlier answers become rules.
"""
from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

from prm.core.errors import Invalid
from prm.core.text import natural
from prm.surveys.content import CODE, LONGEST, MOST_CHOICES, OTHER, PART_CODE, Choice, Content, Page, Question, Rule, Comparison

DIRECT = {
    "L": "choice", "!": "choice", "O": "choice", "M": "choices", "P": "choices", "F": "matrix", "H": "matrix", "A": "matrix", "B": "matrix", "C": "matrix",
    "E": "matrix", "Y": "yes_no", "G": "choice", "S": "short_text", "T": "long_text", "U": "long_text", "N": "number", "D": "date", "R": "ranking",
    "X": "text", "5": "scale", "K": "number", "Q": "short_text",
}  # fmt: skip
SPLIT = ("K", "Q")
NAMES = {
    "1": "dual scale matrix", ";": "matrix of texts", ":": "matrix of numbers", "I": "language switch", "*": "equation", "|": "file upload",
    "O": "choice with a comment", "P": "several choices with comments", "H": "matrix by column",
}  # fmt: skip
LOST = {"O": "its comment field is left out", "P": "its comment fields are left out"}
FIXED = {
    "A": [(str(at), str(at)) for at in range(1, 6)], "B": [(str(at), str(at)) for at in range(1, 11)],
    "C": [("Y", "Yes"), ("U", "Uncertain"), ("N", "No")], "E": [("I", "Increase"), ("S", "Same"), ("D", "Decrease")],
    "G": [("F", "Female"), ("M", "Male")],
}  # fmt: skip
METHODS = {"==": "is", "=": "is", "!=": "is not", "<>": "is not", "<": "below", ">": "above"}
TAG, SPACE = re.compile(r"<[^>]*>"), re.compile(r"[ \t\xa0]+")
FIELD = re.compile(r"^(\d+)X(\d+)X(\d+)(.*)$")


def read(data: bytes) -> tuple[Content, bool, list[str]]:
    """Content, whether it is anonymous, and notes. Invalid for what is no structure."""
    if b"<!DOCTYPE" in data[:2000].upper() or b"<!ENTITY" in data.upper():
        raise Invalid("A LimeSurvey structure has no DOCTYPE: this file is not one.", field="file")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  without DOCTYPE and entities, see above
    except (ElementTree.ParseError, ValueError):
        raise Invalid("That is no XML that can be read.", field="file") from None
    if root.tag != "document" or (root.findtext("LimeSurveyDocType") or "").strip() != "Survey":
        raise Invalid("That is no survey structure of LimeSurvey.", field="file")
    return _Reader(root).read()


def plain(html: str | None) -> str:
    """Words without markup, paragraphs as lines."""
    text = re.sub(r"(?i)<br\s*/?>|</p>|</div>|</li>", "\n", html or "")
    text = unescape(TAG.sub("", text)).replace("\0", "")
    lines = [SPACE.sub(" ", line).strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]


class _Reader:
    def __init__(self, root: ElementTree.Element):
        self.root, self.notes = root, []
        self.languages = self._languages()
        self.attributes: dict[str, dict[str, str]] = {}
        for row in self._rows("question_attributes"):
            self.attributes.setdefault(row.get("qid", ""), {})[row.get("attribute", "")] = row.get("value", "")
        self.texts = self._by(self._rows("question_l10ns"), "qid")
        self.answer_texts = self._by(self._rows("answer_l10ns"), "aid")
        self.questions = self._by(self._rows("questions"), "qid")
        self.parts = self._children(self._rows("subquestions"))
        self.answers = self._answers()
        self.codes = {qid: rows[0].get("title", "") for qid, rows in self.questions.items()}
        self.kinds = {qid: rows[0].get("type", "") for qid, rows in self.questions.items()}

    # ── the file ──

    def _rows(self, table: str) -> list[dict[str, str]]:
        return [{each.tag: each.text or "" for each in row} for row in self.root.findall(f"{table}/rows/row")]

    @staticmethod
    def _by(rows: list[dict], key: str) -> dict[str, list[dict]]:
        found: dict[str, list[dict]] = {}
        for row in rows:
            found.setdefault(row.get(key, ""), []).append(row)
        return found

    def _languages(self) -> tuple[str, ...]:
        found = [(each.text or "").strip() for each in self.root.findall("languages/language")]
        return tuple(dict.fromkeys(each.split("-informal")[0] for each in found if each)) or ("en",)

    def _children(self, rows: list[dict]) -> dict[str, list[list[dict]]]:
        """By question: its parts in their order, each with a row for every language."""
        found: dict[str, dict[str, list[dict]]] = {}
        for row in rows:
            if row.get("scale_id", "0") in ("", "0"):
                found.setdefault(row.get("parent_qid", ""), {}).setdefault(row.get("qid", ""), []).append(row)
        return {parent: sorted(parts.values(), key=lambda part: _number(part[0].get("question_order"))) for parent, parts in found.items()}

    def _answers(self) -> dict[str, list[list[dict]]]:
        found: dict[str, dict[str, list[dict]]] = {}
        for row in self._rows("answers"):
            if row.get("scale_id", "0") in ("", "0"):
                found.setdefault(row.get("qid", ""), {}).setdefault(row.get("code", ""), []).append(row)
        return {qid: sorted(codes.values(), key=lambda each: _number(each[0].get("sortorder"))) for qid, codes in found.items()}

    def _say(self, rows: list[dict], name: str, texts: list[dict] = ()) -> dict[str, str]:  # type: ignore[assignment]
        said = {}
        for row in (*rows, *texts):
            words = plain(row.get(name))
            if words:
                said[row.get("language", "") or self.languages[0]] = words
        return said

    # ── the survey ──

    def read(self) -> tuple[Content, bool, list[str]]:
        settings = self._rows("surveys_languagesettings")
        survey = (self._rows("surveys") or [{}])[0]
        pages = [self._page(rows) for rows in self._groups()]
        content = Content(
            title={k: v.replace("\n", " ")[:200] for k, v in self._say(self._spoken(settings), "surveyls_title").items()} or {self.languages[0]: "Survey"},
            languages=self.languages, intro=self._say(self._spoken(settings), "surveyls_welcometext"), thanks=self._say(self._spoken(settings), "surveyls_endtext"),
            pages=tuple(pages),
        )  # fmt: skip
        content = self._without_lost(content)
        return Content.parse(content.to_json()), survey.get("anonymized") == "Y", self.notes

    def _spoken(self, settings: list[dict]) -> list[dict]:
        return [row | {"language": row.get("surveyls_language", "")} for row in settings]

    def _groups(self) -> list[list[dict]]:
        groups = self._by(self._rows("groups"), "gid")
        return sorted(groups.values(), key=lambda rows: _number(rows[0].get("group_order")))

    def _page(self, rows: list[dict]) -> Page:
        gid = rows[0].get("gid", "")
        texts = [row for row in self._rows("group_l10ns") if row.get("gid") == gid]
        mine = [qid for qid, found in self.questions.items() if found[0].get("gid") == gid]
        mine.sort(key=lambda qid: _number(self.questions[qid][0].get("question_order")))
        questions = [made for qid in mine for made in self._question(qid)]
        if (rows[0].get("grelevance") or "").strip() not in ("", "1"):
            self.notes.append(f"Page “{plain(rows[0].get('group_name'))[:80]}”: its condition is left out. Write it as a rule if you need it.")
        return Page(f"p{gid}" if gid.isdigit() else "p1", self._say(rows, "group_name", texts), self._say(rows, "description", texts), tuple(questions))

    def _question(self, qid: str) -> list[Question]:
        rows, code, kind = self.questions[qid], self.codes[qid], self.kinds[qid]
        first = rows[0]
        if kind not in DIRECT:
            self.notes.append(f"{code[:60]}: there is no such kind of question here ({NAMES.get(kind, f'type {kind[:5]}')}), so it is left out.")
            return []
        if not CODE.fullmatch(code):
            self.notes.append(f"“{code[:60]}” is no code that can be used here, so the question is left out.")
            return []
        if kind in LOST:
            self.notes.append(f"{code}: {LOST[kind]}.")
        texts = self.texts.get(qid, [])
        made = Question(
            code, DIRECT[kind], self._say(rows, "question", texts), self._say(rows, "help", texts), required=first.get("mandatory") == "Y",
            other=first.get("other") == "Y" and DIRECT[kind] in ("choice", "choices"), show_if=self._rule(qid, code),
        )  # fmt: skip
        return self._split(made, qid) if kind in SPLIT else [self._with_choices(made, qid, kind)]

    def _with_choices(self, made: Question, qid: str, kind: str) -> Question:
        choices = tuple(Choice(code, {self.languages[0]: words}) for code, words in FIXED[kind]) if kind in FIXED else self._choices(qid)
        parts = self._parts(qid)
        if made.kind == "matrix":
            return replace(made, choices=choices, rows=parts)
        if made.kind == "choices":
            return replace(made, choices=parts)
        if made.kind in ("choice", "ranking"):
            return replace(made, choices=choices)
        return replace(made, least=1, most=5) if made.kind == "scale" else made

    def _choices(self, qid: str) -> tuple[Choice, ...]:
        found = []
        for rows in self.answers.get(qid, [])[:MOST_CHOICES]:
            code = rows[0].get("code", "")
            text = self._say(rows, "answer", self.answer_texts.get(rows[0].get("aid", ""), []) if rows[0].get("aid") else [])
            if PART_CODE.fullmatch(code):
                found.append(Choice(code, text or {self.languages[0]: code}))
        return tuple(found)

    def _parts(self, qid: str) -> tuple[Choice, ...]:
        found = []
        for rows in self.parts.get(qid, [])[:MOST_CHOICES]:
            code = rows[0].get("title", "")
            if PART_CODE.fullmatch(code):
                text = self._say(rows, "question", self.texts.get(rows[0].get("qid", ""), []))
                found.append(Choice(code, text or {self.languages[0]: code}))
        return tuple(found)

    def _split(self, made: Question, qid: str) -> list[Question]:
        """One question for each part, as sliders where they were sliders."""
        attributes, parts = self.attributes.get(qid, {}), self._parts(qid)
        slides = attributes.get("slider_layout") == "1"
        low, high = (_whole(attributes.get(name)) for name in ("slider_min", "slider_max"))
        found = []
        for part in parts:
            words = {language: f"{text} – {part.text[language]}" if part.text.get(language, "").strip("|") and len(parts) > 1 else text for language, text in made.text.items()}
            one = replace(made, code=f"{made.code}[{part.code}]", text=words)
            if not CODE.fullmatch(one.code):
                self.notes.append(f"“{one.code[:60]}” is no code that can be used here, so this line is left out.")
                continue
            found.append(replace(one, kind="slider", least=low, most=high) if slides and low is not None and high is not None and low < high else one)
        return found

    # ── conditions ──

    def _rule(self, qid: str, code: str) -> Rule:
        """Conditions over one question are alternatives, over several they must all hold, as LimeSurvey means them."""
        mine = [row for row in self._rows("conditions") if row.get("qid") == qid]
        relevance = (self.questions[qid][0].get("relevance") or "").strip()
        if not mine:
            if relevance not in ("", "1"):
                self.notes.append(f"{code}: its condition is left out. Write it as a rule if you need it.")
            return Rule()
        tests: dict[tuple[str, str], list[str]] = {}
        for row in mine:
            about = FIELD.match(row.get("cfieldname", "").lstrip("+"))
            method = METHODS.get(row.get("method", "").strip())
            source = self.codes.get(row.get("cqid", "") or (about[3] if about else ""))
            if source is None or method is None:
                self.notes.append(f"{code}: a condition is left out ({row.get('method', '')[:10]} {row.get('value', '')[:40]}).")
                continue
            tests.setdefault((source, method), []).append(self._value(row))
        return Rule(tuple(Comparison(source, method, tuple(dict.fromkeys(values))) for (source, method), values in tests.items()))

    def _value(self, row: dict) -> str:
        value = row.get("value", "").strip()
        if value == "-oth-":
            return OTHER
        if self.kinds.get(row.get("cqid", "")) == "Y":
            return {"Y": "yes", "N": "no"}.get(value, value)
        return value

    def _without_lost(self, content: Content) -> Content:
        """Rules over questions that were left out, or that come later here, cannot hold: they are told and taken out."""
        pages = []
        for page in content.pages:
            questions = []
            for question in page.questions:
                earlier = {each.code for each in content.before(question.code)}
                kept = tuple(test for test in question.show_if.tests if test.question in earlier)
                for test in question.show_if.tests:
                    if test not in kept:
                        self.notes.append(f"{question.code}: its condition over {test.question[:60]} is left out, as that question is not asked before it.")
                questions.append(replace(question, show_if=replace(question.show_if, tests=kept)))
            pages.append(replace(page, questions=tuple(questions)))
        return replace(content, pages=tuple(pages))


def _number(text: str | None) -> int:
    return natural(text) or 0


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10 else None
