"""Makes the plan of a one-off action: judged by the guards and the protection as any plan is, and bound to the newest snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.contract import EntitlementKind
from mappings.expressions import OF_THE_MANAGER, Fit, NotAnExpression, kind_of, misfit, parse_expression, unknown_columns
from reconcile.decide.account_identity import add_account_identity
from reconcile.decide.act.accounts import Entitled, Memberships, accounts_asked_for, entitlements_called, memberships_of
from reconcile.decide.act.builder import Builder
from reconcile.decide.act.request import OF_AN_APP, Deed, Request
from reconcile.decide.act.steps import Steps, group_created
from reconcile.decide.evidence import latest_evidence
from reconcile.decide.fragment import TargetContext
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.protection.protected import Protection, without_protected
from reconcile.errors import ExitCode, NoSuchTarget, ReconcileError
from reconcile.plan.model import Finding, FindingKind, Operation, Plan, Severity
from reconcile.plan.ordering import ordered
from reconcile.store.connection import Store
from reconcile.usecases.subject import known_as
from reconcile.usecases.undo import judged_beside


class NoSuchEntitlement(ReconcileError):
    """A target has no group or app of a name, or several."""

    exit_code = ExitCode.USAGE

    def __init__(self, target: str, kind: str, called: str, found: Sequence[str]) -> None:
        self.target, self.kind, self.called, self.found = target, kind, called, tuple(found)
        there = f"{len(found)} {kind}s are called {called!r}: {', '.join(found[:5])}. Name one by its id." if found else ""
        super().__init__(
            f"{target}: {there}"
            if there
            else f"{target}: no {kind} is called {called!r}. Give its name or id, or --target for another system."
        )


class NotAPredicate(ReconcileError):
    """A text does not say for which people it holds."""

    exit_code = ExitCode.USAGE

    def __init__(self, text: str, why: str) -> None:
        self.text, self.why = text, why
        end = "" if why.endswith(("?", ".")) else "."
        super().__init__(f"--where {text!r}: {why}{end} Write an expression over identity attributes, such as department = 'Sales'.")


@dataclass(slots=True)
class _Chosen:
    """People by anchor, and accounts by target and id."""

    anchors: set[str] = field(default_factory=set)
    accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def plan_of_request(planner: Planner, store: Store, today: date, request: Request, protection: Protection) -> Plan:
    """Returns the plan of a request. It has no digest yet where it does nothing.

    Raises NothingExtracted, NobodyKnownAs, SeveralKnownAs, NoSuchTarget, NoSuchEntitlement, NotAPredicate.
    """
    if unknown := sorted(request.targets - planner.traits.keys()):
        raise NoSuchTarget(unknown[0], sorted(planner.traits))
    planned = planner.planned(store, today)
    chosen = _Chosen() if request.deed is Deed.CREATE_GROUP else _chosen(planner, store, request)
    operations: list[Operation] = []
    findings = list(_unread(planner, planned, request))
    for view in _views(planned, request):
        with store.of_target(view.name):
            made, notes = _of_target(store, planned, view, request, chosen)
        operations += made
        findings += notes
    if not operations and not findings:
        findings.append(_without_account(request, planner))
    asked = replace(
        planned.plan,
        operations=ordered(operations),
        findings=tuple(findings),
        scopes=tuple(each for each in planned.plan.scopes if each.system in planner.traits),
        links=(),
        causes=(),
        names=(),
        waiting=(),
        digest="",
    )
    return judged_beside(without_protected(asked, protection, planner.traits), planned, store, planner, today)


def _views(planned: Planned, request: Request) -> list[TargetContext]:
    return [view for view in planned.targets if not request.targets or view.name in request.targets]


def _unread(planner: Planner, planned: Planned, request: Request) -> Iterable[Finding]:
    """A finding for each target whose accounts are not known tonight."""
    for name in sorted((request.targets or planner.traits.keys()) - {view.name for view in planned.targets}):
        message = (
            f"{name} was not read completely, or a source is in doubt: nothing is planned there. Run `reconcile extract`, then ask again."
        )
        yield Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=name, message=message)


def _without_account(request: Request, planner: Planner) -> Finding:
    where = ", ".join(sorted(request.targets or planner.traits))
    message = (
        f"{request.deed.value}: none of the people asked for has an account in {where} that is surely theirs. Name the account by its id."
    )
    return Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target="", message=message)


def _chosen(planner: Planner, store: Store, request: Request) -> _Chosen:
    chosen = _Chosen()
    for who in request.who:
        subject = known_as(store, who, planner.traits)
        if subject.anchor:
            chosen.anchors.add(subject.anchor)
        for target, id_ in subject.accounts.items():
            chosen.accounts[target].add(id_)
    if request.where:
        chosen.anchors.update(_people_where(planner, store, request.where))
    return chosen


def _people_where(planner: Planner, store: Store, where: str) -> list[str]:
    known = frozenset(planner.project.mappings.identities.columns()) | {"anchor", "state", *OF_THE_MANAGER}
    try:
        expression = parse_expression(where, planner.language)
        problems = unknown_columns(expression, known)
        if problem := "; ".join(problems) or misfit(kind_of(expression, planner.language), Fit.TRUTH):
            raise NotAPredicate(where, problem)
    except NotAnExpression as error:
        raise NotAPredicate(where, str(error)) from error
    store.expressions.computes("identity", "anchor", [where])
    return store.expressions.keys("identity", "anchor", where=where)


def _of_target(
    store: Store, planned: Planned, view: TargetContext, request: Request, chosen: _Chosen
) -> tuple[list[Operation], list[Finding]]:
    """The operations of one target, with what identifies their accounts, and the notes. Reads the relations of the target."""
    if request.deed is Deed.CREATE_GROUP:
        return _groups(store, view, request)
    accounts = accounts_asked_for(store, chosen.anchors, chosen.accounts[view.name])
    needs = bool(request.entitlement) or request.deed is Deed.OFFBOARD
    if needs and view.name in latest_evidence(store, planned.plan.snapshots).entitlements_doubted:
        message = (
            f"The groups of {view.name} were not read completely: no membership is planned there. Run `reconcile extract`, then ask again."
        )
        return [], [Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=view.name, message=message)]
    entitlement = _entitlement(store, view, request) if request.entitlement else None
    held = memberships_of(store, view.name, accounts, entitlement.id if entitlement else "") if needs else Memberships()
    steps = Steps(Builder(view, request), held, entitlement)
    found = [step for account in accounts for step in steps.of(account)]
    operations = [step for step in found if isinstance(step, Operation)]
    add_account_identity(store, view, operations)
    return operations, [step for step in found if isinstance(step, Finding)]


def _entitlement(store: Store, view: TargetContext, request: Request) -> Entitled:
    kind = EntitlementKind.APP if request.deed in OF_AN_APP else EntitlementKind.GROUP
    found = entitlements_called(store, kind.value, request.entitlement)
    if len(found) != 1:
        raise NoSuchEntitlement(view.name, kind.value, request.entitlement, [each.id for each in found])
    return found[0]


def _groups(store: Store, view: TargetContext, request: Request) -> tuple[list[Operation], list[Finding]]:
    build, operations, findings = Builder(view, request), list[Operation](), list[Finding]()
    for name in request.who:
        if found := entitlements_called(store, EntitlementKind.GROUP.value, name):
            message = f"{view.name} has a group {found[0].name!r} already ({found[0].id}): nothing is planned."
            findings.append(Finding(kind=FindingKind.NOT_ACTED, severity=Severity.NOTE, target=view.name, message=message))
        elif not view.traits.can.create_groups:
            message = f"{view.name} cannot create groups. Create {name!r} there by hand."
            findings.append(Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=view.name, message=message))
        else:
            operations.append(group_created(build, name))
    return operations, findings
