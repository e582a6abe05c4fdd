"""Who is who in one target: the situation of every identity and of every account, exactly one each.

Leaves the working tables `due`, `account`, `desired`, `identity_situation` and `account_situation` for the questions that follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.contract import AccountState, Traits
from mappings.rules import TargetMapping
from reconcile.model import Census, LifecycleState, Situation
from reconcile.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """One identity in one target."""

    anchor: str
    name: str
    state: LifecycleState
    life: str
    """What their source says of it: status word, start and end, as far as it has them."""
    expected: str
    """`due`, `away` (theirs, suspended while they are on leave), `not_due`, `future`, or `held` where a row of theirs cannot be used."""
    situation: Situation
    account_id: str
    login: str
    account_state: AccountState | None
    """None where there is no account."""
    status: str
    note: str
    found_by: int | None
    """Which correlation key found the account (from 1); None for a link."""
    rests: bool = False
    """Whether it is this job that suspended or deactivated the account, and nobody touched that since."""


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """One account that no identity claims: of nobody (UNASSIGNED), or of somebody who vanished (SOURCE_MISSING)."""

    account_id: str
    anchor: str
    situation: Situation
    login: str
    state: AccountState


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A link to an account that is gone."""

    anchor: str
    account_id: str
    both_gone: bool
    """Whether the person is gone, too; else they should have no account."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A link that is remembered by another anchor than the one its person is known by now."""

    remembered_as: str
    anchor: str
    account_id: str
    kept: bool
    """Whether the pair is to be remembered by the person's own anchor."""
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class Correlation:
    """What correlating one target found."""

    pairings: tuple[Pairing, ...]
    unclaimed: tuple[Unclaimed, ...]
    forgotten: tuple[Forgotten, ...]
    moved: tuple[Moved, ...]
    census: Census


def json_path(attribute: str) -> str:
    """The path of one attribute in a record's JSON object; names may hold dots and colons."""
    return '$."' + attribute.replace("\\", "\\\\").replace('"', '\\"') + '"'


def correlate(store: Store, mapping: TargetMapping, traits: Traits, name_attribute: str) -> Correlation:
    """The situations in one target, from the latest snapshots, the remembered links and the correlation keys."""
    store.do("drop_due", "drop_judged_who", "drop_desired", "drop_identity_keys")
    store.derive("who", "identity", {"qualifies": mapping.who, "name": name_attribute}, kept=["anchor"])
    store.derive_list("desired", "identity", "anchor", [rule.expression for rule in mapping.attributes.values()])
    store.derive_list("identity_keys", "identity", "anchor", [key.identity for key in mapping.correlate])
    store.do("make_due", leave=mapping.leave)
    store.do(
        "make_accounts",
        target=mapping.target,
        paths=[json_path(name) for name in mapping.attributes],
        key_paths=[json_path(name) for name in (*(key.account for key in mapping.correlate), traits.login, traits.email)],
    )
    store.do("make_rests", "make_remembered", "make_torn", target=mapping.target)
    store.do("make_links", "make_candidates", "make_shared_keys", "make_keyless")
    store.do("make_identity_situations", "make_account_situations")
    return _read(store, mapping.target)


def _read(store: Store, target: str) -> Correlation:
    pairings = tuple(
        Pairing(
            anchor=anchor,
            name=name,
            state=LifecycleState(state),
            life=life,
            expected=expected,
            situation=Situation(situation),
            account_id=account_id,
            login=login,
            account_state=AccountState(account_state) if account_state else None,
            status=status,
            note=note,
            found_by=rank,
            rests=rests,
        )
        for anchor, name, state, life, expected, account_id, rank, situation, note, login, account_state, status, rests in store.rows(
            "identity_situations"
        )
    )
    unclaimed = tuple(
        Unclaimed(account_id, anchor, Situation(situation), login, AccountState(state))
        for account_id, anchor, situation, login, state in store.rows("unclaimed_accounts")
    )
    counts = {Situation(situation): count for situation, count in store.rows("situation_counts")}
    census = Census(target=target, situations=counts, accounts=store.value("working_accounts"))
    forgotten = tuple(Forgotten(*row) for row in store.rows("forgotten_links"))
    moved = tuple(Moved(*row) for row in store.rows("moved_links"))
    return Correlation(pairings, unclaimed, forgotten, moved, census)
