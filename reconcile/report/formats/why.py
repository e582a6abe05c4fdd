"""An explanation as text: the person, where their values come from, and for each target what is done, and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from textwrap import wrap

from rich.table import Table
from rich.text import Text

from reconcile.plan.explanation import ExplainedTarget, Explanation, IdentityAttribute, SourceRow
from reconcile.plan.model import Operation, Verb
from reconcile.report.console import printed
from reconcile.report.summary import short
from reconcile.report.values import shown
from reconcile.visible import visible

QUIET, STRONG = "dim", "bold"


def explained(found: Explanation, *, width: int, colour: bool) -> str:
    """The explanation for a terminal of this width."""
    parts = (_person(found), *(_target(target) for target in found.targets), _rest(found))
    return printed(chain.from_iterable(parts), width=width, colour=colour)


def _person(found: Explanation) -> Iterable[Text | Table | str]:
    if not found.anchor:
        yield Text(visible(found.who), STRONG)
    yield from (Text(visible(sentence), STRONG if found.anchor else "") for sentence in found.sentences)
    if found.rows:
        yield from ("", Text("Where the values come from", STRONG), _values(found.attributes))
    for row in found.rows:
        yield from ("", Text(f"Row {visible(row.record)} of {visible(row.source)}, as it was read", STRONG), _cells(row))
        if row.problem:
            yield Text(f"  This row {visible(row.problem)}.")


def _values(attributes: Sequence[IdentityAttribute]) -> Table:
    table = _table()
    for each in attributes:
        won = each.stated[0] if each.stated else None
        origin = f"{visible(won.source)}: {visible(won.expression)}" if won else "no row states it"
        passed = [
            f"{visible(other.source)} says {_value(other.value)}, and comes later" for other in each.stated[1:] if other.value != each.value
        ]
        table.add_row(Text("  " + visible(each.name)), Text(_value(each.value)), Text("; ".join([origin, *passed]), QUIET))
    return table


def _cells(row: SourceRow) -> Table:
    table = _table()
    for name, value in row.cells.items():
        table.add_row(Text("  " + visible(name)), Text(_value(value)), Text(""))
    return table


def _target(target: ExplainedTarget) -> Iterable[Text | Table | str]:
    situation = target.situation.value if target.situation else "not decided"
    yield from ("", Text(f"In {visible(target.target)}: {situation}", STRONG))
    yield from (Text(visible(sentence)) for sentence in target.sentences)
    if target.attributes:
        yield from ("", Text("  Attributes"))
        table = _table()
        for each in target.attributes:
            now = _value(each.held) if each.wanted == each.held or each.wanted is None else f"{_value(each.held)} → {_value(each.wanted)}"
            table.add_row(
                Text(f"    {visible(each.name)}"), Text(now), Text(f"{visible(each.verdict)} (= {visible(each.expression)})", QUIET)
            )
        yield table
    if target.memberships:
        yield from ("", Text("  Memberships"))
        table = _table()
        for member in target.memberships:
            table.add_row(
                Text(f"    {visible(member.entitlement)}"),
                Text("held" if member.held else "not held"),
                Text(visible(member.verdict), QUIET),
            )
        yield table
    yield from ("", Text("  What the plan does"))
    yield from _items(_done(each) for each in target.operations) if target.operations else [Text("    Nothing.")]
    if target.findings:
        yield from ("", Text("  What it does not do, and why"))
        yield from _items(each.message for each in target.findings)


def _done(operation: Operation) -> str:
    what = operation.verb.value.replace("_", " ")
    match operation.verb:
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            what += f" {operation.entitlement}"
        case Verb.RENAME | Verb.UPDATE:
            what += " " + ", ".join(operation.after)
        case _:
            pass
    return f"{what}: {operation.because.detail}"


def _rest(found: Explanation) -> Iterable[Text | Table | str]:
    if found.findings:
        yield ""
        yield Text("Also", STRONG)
        yield from _items(each.message for each in found.findings)
    if found.refusals:
        yield ""
        yield Text("The plan as a whole is refused, so none of this happens", STRONG)
        yield from _items(found.refusals)
    yield ""
    yield Text(f"As of {visible(found.run_date)}, plan {short(found.plan)}.", QUIET)


def _items(sentences: Iterable[str]) -> list[Text]:
    return [
        Text(line) for sentence in sentences for line in wrap(visible(sentence), 110, initial_indent="    ", subsequent_indent="      ")
    ]


def _table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    return table


def _value(value: object) -> str:
    if value is None:
        return "–"
    return shown(value) if isinstance(value, str) else visible(str(value))
