"""Decides what takes one target back to an earlier snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import AccountState
from reconcile.decide.changes.opening import WORKING
from reconcile.decide.fragment import listed
from reconcile.decide.restore.attributes import attribute_steps, unmanaged
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.lasting import gone_for_good, left_alone
from reconcile.decide.restore.memberships import membership_step
from reconcile.decide.restore.shapes import AccountSince, Appeared, MembershipSince
from reconcile.decide.restore.states import state_step
from reconcile.plan.impact import number_of
from reconcile.plan.model import CHANGING, Finding, Operation, Severity, Verb

MOST_ALIKE = 100
"""Findings of one target that name single accounts and only say that something stays; more are counted."""


@dataclass(frozen=True, slots=True)
class Since:
    """Differences of one target from an earlier snapshot."""

    accounts: Sequence[AccountSince]
    memberships: Sequence[MembershipSince]
    appeared: Sequence[Appeared]


@dataclass(frozen=True, slots=True)
class Restored:
    """The operations of one target, and what is not brought back: first what nothing brings back."""

    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...]


def restored(build: RestoreBuilder, since: Since) -> Restored:
    """Returns what takes a target back, and what is left. A pure function of what is not as it was."""
    states = {each.owner.account_id: step for each in since.accounts if (step := state_step(build, each))}
    closed = frozenset(each.owner.account_id for each in since.accounts if _stays_closed(each, states))
    woken = frozenset(id_ for id_, step in states.items() if isinstance(step, Operation) and step.verb is Verb.REACTIVATE)
    steps: list[Operation | Finding] = list(states.values())
    for account in since.accounts:
        if account.now is not None and account.owner.account_id not in closed:
            steps += attribute_steps(build, account)
    made = (membership_step(build, each, works=each.owner.account_id in woken) for each in since.memberships)
    steps += [step for step in made if step is not None]
    findings = [step for step in steps if isinstance(step, Finding)]
    lasting = (*gone_for_good(build, since.accounts, since.memberships), *left_alone(build, since.appeared, since.memberships))
    operations = _waiting([step for step in steps if isinstance(step, Operation)])
    return Restored(tuple(operations), (*lasting, *_bounded(build, findings), *_of_unmanaged(build, since.accounts)))


def _stays_closed(account: AccountSince, states: Mapping[str, Operation | Finding]) -> bool:
    """Whether an account is deactivated and stays so: nothing of it can be changed."""
    step = states.get(account.owner.account_id)
    return account.now in (AccountState.DEACTIVATED, AccountState.STAGED) and not isinstance(step, Operation)


def _waiting(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations, each after what makes its account active, and a deactivation after what can only be changed before it."""
    woken = {each.account_id: each.id for each in operations if each.verb is Verb.REACTIVATE}
    changed: dict[str, list[str]] = {}
    for each in operations:
        if each.verb in CHANGING:
            changed.setdefault(each.account_id, []).append(each.id)
    for each in operations:
        if each.verb in (Verb.ADD_MEMBER, *CHANGING) and each.account_id in woken:
            yield replace(each, depends_on=(woken[each.account_id],))
        elif each.verb is Verb.DEACTIVATE and each.account_id in changed:
            yield replace(each, depends_on=tuple(sorted(changed[each.account_id])))
        else:
            yield each


def _bounded(build: RestoreBuilder, findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings; of very many that only say that something stays, the first ones and their number."""
    quiet = [each for each in findings if each.severity is Severity.NOTE]
    yield from (each for each in findings if each.severity is not Severity.NOTE)
    yield from quiet[:MOST_ALIKE]
    if len(quiet) > MOST_ALIKE:
        yield build.of_all(
            f"{len(quiet) - MOST_ALIKE:,} more values, states and memberships changed since for good reasons and stay as they are. "
            f"`reconcile between {build.earlier.asked}` lists what changed."
        )


def _of_unmanaged(build: RestoreBuilder, accounts: Iterable[AccountSince]) -> Iterator[Finding]:
    """A finding on the attributes that changed and that the mapping does not name."""
    counts = Counter(name for each in accounts if each.now in (*WORKING, AccountState.SUSPENDED) for name in unmanaged(build, each))
    if counts:
        names = [f"{name} of {number_of(count, 'account')}" for name, count in sorted(counts.items())]
        yield build.of_all(
            f"Attributes that the mapping does not name changed since and stay: {listed(names[:10], len(names))}. "
            "To bring them back too: --all-attributes."
        )
