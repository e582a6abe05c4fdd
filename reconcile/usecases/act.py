"""Makes the plan of a one-off action: judged by the guards and the protection as any plan is, and bound to the newest snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.contract import EntitlementKind, Value
from connectors.quoting import quoted
from mappings.expressions import OF_THE_MANAGER, Fit, NotAnExpression, kind_of, misfit, parse_expression, unknown_columns
from reconcile.decide.account_identity import add_account_identity
from reconcile.decide.act.accounts import Entitled, entitlements_called
from reconcile.decide.act.builder import Builder
from reconcile.decide.act.groups import GroupSteps
from reconcile.decide.act.request import OF_AN_APP, OF_GROUPS, Request, RequestKind
from reconcile.decide.changes.ended_by_hand import ended_by_hand
from reconcile.decide.evidence import latest_evidence
from reconcile.decide.fragment import TargetContext, listed
from reconcile.decide.outdated_reads import applied_since
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.protection.protected import without_protected
from reconcile.errors import ExitCode, NoSuchTarget, ReconcileError
from reconcile.forms import comparable
from reconcile.plan.model import Finding, FindingKind, Operation, Plan, Severity
from reconcile.plan.ordering import ordered
from reconcile.store.connection import Store
from reconcile.usecases.act_steps import Asked, StepsOfTarget
from reconcile.usecases.asked_now import AskNow
from reconcile.usecases.subject import asked_for
from reconcile.usecases.undo import judged_beside


class NoSuchEntitlement(ReconcileError):
    """No target has a group or app of a name, or one has several."""

    exit_code = ExitCode.USAGE

    def __init__(self, targets: Sequence[str], kind: str, called: str, found: Sequence[str] = ()) -> None:
        self.targets, self.kind, self.called, self.found = tuple(targets), kind, called, tuple(found)
        several = f"{len(found)} {kind}s are called {quoted(called)}: {', '.join(found[:5])}. Give the id of one."
        super().__init__(f"{', '.join(targets)}: {several if found else f'no {kind} is called {quoted(called)}. Give its name or its id.'}")


class NotAPredicate(ReconcileError):
    """A text does not say for which people it holds."""

    exit_code = ExitCode.USAGE

    def __init__(self, text: str, why: str) -> None:
        self.text, self.why = text, why
        end = "" if why.endswith(("?", ".")) else "."
        super().__init__(f"--where {quoted(text)}: {why}{end} Write an expression over identity attributes, such as department = 'Sales'.")


NO_IDENTITIES: Mapping[str, Mapping[str, Value]] = {}


@dataclass(slots=True)
class _Made:
    """The parts of the plan so far."""

    findings: list[Finding]
    operations: list[Operation] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    """People with an account in a target that the request is about."""

    def add(
        self,
        store: Store,
        view: TargetContext,
        steps: Sequence[Operation | Finding],
        identities: Mapping[str, Mapping[str, Value]] = NO_IDENTITIES,
    ) -> None:
        """Adds the steps in one target, with what identifies the accounts of the operations: by the read, and by `identities` before that."""
        operations = [step for step in steps if isinstance(step, Operation)]
        add_account_identity(store, view, operations)
        self.operations += (_identified(each, identities) for each in operations)
        self.findings += [step for step in steps if isinstance(step, Finding)]


SHOWN = 5
"""Number of people without an account that a finding names."""


def plan_of_request(planner: Planner, store: Store, today: date, request: Request, ask: AskNow) -> Plan:
    """Returns the plan of a request. It has no digest yet where it does nothing. `ask`: asks targets for accounts as they are now.

    Raises NothingExtracted, NobodyKnownAs, SeveralKnownAs, NoSuchTarget, NoSuchEntitlement, NotAPredicate.
    """
    if unknown := sorted(request.targets - planner.traits.keys()):
        raise NoSuchTarget(unknown[0], sorted(planner.traits))
    planned = planner.planned(store, today)
    made = _Made(list(_unread(planner, planned, request)))
    _decide(store, planner, planned, request, made, ask)
    asked = replace(
        planned.plan,
        operations=ordered(made.operations),
        findings=tuple(made.findings),
        scopes=tuple(each for each in planned.plan.scopes if each.system in planner.traits),
        links=(),
        causes=(),
        names=(),
        waiting=(),
        digest="",
    )
    allowed = _without_blocked_deletions(without_protected(asked, planned.protection, planner.traits))
    allowed = replace(allowed, findings=(*allowed.findings, *ended_by_hand(store, allowed.operations)))
    return judged_beside(allowed, planned, store, planner, today)


def _decide(  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
    store: Store, planner: Planner, planned: Planned, request: Request, made: _Made, ask: AskNow
) -> None:
    """Adds what is planned in each target, and what is not."""
    chosen = Asked() if request.kind in OF_GROUPS else _chosen(planner, store, planned, request)
    views = _views(planned, request)
    if request.needs_entitlements:
        doubted = latest_evidence(store, planned.plan.snapshots).entitlements_doubted
        made.findings += [_without_entitlements(view.name) for view in views if view.name in doubted]
        views = [view for view in views if view.name not in doubted]
    if request.kind in OF_GROUPS:
        _decide_groups(store, views, request, made)
        return
    kind = EntitlementKind.APP if request.kind in OF_AN_APP else EntitlementKind.GROUP
    entitlements = _entitlements(store, views, kind, request.entitlement) if request.entitlement else {}
    for view in views:
        if not request.entitlement or view.name in entitlements:
            with store.schemas.of_target(view.name):
                since = applied_since(planned.plan.snapshots, planner.earlier, view.name)
                decided = StepsOfTarget(store, view, request, entitlements.get(view.name), since, ask).of(chosen)
                made.anchors |= decided.anchors
                made.add(store, view, decided.steps, decided.identities)
    # Where no target was read, it is not known who has an account.
    if views and (without := sorted(chosen.anchors - made.anchors)):
        made.findings.append(_without_account(request, [view.name for view in views], without))


def _views(planned: Planned, request: Request) -> list[TargetContext]:
    return [view for view in planned.targets if not request.targets or view.name in request.targets]


def _unread(planner: Planner, planned: Planned, request: Request) -> Iterable[Finding]:
    """A finding for each target whose accounts are not known tonight."""
    for name in sorted((request.targets or planner.traits.keys()) - {view.name for view in planned.targets}):
        message = (
            f"{name} was not read completely, or a source is in doubt: nothing is planned there. Run `reconcile extract`, then ask again."
        )
        yield Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=name, message=message)


def _without_entitlements(target: str) -> Finding:
    message = f"The groups of {target} were not read completely: nothing is planned there. Run `reconcile extract`, then ask again."
    return Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=target, message=message)


def _without_account(request: Request, targets: Sequence[str], anchors: Sequence[str]) -> Finding:
    have = "has" if len(anchors) == 1 else "have"
    message = (
        f"{listed(anchors[:SHOWN], len(anchors))} {have} no account in {', '.join(targets) or 'any target'} that is surely theirs: "
        f"{request.kind.value} is not planned. Name an account by its id, or decide about the match with `reconcile decide`. "
        "An account that was made since the last read is known after `reconcile extract`."
    )
    return Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target="", message=message)


def _chosen(planner: Planner, store: Store, planned: Planned, request: Request) -> Asked:
    chosen = Asked()
    for who in request.who:
        subject = asked_for(store, who, planner.traits, planned.targets)
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


def _identified(operation: Operation, identities: Mapping[str, Mapping[str, Value]]) -> Operation:
    """The operation with what identifies its account by now: of an account that the read shows, the attributes that it has there."""
    now = identities.get(operation.account_id, {})
    return replace(operation, account={**operation.account, **{name: now[name] for name in operation.account or now if name in now}})


def _entitlements(store: Store, views: Sequence[TargetContext], kind: EntitlementKind, called: str) -> dict[str, Entitled]:
    """The group or app of a name or an id by target, where a target has it. Raises NoSuchEntitlement where none does, or one has several."""
    found: dict[str, Entitled] = {}
    for view in views:
        with store.schemas.of_target(view.name):
            these = entitlements_called(store, view.name, kind.value, called)
        if len(these) > 1:
            raise NoSuchEntitlement([view.name], kind.value, called, [each.id for each in these])
        if these:
            found[view.name] = these[0]
    if views and not found:
        raise NoSuchEntitlement([view.name for view in views], kind.value, called)
    return found


def _decide_groups(store: Store, views: Sequence[TargetContext], request: Request, made: _Made) -> None:
    """Adds what is planned about groups themselves: about each once, by however many names it is asked for."""
    met: dict[tuple[str, str], str] = {}
    for called in request.who:
        creates = request.kind is RequestKind.CREATE_GROUP
        there = {} if creates else _entitlements(store, views, EntitlementKind.GROUP, called)
        for view in views:
            steps = GroupSteps(store, Builder(view, request))
            with store.schemas.of_target(view.name):
                if creates:
                    made.add(store, view, _created(steps.created(called), view.name, called, met))
                elif view.name in there and (view.name, there[view.name].id) not in met:
                    met[view.name, there[view.name].id] = called
                    made.add(store, view, list(steps.of(there[view.name])))


def _created(step: Operation | Finding, target: str, called: str, met: dict[tuple[str, str], str]) -> list[Operation | Finding]:
    """The creation of a group, unless the request creates it already; a finding where it creates one that looks the same. `met`: those so far."""
    key = target, comparable(called)
    if not isinstance(step, Operation):
        return [step]
    if key not in met:
        met[key] = called
        return [step]
    message = f"{target}: {quoted(called)} looks like {quoted(met[key])}, which this plan creates: it is not created."
    note = Finding(kind=FindingKind.NOT_ACTED, severity=Severity.ATTENTION, target=target, message=message)
    return [] if met[key] == called else [note]


def _without_blocked_deletions(plan: Plan) -> Plan:
    """The plan without the deletions of groups that keep a member, protected or held, and without the removals that served only these."""
    ids = {each.id for each in plan.operations}
    blocked = [each for each in plan.operations if not ids.issuperset(each.depends_on)]
    notes = [
        Finding(
            kind=FindingKind.NOT_ACTED,
            severity=Severity.ATTENTION,
            target=each.target,
            message=f"The group {quoted(each.entitlement)} of {each.target} has members that are protected or held: it keeps all, and is not deleted.",
        )
        for each in blocked
    ]
    dropped = {each.id for each in blocked}.union(*(each.depends_on for each in blocked))
    return replace(plan, operations=[each for each in plan.operations if each.id not in dropped], findings=(*plan.findings, *notes))
