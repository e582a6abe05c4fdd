"""The command that applies a plan to local twins of its targets: rehearse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.quoting import quoted
from reconcile.cli.moment import command_clock
from reconcile.cli.output import counting_outcomes, json_option, plan_argument, print_json, say
from reconcile.errors import ExitCode

if TYPE_CHECKING:
    from reconcile.plan.rehearsal import Rehearsal


@click.command()
@plan_argument
@click.option("--faults", metavar="SET|FILE", help="What goes wrong meanwhile: `busy`, `flaky`, or a JSON file with faults by target.")
@click.option("--crash", is_flag=True, help="Kill the run in the middle, then resume it.")
@click.option("--rate", type=click.IntRange(1), metavar="N", help="Allow N calls a minute of each limit. Without it, as fast as it goes.")
@click.option(
    "--dialect", "dialects", multiple=True, metavar="TARGET=NAME", help="Give the twin of a SCIM target the habits of another product."
)
@json_option
@click.pass_obj
def rehearse(  # noqa: PLR0913 - click gives one parameter an option
    folder: Path, digest: str, faults: str | None, rate: int | None, dialects: tuple[str, ...], *, crash: bool, as_json: bool
) -> int:
    """Apply the plan whose digest begins with PLAN, or the newest, to local twins of its targets.

    The twins hold what the snapshots of the plan hold. The real connectors write to them, then everything is read and planned again. No
    real system is asked, and no secret is needed. Exit code 0: every row is as it was planned and the next plan is empty; 10: the
    next plan is not empty; 13: rows were not applied, or are not as they were planned, or there are not enough licence seats; 14: the plan is outdated.
    """
    from reconcile.report import rehearsal as report  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.session import Session  # noqa: PLC0415 - deferred: heavy

    try:
        from reconcile.usecases.rehearsal.faults import faults_of  # noqa: PLC0415 - deferred: an extra
        from reconcile.usecases.rehearsal.rehearse import rehearse as carry_out  # noqa: PLC0415 - deferred: an extra
        from reconcile.usecases.rehearsal.twins import Conditions  # noqa: PLC0415 - deferred: an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(f"A rehearsal needs {error.name}: install identity-reconcile[sandbox].") from error

    session = Session.open(folder, command_clock())
    asked = Conditions(faults=faults_of(faults) if faults else {}, crash=crash, rate=rate, dialects=dict(map(_named, dialects)))
    plan = session.load_plan(digest)
    with counting_outcomes(len(plan.operations)) as told:
        done = carry_out(session, plan, asked, told)
    if as_json:
        print_json(report.document(done))
    else:
        say("\n".join(report.lines(done)))
    return _code(done)


def _named(text: str) -> tuple[str, str]:
    target, _, name = text.partition("=")
    if not (target and name):
        raise click.BadParameter(f"{quoted(text)} does not say which target has which dialect; write wiki=slack", param_hint="--dialect")
    return target, name


def _code(done: Rehearsal) -> ExitCode:
    if not done.as_planned or done.short_of_seats:
        return ExitCode.PARTLY_APPLIED
    return ExitCode.CHANGES_WAIT if done.next_operations else ExitCode.DONE
