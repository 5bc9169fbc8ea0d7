"""Inviting staff, and changing what somebody may."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from prm.access.authority import roles_to_give
from prm.models import Person, Role
from prm.ui.forms import Form

MEANING = {
    Role.ADMIN: "everything, Setup included",
    Role.MANAGER: "reads and edits the partners assigned to them",
    Role.ANALYST: "reads every partner, changes nothing",
    Role.EXECUTIVE: "the whole of their company, invites colleagues",
    Role.PARTNER_MANAGER: "own rows and those of members",
    Role.MEMBER: "own rows",
}
SEES_ALL = {
    "label": "Sees all partners",
    "description": "Channel managers only: not just the partners assigned to them.",
}


def _choices(viewer, to_staff: bool) -> list[SelectChoice]:
    return [
        SelectChoice(role.value, f"{role.label}: {MEANING[role]}") for role in roles_to_give(viewer, to_staff=to_staff)
    ]


class StaffForm(Form):
    name = StringField(
        "Name",
        [InputRequired("A name is needed."), Length(max=200)],
        render_kw={"autocomplete": "off", "maxlength": 200},
    )
    email = EmailField(
        "E-mail", [InputRequired("The invite goes there.")], render_kw={"autocomplete": "off", "maxlength": 254}
    )
    role = SelectField("Access", default=Role.MANAGER.value)
    sees_all = BooleanField(**SEES_ALL)

    @classmethod
    def for_viewer(cls, viewer, known: Person | None) -> StaffForm:
        form = cls(data={"name": known.name, "role": known.role, "sees_all": known.sees_all} if known else None)
        form.role.choices = _choices(viewer, to_staff=True)
        return form


class RoleForm(Form):
    role = SelectField("Access")
    sees_all = BooleanField(**SEES_ALL)

    @classmethod
    def for_viewer(cls, viewer, person: Person) -> RoleForm:
        form = cls(data={"role": person.role, "sees_all": person.sees_all})
        form.role.choices = _choices(viewer, to_staff=person.partner_id is None)
        if person.partner_id is not None:
            del form.sees_all
        return form
