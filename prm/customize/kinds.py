"""The kinds a person can choose for a new field, in their words, and what each can do."""
from __future__ import annotations

from dataclasses import dataclass

from prm.catalogue import uniqueness

ROLLUP = "rollup"


@dataclass(frozen=True)
class Choosable:
    key: str
    label: str
    icon: str
    about: str

    @property
    def typed(self) -> bool:
        """Whether people fill it: what is worked out has no input, no default, and is never required."""
        return self.key not in ("formula", ROLLUP)

    @property
    def has_choices(self) -> bool:
        return self.key in ("choice", "choices")

    @property
    def can_be_unique(self) -> bool:
        return self.key in uniqueness.KINDS


CHOOSABLE = {
    kind.key: kind
    for kind in (
        Choosable("text", "Text", "type", "One line: a name, a number of yours."),
        Choosable("long_text", "Long text", "file-text", "Several lines: notes, an address."),
        Choosable("number", "Number", "hash", "Up to six decimals. Can be summed."),
        Choosable("money", "Money", "sigma", "An amount in the currency of the organisation."),
        Choosable("percent", "Percent", "chart-pie", "Typed as 12.5 or 12.5 %."),
        Choosable("date", "Date", "calendar", "A day."),
        Choosable("datetime", "Date and time", "clock", "A day with an hour."),
        Choosable("bool", "Yes or no", "circle-check", "A box to tick."),
        Choosable("choice", "Choice", "list-filter", "One of a list, with colours."),
        Choosable("choices", "Several choices", "layers", "Any of a list."),
        Choosable("link", "Link", "link", "To a partner, contact, deal, person or record of yours."),
        Choosable("email", "E-mail", "mail", "An address to write to."),
        Choosable("url", "Web address", "globe", "Opens in the browser."),
        Choosable("formula", "Formula", "zap", "Worked out from other fields of the record."),
        Choosable(ROLLUP, "Roll-up", "trending-up", "Counts or sums the records that link here."),
    )
}
CONVERTIBLE = ("text", "long_text", "number", "money", "percent", "date", "datetime", "bool", "choice", "choices", "email", "url")
