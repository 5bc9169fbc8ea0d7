"""Where a field or an object is used: what would lack something once it is gone."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from peewee import fn

from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.formula import Formula
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.models import CustomField, Kpi, KpiVersion, Layout, Report, Wave

PATH = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*", re.ASCII)


@dataclass(frozen=True)
class Use:
    what: str
    name: str
    href: str


class Uses:
    """Looks through everything that asks questions, whoever owns it: an admin decides for all. Of a report that is private to
    somebody only its existence is told."""

    def __init__(self, viewer):
        self.viewer, self.known = viewer, catalogue(viewer)

    def of_field(self, row: CustomField) -> list[Use]:
        return list(self._found(lambda object, tree: self._names(object, tree, row))) + list(self._of_definitions(row))

    def of_object(self, key: str) -> list[Use]:
        inside = list(CustomField.select().where(CustomField.object == key))
        found = list(self._found(lambda object, tree: object == key or any(self._names(object, tree, row) for row in inside)))
        links = CustomField.select().where(((CustomField.link == key) | (CustomField.kind == "rollup")) & CustomField.deleted_at.is_null() & (CustomField.object != key))
        return found + [self._field(f) for f in links if f.link == key or (f.rollup or {}).get("object") == key]

    def _found(self, used) -> Iterator[Use]:
        for report in Report.select().where(Report.deleted_at.is_null()).order_by(Report.name):
            if any(used(part.get("question", {}).get("object", ""), part) for part in (report.content or {}).get("parts", ())):
                own = report.owner_id == self.viewer.id or report.sharing != "private"
                yield Use("Report", report.name if own else f"a private report of {report.owner.display}", url_for("reports.show", id=report.id) if own else "")
        newest = KpiVersion.select(fn.MAX(KpiVersion.id)).group_by(KpiVersion.kpi)
        for version in KpiVersion.select().join(Kpi).where(KpiVersion.id.in_(newest)).order_by(Kpi.name):
            question = version.question or {}
            if used(question.get("object", ""), [question, version.date_field]):
                yield Use("KPI", version.kpi.name, url_for("kpis.show", id=version.kpi_id))
        for wave in Wave.select().where(Wave.sent_at.is_null() | Wave.next_at.is_null(False)):
            if used("contact", wave.recipients):
                yield Use("Survey", wave.survey.title, url_for("surveys.show", id=wave.survey_id))

    def _of_definitions(self, row: CustomField) -> Iterator[Use]:
        """Formulas, rules, roll-ups and layouts."""
        same = CustomField.select().where(CustomField.deleted_at.is_null() & (CustomField.id != row.id))
        for other in same:
            if other.object == row.object and any(row.key in _formula_names(text) for text in (other.formula, other.valid) if text):
                yield self._field(other)
            spec = other.rollup or {}
            if spec.get("object") == row.object and row.key in (spec.get("field"), spec.get("link"), *(f.get("field") for f in spec.get("filters", ()))):
                yield self._field(other)
        for layout in Layout.select().where(Layout.object == row.object):
            if any(row.key in keys for _, keys in layout.sections):
                yield Use("Layout", layout.role.replace("_", " ").capitalize() or "Every role", url_for("customize.layout", key=row.object, role=layout.role or None))

    def _field(self, row: CustomField) -> Use:
        obj = self.known.objects.get(row.object)
        return Use("Field", f"{obj.label if obj else row.object}: {row.label}", url_for("customize.field", key=row.object, id=row.id))

    def _names(self, object: str, tree: Any, row: CustomField) -> bool:
        obj = self.known.objects.get(object)
        return obj is not None and any(_leads_to(self.known, obj, path, row) for path in set(_paths(tree)))


def _formula_names(text: str) -> frozenset[str]:
    try:
        return Formula.parse(text).names
    except Invalid:
        return frozenset()


def _paths(tree: Any) -> Iterable[str]:
    """Whatever looks like the path of a field, anywhere in it."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _paths(value)
            yield from PATH.findall(key.removeprefix("f."))
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _paths(each)
    elif isinstance(tree, str):
        yield from PATH.findall(tree)


def _leads_to(known: Catalogue, obj: Object, path: str, row: CustomField) -> bool:
    if path.rpartition(".")[2] != row.key:
        return False
    try:
        links, _ = known.find(obj, path)
    except Invalid:
        return row.retired_at is not None and obj.key == row.object and path == row.key
    return (links[-1].link if links else obj.key) == row.object
