"""The command by which a person takes responsibility for a plan: override."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli import completing
from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode

if TYPE_CHECKING:
    from reconcile.plan.model import Plan


def _user_name() -> str:
    """Returns the name of the user who runs the command. Raises UsageError where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("your user name is not known here; give it with --by NAME") from None


by_option = click.option(
    "--by", type=Words(), default=_user_name, show_default=False, metavar="NAME", help="The person who asks; your user name by default."
)


@click.command()
@click.argument("guard")
@click.option(
    "--plan",
    "digest",
    type=Words(),
    required=True,
    metavar="PLAN",
    shell_complete=completing.plans,
    help="Digest of the plan; a prefix is enough.",
)
@click.option("--by", type=Words(), required=True, metavar="NAME", help="Who takes responsibility.")
@click.option("--why", type=Words(), required=True, help="Why the plan is right.")
@click.option("--hours", type=click.IntRange(1, 7 * 24), default=24, show_default=True, help="How long it counts, at most a week.")
@json_option
@click.pass_obj
def override(  # noqa: PLR0913, PLR0917 - click gives each option by itself
    folder: Path, guard: str, digest: str, by: str, why: str, hours: int, *, as_json: bool
) -> int:
    """Let one plan pass the guard GUARD, which refuses it.

    For this plan alone, once. The override is consumed by the live run; limits stay unchanged. A plan that could not be applied now, because
    it is of another day, was applied already, or its systems were read again and differ, is not overridden (exit code 14).
    """
    from reconcile.apply.overrides import Consent  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.approving import Approving  # noqa: PLC0415 - deferred: heavy

    project = Approving.open(folder, command_clock())
    with project.locked():
        plan = project.override(guard, digest, Consent(by, why, hours))
    if as_json:
        print_json({"overrides": [asdict(each.override) for each in plan.verdicts if each.override], "refused": _refusing(plan)})
    else:
        _tell(plan, guard)
    return ExitCode.DONE


def _tell(plan: Plan, guard: str) -> None:
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.labels import override_words  # noqa: PLC0415 - deferred: heavy

    short = plan.digest[:SHOWN]
    for verdict in plan.verdicts:
        if verdict.override and verdict.guard == guard:
            say(f"{guard} of the plan {short} is {override_words(verdict.override)}: {verdict.override.why}")
    if refusing := _refusing(plan):
        say(f"Still refused by {', '.join(refusing)}.")
    else:
        say(f"Next: {command(f'apply {short} --live')}")


def _refusing(plan: Plan) -> list[str]:
    return [verdict.guard for verdict in plan.verdicts if verdict.refuses]
