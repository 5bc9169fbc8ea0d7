"""Enable as partner: one screen for partner, contact and role."""

from __future__ import annotations

from wtforms import EmailField, SelectField, StringField
from wtforms.fields import SelectChoice

from prm.access import invites, rows
from prm.catalogue.links import Links
from prm.catalogue.objects import CONTACT_OBJECT
from prm.contacts import services
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import Contact, Person
from prm.models.person import PARTNER_SIDE, Role
from prm.ui.forms import Form

MEANING = {
    Role.EXECUTIVE: "sees the whole of their company, invites colleagues",
    Role.PARTNER_MANAGER: "sees own rows and those of members",
    Role.MEMBER: "sees own rows",
}


class EnableForm(Form):
    """The contact is found by its address; a new address makes a new contact."""

    partner = StringField("Partner", description="Name or number", render_kw={"autocomplete": "off"})
    email = EmailField("E-mail", description="The invite goes here")
    name = StringField("Name", render_kw={"autocomplete": "off"})
    role = SelectField("Access")
    known: Contact | None = None

    @classmethod
    def for_viewer(cls, viewer, contact: Contact | None, partner: str = "") -> EnableForm:
        """For this contact, or for one of the partner that the address proposes."""
        given = {"partner": partner}
        if contact is not None:
            given = {"partner": contact.partner.number, "email": contact.email or "", "name": contact.name}
        form = cls(data=given)
        form.known = contact
        roles = [
            role
            for role in PARTNER_SIDE
            if viewer.is_staff or PARTNER_SIDE.index(role) >= PARTNER_SIDE.index(viewer.role)
        ]
        form.role.choices = [SelectChoice(role.value, f"{role.label}: {MEANING[role]}") for role in roles]
        if not viewer.is_staff:
            del form.partner
        return form

    def enable(self, viewer) -> Person:
        """Find or make the contact and let them in, all or nothing."""
        with db.atomic():
            return invites.enable_contact(viewer, self._contact(viewer), Role(self.role.data))

    def _contact(self, viewer) -> Contact:
        partner = self._partner(viewer)
        email = (self.email.data or "").strip()
        if self.known is not None and self.known.email == email:
            return self.known
        if not email:
            raise Invalid("An address is needed to send the invite to.", field="email")
        email = CONTACT_OBJECT.field("email").kind.parse(email, None)
        found = rows.visible(Contact, viewer).where(Contact.email == email).get_or_none()
        if found is None and self.known is not None:
            return services.edit_contact(viewer, self.known, {"email": email})
        if found is None:
            return services.add_contact(
                viewer, {"partner": partner, "email": email, "name": (self.name.data or "").strip()[:200]}
            )
        if found.partner_id != partner:
            raise Invalid(f"{email} is a contact of another partner, {found.partner.name}.", field="email")
        return found

    def _partner(self, viewer) -> int:
        if not viewer.is_staff:
            return viewer.partner_id
        try:
            found = Links(viewer).id_of(CONTACT_OBJECT.field("partner"), (self.partner.data or "").strip())
        except Invalid as refusal:
            raise Invalid(refusal.message, field="partner") from None
        if found is None:
            raise Invalid("Which partner do they work for?", field="partner")
        return found
