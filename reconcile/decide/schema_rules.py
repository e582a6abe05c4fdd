"""Keeps out of a plan what the schema of its target does not take: a finding each, instead of a request that is refused every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.contract import Value
from connectors.declaration import DeclaredAttribute
from reconcile.decide.differences import Notes, without_attributes
from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.value_rules import FINITE, Fault, fault_of, is_finite, pattern_fault, quoted_short, type_fault
from reconcile.plan.impact import number_of
from reconcile.plan.model import CHANGING, Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store
from reconcile.store.declared import uncompiled

_ALWAYS_FINITE = frozenset({str, bool, int, type(None)})
"""Types of which every value is finite: a million creations are asked for their types, and not for each of their values."""


class Refusal(NamedTuple):
    """One value of one operation that the target does not take."""

    operation: Operation
    attribute: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Taken:
    """The operations without values that the target does not take, and what is to be said of those."""

    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...] = ()
    blocked: frozenset[str] = frozenset()
    """The people for whom no account is created."""


def taken_by_schema(store: Store, view: TargetContext, operations: Iterable[Operation], notes: Notes, unsettled: Collection[str]) -> Taken:
    """Leaves out what the target declares that it does not take: of an account that exists, and of a new one, the attribute alone; a new
    account, where it needs the attribute. `unsettled`: attributes whose values may stand for ids that are not known yet; of them only the
    type is judged.
    """
    each = tuple(operations)
    declared = {name: view.declared[name] for name in view.mapping.attributes if name in view.declared}
    refusals = [*_refusals(each, declared, unsettled), *_unmatched(store, each, declared, unsettled)] if declared else []
    refused = {(one.operation.id, one.attribute) for one in refusals}
    doubtful = (one for one in each if not _ALWAYS_FINITE.issuperset(map(type, one.after.values())))
    unstated = ((one, name) for one, name, value in _written(doubtful, view.mapping.attributes) if not is_finite(value))
    refusals += [Refusal(one, name, FINITE) for one, name in unstated if (one.id, name) not in refused]
    if not refusals:
        return Taken(each)
    names: dict[str, set[str]] = defaultdict(set)
    for refusal in refusals:
        names[refusal.operation.id].add(refusal.attribute)
    blocked = frozenset(one.operation.anchor for one in refusals if _blocks(view, one))
    kept = (without_attributes(view, one, names[one.id], notes) if one.id in names else one for one in each)
    return Taken(
        tuple(one for one in kept if (one.after or one.verb not in CHANGING) and not (one.verb is Verb.CREATE and one.anchor in blocked)),
        tuple(_findings(view, refusals)),
        blocked,
    )


def _refusals(operations: Iterable[Operation], declared: Mapping[str, DeclaredAttribute], unsettled: Collection[str]) -> Iterable[Refusal]:
    for operation, name, value in _written(operations, declared):
        if declared[name].read_only:
            yield Refusal(operation, name, Fault(""))
        elif fault := (type_fault if name in unsettled else fault_of)(declared[name], value):
            yield Refusal(operation, name, fault)


def _unmatched(
    store: Store, operations: Iterable[Operation], declared: Mapping[str, DeclaredAttribute], unsettled: Collection[str]
) -> Iterable[Refusal]:
    """The texts that do not match a pattern, of those that break no other rule."""
    unjudged = uncompiled(store, declared)
    patterns = {name: each for name, each in declared.items() if each.pattern and name not in unjudged and name not in unsettled}
    held = [
        (operation, name, value)
        for operation, name, value in _written(operations, patterns)
        if isinstance(value, str) and value and not patterns[name].read_only and fault_of(patterns[name], value) is None
    ]
    values: dict[str, set[str]] = defaultdict(set)
    for _, name, value in held:
        values[name].add(value)
    bad = {
        (name, value)
        for name, found in values.items()
        for (value,) in store.rows("unmatched", values=sorted(found), pattern=patterns[name].pattern, whole=patterns[name].whole)
    }
    return (Refusal(operation, name, pattern_fault(patterns[name])) for operation, name, value in held if (name, value) in bad)


def _written(operations: Iterable[Operation], names: Collection[str]) -> Iterable[tuple[Operation, str, Value]]:
    """Every value of some attributes that is written."""
    for operation in operations:
        if operation.verb is Verb.CREATE or operation.verb in CHANGING:
            for name, value in operation.after.items():
                if name in names:
                    yield operation, name, value


def _blocks(view: TargetContext, refusal: Refusal) -> bool:
    """Whether no account is created without the attribute."""
    needed = view.needs(refusal.attribute) or view.mapping.attributes[refusal.attribute].required
    return refusal.operation.verb is Verb.CREATE and needed


def _findings(view: TargetContext, refusals: Iterable[Refusal]) -> Iterable[Finding]:
    """Yields one for each person and attribute; one for all people where not the value is wrong, but the rule."""
    of_rules: dict[tuple[str, Fault], list[Refusal]] = defaultdict(list)
    for each in refusals:
        if each.fault.gives or not each.fault.takes:
            of_rules[each.attribute, each.fault].append(each)
        else:
            yield _finding(view, each)
    for (attribute, fault), found in sorted(of_rules.items()):
        yield _finding_of_rule(view, attribute, fault, found)


def _finding(view: TargetContext, refusal: Refusal) -> Finding:
    operation, attribute, fault = refusal
    until = "until the source or the rule gives another value"
    if operation.verb is not Verb.CREATE:
        effect = f"What the account has stays {until}"
    else:
        effect = f"No account is created {until}" if _blocks(view, refusal) else "The new account is made without it"
    return Finding(
        kind=FindingKind.INVALID_VALUE,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=(
            f"{named(operation.name, operation.anchor)}: {attribute} should be {quoted_short(operation.after[attribute])}, and {view.name} takes "
            f"{fault.takes}. {effect}."
        ),
    )


def _finding_of_rule(view: TargetContext, attribute: str, fault: Fault, found: Sequence[Refusal]) -> Finding:
    people = number_of(len({each.operation.anchor for each in found}), "person", "people")
    blocked = len({each.operation.anchor for each in found if _blocks(view, each)})
    effect = f"It is not written, and {number_of(blocked, 'account is', 'accounts are')} not created" if blocked else "It is not written"
    said = (
        f"the rule gives {fault.gives}, and {view.name} takes {fault.takes}. {effect}. Change the expression; `reconcile check` names its line"
        if fault.gives
        else f"{view.name} alone sets it. {effect}. Take it out of the mapping"
    )
    return Finding(
        kind=FindingKind.INVALID_VALUE,
        severity=Severity.ATTENTION,
        target=view.name,
        message=f"{attribute} of {people}: {said}.",
    )
