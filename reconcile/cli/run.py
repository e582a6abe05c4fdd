"""The commands of the steps of a run: extract, plan, apply, resume, undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli import completing
from reconcile.cli.abandoned import tell_abandoned
from reconcile.cli.given import not_empty
from reconcile.cli.moment import command_clock
from reconcile.cli.output import (
    clock_option,
    colour,
    command,
    counting,
    counting_outcomes,
    json_option,
    plan_argument,
    print_json,
    say,
    say_json,
    say_laid_out,
    width,
)
from reconcile.cli.passwords import handing_over, passwords_option
from reconcile.cli.stages import say_stages
from reconcile.errors import ExitCode, NothingToResume
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.apply.action import PasswordSink
    from reconcile.plan.compare import Comparison
    from reconcile.plan.model import Plan, Run
    from reconcile.snapshot.extract import Extracted
    from reconcile.usecases.reading import Reading
    from reconcile.usecases.running import Running

AGAIN = """
Nothing was written. The next run does again what the source data and the mapping still ask for. Mend them first, or disable the schedule."""
"""Text printed after the plan that undoes a run."""

FROZEN = "What depends on it is not changed. Once the cause is gone, the next run catches up."
"""Text printed after the sentences about incomplete reads."""


@click.command()
@click.option("--whole", is_flag=True, help="Read everything, also where only what changed is configured to be read.")
@json_option
@click.pass_obj
def extract(folder: Path, *, whole: bool, as_json: bool) -> int:
    """Read every system that the mappings use into the store.

    A system that cannot be read completely keeps the rows it had, and nothing that depends on it is changed: exit code 12.
    """
    from reconcile.usecases.reading import Reading  # noqa: PLC0415 - deferred: heavy

    reading = Reading.open(folder, command_clock())
    with reading.locked():
        read = extract_all(reading, whole=whole)
    _tell_extracted(read, as_json=as_json)
    if not as_json:
        say(f"\nNext: {command('plan')}")
    return ExitCode.UNTRUSTED if any(each.incomplete for each in read) else ExitCode.DONE


@click.command()
@clock_option
@click.option("--threads", type=click.IntRange(1), help="How many processors to use; all where it is not given.")
@click.option("--deletions", is_flag=True, help="Also delete for good what the mapping's delete_after_days makes due. `run` never does.")
@click.option("--renames", is_flag=True, help='Also change immutable attributes whose rule says rename = "review". `run` never does.')
@click.option(
    "--mapping-from",
    "other",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another project folder, or one of mappings: show what the difference of the mappings alone changes.",
)
@click.option("--explain-stages", "staged", is_flag=True, help="Also print the rows and seconds of each stage.")
@json_option
@click.pass_obj
def plan(  # noqa: PLR0913 - click gives one parameter an option
    folder: Path,
    clock: date | None,
    threads: int | None,
    other: Path | None,
    *,
    deletions: bool,
    renames: bool,
    staged: bool,
    as_json: bool,
) -> int:
    """Compute what must change, from the latest snapshots.

    The same snapshots, mappings and clock give the same bytes and the same digest. Exit code 0: nothing to do; 10: changes wait;
    11: a guard refuses it; 12: something could not be trusted and is frozen.

    With --renames the plan also changes immutable attributes (logins) that differ, where the mapping says rename = "review": one
    operation a person, to be read and then applied with `reconcile apply PLAN --live`.

    With --mapping-from the same snapshots are planned a second time, with the mappings of another folder: what both plans have is caused
    by the data, the rest by the mappings. The second plan is not kept.
    """
    from reconcile.usecases.plan_making import PlanMaking  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.planning import PlanRequest, not_measured  # noqa: PLC0415 - deferred: heavy

    plans = PlanMaking.open(folder, command_clock())
    request = PlanRequest(threads=threads, deletions=deletions, renames=renames, measured=say_stages if staged else not_measured)
    with plans.locked():
        if other is not None:
            with plans.compare(other, clock, request) as compared:
                _print_comparison(compared, other, as_json=as_json)
            return plan_code(compared.here)
        made = plans.plan(clock, request)
    print_plan(made, None, as_json=as_json)
    if clock is None and not as_json:
        say_next(made, None)
    return plan_code(made)


@click.command()
@plan_argument
@click.option("--live", is_flag=True, help="Really write. Without it nothing but reads goes out.")
@passwords_option
@json_option
@click.pass_obj
def apply(folder: Path, digest: str, passwords: Path | None, *, live: bool, as_json: bool) -> int:
    """Carry out the plan whose digest begins with PLAN, or the newest that was made for today.

    It must be what would be planned now: of today, from the latest snapshots, by this configuration, for these systems, and not applied
    yet. Exit code 14: it is not.

    Every row is looked at before it is written: one whose account is no longer as the plan saw it is refused, the others go on.
    """
    from reconcile.usecases.running import Running  # noqa: PLC0415 - deferred: heavy

    running = Running.open(folder, command_clock())
    with running.locked():
        chosen = running.load_plan(digest)
        with handing_over(chosen, passwords, live=live) as password_sink:
            done = apply_plan(running, chosen, password_sink) if live else running.preview(chosen)
    if as_json:
        chosen = _with_forecasts(chosen, folder)
    if live:
        print_plan(chosen, done, as_json=as_json)
    else:
        _print_dry_run(chosen, done, as_json=as_json)
    if not as_json:
        say_next(chosen, done)
    return run_code(chosen, done)


@click.command()
@click.argument("name", metavar="[RUN]", default="", callback=not_empty, shell_complete=completing.runs)
@click.option(
    "--only",
    default="",
    callback=not_empty,
    metavar="SQL",
    help="Only the rows of the undo plan for which an expression over its columns holds.",
)
@json_option
@click.pass_obj
def undo(folder: Path, name: str, only: str, *, as_json: bool) -> int:
    """Make the plan that undoes the live run whose name begins with RUN, or the newest.

    It puts back what the run did, in the reverse order, and says what cannot be put back. It is a plan like any other: read it, then
    apply it with `reconcile apply PLAN --live`. The next run does again what the source data and the mapping still ask for: mend
    them first, or disable the schedule.

    With --only it has some of these rows alone, such as --only "verb = 'reactivate' AND target = 'okta'": the columns are those of
    operation.parquet, as for `approve --hold-where`. A row that waits for one that is left out is left out too.
    """
    from reconcile.usecases.repair import Repair  # noqa: PLC0415 - deferred: heavy

    repair = Repair.open(folder, command_clock())
    with repair.locked():
        made = repair.undo(name, only)
    print_plan(made, None, as_json=as_json)
    if not as_json and (made.operations or made.links):
        say(AGAIN)
        say_next(made, None)
    return plan_code(made)


@click.command()
@passwords_option
@click.option("--abandon", is_flag=True, help="End the run without finishing it, and say what is not known. Sends nothing.")
@json_option
@click.pass_obj
def resume(folder: Path, passwords: Path | None, *, abandon: bool, as_json: bool) -> int:
    """Finish the live run that was interrupted: look at every row it may have sent, then go on with the rest.

    Where it cannot be finished, because its plan is lost or a target is gone from reconcile.toml, --abandon ends it: what may have been
    sent counts as unknown, and the next extract shows what came of it. Exit code 13 where anything is unknown or was not begun.
    """
    from reconcile.usecases.running import Running  # noqa: PLC0415 - deferred: heavy

    running = Running.open(folder, command_clock())
    with running.locked():
        try:
            if abandon:
                return tell_abandoned(running.abandon(), as_json=as_json)
            chosen = running.interrupted_plan()
        except NothingToResume:
            if as_json:
                print_json({"run": None})
            raise
        with handing_over(chosen, passwords, live=True) as sink, counting_outcomes(len(chosen.operations)) as told:
            done = running.resume(told, sink)
    print_plan(chosen, done, as_json=as_json)
    return run_code(chosen, done)


def plan_code(plan: Plan) -> ExitCode:
    """Returns the exit code of a plan that was not applied."""
    if plan.refused:
        return ExitCode.REFUSED
    if plan.untrusted:
        return ExitCode.UNTRUSTED
    return ExitCode.CHANGES_WAIT if plan.operations or plan.links else _waiting_code(plan)


def _waiting_code(plan: Plan) -> ExitCode:
    """Returns the exit code of a plan without operations: CHANGES_WAIT where a finding waits for a decision."""
    from reconcile.plan.pending import pending  # noqa: PLC0415 - deferred with the rest

    return ExitCode.CHANGES_WAIT if pending(plan.findings) else ExitCode.DONE


def run_code(plan: Plan, run: Run) -> ExitCode:
    """Returns the exit code of a run of the plan, live or dry."""
    from reconcile.plan.model import OutcomeKind  # noqa: PLC0415 - deferred with the rest

    if plan.refused and not run.live:
        return ExitCode.REFUSED
    kinds = {outcome.kind for outcome in run.outcomes}
    if kinds & {OutcomeKind.FAILED, OutcomeKind.UNKNOWN}:
        return ExitCode.PARTLY_APPLIED
    if OutcomeKind.MOVED in kinds:
        # What was held only waited for a row whose world moved: planning again mends both.
        return ExitCode.WORLD_MOVED
    if OutcomeKind.HELD in kinds:
        return ExitCode.PARTLY_APPLIED
    if OutcomeKind.NOT_APPROVED in kinds and not plan.untrusted:
        return ExitCode.CHANGES_WAIT
    return _left_code(plan) if run.live else plan_code(plan)


def _left_code(plan: Plan) -> ExitCode:
    """Returns the exit code of a live run that did all it was to do."""
    return ExitCode.UNTRUSTED if plan.untrusted else _waiting_code(plan)


def extract_all(reading: Reading, *, whole: bool = False) -> list[Extracted]:
    """Reads every system, and shows how far it is."""
    with counting("pages") as tell:
        return reading.extract(tell, whole=whole)


def _with_forecasts(plan: Plan, folder: Path) -> Plan:
    """The plan with what it was forecast to take: a saved plan has no forecast, which is no part of what was approved."""
    from reconcile.project.config import state_folder  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.forecast import with_forecasts_of  # noqa: PLC0415 - deferred: heavy

    return with_forecasts_of(plan, folder, state_folder(folder))


def apply_plan(running: Running, plan: Plan, password_sink: PasswordSink | None = None) -> Run:
    with counting_outcomes(len(plan.operations)) as told:
        return running.apply(plan, told, password_sink)


def _tell_extracted(read: list[Extracted], *, as_json: bool) -> None:
    if as_json:
        print_json({each.system: asdict(each) for each in read})
        return
    for each in read:
        say(f"{each.system}: {_amount_read(each)}")
        for sentence in each.notes:
            say(f"  note  {visible(sentence)}")
        tell_warnings(each.warnings, indent="  ")
        tell_incomplete(each.incomplete, indent="  ")
    if any(each.incomplete for each in read):
        say(FROZEN, err=True)


def _amount_read(each: Extracted) -> str:
    """Returns how much was read of a system. One that gave nothing is reported as not read, never as empty."""
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    if each.incomplete and not each.records:
        return "not read; what was read before stays"
    memberships = f", {number_of(each.memberships, 'membership')}" if each.memberships else ""
    how = ", not complete" if each.incomplete else ", what changed" if each.delta else ", complete"
    return f"{number_of(each.records, 'record')}{memberships}{how}"


def tell_warnings(sentences: Iterable[str], indent: str = "") -> None:
    for sentence in sentences:
        say(f"{indent}WARNING  {visible(sentence)}", err=True)


def tell_incomplete(sentences: Iterable[str], indent: str = "") -> None:
    for sentence in sentences:
        say(f"{indent}NOT COMPLETE  {visible(sentence)}", err=True)


def print_plan(plan: Plan, run: Run | None, *, as_json: bool) -> None:
    from reconcile.report.formats import json, text  # noqa: PLC0415 - deferred: heavy

    if as_json:
        say_json(json.parts(plan, run))
        return
    say_laid_out(text.show(plan, run, width=width(), colour=colour()))


def say_next(plan: Plan, run: Run | None) -> None:
    """Prints the commands that may follow a plan or its run; nothing where none does."""
    from reconcile.report.next_commands import next_commands  # noqa: PLC0415 - deferred: heavy

    following = list(next_commands(plan, run))
    if following:
        say("\nNext:")
    for what, words in following:
        say(f"  {what}\n    {command(words)}")


def _print_dry_run(plan: Plan, looked: Run, *, as_json: bool) -> None:
    from reconcile.report import dry_run  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.formats import json  # noqa: PLC0415 - deferred: heavy

    counts = dry_run.dry_run_of(plan, looked)
    if as_json:
        say_json(json.parts(plan, looked, {"dry_run": dry_run.document(counts)}))
        return
    print_plan(plan, looked, as_json=False)
    say(f"\n{counts.sentence()}")


def _print_comparison(compared: Comparison, other: Path, *, as_json: bool) -> None:
    from reconcile.report.formats import compare  # noqa: PLC0415 - deferred: heavy

    if as_json:
        say_json(compare.parts(compared))
        return
    say_laid_out(compare.show(compared, str(other), width=width()))
