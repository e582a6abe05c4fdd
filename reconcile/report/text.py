"""A plan or a run as text for a terminal: counts, then risks, then findings, then the operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconcile.model import Operation, Outcome, Plan, Run, Verb
from reconcile.report.cells import Cell, Change, Mark, changes, visible
from reconcile.report.contents import (
    FindingGroup,
    finding_groups,
    groups,
    incomplete_scopes,
    outcomes,
    privileged,
    refusals,
    short,
    troubles,
    who,
)
from reconcile.report.contents import Group as OperationGroup
from reconcile.report.status import status
from reconcile.report.words import FINDING_HEADINGS, VERB_HEADINGS, number_of, outcome_word

LONGEST_LIST = 12
ATTRIBUTES_SHOWN = 8
BAD, WARN, GOOD, QUIET, STRONG = "bold red", "yellow", "green", "dim", "bold"


def show(plan: Plan, run: Run | None = None, *, width: int, colour: bool) -> str:
    """The report for a terminal of this width. Long lists are cut; the other formats hold all of it."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},  # what is printed depends on the arguments alone
    )
    for part in (_head(plan, run), _counts(plan), _risks(plan, run), _findings(plan), _operations(plan, run)):
        for line in part:
            console.print(line)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def summary_line(plan: Plan, run: Run | None = None) -> str:
    """One line for cron's mail or a log: which plan, how much of what where, and how it stands."""
    work = [
        f"{visible(target)} " + ", ".join(f"{group.size.operations:,} {group.verb.value}" for group in found)
        for target, found in groupby(groups(plan), key=lambda group: group.target)
    ]
    parts = (*(work or ["no changes"]), _findings_count(plan), status(plan, run).sentence)
    return f"{visible(plan.run_date)} plan {short(plan.digest)}: {'; '.join(filter(None, parts))}"


def _findings_count(plan: Plan) -> str:
    return number_of(len(plan.findings), "finding") if plan.findings else ""


def _head(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    stands = status(plan, run)
    yield Text.assemble((f"Plan {short(plan.digest)}", STRONG), f" for {visible(plan.run_date)}")
    yield Text(stands.sentence, style={"bad": BAD, "warn": WARN, "good": GOOD}[stands.tone])


def _counts(plan: Plan) -> Iterable[RenderableType]:
    found = groups(plan)
    if found:
        table = _table("Target", "Operation", ">Count", ">Accounts", ">Of all")
        for group in found:
            size = group.size
            cells = visible(group.target), group.verb.value, f"{size.operations:,}", f"{size.accounts:,}", size.percent
            table.add_row(*map(Text, cells))
        yield from ("", table)
    if plan.census:
        yield ""
    for census in plan.census:
        situations = ", ".join(f"{count:,} {situation.value}" for situation, count in census.situations.items() if count)
        yield Text(f"{visible(census.target)}: {number_of(census.accounts, 'account')} not deactivated; {situations or 'nobody'}", QUIET)


def _risks(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    parts: list[tuple[str, str, list[RenderableType]]] = [
        ("Refused by guards", BAD, [_item(f"{visible(verdict.guard)}: {visible(verdict.message)}") for verdict in refusals(plan)]),
        ("Not read completely", WARN, [_item(_scope(*scope)) for scope in _unread(plan)]),
        ("Needs a look after the run", BAD, [_item(_trouble(*trouble)) for trouble in troubles(plan, run)]),
        ("Privileged access changes", WARN, [_item(_privileged(operation)) for operation in privileged(plan)]),
        (
            "Accounts to be deactivated",
            WARN,
            [_item(f"{operation.id}  {who(operation)}, {visible(operation.target)}") for operation in _leavers(plan)],
        ),
    ]
    for title, style, items in parts:
        if items:
            yield from ("", _title(title, len(items), style), *_cut(items))
    passed = len(plan.verdicts) - len(refusals(plan))
    if plan.verdicts:
        yield from ("", Text(f"{passed:,} of {number_of(len(plan.verdicts), 'guard')} passed.", QUIET))


def _unread(plan: Plan) -> list[tuple[str, str, int, str]]:
    return [(scope.system, scope.scope, scope.rows, scope.reason) for scope in incomplete_scopes(plan)]


def _scope(system: str, scope: str, rows: int, reason: str) -> str:
    return f"{visible(system)}, {visible(scope)}: {number_of(rows, 'row')}; {visible(reason) or 'no reason given'}"


def _trouble(operation: Operation, outcome: Outcome) -> str:
    said = f": {visible(outcome.detail)}" if outcome.detail else ""
    return f"{operation.id}  {operation.verb.value} {who(operation)}, {visible(operation.target)}: {outcome_word(outcome.kind)}{said}"


def _privileged(operation: Operation) -> str:
    entitlement = visible(operation.entitlement or operation.entitlement_id)
    return f"{operation.id}  {operation.verb.value} {who(operation)}, {visible(operation.target)} {entitlement}".rstrip()


def _leavers(plan: Plan) -> list[Operation]:
    return [operation for operation in plan.operations if operation.verb is Verb.DEACTIVATE]


def _findings(plan: Plan) -> Iterable[RenderableType]:
    for group in finding_groups(plan):
        yield from ("", *_finding_group(group))


def _finding_group(group: FindingGroup) -> Iterable[RenderableType]:
    heading = FINDING_HEADINGS[group.kind]
    yield _title(f"{heading.title} ({group.kind.value})", len(group.findings), WARN if group.attention else STRONG)
    yield _item(heading.meaning, QUIET)
    yield from _cut(
        [
            _item(": ".join(filter(None, (visible(finding.target), visible(finding.who), visible(finding.message)))))
            for finding in group.findings
        ]
    )


def _operations(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    ended = outcomes(run)
    for group in groups(plan):
        yield from ("", *_operation_group(group, ended))


def _operation_group(group: OperationGroup, ended: dict[str, Outcome]) -> Iterable[RenderableType]:
    yield _title(f"{visible(group.target)}: {VERB_HEADINGS[group.verb]}", len(group.operations), STRONG)
    for cause in group.causes:
        yield _item(f"{cause.operations} of {len(group.operations)}: {cause.text}", QUIET)
    shown = group.operations[:LONGEST_LIST]
    rows: list[RenderableType] = [_operation(operation, ended.get(operation.id), one_rule=group.one_rule) for operation in shown]
    yield from _cut(rows, len(group.operations))


def _operation(operation: Operation, outcome: Outcome | None, *, one_rule: bool) -> RenderableType:
    """Where the whole group has one rule, it stands above the group and not in every row."""
    ended = f"  [{outcome_word(outcome.kind)}]" if outcome else ""
    mark = "  [privileged]" if operation.privileged else ""
    first = Text.assemble((operation.id, QUIET), f"  {who(operation)}", (mark, BAD), (ended, STRONG))
    because = operation.because
    rule = "" if one_rule else f"{because.situation.value}, {visible(because.rule)}"
    reason = Text("why: " + (": ".join(filter(None, (rule, visible(because.detail)))) or "the rule above"), QUIET)
    return Padding(Group(first, Padding(Group(*_changes(operation), reason), (0, 0, 0, 4))), (0, 0, 0, 2))


def _changes(operation: Operation) -> Iterable[RenderableType]:
    lines = [_change(change) for change in changes(operation)]
    cut = [_more(len(lines) - ATTRIBUTES_SHOWN)] if len(lines) > ATTRIBUTES_SHOWN else []
    shown = [*lines[:ATTRIBUTES_SHOWN], *cut]
    if operation.verb is Verb.CREATE and shown:
        yield Text(", ").join(shown)
    else:
        yield from shown


def _change(change: Change) -> Text:
    line = Text(f"{change.label}: ")
    if change.before:
        line.append_text(_marked(change.before, "red")).append(" -> ")
    return line.append_text(_marked(change.after, "green"))


def _marked(cell: Cell, style: str) -> Text:
    styles = {Mark.SAME: "", Mark.CHANGED: style, Mark.ELIDED: QUIET}
    quote = '"' if cell.is_text else ""
    return Text.assemble(quote, *((piece.text, styles[piece.mark]) for piece in cell.pieces), quote)


def _cut(items: Sequence[RenderableType], total: int = 0) -> Iterable[RenderableType]:
    yield from items[:LONGEST_LIST]
    if max(total, len(items)) > LONGEST_LIST:
        yield Padding(_more(max(total, len(items)) - LONGEST_LIST), (0, 0, 0, 2))


def _more(count: int) -> Text:
    return Text(f"... and {count:,} more (reconcile report shows all)", QUIET)


def _title(text: str, count: int, style: str) -> Text:
    return Text(f"{text}: {count:,}", style)


def _item(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style), (0, 0, 0, 2))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=STRONG)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", overflow="fold")
    return table
