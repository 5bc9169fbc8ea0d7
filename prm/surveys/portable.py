"""A survey as a file: our own JSON out and in, and the structures of LimeSurvey in."""
from __future__ import annotations

import json

from prm.core.errors import Invalid
from prm.models import Survey
from prm.surveys import lime
from prm.surveys.content import Content

FORMAT = "alongside-survey-1"


def write(survey: Survey) -> str:
    return json.dumps({"format": FORMAT, "anonymous": survey.anonymous, "survey": survey.content}, ensure_ascii=False, indent=2) + "\n"


def read(name: str, data: bytes) -> tuple[Content, bool, list[str]]:
    """The content, whether it is anonymous, and what could not be taken over. Invalid for anything else."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return lime.read(data)
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Invalid("That is neither JSON nor a LimeSurvey structure (.lss).", field="file") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Invalid(f"That JSON is no survey of ours: its “format” should be “{FORMAT}”.", field="file")
    try:
        return Content.parse(found.get("survey")), bool(found.get("anonymous")), []
    except Invalid as refusal:
        raise Invalid(refusal.message, field="file") from None
