"""Makes the plan that undoes a run, a batch of steps at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import partial

from connectors.contract import Traits
from reconcile.decide.protection.protected import Protection, protected_parted
from reconcile.decide.undo.chosen import LeftOut
from reconcile.decide.undo.done_again import Again, done_again, without_attributes
from reconcile.decide.undo.inverse import UndoPart, Wanted, inverse
from reconcile.decide.undo.irreversible import OfMany, irreversible_findings
from reconcile.decide.undo.left_since import left_since
from reconcile.plan.model import Finding, Operation, Verb
from reconcile.store.plans.run_steps import RunSteps
from reconcile.store.plans.scratch_plan import FindingPlace, ScratchPlan, placed

Ended = Mapping[tuple[str, str], str]
"""By target and account id, why its person should have no account now."""


class _Section(IntEnum):
    """The order of the findings of an undo."""

    STEPS = 0
    MANY = 1
    LEFT_OUT = 2
    LEAVERS = 3
    UNDECIDED = 4
    PROTECTED = 5


def _nobody(_operations: Sequence[Operation]) -> Ended:
    return {}


def _no_runs(_operations: Sequence[Operation]) -> Mapping[str, Sequence[Again]]:
    return {}


def _no_names(_operations: Sequence[Operation]) -> Mapping[tuple[str, str], str]:
    return {}


def _none(_targets: Collection[str]) -> Iterable[Finding]:
    return ()


@dataclass(frozen=True, slots=True)
class UndoTerms:
    """Terms of an undo: the rows that it leaves out."""

    only: Collection[str] | None = None
    """Ids of the rows that are wanted; None: all."""
    ended: Callable[[Sequence[Operation]], Ended] = _nobody
    """Returns which accounts of some operations are of people who left since the run."""
    later: Callable[[Sequence[Operation]], Mapping[str, Sequence[Again]]] = _no_runs
    """Returns the later runs that did again what an operation would take back, by the id of the operation."""
    undecided: Callable[[Collection[str]], Iterable[Finding]] = _none
    """Returns a finding for each target in which nothing was decided about leavers. Asked about the targets of all rows, wanted or not."""
    protection: Protection = field(default_factory=Protection)
    traits: Mapping[str, Traits] = field(default_factory=dict)
    """Traits of the targets of today."""
    names: Callable[[Sequence[Operation]], Mapping[tuple[str, str], str]] = _no_names
    """Returns how the groups and apps of some operations are named since the run, by target and id; what is not in it has the name that the run knew."""


def add_undo(scratch: ScratchPlan, run: str, steps: RunSteps, terms: UndoTerms) -> frozenset[tuple[str, str]]:
    """Adds to a scratch plan the operations and findings that undo a run. Returns the accounts, by target and id, of the rows that `only` names."""
    undo = _Undo(scratch, run, terms)
    deleted = steps.groups_deleted()
    for batch in steps.batches():
        leavers: list[Finding] = []
        part = inverse(run, batch, deleted, Wanted(terms.only, partial(_of_leavers, undo, leavers)))
        undo.add(part, leavers)
    scratch.add_findings(placed(undo.many.findings(run), _Section.MANY))
    scratch.add_findings(placed(undo.left_out.findings(), _Section.LEFT_OUT))
    scratch.add_findings(placed(terms.undecided(undo.targets), _Section.UNDECIDED))
    return frozenset(undo.accounts)


@dataclass(slots=True)
class _Undo:
    """An undo that is being made."""

    scratch: ScratchPlan
    run: str
    terms: UndoTerms
    many: OfMany = field(default_factory=OfMany)
    left_out: LeftOut = field(default_factory=LeftOut)
    accounts: set[tuple[str, str]] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    stay: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Attributes that operations leave to later runs, by operation."""

    def add(self, part: UndoPart, leavers: Sequence[Finding]) -> None:
        """Adds the undoing of some steps, and the findings on accounts of leavers among them."""
        operations = [without_attributes(each, self.stay[each.id]) if each.id in self.stay else each for each in part.operations]
        stay, protected = protected_parted(self.terms.protection, self._named(operations), self.terms.traits)
        self.scratch.add_operations(stay, part.places)
        single = enumerate(irreversible_findings(self.run, part.steps))
        self.scratch.add_findings(
            [
                *((FindingPlace(_Section.STEPS, position, f"{number:09}"), finding) for number, (position, finding) in single),
                *((FindingPlace(_Section.LEAVERS, text=_about(finding)), finding) for finding in leavers),
                *((FindingPlace(_Section.PROTECTED, text=_about(finding, anchor=True)), finding) for finding in protected),
            ]
        )
        self.many.add(part.steps)
        self.left_out.add(part.left_out)
        if self.terms.only is not None:
            self.accounts.update((each.target, each.account_id) for each in part.operations)

    def _named(self, operations: Sequence[Operation]) -> tuple[Operation, ...]:
        """The operations, of which memberships name their group as it is named by now: an addition to a group of another name is not applied."""
        memberships = [each for each in operations if each.verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)]
        names = self.terms.names(memberships) if memberships else {}
        named = {each.id: name for each in memberships if (name := names.get((each.target, each.entitlement_id)))}
        return tuple(replace(each, entitlement=named[each.id]) if each.id in named else each for each in operations)


def _of_leavers(undo: _Undo, findings: list[Finding], operations: Sequence[Operation]) -> frozenset[str]:
    """Returns the rows that would give something back to people who left since, or that a later run did again, and adds a finding for each account."""
    undo.targets.update(each.target for each in operations)
    ids, found = left_since(operations, undo.terms.ended(operations))
    again, undo.stay, done = done_again(operations, undo.terms.later(operations))
    findings += (*found, *done)
    return ids | again


def _about(finding: Finding, *, anchor: bool = False) -> str:
    """Returns the text that findings of a section are ordered by."""
    return "\x1f".join((finding.target, *((finding.anchor,) if anchor else ()), finding.account_id))
