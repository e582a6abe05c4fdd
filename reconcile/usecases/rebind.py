"""Binding a connector's rows, links and granted memberships to another system than before, or the store to another journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reconcile.apply.audit import AuditEvent
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import adopt
from reconcile.plan.origin import BoundSystem
from reconcile.snapshot.binding import same_system
from reconcile.store.connection import Store

UNREAD = "it was bound to another system and has not been read since"


class Choice(StrEnum):
    """Treatment of what is known of a system that is bound anew."""

    KEEP = "keep"
    """The same accounts under the same ids: the system was renamed or moved."""
    FORGET = "forget"
    """Another system: its ids mean other accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The amount of state that the store remembers of a system."""

    links: int
    memberships: int
    """Number of memberships that this job gave, and may take."""
    ended: int
    """Accounts that this job deactivated or suspended."""
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebinding:
    """A connector that reaches another system than before, or is to be bound anew all the same."""

    name: str
    was: BoundSystem
    now: BoundSystem
    known: Known
    choice: Choice | None = None
    """Choice that was carried out; None where the state was only shown."""

    @property
    def changed(self) -> bool:
        return not same_system(self.was, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """State that is known after the store went on with another journal."""

    links: int
    memberships: int
    holds: int
    """Holds that are in force in the journal that is followed now; those of the lost one are gone, as its rejections are."""
    rejections: int


def known_of(store: Store, system: str) -> Known:
    """The amount of state that the store remembers of a system."""
    links, memberships, ended, rows = store.rows("remembered_counts", system=system)[0]
    return Known(links=links, memberships=memberships, ended=ended, rows=rows)


def rebind(store: Store, journal: Journal, asked: Rebinding, choice: Choice) -> None:
    """Binds what is known of a connector to the system that answers now, or forgets it.

    A system that moved must still show the accounts of before at its next read; where the address is the same and only the accounts
    changed hands, `KEEP` accepts that once.
    """
    forget = choice is Choice.FORGET
    # The journal first: what a store forgets it could otherwise learn again from there.
    journal.systems.rebind(asked.name, asked.now, forget=forget)
    bound = {"system": asked.name, "id": asked.now.id, "address": asked.now.address}
    # Working tables are another database, and a transaction writes to one.
    store.do("stage_scopes", "stage_quarantined", "stage_unread_scope", reason=UNREAD)
    with store.transaction():
        number = store.value("latest_number", system=asked.name) + 1
        if forget:
            _forget(store, asked.name, number)
            store.do("rebind_system", since=number, known_accounts=True, **bound)
        else:
            since = store.rows("bound_system", system=asked.name)[0][2]
            store.do("rebind_system", since=since, known_accounts=asked.changed, **bound)


def follow(store: Store, journal: Journal, project: str, day: date) -> Followed:
    """Goes on with this journal as the project's own. Returns what the store keeps, and what this journal holds on a day."""
    journal.give(project)
    adopt(store, journal)
    links, memberships = store.rows("remembered_totals")[0]
    journal.audit.record(AuditEvent.REBOUND, facts={"journal": journal.id, "links": links, "memberships": memberships})
    holds, rejections = len(journal.holds.on(day)), len(journal.approvals.rejections())
    return Followed(links=links, memberships=memberships, holds=holds, rejections=rejections)


def _forget(store: Store, system: str, number: int) -> None:
    """Ends every row of a system and forgets what was linked and given there. Until its next read nothing is planned for it."""
    here = {"system": system, "number": number}
    store.do(
        "forget_links",
        "forget_grants",
        "forget_names",
        "forget_own_suspensions",
        "forget_unlisted",
        "forget_account_notes",
        "forget_lessons",
        "close_all_records",
        "close_all_entitlements",
        "close_all_memberships",
        **here,
    )
    store.do("keep_scopes", **here)
    digest = store.value("content_digest", **here)
    store.do("keep_snapshot", digest=digest, columns=[], open_ended=True, taken_at="", entry=None, **here)
