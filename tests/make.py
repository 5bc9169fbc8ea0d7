"""Rows with defaults: a test names only what it is about. `make.deal()` makes its partner and stage as needed."""
from datetime import date
from decimal import Decimal
from itertools import count

from prm.core.periods import parse_period
from prm.models import (
    BusinessRole, Contact, CustomField, CustomObject, CustomRecord, Dashboard, Deal, Kpi, KpiResult, KpiVersion, Organisation, Partner, Person,
    Report, ReportVersion, Role, Scorecard, Stage, Target, Tier, Tile, records_of,
)  # fmt: skip
from prm.models.derived import Derive

STAGES = {
    "Registered": (10, "open"), "Qualified": (25, "open"), "Proposal": (50, "open"), "Negotiation": (75, "open"),
    "Won": (100, "won"), "Lost": (0, "lost"),
}  # fmt: skip
TIERS = ("Gold", "Silver", "Bronze")

_next = count(1)


def organisation(**values) -> Organisation:
    """The one organisation; called again, it changes what is named."""
    found = Organisation.get_or_none(Organisation.id == 1)
    if found is None:
        return Organisation.create(**{"id": 1, "name": "Kestrel", "currency": "USD", "zone": "UTC"} | values)
    Organisation.update(values).where(Organisation.id == 1).execute()
    return Organisation.get_by_id(1)


def stage(name="Won") -> Stage:
    probability, outcome = STAGES[name]
    values = {"position": list(STAGES).index(name), "probability": probability, "outcome": outcome}
    return Stage.get_or_create(name=name, defaults=values)[0]


def stages() -> list[Stage]:
    return [stage(name) for name in STAGES]


def tier(name="Gold") -> Tier:
    return Tier.get_or_create(name=name, defaults={"position": TIERS.index(name) if name in TIERS else len(TIERS)})[0]


def business_role(name="Sales lead") -> BusinessRole:
    return BusinessRole.get_or_create(name=name)[0]


def partner(name="Acme", **values) -> Partner:
    """Its number is taken from the name (ACME), made unique when there is one already."""
    if isinstance(values.get("tier"), str):
        values["tier"] = tier(values["tier"])
    return _save(Partner(**{"name": name, "number": _free(Partner, name)} | values))


def contact(name="Ada Byron", *, partner=None, **values) -> Contact:
    number = _free(Contact, name)
    return _save(Contact(**{"name": name, "number": number, "partner": partner or _partner()} | values))


def deal(title="Forty bikes", *, partner=None, stage=None, **values) -> Deal:
    """Won on 15 July 2026 over 1,000.00 unless said otherwise; `amount` is in minor units."""
    chosen = stage if isinstance(stage, Stage) else globals()["stage"](stage or "Won")
    given = {"number": _free(Deal, title), "amount": 100_000, "currency": "USD", "created_on": date(2026, 7, 1)}
    if chosen.outcome != "open":
        given["closed_on"] = date(2026, 7, 15)
    return _save(Deal(**given | {"title": title, "partner": partner or _partner(), "stage": chosen} | values))


def person(name="Somebody", *, role=Role.MANAGER, partner=None, password=None, **values) -> Person:
    """Somebody who can sign in; on the partner side with a contact of their own. Hashing is slow: only when asked."""
    email = f"{name.split()[0].lower()}.{next(_next)}@example.com"
    role = Role(role)
    if not role.is_staff and "contact" not in values:
        values["contact"] = contact(name, partner=partner or _partner(), email=values.get("email", email))
        partner = values["contact"].partner
    if password:
        from prm.core.passwords import hash_password

        values["password_hash"] = hash_password(password)
    return Person.create(**{"name": name, "email": email, "role": role.value, "partner": partner} | values)


def custom_field(key, kind="text", *, object="partner", **values) -> CustomField:
    label = key.replace("_", " ").capitalize()
    return CustomField.create(**{"object": object, "key": key, "kind": kind, "label": label} | values)


def custom_object(key="certification", **values) -> CustomObject:
    label = key.replace("_", " ").capitalize()
    return CustomObject.create(**{"key": key, "label": label, "plural": f"{label}s", "audience": "partner"} | values)


def record(name="ISO 27001", *, object, partner=None, **values) -> CustomRecord:
    """A record of an object of one's own."""
    table = records_of(object.id)
    return _save(table(**{"name": name, "number": _free(table, name), "partner": partner or _partner()} | values))


REVENUE = {
    "object": "deal",
    "filters": [{"field": "outcome", "op": "is", "value": "won"}],
    "measures": [{"key": "value", "fn": "sum", "field": "amount"}],
}


def kpi(name="Revenue", *, question=None, target=None, **version) -> Kpi:
    """An active KPI with one version, valid from the start of 2020; `target` is for everyone."""
    made = Kpi.create(name=name, state="active")
    given = {"question": question or REVENUE, "date_field": "closed_on", "unit": "money"} | version
    KpiVersion.create(**{"kpi": made, "number": 1, "valid_from": date(2020, 1, 1)} | given)
    if target is not None:
        Target.create(kpi=made, valid_from=date(2020, 1, 1), value=target)
    return made


def result(kpi, partner=None, period="2026-Q3", value=None, target=None, **values) -> KpiResult:
    """Its attainment and status follow from value and target (higher is better) unless they are given."""
    value, target = (None if each is None else Decimal(each) for each in (value, target))
    reached = value / target if value is not None and target else None
    given = {"attainment": reached, "status": "none" if reached is None else "good" if reached >= 1 else "bad"}
    given |= {"version": KpiVersion.get(KpiVersion.kpi == kpi), "starts_on": parse_period(period).start, "rows": 1}
    return KpiResult.create(
        **given | {"kpi": kpi, "partner": partner or _partner(), "period": period, "value": value, "target": target} | values
    )


def scorecard(partner=None, period="2026-Q3", score="104.5", **values) -> Scorecard:
    """A draft, ranked first of two."""
    given = {"score": None if score is None else Decimal(score), "grade": "B" if score else "", "rank": 1, "ranked": 2}
    given |= {"partner": partner or _partner(), "period": period, "starts_on": parse_period(period).start}
    return Scorecard.create(**given | values)


def _partner() -> Partner:
    return Partner.get_or_none(Partner.name == "Acme") or partner()


def _free(table, text: str) -> str:
    number = "".join(letter for letter in text.upper() if letter.isalnum())[:20] or "X"
    taken = table.select().where(table.number == number).exists()
    return f"{number}-{next(_next)}" if taken else number


def _save(row):
    Derive()(row)
    row.save(force_insert=True)
    return row


def report(name="Pipeline", question=None, *, sharing="private", owner=None, **content) -> Report:
    """A saved report with its first version; by default deals by stage."""
    asked = {"object": "deal"} | (question if question is not None else {"rows": [{"field": "stage"}], "measures": [{"key": "n", "fn": "count"}]})
    saved = {"parts": [{"title": "", "question": asked}]} | content
    made = Report.create(name=name, object=asked["object"], content=saved, sharing=sharing, owner=owner)
    ReportVersion.create(report=made, number=1, name=name, content=saved, author=owner)
    return made


def dashboard(name="Sales", *tiles, sharing="private", owner=None, **values) -> Dashboard:
    """With a tile for each report that is given."""
    made = Dashboard.create(name=name, sharing=sharing, owner=owner, **values)
    for at, shown in enumerate(tiles):
        Tile.create(dashboard=made, position=at, report=shown)
    return made
