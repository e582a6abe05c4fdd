"""Findings for the changes of a run that an undo plan cannot revert."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.contract import AccountState
from connectors.quoting import quoted
from reconcile.decide.fragment import named
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Outcome, OutcomeKind, Severity, Verb

SAMPLE = 5
"""Number of accounts that a sentence names."""

MADE = "{count} that {run} created in {target} can only be deactivated, not deleted, and stay linked to their people: {names}."
ENDED = (
    "{count} can be used again in {target}, and not all is as before: sessions that ended stay ended, a password may have to be set anew, "
    "and what {target} itself took away at the deactivation (assignments of apps) does not come back: {names}."
)


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One operation of a run, and how far it is undone."""

    operation: Operation
    outcome: Outcome
    undone: bool
    kept: tuple[str, ...]
    """Attributes whose earlier value cannot come back."""
    position: int
    """Position of the operation in the plan of the run."""


_FOR_GOOD = {
    Verb.REVOKE_SESSIONS: "The sessions of {who} that were revoked do not come back: the person signs in again.",
    Verb.UNLOCK: "The account of {who} was unlocked and stays so. To keep it from signing in, suspend it.",
    Verb.RESET_FACTORS: "The factors of {who} that were reset do not come back: the person enrols new ones.",
    Verb.RESET_PASSWORD: "The password of {who} was reset and does not come back: the person sets a new one by the link in the mail.",
    Verb.TEMPORARY_PASSWORD: "The password of {who} was replaced and does not come back: the person sets a new one with the temporary one.",
    Verb.EXPIRE_PASSWORD: "The password of {who} expired and stays so: the person sets a new one at the next sign-in.",
    Verb.RESEND_ACTIVATION: "The activation mail to {who} was sent and does not come back: its link works until it ends, or the account does.",
}
"""Sentences about the one-off actions, none of which is put back."""


def irreversible_findings(run: str, steps: Iterable[UndoStep]) -> Iterator[tuple[int, Finding]]:
    """Yields a finding for each step that is not, or not wholly, undone, after the position of the step."""
    return ((step.position, _finding(step, sentence)) for step in steps for sentence in _sentences(run, step))


def _sentences(run: str, step: UndoStep) -> Iterator[str]:
    operation, who = step.operation, _who(step)
    if step.outcome.kind is OutcomeKind.UNKNOWN:
        yield f"Whether {run} did this for {who} is not known ({operation.verb.value}), so it is not undone. Look at the account."
        return
    if operation.verb is Verb.CREATE and step.outcome.kind is OutcomeKind.FAILED and step.outcome.account_id:
        yield f"The account {step.outcome.account_id} that {run} made for {who} was never finished. It stays as it is; look at it."
        return
    if step.outcome.kind is not OutcomeKind.DONE:
        return
    if operation.verb in _FOR_GOOD:
        yield _FOR_GOOD[operation.verb].format(who=who)
    yield from _not_put_back(run, step, who)


def _not_put_back(run: str, step: UndoStep, who: str) -> Iterator[str]:
    operation, before = step.operation, step.operation.before.get("state")
    for name in step.kept:
        value = operation.before.get(name)
        yield f"{who} cannot have {name} {quoted(value)} back: another account took it in {run} and keeps it. Give that one another value first."
    match operation.verb:
        case Verb.CREATE_GROUP:
            yield (
                f"The group {quoted(operation.entitlement)} that {run} created stays, without the members that it got. "
                "Where it is not wanted, delete it with `reconcile act delete-group`."
            )
        case Verb.DELETE_GROUP:
            yield f"The group {quoted(operation.entitlement)} was deleted, which cannot be undone. Its memberships that the run took cannot come back."
        case Verb.DELETE:
            yield f"The account {operation.account_id} of {who} was deleted, which cannot be undone."
        case Verb.DEACTIVATE | Verb.SUSPEND if not step.undone:
            yield f"The account of {who} was {before} before it was deactivated. It stays deactivated: made active, it would be more than it was."
        case Verb.REACTIVATE if before == AccountState.STAGED:
            yield f"The account of {who} was never activated before. It is deactivated: it cannot be made as new."
        case Verb.DEACTIVATE | Verb.SUSPEND if before == AccountState.UNKNOWN:
            yield f"The system did not say in which state the account of {who} was before. It is made active."
        case _:
            return


def _finding(step: UndoStep, sentence: str) -> Finding:
    return Finding(
        kind=FindingKind.NOT_UNDONE,
        severity=Severity.ATTENTION,
        target=step.operation.target,
        anchor=step.operation.anchor,
        account_id=step.outcome.account_id or step.operation.account_id,
        who=step.operation.who,
        message=sentence,
    )


_MANY = ((frozenset({Verb.CREATE}), MADE), (frozenset({Verb.DEACTIVATE, Verb.SUSPEND}), ENDED))


@dataclass(slots=True)
class OfMany:
    """Counts of accounts of which something cannot be undone, by target."""

    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    """By the number of the sentence, and the target."""
    first: dict[tuple[int, str], list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """The first accounts of each in the order of the plan: position and name."""

    def add(self, steps: Iterable[UndoStep]) -> None:
        """Counts steps that are undone."""
        for step in steps:
            for number, (verbs, _) in enumerate(_MANY):
                if step.undone and step.operation.verb in verbs:
                    key = number, step.operation.target
                    self.counts[key] += 1
                    self.first[key] = sorted([*self.first[key], (step.position, step.operation.who or _who(step))])[:SAMPLE]

    def findings(self, run: str) -> Iterator[Finding]:
        """Yields a finding for each sentence and target."""
        for key, count in sorted(self.counts.items()):
            number, target = key
            more = f" and {count - SAMPLE:,} more" if count > SAMPLE else ""
            names = ", ".join(name for _, name in self.first[key]) + more
            yield Finding(
                kind=FindingKind.NOT_UNDONE,
                severity=Severity.NOTE,
                target=target,
                message=_MANY[number][1].format(count=number_of(count, "account"), run=run, target=target, names=names),
            )


def _who(step: UndoStep) -> str:
    return named(step.operation.name, step.operation.anchor) if step.operation.anchor else step.operation.who or step.operation.account_id
