"""The small company as plain data: HR rows, accounts, groups, links, and the mapping. The laws and every builder here make this value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mappings.lookups import LookupTable

TARGET = "app"
LOGIN, EMAIL = "login", "email"
UNIQUE = frozenset({LOGIN, EMAIL})
"""What the target itself never lets two accounts share."""


@dataclass(frozen=True)
class HrRow:
    """One line of a source. A column may be absent, None, empty or filled."""

    id: str
    columns: Mapping[str, str | None]


@dataclass(frozen=True)
class HrSource:
    """One source of people; `rules` is its table in identities.toml."""

    name: str
    rows: tuple[HrRow, ...]
    rules: Mapping[str, Any]
    unreadable: tuple[str, ...] = ()
    """Rows that could not be read, by id; empty where not even that is known."""


@dataclass(frozen=True)
class Account:
    id: str
    state: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    id: str
    name: str
    read_only: str = ""


@dataclass(frozen=True)
class World:
    """Everything a plan depends on."""

    day: date
    sources: tuple[HrSource, ...]
    accounts: tuple[Account, ...]
    groups: tuple[Group, ...]
    members: frozenset[tuple[str, str]]
    """(account id, group id)"""
    granted: frozenset[tuple[str, str]]
    """Those that this job gave."""
    links: Mapping[str, str]
    """Anchor to account id."""
    mapping: Mapping[str, Any]
    """The target's mapping file as a table."""
    link_decisions: tuple[tuple[str, str, str], ...] = ()
    """What reviewers decided: anchor, account id, `same` or `different`."""
    protected_people: tuple[str, ...] = ()
    protected_accounts: tuple[str, ...] = ()
    protected: Mapping[str, Any] = field(default_factory=dict)
    """What else `[protected]` says."""
    identities: Mapping[str, Any] = field(default_factory=dict)
    """What identities.toml says beside its sources."""
    lookups: tuple[LookupTable, ...] = ()
    before: tuple[HrSource, ...] = ()
    """The sources as they were read the night before, whole. One that is not among them was never read."""
    broken: frozenset[str] = field(default_factory=frozenset)
    """Scopes whose read stops halfway: a source's name, `accounts`, `entitlements`, or `members ID`."""

    @property
    def doubtful(self) -> bool:
        """Whether some source cannot show tonight who is gone."""
        return any(source.name in self.broken or "" in source.unreadable for source in self.sources)
