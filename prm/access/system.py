"""Who acts when nobody does: commands, the timetable and the computing of figures. It sees everything and is no row."""

from __future__ import annotations

from prm.models import Person, Role

SYSTEM = Person(name="Alongside", role=Role.ADMIN.value, sees_all=True)
