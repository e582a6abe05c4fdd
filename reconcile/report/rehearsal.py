"""The result of a rehearsal as text, and as a document for a program."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from reconcile.plan.digest import SHOWN
from reconcile.plan.impact import number_of
from reconcile.plan.model import OutcomeKind
from reconcile.plan.rehearsal import Amount, Rehearsal, RehearsedRow, RehearsedTarget
from reconcile.plan.seats import SeatUse
from reconcile.report.labels import outcome_word, seat_words
from reconcile.visible import visible

LONGEST = 300
"""Characters of what a system said that one line shows."""


def lines(rehearsal: Rehearsal) -> Iterator[str]:
    """The result, for a reviewer: the verdict first."""
    crashed = ", killed in the middle and resumed" if rehearsal.crashed else ""
    yield f"Rehearsal of plan {rehearsal.plan_digest[:SHOWN]}: {_verdict(rehearsal)}. It ran on local twins{crashed}; no real system was asked."
    for each in rehearsal.targets:
        yield from _target(each)
        yield from _seats(each, rehearsal.plan_digest[:SHOWN])
    yield ""
    if rehearsal.next_operations:
        yield f"Next plan: {number_of(rehearsal.next_operations, 'operation')} instead of none."
        yield from _rows(rehearsal.next_rows, rehearsal.next_operations)
    else:
        held = ", beside the rows that a reviewer keeps back" if any(each.kept_back for each in rehearsal.targets) else ""
        yield f"Next plan: no operations{held}."
    yield from _following(rehearsal)


def _verdict(rehearsal: Rehearsal) -> str:
    if not rehearsal.as_planned:
        return "NOT as planned"
    if rehearsal.short_of_seats:
        return "as planned, and there are NOT ENOUGH SEATS"
    return "as planned, and the next plan is not empty" if rehearsal.next_operations else "as planned"


def _following(rehearsal: Rehearsal) -> Iterator[str]:
    """The next command to type."""
    digest = rehearsal.plan_digest[:SHOWN]
    if rehearsal.refused:
        yield f"A guard refuses this plan: live it is not applied. Read it: reconcile show {digest}"
    elif rehearsal.as_planned and not rehearsal.next_operations and not rehearsal.short_of_seats:
        yield f"To apply it: reconcile apply {digest} --live"
    else:
        yield f"Do not apply it before the rows above are understood. Read it: reconcile show {digest}"


def _target(target: RehearsedTarget) -> Iterator[str]:
    dialect = f" (dialect {visible(target.dialect)})" if target.dialect else ""
    rest = ", ".join(
        f"{target.outcomes[kind]:,} {outcome_word(kind)}"
        for kind in OutcomeKind
        if target.outcomes.get(kind) and kind not in (OutcomeKind.DONE, OutcomeKind.ALREADY)
    )
    yield ""
    yield f"{visible(target.target)}{dialect}: {target.applied:,} of {number_of(target.planned, 'operation')} applied{f', {rest}' if rest else ''}"
    yield f"  requests: {_amount(target.measured)}; forecast: {_amount(target.forecast)}"
    for sentence in target.incomplete:
        yield f"  NOT COMPLETE  {visible(sentence)}"
    yield from _rows(target.not_applied, target.planned - target.applied - target.kept_back)
    if target.differences:
        yield f"  {number_of(target.differences, 'difference')} from what was planned:"
        yield from _rows(target.different_rows, target.differences)


def _seats(target: RehearsedTarget, digest: str) -> Iterator[str]:
    """The use of seats; where there are too few, and where a name stands for nothing, the way out."""
    for use in target.seats:
        yield f"  {visible(seat_words(use))}"
        if not use.known:
            yield f"  CORRECT THE NAME  in [seats.{visible(target.target)}] of reconcile.toml"
        if use.short:
            yield f"  NOT ENOUGH SEATS  {visible(_more_seats(use))}, or {visible(_hold(use, target.target, digest))}"


def _more_seats(use: SeatUse) -> str:
    if use.enough_after:
        seats = number_of(use.short, "seat")
        return f"The end needs no more, but {use.place} is given before it is taken from others: get {seats} more for the run"
    return f"Get {number_of(use.short, 'seat')} more"


def _hold(use: SeatUse, target: str, digest: str) -> str:
    """The way out without more seats: rows that take one are held, and the next plan has them again."""
    names = ", ".join(_text(each) for each in use.through if each)
    memberships = [f"verb = 'add_member' AND entitlement IN ({names})"] if names else []
    accounts = ["verb IN ('create', 'reactivate')"] if "" in use.through else []
    rows = f"target = {_text(target)} AND ({' OR '.join((*memberships, *accounts))})"
    command = f"reconcile approve {digest} --by NAME --why WHY --hold-where {_argument(rows)}"
    return f"hold rows that take one, which the next plan has again: {command}"


def _argument(expression: str) -> str:
    """An expression as an argument to type: between double quotes, which leave its own as they are, unless a shell reads something in it."""
    return shlex.quote(expression) if set(expression) & set('"$`\\!') else f'"{expression}"'


def _text(value: str) -> str:
    """A text in an SQL expression."""
    return "'" + value.replace("'", "''") + "'"


def _amount(amount: Amount) -> str:
    requests = "unknown" if amount.requests is None else f"{amount.requests:,}"
    if amount.minutes is None:
        return requests
    if amount.minutes < 1:
        return f"{requests}, under a minute by its limits"
    return f"{requests}, {amount.minutes:,.0f} minutes by its limit {visible(amount.limit)}"


def _rows(rows: Sequence[RehearsedRow], total: int) -> Iterator[str]:
    for row in rows:
        outcome = f"{outcome_word(row.outcome)}  " if row.outcome else ""
        entitlement = f" in {visible(row.entitlement)}" if row.entitlement else ""
        yield f"  {outcome}{row.verb.value}  {visible(row.who)}{entitlement}: {visible(row.what[:LONGEST])}"
    if total > len(rows):
        yield f"  and {total - len(rows):,} more"


def document(rehearsal: Rehearsal) -> dict[str, Any]:
    """The result for a program."""
    return {
        "plan": rehearsal.plan_digest,
        "as_planned": rehearsal.as_planned,
        "crashed": rehearsal.crashed,
        "refused": rehearsal.refused,
        "targets": [_target_document(each) for each in rehearsal.targets],
        "next_plan": {"operations": rehearsal.next_operations, "rows": [_row_document(each) for each in rehearsal.next_rows]},
    }


def _target_document(target: RehearsedTarget) -> dict[str, Any]:
    return {
        "target": target.target,
        "dialect": target.dialect,
        "as_planned": target.as_planned,
        "operations": target.planned,
        "outcomes": {kind.value: count for kind, count in target.outcomes.items()},
        "not_applied": [_row_document(each) for each in target.not_applied],
        "differing": target.differences,
        "differing_rows": [_row_document(each) for each in target.different_rows],
        "incomplete": list(target.incomplete),
        "requests": _amount_document(target.measured),
        "forecast": _amount_document(target.forecast),
        "seats": [_seats_document(each) for each in target.seats],
    }


def _seats_document(use: SeatUse) -> dict[str, Any]:
    return {**asdict(use), "after": use.after, "short": use.short}


def _amount_document(amount: Amount) -> dict[str, Any]:
    return {"requests": amount.requests, "minutes": None if amount.minutes is None else round(amount.minutes, 2), "limit": amount.limit}


def _row_document(row: RehearsedRow) -> dict[str, str]:
    outcome = {"outcome": row.outcome.value} if row.outcome else {}
    return {"id": row.operation, "verb": row.verb.value, "who": row.who, "entitlement": row.entitlement, "what": row.what, **outcome}
