"""The commands about what changed: history, between, who-lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from connectors.quoting import quoted
from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.plan.change import Change, ChangeKind
    from reconcile.usecases.history import Histories

SHOWN = 200
"""Changes that are printed; --json has all."""


class Moment(click.ParamType[str]):
    """A moment as RFC 3339, or a date for its beginning; in UTC where it names no zone. `past`: one that lies ahead is a mistake."""

    name = "TIME"

    def __init__(self, *, past: bool = False) -> None:
        self._past = past

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = datetime.fromisoformat(str(value))
            in_utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{quoted(value)} is not a time; write it as 2026-03-02 or 2026-03-02T02:00", param, ctx)
        if self._past and in_utc > command_clock().now():
            self.fail(f"{quoted(value)} lies in the future: no read shows anything of it. Name an earlier time", param, ctx)
        return in_utc.isoformat(timespec="seconds")


log_option = click.option(
    "--log", is_flag=True, help="Also read the logs of the systems (Okta's System Log), and name who did what no run did."
)


@click.command()
@click.argument("who", type=Words())
@click.option("--since", type=Moment(past=True), help="Only changes that were read after this time.")
@log_option
@json_option
@click.pass_obj
def history(folder: Path, who: str, since: str | None, *, log: bool, as_json: bool) -> int:
    """Print what changed about WHO: attributes, states and memberships, from what to what, and which run did it.

    WHO is an anchor, a login, an e-mail address, an account id, or any other value that one person alone has or had; also of an account that
    is gone. A change lies between two reads: the one that shows it and the last one before that did not fail. It counts as done by a run
    where a live run wrote that attribute, that state or that membership between the two; else others did it.
    """
    from reconcile.usecases.history import Histories  # noqa: PLC0415 - deferred: heavy

    histories = Histories.open(folder, command_clock())
    found = _named(histories, histories.of_person(who, since or ""), log=log)
    return _print(found, histories.pruned(since or ""), as_json=as_json)


@click.command()
@click.argument("since", type=Moment(past=True))
@click.argument("until", type=Moment(), required=False, default=None)
@log_option
@json_option
@click.pass_obj
def between(folder: Path, since: str, until: str | None, *, log: bool, as_json: bool) -> int:
    """Print what changed in the systems between the times SINCE and UNTIL (now), and by whom: which run, or others.

    A time is a date or a moment, such as 2026-03-02 or 2026-03-02T02:00, in UTC where it names no zone. It is that of the read that shows a change.
    """
    from reconcile.usecases.history import Histories  # noqa: PLC0415 - deferred: heavy

    clock = command_clock()
    if until and until < since:
        raise click.UsageError(f"UNTIL ({until}) lies before SINCE ({since}). Write the earlier time first")
    histories = Histories.open(folder, clock)
    found = _named(histories, histories.between(since, until or clock.stamp()), log=log)
    if not as_json:
        _count(found)
    return _print(found, histories.pruned(since), as_json=as_json)


@click.command("who-lost")
@click.argument("group", type=Words())
@click.option("--since", type=Moment(past=True), required=True, help="Only losses that were read after this time.")
@log_option
@json_option
@click.pass_obj
def who_lost(folder: Path, group: str, since: str, *, log: bool, as_json: bool) -> int:
    """Print who lost GROUP since a time, and by whom: which run, or others. GROUP is the name or the id of a group, app or role."""
    from reconcile.usecases.history import Histories  # noqa: PLC0415 - deferred: heavy

    histories = Histories.open(folder, command_clock())
    return _print(_named(histories, histories.lost(group, since), log=log), histories.pruned(since), as_json=as_json)


def _named(histories: Histories, found: Sequence[Change], *, log: bool) -> Sequence[Change]:
    """The changes; with who made them by the logs of the systems, where that is asked for."""
    if not log:
        return found
    told = histories.with_actors(found)
    for problem in told.problems:
        say(f"note  {visible(problem)}", err=True)
    return told.changes


def _print(found: Sequence[Change], pruned: Mapping[str, str], *, as_json: bool) -> int:
    if as_json:
        print_json({"changes": [asdict(each) for each in found], "pruned": pruned})
        return ExitCode.DONE
    for system, until in pruned.items():
        say(
            f"note  {visible(system)}: rows that had ended by {until} were removed (history_days under [retention]). "
            "What changed until then is told in part; a backup of that time has the rest.",
            err=True,
        )
    for each in found[:SHOWN]:
        say(_line(each))
    if len(found) > SHOWN:
        say(f"and {len(found) - SHOWN:,} more; --json prints all")
    if not found:
        say("No change was read.")
    return ExitCode.DONE


def _count(found: Sequence[Change]) -> None:
    """Prints how many changes of each kind there are in each system, and by whom."""
    tally = Counter((each.system, each.kind, each.run) for each in found)
    for (system, kind, run), count in sorted(tally.items()):
        say(f"{visible(system)}: {_counted(kind, count)} by {f'the run {run}' if run else 'others'}")
    if found:
        say("")


def _counted(kind: ChangeKind, count: int) -> str:
    """`6 attributes changed`."""
    from reconcile.plan.change import ChangeKind  # noqa: PLC0415 - deferred: heavy
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    match kind:
        case ChangeKind.APPEARED:
            return f"{number_of(count, 'record')} added"
        case ChangeKind.GONE:
            return f"{number_of(count, 'record')} removed"
        case ChangeKind.JOINED:
            return f"{number_of(count, 'membership')} added"
        case ChangeKind.LOST:
            return f"{number_of(count, 'membership')} removed"
        case ChangeKind.STATE:
            return f"{number_of(count, 'state')} changed"
        case ChangeKind.ATTRIBUTE:
            return f"{number_of(count, 'attribute')} changed"
        case _:
            assert_never(kind)


def _line(change: Change) -> str:
    when = f"{change.since or 'the first read'} .. {change.until}"
    others = f"by others: {visible(', '.join(change.actors))}" if change.actors else "by others"
    answer = ", whose creation has no known answer yet" if change.begun else ""
    by = f"by the run {change.run}{answer}" if change.run else others if change.since else "before"
    return f"{when}  {visible(change.system)}  {visible(change.who)}: {_words(change)}, {by}"


def _words(change: Change) -> str:
    from reconcile.plan.change import ChangeKind  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.values import shown  # noqa: PLC0415 - deferred: heavy

    match change.kind:
        case ChangeKind.APPEARED:
            return f"appeared ({visible(str(change.after))})" if change.after else "appeared"
        case ChangeKind.GONE:
            return f"is gone (was {visible(str(change.before))})" if change.before else "is gone"
        case ChangeKind.JOINED:
            return f"joined {visible(change.name)}"
        case ChangeKind.LOST:
            return f"lost {visible(change.name)}"
        case ChangeKind.STATE | ChangeKind.ATTRIBUTE:
            return f"{visible(change.name)} {shown(change.before)} became {shown(change.after)}"
