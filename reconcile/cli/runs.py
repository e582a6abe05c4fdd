"""The commands about what was run: runs, status."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.apply.run_list import ListedRun
    from reconcile.usecases.status import ProjectStatus


def _number_of_hours(context: click.Context, param: click.Parameter, hours: float) -> float:
    """The hours of --within: no comparison with `nan` tells anything."""
    if isnan(hours):
        raise click.BadParameter(f"{hours} is not a number of hours", context, param)
    return hours


@click.command()
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many of the newest runs.")
@json_option
@click.pass_obj
def runs(folder: Path, last: int, *, as_json: bool) -> int:
    """List the live runs, the newest first: when, which plan, by whom, and how its operations ended.

    `reconcile show PLAN` prints what a run did, `reconcile undo RUN` makes the plan that undoes it.
    """
    from reconcile.apply.journal import Journal  # noqa: PLC0415 - deferred: heavy
    from reconcile.apply.ledger import refuse_replaced  # noqa: PLC0415 - deferred: heavy
    from reconcile.apply.run_list import listed_runs  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.status import run_under_way  # noqa: PLC0415 - deferred: heavy

    state, project = _project(folder)
    with contextlib.closing(Journal(state, command_clock())) as journal:
        journal.claim(project)
        refuse_replaced(state, journal)
        found = list(listed_runs(journal, last))
        under_way = run_under_way(state, journal)
    if as_json:
        print_json({"runs": [_document(each) for each in found]})
    else:
        _list(found, under_way)
    return ExitCode.DONE


@click.command()
@click.option(
    "--within",
    type=click.FloatRange(0),
    callback=_number_of_hours,
    default=26.0,
    show_default=True,
    metavar="HOURS",
    help="How old the last success may be.",
)
@json_option
@click.pass_obj
def status(folder: Path, within: float, *, as_json: bool) -> int:
    """Say when the last night succeeded, what was interrupted, and what waits for a person.

    For monitors: exit code 0 where the last live run ended with 0 or 10, and the last one of a night (not of an action, an undo or a
    restore) too, no longer ago than --within; else 13. It reads the journal, and can be asked while a run is under way: that one is named,
    and those before it are judged.
    """
    from reconcile.usecases.status import project_status  # noqa: PLC0415 - deferred: heavy

    found = project_status(*_project(folder), command_clock())
    well = found.is_well(within)
    if as_json:
        runs_of = {
            "last_run": found.last_run and _document(found.last_run),
            "last_night": found.last_night and _document(found.last_night),
            "last_success": found.last_success and _document(found.last_success),
        }
        print_json({**asdict(found), **runs_of, "well": well})
    else:
        _tell(found, well=well)
    return ExitCode.DONE if well else ExitCode.PARTLY_APPLIED


def _list(found: Sequence[ListedRun], under_way: str) -> None:
    if not found:
        say("There is no live run yet.")
    for each in found:
        say(_line(each, under_way))


def _line(run: ListedRun, under_way: str = "") -> str:
    """`20260302T020000Z-1a2b3c  2026-03-02T02:00:00Z by cron  plan 5f0c1a2b3c4d  106 operations: 104 done, 2 failed`."""
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.labels import outcome_word  # noqa: PLC0415 - deferred: heavy

    ended = [f"{count:,} {outcome_word(kind)}" for kind, count in run.outcomes.items()]
    ended += [f"{run.unfinished:,} without an outcome"] if run.unfinished else []
    by = f" by {visible(run.by)}" if run.by else ""
    purpose = f" ({run.purpose})" if run.purpose not in ("", "current") else ""
    unread = "; something was not read completely" if run.untrusted else ""
    open_end = "; it is under way" if run.id == under_way else "; it has not ended: `reconcile resume`"
    end = "" if run.ended else open_end
    return (
        f"{run.id}  {run.started}{by}  plan {run.plan_digest[:SHOWN]}{purpose}  "
        f"{number_of(run.operations, 'operation')}{': ' if ended else ''}{', '.join(ended)}{unread}{end}"
    )


def _document(run: ListedRun) -> dict[str, object]:
    counts = {kind.value: count for kind, count in run.outcomes.items()}
    return {**asdict(run), "outcomes": counts, "unfinished": run.unfinished, "succeeded": run.succeeded}


def _tell(found: ProjectStatus, *, well: bool) -> None:
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    success = found.last_success
    say(f"Last success: {success.ended}, {_ago(found.hours_since_success)} (run {success.id})." if success else "Last success: none.")
    if found.last_night is not None and found.last_night not in (success, found.last_run):
        say(f"Last night: {_line(found.last_night)}")
    if found.last_run is not None and found.last_run != success:
        say(f"Last run: {_line(found.last_run)}")
    if found.under_way:
        say(f"Under way: the run {found.under_way}.")
    if found.interrupted:
        say(f"Interrupted: the run {found.interrupted}. Finish it with `reconcile resume`.")
    if found.waiting is not None:
        short = found.waiting.plan_digest[:SHOWN]
        say(
            f"Waits for a person: {number_of(found.waiting.operations, 'operation')} of the plan {short}. Read it with `reconcile show {short}`."
        )
    if found.holds or found.rejections:
        say(f"In force: {number_of(found.holds, 'hold')}, {number_of(found.rejections, 'rejection')}.")
    say("Well." if well else "Not well: exit code 13.")


def _ago(hours: float | None) -> str:
    return (
        f"{-hours:g} hours in the future: set the clock right, then run again"
        if hours is not None and hours < 0
        else f"{hours:g} hours ago"
    )


def _project(folder: Path) -> tuple[Path, str]:
    """The state folder and the name of a project, whatever else is wrong with its files."""
    from reconcile.project.config import state_and_name  # noqa: PLC0415 - deferred: heavy

    return state_and_name(folder)
