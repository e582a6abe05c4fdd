"""Binds a connector's rows to one system, and checks that the same system answers now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.contract import Check, Source, SystemIdentity, Traits
from reconcile.errors import SystemChanged
from reconcile.plan.origin import BoundSystem
from reconcile.store.connection import Store
from reconcile.store.file import FILE as STORE_FILE
from reconcile.store.values import json_path
from reconcile.unexpected import explained

FEW = 3
"""Accounts that changed hands are no proof of another system where they are fewer."""
MANY = 10
"""Nor are accounts that were replaced by others where fewer were there before."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The system that answers under a connector's address."""

    system: BoundSystem
    trouble: str = ""
    """The reason why nothing may be read from it; empty where it is the right system."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The systems that a store's rows belong to."""

    store: Store
    project: str
    """Id of the project, to which files belong; they have no identity of their own."""
    journal: Mapping[str, BoundSystem]
    """Systems that the journal names, for a store that holds none."""

    async def ask(self, source: Source) -> Answering:
        """Asks a system who it is, and compares that with who it was."""
        known = self.known(source.name)
        try:
            found = await answering(source, self.project)
        except Exception as error:  # noqa: BLE001 - whatever a system makes its connector raise is no other system's trouble
            return Answering(known or BoundSystem(id="", address=""), explained(error))
        if known is not None and not same_system(known, found):
            return Answering(known, str(SystemChanged(source.name, shown(known), shown(found))))
        return Answering(found)

    def known(self, name: str) -> BoundSystem | None:
        """The system that a connector was bound to; None before its first read."""
        rows = self.store.rows("bound_system", system=name)
        return BoundSystem(id=rows[0][0], address=rows[0][1]) if rows else self.journal.get(name)


async def answering(source: Source, project: str) -> BoundSystem:
    """The system that answers. Raises what the connector does where it cannot be asked."""
    found = await source.identity()
    return BoundSystem(id=found.id, address=found.address) if any(found) else BoundSystem(id="", address=f"project {project}")


async def identity_check(source: Source, known: BoundSystem | None, project: str) -> Check:
    """Checks whether the system that answers is the one that is known; `known` is None before its first read."""
    what = f"{source.name} is the system that is known"
    try:
        found = await answering(source, project)
    except Exception as error:  # noqa: BLE001 - as above
        return Check(what, explained(error))
    if known is None:
        return Check(f"{source.name} is {shown(found)}")
    return Check(
        f"{what}: {shown(found)}", "" if same_system(known, found) else str(SystemChanged(source.name, shown(known), shown(found)))
    )


def bound_before(state: Path) -> Mapping[str, BoundSystem]:
    """The system that each connector of a state folder was bound to."""
    if not (state / STORE_FILE).exists():
        return {}
    with Store.open(state, write=False) as store:
        return {system: BoundSystem(id=id_, address=address) for system, id_, address in store.rows("bound_systems")}


def same_system(known: BoundSystem, found: BoundSystem) -> bool:
    """Whether both are one system (`SystemIdentity.is_same`)."""
    return SystemIdentity(known.id, known.address).is_same(SystemIdentity(found.id, found.address))


async def unverified(sources: Mapping[str, Source], known: Mapping[str, BoundSystem], project: str) -> dict[str, str]:
    """Returns the systems that cannot be identified now, with the reason. Raises SystemChanged where another answers than is known."""
    reasons = {}
    for name, source in sources.items():
        try:
            found = await answering(source, project)
        except Exception as error:  # noqa: BLE001 - as above
            reasons[name] = explained(error)
        else:
            refuse_another(name, known[name], found)
    return reasons


def refuse_another(name: str, known: BoundSystem, found: BoundSystem | None) -> None:
    """Raises SystemChanged where the system found is not the one that is known."""
    if found is None or not same_system(known, found):
        raise SystemChanged(name, shown(known), "no such system" if found is None else shown(found))


def shown(bound: BoundSystem) -> str:
    """A system as messages name it: address and id."""
    return str(SystemIdentity(bound.id, bound.address))


def other_accounts(store: Store, system: str, traits: Traits, *, whole: bool) -> str:
    """Returns why the accounts of this read cannot be those of the last one: most ids are gone, or show other people. Else empty.

    `whole`: the read shows every account. A new domain for all of them is no reason: what stands before the @ is compared. An application
    that was replaced by another behind the same address, with ids that count from 1, is one.
    """
    bound = store.rows("bound_system", system=system)
    if bound and not bound[0][3]:
        return ""
    before, came, known, changed = store.rows("changed_hands", system=system, login=json_path(traits.login), email=json_path(traits.email))[
        0
    ]
    if changed >= FEW and changed * 2 > known:
        what = f"{changed} of the {known} accounts known by their ids carry another login and another address than at the last read"
    elif whole and before >= MANY and known * 2 < before <= came * 2:
        what = f"{known} of the {before} accounts of the last read are there under their ids"
    else:
        return ""
    return (
        f"{what}: it may be another system, or one that was restored. If the accounts are the same, `reconcile rebind {system} --keep` "
        f"accepts them; if it is another system, `reconcile rebind {system} --forget` begins anew"
    )
