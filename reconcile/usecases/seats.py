"""Forecasts the use of declared licence seats, and keeps it beside a saved plan: `show` does not open the store, which a run may be writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import msgspec

from reconcile.disk import write_private
from reconcile.plan.approval import not_approved
from reconcile.plan.model import Operation, Plan
from reconcile.plan.operation_rows import concerned, queryable
from reconcile.plan.seat_count import COUNTED, Holders, seat_use
from reconcile.plan.seats import SeatPlace, SeatUse
from reconcile.project.seats import Seats
from reconcile.store.connection import Store
from reconcile.store.plans.files import FOLDER

FILE = "seats.json"
"""Name of the file. It is no part of the plan: without it a forecast says nothing of seats."""

SeatUses: TypeAlias = Mapping[str, Sequence[SeatUse]]
"""By target."""


def keep_seat_uses(store: Store, state: Path, plan: Plan, declared: Mapping[str, Seats]) -> SeatUses:
    """The use of seats from the newest snapshots on, kept beside the plan."""
    path = state / FOLDER / plan.digest / FILE
    if not declared:
        path.unlink(missing_ok=True)
        return {}
    uses = seat_uses(store, plan, declared)
    write_private(path, msgspec.json.encode(uses).decode())
    return uses


def kept_seat_uses(state: Path, digest: str) -> SeatUses:
    """The use that was kept; none where there is no such file, or it cannot be read."""
    try:
        return msgspec.json.decode((state / FOLDER / digest / FILE).read_bytes(), type=dict[str, tuple[SeatUse, ...]])
    except (OSError, msgspec.MsgspecError):
        return {}


def seat_uses(store: Store, plan: Plan, declared: Mapping[str, Seats]) -> SeatUses:
    """The use of seats of each target that the plan changes, without the rows that a reviewer holds or rejects."""
    return {name: tuple(_uses(store, plan, name, declared[name])) for name in concerned(plan) if name in declared}


def _uses(store: Store, plan: Plan, target: str, declared: Seats) -> Iterator[SeatUse]:
    # Read anew for each place: the operations of a first night fit into no memory.
    changed = sorted({each.account_id for each in _applied(plan, target) if each.account_id})
    active = frozenset(id_ for (id_,) in store.rows("accounts_with_a_seat", target=target, ids=changed))
    for place, seats in declared.declared().items():
        holders = _holders(store, target, place, active, changed)
        yield seat_use(holders, seats, _applied(plan, target), known=not place.kind or bool(holders.ids))


def _applied(plan: Plan, target: str) -> Iterator[Operation]:
    """The operations that can take or free a seat, without those that are not approved and what depends on them."""
    out = set(not_approved(plan.approvals))
    for each in queryable(plan.operations).of_target(target):
        if each.id in out or not out.isdisjoint(each.depends_on):
            out.add(each.id)
        elif each.verb in COUNTED:
            yield each


def _holders(store: Store, target: str, place: SeatPlace, active: frozenset[str], changed: Sequence[str]) -> Holders:
    if not place.kind:
        return Holders(place, used=store.value("seats_of_accounts", target=target), active=active)
    found = store.rows("seat_entitlements", target=target, kind=place.kind, name=place.name)
    ids, groups = [id_ for id_, _ in found], sorted(set(chain.from_iterable(given for _, given in found)))
    with store.schemas.step():
        store.do("make_seat_path", target=target, entitlements=ids, groups=groups)
        used = store.value("seats_in_use", target=target)
        held: dict[str, list[str]] = dict(store.rows("seat_paths_of", ids=changed))
    return Holders(place, frozenset((*ids, *groups)), used, active, held)
