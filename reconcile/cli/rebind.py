"""The command for a system that was renamed, moved or replaced, and for a journal that was lost: rebind."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli import completing
from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, print_json, say
from reconcile.errors import ExitCode

if TYPE_CHECKING:
    from reconcile.usecases.rebind import Followed, Rebinding


@click.command()
@click.argument("system", required=False, shell_complete=completing.systems)
@click.option("--keep", is_flag=True, help="The same accounts under the same ids: the system was renamed or moved.")
@click.option("--forget", is_flag=True, help="Another system: forget the links, memberships and rows of the one before.")
@click.option("--journal", is_flag=True, help="Go on with the journal in the state folder, where the right one is lost.")
@json_option
@click.pass_obj
def rebind(  # noqa: PLR0913 - click gives one parameter an option
    folder: Path, system: str | None, *, keep: bool, forget: bool, journal: bool, as_json: bool
) -> int:
    """Say what is known of SYSTEM and which system answers now; with --keep or --forget, bind what is known to that one.

    Plans, links, granted memberships and what was read belong to one system. Where reconcile.toml leads to another, nothing is read
    from it, and nothing is written to it, until this command has said what moves with it. Exit code 10: SYSTEM is another one now.
    """
    from reconcile.usecases.reading import Reading  # noqa: PLC0415 - deferred: heavy

    if (system is None) != journal or (keep and forget):
        raise click.UsageError("name one system, with --keep or --forget or neither; or give --journal alone")
    reading = Reading.open(folder, command_clock())
    with reading.locked():
        if system is None:
            return _follow(reading.follow_journal(), as_json=as_json)
        from reconcile.usecases.rebind import Choice  # noqa: PLC0415 - deferred: heavy

        done = reading.rebind(system, Choice.KEEP if keep else Choice.FORGET if forget else None)
    if as_json:
        print_json(asdict(done))
    else:
        _tell(done)
    return ExitCode.CHANGES_WAIT if done.changed and done.choice is None else ExitCode.DONE


def _follow(done: Followed, *, as_json: bool) -> int:
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    if as_json:
        print_json(asdict(done))
        return ExitCode.DONE
    say(
        f"The store follows this journal now. It keeps {number_of(done.links, 'link')} and {number_of(done.memberships, 'granted membership')}; this journal has "
        f"{number_of(done.holds, 'hold')} and {number_of(done.rejections, 'rejection')} in force. What only the lost journal knew is lost: its "
        "holds, rejections, approvals and overrides, interrupted runs, and links made since the store last followed it. "
        "Until holds, rejections and approvals are given again (`reconcile hold WHO --until DATE --by NAME --why REASON`), disable the schedule: "
        "a run reactivates people who were locked down."
    )
    return ExitCode.DONE


def _tell(done: Rebinding) -> None:
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy
    from reconcile.snapshot.binding import shown  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.rebind import Choice  # noqa: PLC0415 - deferred: heavy

    known = done.known
    say(f"{done.name}: known is {shown(done.was)}; {shown(done.now)} answers now.")
    held = (
        f"{number_of(known.links, 'link')}, {number_of(known.memberships, 'granted membership')}, "
        f"{number_of(known.ended, 'account')} ended by this job, {number_of(known.rows, 'row')}"
    )
    match done.choice:
        case Choice.KEEP:
            say(f"Kept: {held}. The next extract must still show these accounts under their ids.")
        case Choice.FORGET:
            say(f"Forgotten: {held}. Nothing is planned for {done.name} before the next extract.")
        case None if done.changed:
            say(f"--keep keeps, and --forget forgets: {held}.")
            say("Keep only where the accounts have the same ids as before; the next extract checks it by their logins.")
        case None:
            say(f"It is the same system. Known of it: {held}.")
