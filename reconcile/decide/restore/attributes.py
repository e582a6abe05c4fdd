"""Plans the attribute values that accounts had, without those that the mapping wants as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.contract import Value
from connectors.quoting import quoted
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.shapes import SETTLED, AccountSince, roles_apart
from reconcile.decide.restore.since import text_of
from reconcile.plan.model import CHANGING, Finding, Operation, Severity, Verb


def attribute_steps(build: RestoreBuilder, account: AccountSince) -> Iterator[Operation | Finding]:
    """Yields the change of an account's attributes back to what they were, and a finding for each that stays."""
    back: dict[Verb, list[str]] = {Verb.RENAME: [], Verb.UPDATE: []}
    for name in _differing(build, account):
        if why := _stays(build, account, name):
            yield build.left(account.owner, f"{_change(build, account, name)}: {why}", Severity.NOTE)
        elif why := _impossible(build, account, name):
            yield build.left(account.owner, f"{_change(build, account, name)}, and {why}", Severity.ATTENTION)
        else:
            back[Verb.RENAME if _is_immutable(build, name) else Verb.UPDATE].append(name)
    yield from (_back(build, account, verb, names) for verb, names in back.items() if names)


def unmanaged(build: RestoreBuilder, account: AccountSince) -> list[str]:
    """The attributes that changed and are not brought back because the mapping does not name them."""
    if build.earlier.all_attributes:
        return []
    managed = build.view.mapping.attributes
    return [name for name in _changed(account) if name not in managed and name != roles_apart(build.view) and not _read_only(build, name)]


def _differing(build: RestoreBuilder, account: AccountSince) -> list[str]:
    asked = build.view.mapping.attributes.keys()
    return [
        name
        for name in _changed(account)
        if name != roles_apart(build.view) and not _read_only(build, name) and (build.earlier.all_attributes or name in asked)
    ]


def _changed(account: AccountSince) -> list[str]:
    then, now = account.values_then, account.values_now
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def _read_only(build: RestoreBuilder, name: str) -> bool:
    declared = build.view.declared.get(name)
    return declared is not None and declared.read_only


def _is_immutable(build: RestoreBuilder, name: str) -> bool:
    return build.view.is_immutable(name) if name in build.view.mapping.attributes else name in build.view.traits.immutable


def _stays(build: RestoreBuilder, account: AccountSince, name: str) -> str:
    """The good reason for the value that an attribute has now; empty where there is none."""
    owner, rules = account.owner, build.view.mapping.attributes
    if owner.why_ended:
        return f"{owner.why_ended}. It stays."
    wanted = account.wanted.get(name)
    decides = owner.situation in SETTLED and owner.expected in (Eligibility.ACTIVE, Eligibility.SUSPENDED)
    if not decides or name not in rules or wanted is None or rules[name].create_only:
        return ""
    if wanted == "" and not rules[name].clear:
        return ""
    if _same(build, name, wanted, account.values_now.get(name)):
        return "the mapping wants it so. It stays."
    if _same(build, name, wanted, account.values_then.get(name)):
        return ""
    return f"the mapping wants {quoted(wanted)}, which the next run writes. It stays until then."


def _impossible(build: RestoreBuilder, account: AccountSince, name: str) -> str:
    """The reason why a value cannot come back; empty where it can."""
    if name in account.taken:
        return "another account has that value now. Give that one another value first."
    if _is_immutable(build, name) and not (name in build.view.mapping.attributes and build.view.renames(name)):
        return 'it is set only once. Where it may be changed, say rename = "review" in the mapping, or do it by hand.'
    return ""


def _same(build: RestoreBuilder, name: str, wanted: str, value: Value) -> bool:
    text = text_of(value) or ""
    return wanted.casefold() == text.casefold() if build.view.ignores_case(name) else wanted == text


def _back(build: RestoreBuilder, account: AccountSince, verb: Verb, names: Sequence[str]) -> Operation:
    now, then = account.values_now, account.values_then
    own = build.earlier.last_own(account.owner.account_id, "", CHANGING)
    others = f"; the run {own.run} changed attributes of the account since" if own else ""
    detail = f"{', '.join(names)}: as {build.then}{others}."
    return build.operation(account.owner, verb, {name: now.get(name) for name in names}, {name: then.get(name) for name in names}, detail)


def _change(build: RestoreBuilder, account: AccountSince, name: str) -> str:
    return f"{name} was {quoted(account.values_then.get(name))} {build.then} and is {quoted(account.values_now.get(name))} now"
