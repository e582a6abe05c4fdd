"""The command that lists what systems held at a time: as-of."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.quoting import quoted
from reconcile.cli.history import Moment
from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, say, say_json
from reconcile.errors import ExitCode
from reconcile.spreadsheet import safe
from reconcile.visible import seen_lines, visible

if TYPE_CHECKING:
    from reconcile.usecases.as_of import HeldRow

SHOWN = 200
"""Rows that are printed; --json and --csv have all."""
COLUMNS = ("system", "taken_at", "id", "who", "state", "status", "entitlement", "entitlement_id", "kind", "via", "attributes")


@click.command("as-of")
@click.argument("moment", type=Moment(), metavar="TIME")
@click.argument("listing", type=click.Choice(["accounts", "people", "members", "assignments"]), metavar="LIST")
@click.argument("system", default="")
@click.argument("word", default="", metavar="[WHAT]")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet, every cell safe to open.")
@click.pass_obj
def as_of(  # noqa: PLR0913 - click gives each argument by itself
    folder: Path, moment: str, listing: str, system: str, word: str, *, as_json: bool, as_csv: bool
) -> int:
    """Print LIST as it was read until TIME: accounts, people, members (of groups and roles) or assignments (of apps).

    SYSTEM is a connector; all that have such a list where it is not given. WHAT is an account, a person, a group or an app by its name, its
    id or another value that it had. What an account held stays known after it is gone, until `reconcile prune` removes it.

    A time is a date or a moment, such as 2026-03-02 or 2026-03-02T02:00, in UTC where it names no zone. The last read until then counts.
    """
    from reconcile.usecases.as_of import Archive, Listing  # noqa: PLC0415 - deferred: heavy

    if as_json and as_csv:
        raise click.UsageError("--json and --csv do not go together")
    archive = Archive.open(folder, command_clock())
    rows = archive.listed(moment, Listing(listing), system, word.strip())
    # What cannot be asked is told before anything is printed.
    first = list(islice(rows, 1))
    every = chain(first, rows)
    without = archive.without_snapshot(moment, Listing(listing), system)
    if as_json:
        say_json(_json(every, without))
        return ExitCode.DONE
    if as_csv:
        say_json(_csv(every))
    else:
        _print(every, closely=bool(word))
    for name in without:
        say(f"{visible(name)}: there is no snapshot at or before {moment}, or it was pruned since. None of its rows is listed.", err=as_csv)
    return ExitCode.DONE


def _print(rows: Iterable[HeldRow], *, closely: bool) -> None:
    count = 0
    for count, row in enumerate(rows, 1):
        if count <= SHOWN:
            say(_line(row))
        if closely and count <= SHOWN:
            for name, value in sorted(row.attributes.items()):
                say(f"    {visible(name)}: {visible(quoted(value))}")
    if count > SHOWN:
        say(f"and {count - SHOWN:,} more; --json and --csv print all")
    if not count:
        say("Nothing of that kind was read until then.")


def _line(row: HeldRow) -> str:
    place = f"{row.taken_at}  {visible(row.system)}  "
    if row.entitlement_id:
        through = f", through {visible(row.via)}" if row.via else ""
        return f"{place}{visible(row.entitlement)}: {visible(row.who)}{through}"
    status = f" ({visible(row.status)})" if row.status.lower() not in ("", row.state) else ""
    state = "" if row.state == "unknown" else f"  {row.state}{status}"
    return f"{place}{visible(row.who)}  {visible(row.id)}{state}"


def _json(rows: Iterable[HeldRow], without: Sequence[str]) -> Iterator[str]:
    yield '{"rows": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n {json.dumps(asdict(row), sort_keys=True, ensure_ascii=False)}"
    yield f'\n], "without_snapshot": {json.dumps(list(without))}}}\n'


def _csv(rows: Iterable[HeldRow]) -> Iterator[str]:
    yield ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"
    for row in rows:
        cells = {**asdict(row), "attributes": json.dumps(dict(row.attributes), sort_keys=True, ensure_ascii=False)}
        text = StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(safe(seen_lines(str(cells[name]))) for name in COLUMNS)
        yield text.getvalue()
