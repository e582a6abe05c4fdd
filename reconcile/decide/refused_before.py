"""Keeps out of a plan what its target is known to refuse, or to keep in another form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.quoting import quoted
from reconcile.decide.differences import Notes, without_attributes
from reconcile.decide.fragment import TargetContext, named, operation_id
from reconcile.decide.lessons import Lessons, Remembered
from reconcile.plan.impact import number_of
from reconcile.plan.lessons import NOTHING, LessonKind, fingerprint, subject_of
from reconcile.plan.model import CHANGING, ENDING, Finding, FindingKind, Operation, Severity, Situation, Verb


@dataclass(frozen=True, slots=True)
class Filtered:
    """The operations that a target is not known to refuse, and what is to be said of the others."""

    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...] = ()
    without_account: frozenset[str] = frozenset()
    """The people whose account is not made usable, because that was refused."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The lessons of a target, as they shape its operations."""

    view: TargetContext
    lessons: Lessons
    notes: Notes = field(default_factory=dict)
    """By anchor and attribute, what else is to be said of a value."""

    def without_refused(self, operations: Iterable[Operation]) -> Filtered:
        """The operations without what would be refused again. What waits for a dropped one is dropped with it."""
        if not self.lessons.known:
            return Filtered(tuple(each for each in operations if each.after or each.verb not in CHANGING))
        kept: list[Operation] = []
        findings: list[Finding] = []
        lost: dict[str, int] = defaultdict(int)
        dropped: list[Operation] = []
        for operation in operations:
            if operation.verb in CHANGING:
                narrowed = self._narrowed(operation, findings, lost)
                kept += [narrowed] if narrowed.after else []
            elif (remembered := self.lessons.refusal_of(operation)) is None:
                kept.append(operation)
            elif _takes_access(operation):
                kept.append(self._retried(operation, remembered))
            else:
                dropped.append(operation)
                findings.append(self._finding(operation, remembered, _what(operation)))
        findings += [_not_kept(self.view, name, count) for name, count in sorted(lost.items())]
        return Filtered(tuple(_without_dependents(kept, dropped)), tuple(findings), _without_account(dropped))

    def split(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """The operations, with an update of its own for each attribute that was refused together with others: then the one to blame shows."""
        if not self.lessons.known:
            return tuple(operations)
        result: list[Operation] = []
        parts: dict[str, tuple[str, ...]] = {}
        for operation in operations:
            suspects = [name for name in operation.after if self._suspected(operation, name)] if operation.verb is Verb.UPDATE else []
            if len(operation.after) < 2 or not suspects:
                result.append(operation)
                continue
            alone = [self._alone(operation, name) for name in suspects]
            rest = without_attributes(self.view, operation, suspects, self.notes)
            pieces = ([rest] if rest.after else []) + alone
            parts[operation.id] = tuple(each.id for each in pieces)
            result += pieces
        return tuple(replace(each, depends_on=_expanded(each.depends_on, parts)) if parts else each for each in result)

    def _narrowed(self, operation: Operation, findings: list[Finding], lost: dict[str, int]) -> Operation:
        """The update without the attributes that are refused or kept in another form."""
        names: list[str] = []
        for name, value in operation.after.items():
            remembered = self.lessons.on(operation, name)
            if remembered is None or (remembered.wanted, remembered.shown) != (fingerprint(value), fingerprint(operation.before.get(name))):
                continue
            match remembered.kind:
                case LessonKind.SHOWN if remembered.shown != NOTHING:
                    names.append(name)
                case LessonKind.SHOWN if remembered.rules == self.lessons.rules:
                    names.append(name)
                    lost[name] += 1
                case LessonKind.REFUSED if self.lessons.counts(remembered):
                    names.append(name)
                    findings.append(self._finding(operation, remembered, name))
                case _:
                    pass
        return without_attributes(self.view, operation, names, self.notes) if names else operation

    def _suspected(self, operation: Operation, name: str) -> bool:
        remembered = self.lessons.on(operation, name)
        if remembered is None or remembered.kind is not LessonKind.REFUSED_TOGETHER or not self.lessons.counts(remembered):
            return False
        return (remembered.wanted, remembered.shown) == (fingerprint(operation.after[name]), fingerprint(operation.before.get(name)))

    def _alone(self, operation: Operation, name: str) -> Operation:
        others = [other for other in operation.after if other != name]
        alone = without_attributes(self.view, operation, others, self.notes)
        return replace(alone, id=operation_id(self.view.name, Verb.UPDATE, subject_of(operation), f"attribute {name}"))

    def _retried(self, operation: Operation, remembered: Remembered) -> Operation:
        said = f"{self.view.name} refused it on {self.lessons.day(remembered)}: {remembered.sentence}. It is tried every time, because access must end."
        return replace(operation, because=replace(operation.because, detail=f"{operation.because.detail} {said}"))

    def _finding(self, operation: Operation, remembered: Remembered, what: str) -> Finding:
        who = named(operation.name, operation.anchor) if operation.anchor else operation.who or operation.entitlement
        return Finding(
            kind=FindingKind.REFUSED,
            severity=Severity.ATTENTION,
            target=self.view.name,
            anchor=operation.anchor,
            account_id=operation.account_id,
            who=operation.who,
            message=(
                f"{who}: {self.view.name} refused {what} on {self.lessons.day(remembered)}: {remembered.sentence.rstrip('.')}. "
                f"Correct the value in the source, or the rule. It is sent again once the value, the account or the mappings change, or on {self.lessons.again(remembered)}."
            ),
        )


def _not_kept(view: TargetContext, name: str, count: int) -> Finding:
    return Finding(
        kind=FindingKind.NOT_KEPT,
        severity=Severity.ATTENTION,
        target=view.name,
        message=f"{view.name} does not keep {name} ({number_of(count, 'account')}): it was written, and nothing is shown. Take it out of the mapping.",
    )


def _takes_access(operation: Operation) -> bool:
    """Whether it takes access from a person who should have none: that is tried whatever was refused before."""
    leaves = operation.because.situation not in (Situation.CONFIRMED, Situation.FOUND)
    return operation.verb in ENDING or (operation.verb is Verb.REMOVE_MEMBER and leaves)


def _what(operation: Operation) -> str:
    match operation.verb:
        case Verb.CREATE:
            return "the new account"
        case Verb.CREATE_GROUP:
            return f"the new group {quoted(operation.entitlement)}"
        case Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            return f"to {operation.verb.value.removesuffix('_group')} the group {quoted(operation.entitlement)}"
        case Verb.ADD_MEMBER:
            return f"the membership in {quoted(operation.entitlement)}"
        case Verb.REMOVE_MEMBER:
            return f"the end of the membership in {quoted(operation.entitlement)}"
        case _:
            return f"to {operation.verb.value} the account"


def _without_account(dropped: Iterable[Operation]) -> frozenset[str]:
    return frozenset(each.anchor for each in dropped if each.verb in (Verb.CREATE, Verb.REACTIVATE))


def _without_dependents(kept: Iterable[Operation], dropped: Sequence[Operation]) -> Iterable[Operation]:
    """The operations without those that wait for an account or a group that will not be there."""
    gone = {each.id for each in dropped}
    without_account = _without_account(dropped)
    for operation in kept:
        waits = operation.verb in (*CHANGING, Verb.ADD_MEMBER) and operation.anchor in without_account
        if not waits and not gone & set(operation.depends_on):
            yield operation


def _expanded(depends_on: Sequence[str], parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(piece for needed in depends_on for piece in parts.get(needed, (needed,)))
