"""The command that keeps runs from changing a person or an account for a time: hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import Day, command, json_option, print_json, say
from reconcile.cli.override import by_option
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.plan.hold import Hold


@click.command()
@click.argument("who", nargs=-1, type=Words())
@click.option("--until", type=Day(), help="The last day on which nothing is changed, as YYYY-MM-DD.")
@click.option("--why", type=Words(), help="The reason.")
@by_option
@click.option("--release", is_flag=True, help="End the holds on WHO.")
@json_option
@click.pass_obj
def hold(  # noqa: PLR0913 - click gives one parameter an option
    folder: Path, who: tuple[str, ...], until: date | None, why: str | None, by: str, *, release: bool, as_json: bool
) -> int:
    """Keep every run from changing WHO until a day; without WHO, list the holds.

    WHO is an anchor, a login, an e-mail address, an account id, or any other value that one person alone has. A person is held in every
    target, with their memberships; an account id holds that account alone. `reconcile act` changes held accounts all the same.
    """
    from reconcile.plan.hold import Hold  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.plan_making import PlanMaking  # noqa: PLC0415 - deferred: heavy

    if who and not release and (until is None or why is None):
        raise click.UsageError("say until when and why: reconcile hold WHO --until YYYY-MM-DD --why REASON")
    if not who and (release or until or why):
        raise click.UsageError("say whom it is about: WHO")
    plans = PlanMaking.open(folder, command_clock())
    if until is not None and until < plans.today:
        raise click.UsageError(f"--until {until} is over; today is {plans.today}")
    with plans.locked():
        if who:
            plans.hold(who, Hold(until=until.isoformat() if until else "", by=by, why=why or ""), release=release)
        held = plans.holds()
    if as_json:
        print_json({"holds": [asdict(each) for each in held]})
    else:
        _tell(held)
    return ExitCode.DONE


def _tell(held: Sequence[Hold]) -> None:
    if not held:
        say("No holds are in force.")
    for each in held:
        say(f"{visible(each.subject)}: {visible(each.reason)}")
    if held:
        say(f"To end one: {command('hold WHO --release')}")
