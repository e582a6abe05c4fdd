"""Lists what systems held at a moment, from the snapshots of the store: accounts, people, members, assignments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from connectors.contract import Value
from connectors.quoting import quoted
from reconcile.errors import ExitCode, ReconcileError
from reconcile.snapshot.history import SnapshotMark, snapshot_at
from reconcile.store.connection import Store
from reconcile.usecases.access import ProjectAccess
from reconcile.usecases.history import called


class Listing(StrEnum):
    """Kind of a list."""

    ACCOUNTS = "accounts"
    PEOPLE = "people"
    """The rows of the sources."""
    MEMBERS = "members"
    """The members of groups and roles."""
    ASSIGNMENTS = "assignments"
    """The accounts that are assigned to apps."""


class NothingAsOf(ReconcileError):
    """No system that is asked about has a snapshot of a moment."""

    exit_code = ExitCode.USAGE

    def __init__(self, moment: str, systems: Sequence[str]) -> None:
        self.moment, self.systems = moment, tuple(systems)
        super().__init__(f"{', '.join(systems)}: there is no snapshot at or before {moment}, or it was pruned since. Give a later time.")


class NoSuchSystem(ReconcileError):
    """A list is asked for of a system that the project does not have, or that has no such list."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, listing: Listing, known: Sequence[str]) -> None:
        self.name, self.listing, self.known = name, listing, tuple(known)
        super().__init__(f"The system {quoted(name)}: the project has no {listing.value} of it. There is {', '.join(known)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """One account, person or membership as a snapshot held it."""

    system: str
    taken_at: str
    """Time of the read (RFC 3339, UTC)."""
    id: str
    """Id of the account, or of the row of a source."""
    who: str
    """Login, address or name that it was known by then; its id where it had none."""
    state: str = ""
    status: str = ""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    entitlement: str = ""
    """For a membership, the name of the group, role or app; else empty, as the rest."""
    entitlement_id: str = ""
    kind: str = ""
    via: str = ""
    """Group or rule that a membership came through; empty for a direct one."""


class Archive(ProjectAccess):
    """The snapshots of one project."""

    def listed(self, moment: str, listing: Listing, system: str = "", word: str = "") -> Iterator[HeldRow]:
        """Yields a list as the snapshots held it. `word`: only the account, person, group or app that is called so; empty for all.

        Raises NoSuchSystem, NothingAsOf.
        """
        known = self._systems(listing)
        if system and system not in known:
            raise NoSuchSystem(system, listing, known)
        asked = [system] if system else known
        with Store.open(self.project.state, write=False) as store:
            marks = {name: snapshot_at(store, name, datetime.fromisoformat(moment)) for name in asked}
            if not any(marks.values()):
                raise NothingAsOf(moment, asked)
            for name, mark in marks.items():
                if mark is not None:
                    yield from _rows(store, name, mark, listing, word)

    def without_snapshot(self, moment: str, listing: Listing, system: str = "") -> list[str]:
        """Returns the systems of a list that have no snapshot at or before a moment, or whose rows were pruned since: none of theirs is listed."""
        asked = [system] if system else self._systems(listing)
        with Store.open(self.project.state, write=False) as store:
            return [name for name in asked if snapshot_at(store, name, datetime.fromisoformat(moment)) is None]

    def _systems(self, listing: Listing) -> list[str]:
        mappings = self.project.mappings
        if listing is Listing.PEOPLE:
            return sorted({source.connector for source in mappings.identities.source})
        return sorted({mapping.target for mapping in mappings.targets})


def _rows(store: Store, system: str, mark: SnapshotMark, listing: Listing, word: str) -> Iterator[HeldRow]:
    match listing:
        case Listing.ACCOUNTS | Listing.PEOPLE:
            yield from _records(store, system, mark, word)
        case Listing.MEMBERS | Listing.ASSIGNMENTS:
            yield from _memberships(store, system, mark, listing, word)
        case _:
            assert_never(listing)


def _records(store: Store, system: str, mark: SnapshotMark, word: str) -> Iterator[HeldRow]:
    for id_, state, status, attributes in store.stream("records_listed_as_of", system=system, number=mark.number, word=word):
        yield HeldRow(
            system=system,
            taken_at=mark.taken_at,
            id=id_,
            who=called(id_, attributes),
            state=state,
            status=status,
            attributes=json.loads(attributes),
        )


def _memberships(store: Store, system: str, mark: SnapshotMark, listing: Listing, word: str) -> Iterator[HeldRow]:
    asked = {"system": system, "number": mark.number, "word": word, "apps": listing is Listing.ASSIGNMENTS}
    for id_, attributes, entitlement_id, entitlement, kind, via in store.stream("memberships_listed_as_of", **asked):
        yield HeldRow(
            system=system,
            taken_at=mark.taken_at,
            id=id_,
            who=called(id_, attributes),
            entitlement=entitlement,
            entitlement_id=entitlement_id,
            kind=kind,
            via=via,
        )
