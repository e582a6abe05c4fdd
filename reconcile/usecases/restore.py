"""Makes the plan that takes targets back to what their snapshots held at a moment: judged, bound and applied as any plan is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connectors.quoting import quoted
from reconcile.apply.journal import Journal
from reconcile.apply.run_list import own_changes
from reconcile.decide.account_identity import add_account_identity
from reconcile.decide.changes.ended_by_hand import ended_by_hand
from reconcile.decide.evidence import latest_evidence
from reconcile.decide.fragment import TargetContext
from reconcile.decide.outdated_reads import outdated_states
from reconcile.decide.planner import Planned, Planner, related
from reconcile.decide.protection.protected import Protection, with_holds, without_protected
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.lasting import not_as_before
from reconcile.decide.restore.request import EarlierState
from reconcile.decide.restore.shapes import InDoubt
from reconcile.decide.restore.since import accounts_since, appeared_since, groups_in_doubt, memberships_since
from reconcile.decide.restore.target import Since, restored
from reconcile.decide.undo.chosen import chosen, left_out
from reconcile.errors import NoSuchTarget
from reconcile.plan.digest import digested
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Plan, Severity
from reconcile.plan.ordering import ordered
from reconcile.snapshot.earlier_reads import without_way_out
from reconcile.snapshot.history import SnapshotMark, snapshot_at
from reconcile.store.connection import Store
from reconcile.usecases.as_of import NothingAsOf
from reconcile.usecases.reread import Reread
from reconcile.usecases.undo import beside_earlier


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """A request to go back."""

    moment: str
    """RFC 3339, UTC."""
    targets: frozenset[str] = frozenset()
    """Targets that it is about; empty for all."""
    all_attributes: bool = False
    reread: Mapping[str, Reread] = field(default_factory=dict)
    """By target what it answered when it was asked again for groups in doubt."""


Chooser = Callable[[Plan], Collection[str] | None]
"""Returns the ids of the rows that are wanted of a plan; None for all."""


@dataclass(slots=True)
class _Gathered:
    """Parts of the plan so far."""

    builds: list[RestoreBuilder] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def plan_of_restore(  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
    planner: Planner, store: Store, journal: Journal, today: date, request: RestoreRequest, protection: Protection, choose: Chooser
) -> Plan:
    """Returns the plan of a request, with the holds of the planner. Raises NothingExtracted, NoSuchTarget, NothingAsOf, and what `choose` raises."""
    if unknown := sorted(request.targets - planner.traits.keys()):
        raise NoSuchTarget(unknown[0], sorted(planner.traits))
    planned = related(planner, store, today)
    protection = with_holds(protection, (*planner.holds, *planned.plan.holds_followed))
    gathered = _gather(planner, store, journal, planned, request)
    every = ordered(gathered.operations)
    whole = _plan(planned, every, gathered.findings)
    only = choose(digested(whole))
    operations = chosen(every, only)
    findings = (
        *outdated_states(store, planned.plan.snapshots, planner.earlier, request.targets or planner.traits.keys()),
        *(each for build in gathered.builds for each in not_as_before(build, _of(operations, build.view))),
        *gathered.findings,
        *left_out(every, operations, only).findings(FindingKind.NOT_RESTORED),
    )
    allowed = without_protected(_plan(planned, operations, findings), protection, planner.traits)
    allowed = replace(allowed, findings=(*allowed.findings, *ended_by_hand(store, allowed.operations)))
    return beside_earlier(allowed, planned, store, planner, today)


def _plan(planned: Planned, operations: Sequence[Operation], findings: Sequence[Finding]) -> Plan:
    of_plan = replace(planned.plan, operations=tuple(operations), findings=tuple(findings))
    return replace(of_plan, links=(), causes=(), names=(), waiting=(), digest="")


def _of(operations: Sequence[Operation], view: TargetContext) -> list[Operation]:
    return [each for each in operations if each.target == view.name]


def _gather(planner: Planner, store: Store, journal: Journal, planned: Planned, request: RestoreRequest) -> _Gathered:
    """Decides about each target that is asked about. Raises NothingAsOf where none of them has a snapshot of the moment."""
    asked = sorted(request.targets or planner.traits.keys())
    marks = {name: snapshot_at(store, name, datetime.fromisoformat(request.moment)) for name in asked}
    if not any(marks.values()):
        raise NothingAsOf(request.moment, asked)
    gathered = _Gathered(findings=list(_unread(planned, asked)))
    doubted = latest_evidence(store, planned.plan.snapshots).entitlements_doubted
    for view in planned.targets:
        if view.name not in marks:
            continue
        mark = marks[view.name]
        if mark is None or mark.of_another_system:
            gathered.findings.append(_without_snapshot(view.name, request.moment, mark))
            continue
        with store.schemas.of_target(view.name):
            again = request.reread.get(view.name, Reread())
            found = _read(store, view, mark, again, memberships=view.name not in doubted)
            gathered.findings += _in_doubt(view, groups_in_doubt(store, view, mark.number), again)
            build = RestoreBuilder(view, _earlier(journal, view, mark, request, found))
            made = restored(build, found)
            operations = list(made.operations)
            add_account_identity(store, view, operations)
        gathered.builds.append(build)
        gathered.operations += operations
        gathered.findings += _doubt(view.name) if view.name in doubted else ()
        gathered.findings += made.findings
    return gathered


def _read(store: Store, view: TargetContext, mark: SnapshotMark, again: Reread, *, memberships: bool) -> Since:
    return Since(
        accounts_since(store, view, mark.number),
        memberships_since(store, view, mark.number, again.lost) if memberships else [],
        appeared_since(store, view, mark.number),
    )


def _earlier(journal: Journal, view: TargetContext, mark: SnapshotMark, request: RestoreRequest, found: Since) -> EarlierState:
    ids = {each.owner.account_id for each in found.accounts} | {each.owner.account_id for each in found.memberships}
    own = own_changes(journal, view.name, mark.place, sorted(ids))
    return EarlierState(view.name, request.moment, mark.number, mark.taken_at, request.all_attributes, own)


def _unread(planned: Planned, asked: Sequence[str]) -> Iterator[Finding]:
    """A finding for each target whose accounts are not known tonight."""
    for name in sorted(set(asked) - {view.name for view in planned.targets}):
        yield _finding(
            name,
            f"{name} was not read completely, or a source is in doubt: nothing is planned there. Run `reconcile extract`, then ask again.",
        )


def _without_snapshot(target: str, moment: str, mark: SnapshotMark | None) -> Finding:
    why = "the connector reached another system then" if mark else "there is no snapshot at or before it, or it was pruned since"
    return _finding(target, f"{target} is not taken back to {moment}: {why}.")


def _doubt(target: str) -> tuple[Finding, ...]:
    message = f"The groups of {target} were not read completely: no membership is planned there. Run `reconcile extract`, then ask again."
    return (_finding(target, message),)


def _in_doubt(view: TargetContext, groups: Sequence[InDoubt], again: Reread) -> Iterator[Finding]:
    """A finding for each group whose members are in doubt: what a second read confirms, or what to do."""
    for each in groups:
        whose = f"The {each.kind} {quoted(each.name)} of {view.name} held {number_of(each.members, 'account')} then"
        if each.id in again.agreed:
            message = f"{whose}; the last read and a second one agree that {number_of(again.agreed[each.id], 'of them has', 'of them have')} lost it."
            yield replace(_finding(view.name, message), severity=Severity.NOTE)
            continue
        why = again.refused.get(each.id, "")
        asked = f" Asked again: {why.rstrip('.')}." if why else ""
        helps = each.shows_fewer and not why
        way_out = "To ask for them again and plan what both reads show: --reread" if helps else "Run `reconcile extract`, then ask again"
        reason = without_way_out(each.reason)
        yield _finding(view.name, f"{whose}, and its members are in doubt: {reason}.{asked} None of its memberships is planned. {way_out}.")


def _finding(target: str, message: str) -> Finding:
    return Finding(kind=FindingKind.NOT_RESTORED, severity=Severity.ATTENTION, target=target, message=message)
