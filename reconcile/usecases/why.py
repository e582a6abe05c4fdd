"""Explains one person or account: plans the newest snapshots, and reads the relations that led to the decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors.contract import AccountState
from mappings.rules import Identities, Lookup
from reconcile.decide.changes.source_missing import see_where
from reconcile.decide.explain.sentences import (
    Account,
    Link,
    Membership,
    Person,
    Withheld,
    attribute_verdict,
    expectation,
    membership_verdict,
)
from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.identities.absence import left_out
from reconcile.decide.identities.build import gather_identities
from reconcile.decide.identities.row_problems import Unusable, row_sentence
from reconcile.decide.identities.standing import Life, standing
from reconcile.decide.matching.doubts import Doubt
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.waiting import awaited
from reconcile.plan.explanation import (
    ExplainedAttribute,
    ExplainedMembership,
    ExplainedTarget,
    Explanation,
    IdentityAttribute,
    SourceRow,
    Stated,
)
from reconcile.plan.model import Finding, FindingKind, Operation, Plan, Situation
from reconcile.plan.operation_rows import is_about, queryable
from reconcile.plan.waits import WaitCause
from reconcile.store.connection import Store
from reconcile.store.plans.scratch import open_to_queries
from reconcile.usecases.subject import Subject, known_as, owner


@dataclass(frozen=True, slots=True)
class _Seen:
    """Statements of the relations of one target about the subject."""

    view: TargetContext
    person: Person | None
    link: Link | None
    account_situation: str
    account: Account | None
    wanted: tuple[str | None, ...]
    held: tuple[str | None, ...]
    memberships: tuple[Membership, ...]


def explain(planner: Planner, opened: AbstractContextManager[Store], run_date: date, who: str) -> Explanation:
    """Explanations of the person or account that is known as `who`: by anchor, account id, login, e-mail address, or any other value that is theirs alone.

    `opened` is closed afterwards. Raises NobodyKnownAs, SeveralKnownAs, NothingExtracted.
    """
    with opened as store:
        return explanation_of(planner, store, run_date, who)


def explanation_of(planner: Planner, store: Store, run_date: date, who: str) -> Explanation:
    """The same from an open store."""
    planned = planner.planned(store, run_date)
    with open_to_queries(planned.plan, planner.project.state) as plan:
        return _explanation(planner, store, replace(planned, plan=plan), run_date, who)


def _explanation(planner: Planner, store: Store, planned: Planned, run_date: date, who: str) -> Explanation:
    plan = planned.plan
    if not store.value("has_identities"):
        # No target was decided, because a source is in doubt. What is known of the person is still worth showing.
        gather_identities(store, planner.project.mappings, planner.language, run_date)
    subject = known_as(store, who, planner.traits)
    subject.anchor = subject.anchor or owner(store, planned.targets, subject)
    seen = {view.name: _look(store, view, subject) for view in planned.targets}
    targets = tuple(_target(store, plan, subject, name, seen.get(name)) for name in sorted(planner.traits))
    shown = {id(finding) for target in targets for finding in target.findings}
    return Explanation(
        who=_shown(store, planner, subject, targets),
        anchor=subject.anchor,
        sentences=_standing(store, planner, subject),
        rows=_rows(store, subject.anchor),
        attributes=_attributes(store, planner, subject.anchor),
        targets=targets,
        findings=tuple(each for each in plan.findings if id(each) not in shown and subject.anchor and each.anchor == subject.anchor),
        refusals=tuple(verdict.message for verdict in plan.verdicts if not verdict.passed),
        run_date=plan.run_date,
        plan=plan.digest,
    )


def _look(store: Store, view: TargetContext, subject: Subject) -> _Seen:
    with store.schemas.of_target(view.name):
        person, link = _person(store, subject.anchor), _counted_link(store, view, subject.anchor)
        account_id = (person.account_id if person else "") or (link.account_id if link else "") or subject.accounts.get(view.name, "")
        owner = next(iter(store.rows("owner_of", account_id=account_id)), ("", ""))
        rows = store.rows("person_memberships", target=view.name, account_id=account_id, anchor=subject.anchor)
        return _Seen(
            view,
            person,
            link,
            owner[1],
            _account(store, view, account_id),
            tuple(store.value("person_desired", anchor=subject.anchor) or []),
            tuple(store.value("account_held", account_id=account_id) or []),
            tuple(Membership(*row) for row in rows),
        )


def _person(store: Store, anchor: str) -> Person | None:
    for situation, expected, state, account_id, rank, undecided, *doubt in store.rows("person_situation", anchor=anchor):
        return Person(situation, Eligibility(expected), state, account_id, rank, undecided, Doubt.of(*doubt))
    return None


def _link(store: Store, target: str, anchor: str) -> Link | None:
    return next((Link(*row) for row in store.rows("person_link", target=target, anchor=anchor)), None)


def _counted_link(store: Store, view: TargetContext, anchor: str) -> Link | None:
    """The link as the plan counts it: the remembered one, or what a decision makes of it."""
    for account_id, run, because in store.rows("counted_link", target=view.name, anchor=anchor):
        decided = next((each.reason for each in view.link_decisions if (each.anchor, each.account_id) == (anchor, account_id)), "")
        return Link(account_id, run, because or decided)
    return None


def _account(store: Store, view: TargetContext, account_id: str) -> Account | None:
    found = store.rows("account_now", target=view.name, account_id=account_id)
    if not found:
        return None
    state, status, attributes = found[0]
    login = json.loads(attributes).get(view.traits.login)
    return Account(account_id, str(login) if login else account_id, AccountState(state), status)


def _target(store: Store, plan: Plan, subject: Subject, name: str, seen: _Seen | None) -> ExplainedTarget:
    account_id = seen.account.id if seen and seen.account else subject.accounts.get(name, "")
    operations = tuple(queryable(plan.operations).about(name, subject.anchor, account_id))
    findings = tuple(each for each in plan.findings if each.target == name and is_about(each, subject.anchor, account_id))
    # What a run did since the read concerns everything that is said of the target.
    outdated = tuple(each for each in plan.findings if each.target == name and each.kind is FindingKind.OUTDATED_READ)
    if seen is None:
        return _undecided(store, plan, subject, name, findings)
    situation = Situation(seen.person.situation) if seen.person else Situation(seen.account_situation) if seen.account_situation else None
    changed = {attribute: each for each in operations for attribute in each.after if attribute not in ("state", "member")}
    of_person = (each for each in plan.findings if subject.anchor and each.anchor == subject.anchor)
    withheld = Withheld(
        below=bool(findings) or any(True for _ in of_person), frozen=seen.person is not None and seen.person.expected is Eligibility.ON_HOLD
    )
    return ExplainedTarget(
        target=name,
        situation=situation,
        sentences=expectation(seen.view, situation, seen.person, seen.account, seen.link),
        account_id=account_id,
        login=seen.account.login if seen.account else "",
        attributes=_explained(seen, situation, changed, withheld),
        memberships=tuple(
            ExplainedMembership(
                entitlement=each.name,
                held=each.held,
                rules=tuple(each.rules),
                verdict=membership_verdict(seen.view, each, situation, [one for one in operations if _is_of(one, each)], withheld),
            )
            for each in seen.memberships
        ),
        operations=operations,
        findings=(*findings, *outdated),
    )


def _is_of(operation: Operation, membership: Membership) -> bool:
    """Whether the operation gives or takes this membership; a group that the plan creates has no id in it yet."""
    return operation.entitlement_id == membership.id or (not operation.entitlement_id and operation.entitlement == membership.name)


def _undecided(store: Store, plan: Plan, subject: Subject, name: str, findings: tuple[Finding, ...]) -> ExplainedTarget:
    """A target that was not read completely, or about whose people nothing is certain."""
    link = _link(store, name, subject.anchor)
    frozen = [each.message for each in plan.findings if each.kind is FindingKind.FROZEN]
    linked = [f"Linked to the account {link.account_id}, which stays as it is."] if link else []
    return ExplainedTarget(
        target=name,
        situation=None,
        sentences=(f"Nothing is decided about {name} tonight.", *frozen, *linked),
        account_id=link.account_id if link else subject.accounts.get(name, ""),
        login="",
        attributes=(),
        memberships=(),
        operations=(),
        findings=findings,
    )


def _explained(
    seen: _Seen, situation: Situation | None, changed: Mapping[str, Operation], withheld: Withheld
) -> tuple[ExplainedAttribute, ...]:
    if not seen.wanted or situation in (Situation.UNQUALIFIED, Situation.NOT_DUE, Situation.LINK_ONLY):
        return ()
    held = seen.held or (None,) * len(seen.wanted)
    return tuple(
        ExplainedAttribute(
            name=name,
            expression=", else ".join([rule.expression, *rule.otherwise]),
            wanted=wanted,
            held=now,
            verdict=attribute_verdict(
                rule,
                wanted,
                now,
                situation,
                changed.get(name),
                withheld=withheld,
                ignores_case=seen.view.ignores_case(name),
                immutable=seen.view.is_immutable(name),
            ),
        )
        for (name, rule), wanted, now in zip(seen.view.mapping.attributes.items(), seen.wanted, held, strict=True)
    )


def _standing(store: Store, planner: Planner, subject: Subject) -> tuple[str, ...]:
    if not subject.anchor:
        return ("No identity is linked to this account or matches it.",)
    found = store.rows("person", anchor=subject.anchor)
    if not found:
        held = left_out(store, planner.project.mappings.identities, planner.language, {subject.anchor})
        if source := held.get(subject.anchor):
            return (f"{source} holds a row of {subject.anchor}, which the mapping leaves out. {see_where(source)}",)
        seen = store.rows("last_seen", anchor=subject.anchor)
        last = f" The row {seen[0][1]} of {seen[0][0]} was missing for the first time on {seen[0][2][:10]}." if seen else ""
        return (f"{subject.anchor} is in no source any more.{last}",)
    person = dict(zip(store.expressions.columns("identity"), found[0], strict=True))
    name = str(person.get(planner.project.mappings.identities.name) or "")
    waits = (awaited(source, WaitCause(why)) for source, why in store.rows("person_waits", anchor=subject.anchor))
    said = (
        f"So the last row of {source} said, which is gone. {_otherwise(outranked)}"
        for source, outranked in store.rows("last_said_by", anchor=subject.anchor)
    )
    return (f"{standing(named(name, subject.anchor), person['state'], Life.of(person.get('_life')))}.", *said, *waits)


def _otherwise(outranked: str) -> str:
    if not outranked:
        return "No source that lists the person says who works."
    return f"{outranked} stands after it and says otherwise, as it did before that."


def _shown(store: Store, planner: Planner, subject: Subject, targets: tuple[ExplainedTarget, ...]) -> str:
    found = store.rows("person", anchor=subject.anchor)
    if found:
        person = dict(zip(store.expressions.columns("identity"), found[0], strict=True))
        return named(str(person.get(planner.project.mappings.identities.name) or ""), subject.anchor)
    return subject.anchor or next((each.login for each in targets if each.login), "")


def _rows(store: Store, anchor: str) -> tuple[SourceRow, ...]:
    return tuple(
        SourceRow(
            source=source,
            record=record,
            problem=row_sentence(Unusable(problem), stated, others, total) if problem else "",
            cells=json.loads(attributes or "{}"),
        )
        for source, record, attributes, problem, stated, others, total in store.rows("person_rows", anchor=anchor)
    )


def _attributes(store: Store, planner: Planner, anchor: str) -> tuple[IdentityAttribute, ...]:
    found = store.rows("person", anchor=anchor)
    if not found:
        return ()
    merged = dict(zip(store.expressions.columns("identity"), found[0], strict=True))
    names = store.expressions.columns("known")
    rows = [dict(zip(names, row, strict=True)) for row in store.rows("person_values", anchor=anchor)]
    identities = planner.project.mappings.identities
    stated = [
        IdentityAttribute(name=name, value=merged.get(name), stated=_stated(identities, rows, name)) for name in identities.attributes()
    ]
    looked_up = [
        IdentityAttribute(name=name, value=merged.get(name), stated=_looked_up(lookup, column, merged.get(name)))
        for lookup in identities.lookup.values()
        for name, column in lookup.gives.items()
    ]
    return (*stated, *looked_up, *_manager(identities, merged))


def _stated(identities: Identities, rows: Sequence[Mapping[str, Any]], name: str) -> tuple[Stated, ...]:
    return tuple(
        Stated(
            source=identities.source[row["_rank"]].connector,
            record=row["_record_id"],
            expression=identities.source[row["_rank"]].attributes.get(name, ""),
            value=row[name],
        )
        for row in rows
        if row[name] is not None
    )


def _looked_up(lookup: Lookup, column: str, value: str | None) -> tuple[Stated, ...]:
    """The line of a table beside the mappings; nothing where the person's key is not in it."""
    expression = f"{column}, where {lookup.column} is {lookup.key}"
    return (Stated(source=lookup.file, record="", expression=expression, value=value),) if value is not None else ()


def _manager(identities: Identities, merged: Mapping[str, Any]) -> tuple[IdentityAttribute, ...]:
    """Names the manager. Their account differs between targets, and shows in the attributes there."""
    if not identities.manager:
        return ()
    ways = ", else ".join(f"{way.names} (matched with {way.matches})" for way in identities.manager)
    anchor, name = merged.get("manager_anchor"), merged.get("manager_name")
    stated = (Stated(source="manager", record="", expression=ways, value=str(anchor)),) if anchor is not None else ()
    return (IdentityAttribute(name="manager", value=named(str(name or ""), str(anchor)) if anchor is not None else None, stated=stated),)
