"""The command that checks a project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.abilities import ability_lines
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say, width
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.decide.preview import ExpressionPreview
    from reconcile.usecases.check import Checked

A_FEW_DAYS = 72
"""From so many hours on, an age is told in days."""


@click.command()
@json_option
@click.pass_obj
def check(folder: Path, *, as_json: bool) -> int:
    """Validate configuration and mappings, then reach every system, read-only. All mistakes at once, each with its way out."""
    from reconcile.usecases.reading import Reading  # noqa: PLC0415 - deferred: heavy

    checked = Reading.open(folder, command_clock()).check()
    bad = sum(bool(each.problem) for each in chain(*checked.systems.values(), checked.data))
    bad += sum(bool(one.problem) for one in checked.expressions)
    if as_json:
        systems = {name: [asdict(each) for each in checks] for name, checks in checked.systems.items()}
        expressions, data = ([asdict(each) for each in found] for found in (checked.expressions, checked.data))
        not_checked = [*checked.unbound, *checked.not_checked]
        able = {name: [asdict(each) for each in abilities] for name, abilities in checked.abilities.items()}
        document = {"systems": systems, "abilities": able, "expressions": expressions, "data": data}
        print_json({**document, "read": dict(checked.read), "not_checked": not_checked})
    else:
        _tell(checked)
    if not bad:
        if not as_json:
            say(f"\nNext: {command('extract')}")
        return ExitCode.DONE
    say(f"{bad} problem{'s' if bad != 1 else ''}; nothing was changed anywhere.", err=True)
    return ExitCode.BAD_CONFIGURATION


def _tell(checked: Checked) -> None:
    every = "not every expression checked, see NOT CHECKED" if checked.unbound else "every expression checked"
    say(f"reconcile.toml and mappings/: well formed, {every}")
    for name, checks in checked.systems.items():
        for each in checks:
            what = each.what.removeprefix(f"{name}: ")
            say(f"{'PROBLEM' if each.problem else 'ok':8}{name}: {visible(what)}{f' - {visible(each.problem)}' if each.problem else ''}")
    for each in checked.data:
        say(f"{'PROBLEM' if each.problem else 'ok':8}data: {visible(each.what)}{f' - {visible(each.problem)}' if each.problem else ''}")
    for one in checked.expressions:
        if one.problem:
            say(f"PROBLEM mappings/{one.file}: {one.key} {visible(one.problem)}")
    for line in chain(ability_lines(checked.abilities, width()), _table(checked.expressions, width())):
        say(line)
    if checked.read:
        say(f"\nThe data is that of the last extract: {', '.join(_age(name, at) for name, at in checked.read.items())}.")
    if checked.unbound or checked.not_checked:
        say("")
    for sentence in (*checked.unbound, *checked.not_checked):
        say(f"NOT CHECKED  {visible(sentence)}")


def _age(system: str, read_at: str) -> str:
    """`okta read 2026-03-02T01:30:00+00:00 (14 hours ago)`."""
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    hours = int((command_clock().now() - datetime.fromisoformat(read_at)).total_seconds() // 3600)
    if hours < 1:
        return f"{system} read {read_at} (less than an hour ago)"
    ago = number_of(hours // 24, "day") if hours >= A_FEW_DAYS else number_of(hours, "hour")
    return f"{system} read {read_at} ({ago} ago)"


def _table(expressions: Iterable[ExpressionPreview], columns: int) -> Iterable[str]:
    """A line an expression, under the rows that it is shown on; what does not fit into the terminal is cut."""
    for (file, rows), group in groupby(expressions, key=lambda each: (each.file, each.rows)):
        each = list(group)
        yield _cut(f"\nmappings/{file}, for {', '.join(rows) or 'no row yet'}", columns)
        texts = {one.key: " ".join(one.expression.split()) for one in each}
        place, kind, long = (max(map(len, words)) for words in (texts, [one.kind for one in each], texts.values()))
        room = min(long, max((columns - place - kind - 10) // 2, 12))
        for one in each:
            line = f"  {one.key:{place}}  {one.kind:{kind}}  {_cut(texts[one.key], room):{room}}  -> {' | '.join(_values(one))}"
            yield _cut(line, columns)


def _values(specimen: ExpressionPreview) -> Iterable[str]:
    if specimen.problem:
        return ["no result for some row"]
    quote = "'" if specimen.kind == "VARCHAR" else ""
    return ["NULL" if value is None else f"{quote}{visible(value)}{quote}" for value in specimen.values]


def _cut(line: str, room: int) -> str:
    return line if len(line) <= room else f"{line[: room - 1]}…"
