"""Checks the sentinels of `[reading.SYSTEM]`: records that must be there for a read to be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.contract import Check, RawPage, Record, Scope, ScopeKind, Source, Target
from connectors.quoting import quoted
from reconcile.project.config import Reading
from reconcile.snapshot.decoding import decoded
from reconcile.snapshot.scope_state import ScopeState
from reconcile.store.connection import Store
from reconcile.unexpected import explained

NAMES = ("login", "userName", "email", "emails.work")
"""The attributes by which a sentinel can be named, beside the id (statement `missing_sentinels`)."""


async def sentinel_checks(source: Source, reading: Reading) -> list[Check]:
    """One check where the system has sentinels. A target is asked for each of them; of other sources everything is read."""
    if not reading.always_there:
        return []
    setting = f"reading.{source.name}.always_there"
    what = f"{source.name}: all of {setting} are there"
    try:
        if isinstance(source, Target):
            missing = [name for name in reading.always_there if not await _is_shown(source, name)]
        else:
            missing = await _not_read(source, reading.always_there)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is the trouble of its system
        return [Check(what, explained(error))]
    return [Check(what, _sentence(missing, setting))]


def _sentence(missing: list[str], setting: str) -> str:
    if not missing:
        return ""
    return (
        f"{', '.join(missing[:3])} {'is' if len(missing) == 1 else 'are'} not; while that is so, no read is believed and nothing that "
        f"depends on it is changed. See whether the system shows all its records; if it does, correct {setting}"
    )


async def _is_shown(target: Target, name: str) -> bool:
    for attribute in (target.traits.login, target.traits.email):
        if await target.find_accounts(attribute, name):
            return True
    return await target.read_account(name) is not None


async def _not_read(source: Source, names: Iterable[str]) -> list[str]:
    wanted = {name.lower(): name for name in names}
    async for item in source.pages():
        if isinstance(item, RawPage):
            for record in decoded(source, item).records:
                for name in _names(record):
                    wanted.pop(name, None)
    return sorted(wanted.values())


def _names(record: Record) -> Iterable[str]:
    values = record.values()
    return [record.id.lower(), *(str(values[name]).lower() for name in NAMES if name in values)]


def judge_sentinels(store: Store, system: str, reading: Reading, scopes: Mapping[Scope, ScopeState], wholes: Iterable[ScopeState]) -> None:
    """Fills in `reason` of the scopes of a read that do not hold their sentinels; `wholes`: those of all people or accounts."""
    missing = [row[0] for row in store.rows("missing_sentinels", names=list(reading.always_there))]
    for state in wholes:
        state.reason = state.reason or _not_there(missing, f"reading.{system}.always_there")
    groups = store.rows("staged_groups", names=list(reading.always_members))
    for name, entitlement_id in groups:
        members = scopes.get(Scope(ScopeKind.MEMBERS, entitlement_id))
        names = list(reading.always_members[name])
        missing = [row[0] for row in store.rows("missing_member_sentinels", names=names, entitlement_id=entitlement_id)]
        if members is not None:
            members.reason = members.reason or _not_there(missing, f"reading.{system}.always_members")
    unread = sorted(set(reading.always_members) - {name for name, _ in groups})
    for state in scopes.values():
        if state.scope.kind is ScopeKind.ENTITLEMENTS and unread and not state.reason:
            where = _where_it_is(store, system, unread[0])
            state.reason = f"the group {quoted(unread[0])}, which reading.{system}.always_members names, {where}"


def _where_it_is(store: Store, system: str, name: str) -> str:
    renamed = [f"{quoted(now)} ({id_})" for id_, now in store.rows("staged_groups_once_named", system=system, name=name)]
    return f"is named {' and '.join(renamed)} by now; change the setting" if renamed else "is not among the groups"


def _not_there(missing: list[str], setting: str) -> str:
    if not missing:
        return ""
    who, are = ", ".join(missing[:3]), "is" if len(missing) == 1 else "are"
    return f"{who} should always be there ({setting} in reconcile.toml) and {are} not; if that is right, correct the setting"
