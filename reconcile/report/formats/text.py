"""A plan or a run as text for a terminal: counts, then risks, then findings, then the operations.

A short plan is shown whole. Of a longer one there is a page to be read before the report is opened: what operations have in common,
and a few of them, the unusual ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, islice, zip_longest
from operator import itemgetter
from typing import assert_never

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconcile.plan.impact import all_of, number_of
from reconcile.plan.model import ENDING, FindingKind, LinkChange, Operation, Outcome, Plan, Run, Situation, Verb, Verdict
from reconcile.plan.operation_overview import people, person_of
from reconcile.plan.operation_rows import for_text, queryable
from reconcile.plan.override import Override
from reconcile.report.console import printed
from reconcile.report.drawn_rows import drawn_rows
from reconcile.report.ended import ended_counts, held_back, not_done, outcomes_of, trouble_count, troubles, with_outcomes
from reconcile.report.labels import (
    FINDING_HEADINGS,
    SITUATION_MEANINGS,
    approval_words,
    cause_words,
    ended_words,
    forecast_words,
    held_back_words,
    links_count,
    outcome_word,
    override_words,
    run_words,
    verb_heading,
    with_answer,
)
from reconcile.report.status import status
from reconcile.report.summary import (
    Alike,
    Case,
    FindingGroup,
    finding_groups,
    groups,
    incomplete_scopes,
    login,
    overridden,
    refusals,
    short,
    sizes,
    who,
)
from reconcile.report.summary import Group as OperationGroup
from reconcile.report.title import plan_title
from reconcile.report.values import Cell, Change, Mark, changes, entitlement
from reconcile.visible import visible

LONGEST_LIST = 12
"""A plan with no more operations is shown whole."""
SAMPLE = 5
"""Number of operations that are shown of a verb with more."""
COMMON_SHOWN = 3
ATTRIBUTES_SHOWN = 8
BAD, WARN, GOOD, QUIET, STRONG = "bold red", "yellow", "green", "dim", "bold"


def show(plan: Plan, run: Run | None = None, *, width: int, colour: bool) -> str:
    """The report for a terminal of this width. Long lists are cut; the other formats hold all of it."""
    plan = for_text(plan)
    found = groups(plan)
    parts = (*_overview(plan, run, found), _findings(plan), _links(plan), _operations(plan, run, found))
    return printed(chain.from_iterable(parts), width=width, colour=colour)


def overview(plan: Plan, run: Run | None = None, *, width: int, colour: bool) -> str:
    """The part of the report before findings and rows: how it stands, counts, causes and risks."""
    plan = for_text(plan)
    return printed(chain.from_iterable(_overview(plan, run, groups(plan))), width=width, colour=colour)


def _overview(plan: Plan, run: Run | None, found: Sequence[OperationGroup]) -> Sequence[Iterable[RenderableType]]:
    return _head(plan, run), _counts(plan, found), _forecasts(plan, run), _causes(plan), _risks(plan, run)


def summary_line(plan: Plan, run: Run | None = None) -> str:
    """One line for cron's mail or a log: which plan, how much of what where, and how it stands."""
    plan = for_text(plan)
    work = [
        f"{visible(target)} " + ", ".join(f"{count:,} {verb.value}" for _, verb, count in found)
        for target, found in groupby(sizes(plan), key=itemgetter(0))
    ]
    return f"{visible(plan.run_date)} plan {short(plan.digest)}: {'; '.join((*work, status(plan, run).sentence))}"


def _head(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    stands = status(plan, run)
    called = plan_title(plan)
    yield Text.assemble((f"Plan {short(plan.digest)}", STRONG), f" for {visible(plan.run_date)}", f": {visible(called)}" if called else "")
    yield Text(stands.sentence, style={"bad": BAD, "warn": WARN, "good": GOOD}[stands.tone])
    if run and run.live:
        yield Text(visible(run_words(run)), QUIET)
    yield from (Text(visible(approval_words(each)), STRONG) for each in plan.approvals)


def _counts(plan: Plan, found: Sequence[OperationGroup]) -> Iterable[RenderableType]:
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
        links = links_count(plan, target=census.target)
        yield Text(f"{visible(census.target)}: percentages are of {all_of(census)}{f'; {links}' if links else ''}", QUIET)
    if plan.census:
        yield from ("", _situations(plan))


def _forecasts(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    if plan.forecasts and run is None:
        yield from ("", Text("Forecast of an apply", STRONG))
        yield from (_item(visible(f"{each.target}: {forecast_words(each)}")) for each in plan.forecasts)


def _situations(plan: Plan) -> RenderableType:
    """Renders the number of identities and accounts in each situation, and its meaning."""
    table = _table("Situation", *(f">{visible(census.target)}" for census in plan.census), "")
    for situation in Situation:
        counts = [census.situations.get(situation, 0) for census in plan.census]
        if any(counts):
            table.add_row(*map(Text, (situation.value, *(f"{count:,}" for count in counts))), Text(SITUATION_MEANINGS[situation], QUIET))
    return table


def _causes(plan: Plan) -> Iterable[RenderableType]:
    if plan.causes:
        yield from ("", Text("Common causes", STRONG))
    for cause in plan.causes:
        yield _item(visible(f"{cause.target}, {cause.verb.value}: {cause_words(cause)}"))


def _risks(plan: Plan, run: Run | None) -> Iterable[RenderableType]:
    overview = queryable(plan.operations).overview()
    parts: list[tuple[str, str, list[RenderableType]]] = [
        ("Refused by guards", BAD, [_item(f"{visible(verdict.guard)}: {visible(verdict.message)}") for verdict in refusals(plan)]),
        ("Not read completely", WARN, [_item(_scope(*scope)) for scope in _unread(plan)]),
        ("Refused and overridden", WARN, [_item(_overridden(*each)) for each in overridden(plan)]),
    ]
    for title, style, items in parts:
        if items:
            yield from ("", _title(title, len(items), style), *_cut(items))
    yield from _first("Needs attention", [_item(_trouble(*each)) for each in troubles(plan, run, LONGEST_LIST)], trouble_count(run), BAD)
    if reasons := held_back(run):
        told = [_item(visible(held_back_words(*reason, count))) for reason, count in reasons.most_common()]
        yield from ("", _title("Held back", reasons.total(), WARN), *_cut(told))
    rows = [_item(_privileged(operation)) for operation in islice(overview.privileged(), LONGEST_LIST)]
    yield from _first("Privileged access changes", rows, sum(count for each, count in overview.classes().items() if each.privileged))
    first = overview.first_ended(LONGEST_LIST)
    ended, title = outcomes_of(run, first), "People whose accounts were to end" if run and run.live else "People who lose an account"
    yield from _first(title, [_item(_leaver(person, ended)) for person in people(first)], overview.people_ended())
    passed = sum(verdict.passed for verdict in plan.verdicts)
    if plan.verdicts:
        yield from ("", Text(f"{passed:,} of {number_of(len(plan.verdicts), 'guard')} passed.", QUIET))


def _first(title: str, items: Sequence[RenderableType], count: int, style: str = WARN) -> Iterable[RenderableType]:
    """The first items of a list of risks."""
    if items:
        yield from ("", _title(title, count, style), *items, *_rest(count, len(items)))


def _overridden(verdict: Verdict, override: Override) -> str:
    return f"{visible(verdict.guard)}: {visible(override_words(override))} ({visible(override.why)}). {visible(verdict.message)}"


def _unread(plan: Plan) -> list[tuple[str, str, int, str]]:
    return [(scope.system, scope.scope, scope.rows, scope.reason) for scope in incomplete_scopes(plan)]


def _scope(system: str, scope: str, rows: int, reason: str) -> str:
    amount = number_of(rows, "row") if rows else "not read"
    return f"{visible(system)}, {visible(scope)}: {amount}; {visible(reason) or 'no reason given'}"


def _trouble(operation: Operation, outcome: Outcome) -> str:
    said = f": {visible(with_answer(outcome.detail, outcome.answer))}" if outcome.detail else ""
    return f"{operation.id}  {operation.verb.value} {who(operation)}, {visible(operation.target)}: {outcome_word(outcome.kind)}{said}"


def _privileged(operation: Operation) -> str:
    return f"{operation.id}  {operation.verb.value} {who(operation)}, {visible(operation.target)} {entitlement(operation)}".rstrip()


def _leaver(person: Sequence[Operation], ended: Mapping[str, Outcome]) -> str:
    reasons = " ".join(dict.fromkeys(visible(operation.because.detail) for operation in person))
    known_by = "" if person[0].name and visible(person[0].name) in reasons else who(person[0])
    places = ", ".join(f"{visible(operation.target)}{not_done(ended.get(operation.id))}" for operation in person)
    return ": ".join(filter(None, (places, known_by, reasons)))


def _findings(plan: Plan) -> Iterable[RenderableType]:
    for group in finding_groups(plan):
        yield from ("", *_finding_group(group))


def _finding_group(group: FindingGroup) -> Iterable[RenderableType]:
    heading = FINDING_HEADINGS[group.kind]
    yield _title(f"{heading.title} ({group.kind.value})", group.findings, WARN if group.attention else STRONG)
    yield _item(heading.meaning, QUIET)
    yield from _cut([_item(_alike(each)) for each in group.alike])
    if group.kind is FindingKind.UNMANAGED and not group.attention and all(case.who for case in group.cases):
        # The heading has said all that there is to say of them.
        yield from _cut([_item(f"{_places(case.targets)}: {visible(case.who)}") for case in group.cases])
    else:
        yield from _cut([_item(line) for case in group.cases for line in _case(case)])


def _alike(alike: Alike) -> str:
    """Several cases in one sentence, with a few of those it is about."""
    known_by = [visible(case.who) for case in alike.cases if case.who]
    more = f" and {len(known_by) - SAMPLE:,} more" if len(known_by) > SAMPLE else ""
    sample = f" Among them {', '.join(known_by[:SAMPLE])}{more}." if known_by else ""
    said = f"{len(alike.cases):,} alike: {visible(alike.pattern)}{sample}"
    return ": ".join(filter(None, (_places(alike.targets), said)))


def _case(case: Case) -> Iterable[str]:
    """One line a sentence. Who it is about stands in front only where the sentence does not say so."""
    for message, places in case.messages.items():
        known_by = "" if case.who in message else visible(case.who)
        yield ": ".join(filter(None, (_places(places), known_by, visible(message))))


def _places(targets: Iterable[str]) -> str:
    return ", ".join(map(visible, targets))


def _links(plan: Plan) -> Iterable[RenderableType]:
    """The links of an ordinary run. A first run remembers all people: of those the count is enough."""
    if 0 < len(plan.links) <= LONGEST_LIST:
        yield from ("", _title("Links", len(plan.links), STRONG), *(_item(link_line(link)) for link in plan.links))


def link_line(link: LinkChange) -> str:
    """Returns the sentence on a link: remembered or forgotten, and why."""
    person = f"{visible(link.name)} ({visible(link.anchor)})" if link.name else visible(link.anchor)
    verb = "forget" if link.forget else "remember"
    return f"{visible(link.target)}: {verb} that {visible(link.who or link.account_id)} belongs to {person}: {visible(link.because)}"


def _operations(plan: Plan, run: Run | None, found: Sequence[OperationGroup]) -> Iterable[RenderableType]:
    tally = ended_counts(plan, run)
    rows = drawn_rows(plan, found, LONGEST_LIST) if len(plan.operations) <= LONGEST_LIST else None
    for verb in Verb:
        of_verb = [group for group in found if group.verb is verb]
        if of_verb:
            shown = _sample(plan, of_verb, run) if rows is None else _whole(of_verb, rows, run)
            counts = [f"{visible(each.target)} {ended_words(each.size.operations, tally.get((each.target, verb), {}))}" for each in of_verb]
            yield from ("", *_verb(f"{verb_heading(verb, run)}: {', '.join(counts)}", of_verb), *shown)


def _verb(heading: str, found: Sequence[OperationGroup]) -> Iterable[RenderableType]:
    yield Text(heading, STRONG)
    for group in found:
        for cause in group.causes[:COMMON_SHOWN]:
            yield _line(f"{visible(group.target)}: {cause.operations:,} of {group.size.operations:,}: {cause.text}", QUIET)


def _whole(
    found: Sequence[OperationGroup], rows: Mapping[tuple[str, Verb], Sequence[Operation]], run: Run | None
) -> Iterable[RenderableType]:
    for group in found:
        for operation, outcome in with_outcomes(rows[group.target, group.verb], run):
            yield _operation(operation, outcome, one_rule=group.one_rule and operation.verb is group.verb)


def _sample(plan: Plan, found: Sequence[OperationGroup], run: Run | None) -> Iterable[RenderableType]:
    """An operation of a few people, one line each, from every target in turn. Who leaves stands among the risks already."""
    verb, shown = found[0].verb, dict[tuple[str, ...], Operation]()
    overview = queryable(plan.operations).overview()
    for operation in () if verb in ENDING else _in_turn([overview.unusual_first(group.target, verb) for group in found if group.listed]):
        shown.setdefault(person_of(operation), operation)
        if len(shown) == SAMPLE:
            break
    for operation, outcome in with_outcomes(shown.values(), run):
        yield _line(brief(operation, outcome))
    yield from _rest(sum(group.listed for group in found), len(shown))


def _in_turn(lists: Sequence[Iterable[Operation]]) -> Iterable[Operation]:
    return (operation for turn in zip_longest(*lists) for operation in turn if operation)


def brief(operation: Operation, outcome: Outcome | None = None) -> str:
    """An operation in one line."""
    marks = [*(["privileged"] if operation.privileged else []), *([outcome_word(outcome.kind)] if outcome else [])]
    mark = f" [{', '.join(marks)}]" if marks else ""
    return f"{operation.id}  {visible(operation.target)}  {login(operation)}{mark}: {gist(operation)}"


def gist(operation: Operation) -> str:
    """Returns what an operation changes, or why, in a few words."""
    match operation.verb:
        case Verb.RENAME | Verb.UPDATE:
            return "; ".join(_change(change).plain for change in changes(operation))
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            return f"{entitlement(operation)}. {visible(operation.because.detail)}"
        case Verb.UPDATE_GROUP:
            return f"{entitlement(operation)}: {'; '.join(_change(change).plain for change in changes(operation))}"
        case Verb.DELETE_GROUP:
            return f"{entitlement(operation)}. {visible(operation.because.detail)}"
        case Verb.CREATE_GROUP | Verb.CREATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            return visible(operation.because.detail)
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return visible(operation.because.detail)
        case _:
            assert_never(operation.verb)


def _operation(operation: Operation, outcome: Outcome | None, *, one_rule: bool) -> RenderableType:
    """Renders an operation. A rule that the whole group shares stands above the group and not in every row."""
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


def _cut(items: Sequence[RenderableType]) -> Iterable[RenderableType]:
    yield from items[:LONGEST_LIST]
    yield from _rest(len(items), LONGEST_LIST)


def _rest(total: int, shown: int) -> Iterable[RenderableType]:
    if total > shown:
        yield Padding(_more(total - shown), (0, 0, 0, 2))


def _more(count: int) -> Text:
    return Text(f"... and {count:,} more (reconcile show --all has all)", QUIET)


def _title(text: str, count: int, style: str) -> Text:
    return Text(f"{text}: {count:,}", style)


def _item(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style), (0, 0, 0, 2))


def _line(text: str, style: str = "") -> RenderableType:
    """One line, its end cut off where the terminal is too narrow."""
    return Padding(Text(text, style, no_wrap=True, overflow="ellipsis"), (0, 0, 0, 2))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=STRONG)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", overflow="fold")
    return table
