"""Finds which column means what, from names and values; where several may, that is a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.hr.inspection.columns import FoundColumn
from reconcile.usecases.draft.vocabulary import ATTRIBUTES, NAMES, Meaning, Role, meaning, normal

_OF_BIRTH = re.compile(r"birth|dob\b|geburt|naiss|nacim", re.IGNORECASE)
_NEARLY_ALL = 0.9
"""Share of the rows that have a key: exports leave it blank for some."""
_OTHER_YES = ("Y", "Yes", "TRUE", "true", "1", "Primary")


@dataclass(frozen=True, slots=True)
class Roles:
    """The column of each meaning, and the columns of those for which there are several."""

    one: dict[Role, FoundColumn] = field(default_factory=dict)
    several: dict[Role, tuple[FoundColumn, ...]] = field(default_factory=dict)

    def name(self, role: Role) -> str:
        """The name of its column; empty where there is none, or not one."""
        return self.one[role].name if role in self.one else ""


def assign(columns: Sequence[FoundColumn]) -> Roles:
    """Returns the roles that names and values leave no doubt of."""
    roles = Roles()
    for role in NAMES:
        found = _of_first_names(role, columns)
        if len(found) == 1 and (role not in ATTRIBUTES or normal(found[0].name) in NAMES[role][0]):
            roles.one[role] = found[0]
        elif found:
            roles.several[role] = tuple(found)
    if roles.one.get(Role.KEY) is roles.one.get(Role.PERSON):
        roles.one.pop(Role.PERSON, None)
    return roles


def used_columns(columns: Sequence[FoundColumn], roles: Roles) -> list[str]:
    """The columns that the mappings name, or that a question names, in the order of the file."""
    meant = [*roles.one.values(), *(column for several in roles.several.values() for column in several), *other_dates(columns, roles)]
    asked = {name for role in (Role.STATUS, Role.START, Role.END) for names in NAMES[role] for name in names}
    return [column.name for column in columns if column in meant or normal(column.name) in asked] or [columns[0].name]


def other_dates(columns: Sequence[FoundColumn], roles: Roles) -> list[FoundColumn]:
    """The columns of dates that may be the first or the last day of work, where one of the two was not found."""
    if Role.START in roles.one and Role.END in roles.one:
        return []
    asked = {name for role in (Role.START, Role.END) for names in NAMES[role] for name in names}
    dates = (column for column in columns if column.dates.formats or (column.has_serials and normal(column.name) not in asked))
    return [column for column in dates if column not in roles.one.values() and not _OF_BIRTH.search(column.name)]


def _of_first_names(role: Role, columns: Sequence[FoundColumn]) -> list[FoundColumn]:
    for names in NAMES[role]:
        if found := [column for column in columns if normal(column.name) in names and _may_be(role, column)]:
            return found
    if role is not Role.KEY:
        return []
    return [column for column in columns if column.is_unique and not column.dates.formats and not column.multiline]


def _may_be(role: Role, column: FoundColumn) -> bool:
    """Whether a column's values are of the kind that its name says."""
    return _KINDS.get(role, _is_filled)(column)


def _is_filled(column: FoundColumn) -> bool:
    return bool(column.filled)


def _names_people(column: FoundColumn) -> bool:
    return column.filled >= _NEARLY_ALL * column.rows and len(column.values) > column.filled // 2


def _has_states(column: FoundColumn) -> bool:
    return any(meaning(word, column.name) is Meaning.ACTIVE for word in column.words)


def _has_dates(column: FoundColumn) -> bool:
    return bool(column.dates.formats) or not column.filled


def _has_country_codes(column: FoundColumn) -> bool:
    return bool(column.filled) and all(len(value) == 2 for value in column.values)


def primary_word(column: FoundColumn) -> str:
    """The word that marks a person's first position; empty where the values are not a yes and a no."""
    words = [word for word in column.words if word in _OTHER_YES]
    return words[0] if len(words) == 1 and len(column.words) <= 2 else ""


_KINDS: Mapping[Role, Callable[[FoundColumn], bool]] = {
    Role.KEY: _names_people,
    Role.STATUS: _has_states,
    Role.START: _has_dates,
    Role.END: _has_dates,
    Role.EMAIL: lambda column: column.has_addresses,
    Role.MANAGER_EMAIL: lambda column: column.has_addresses,
    Role.COUNTRY: _has_country_codes,
    Role.PREFERRED_FIRST: lambda _: True,
    Role.PREFERRED_LAST: lambda _: True,
    Role.PRIMARY: lambda column: primary_word(column) != "",
}
