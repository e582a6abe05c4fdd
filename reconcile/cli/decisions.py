"""The commands by which a person says who is whose: decisions, decide."""

from __future__ import annotations

from pathlib import Path

import click

from reconcile.cli import completing
from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, plan_argument, print_json, say, say_laid_out
from reconcile.errors import ExitCode


@click.command()
@plan_argument
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, for a spreadsheet; may be decisions.csv itself."
)
@json_option
@click.pass_obj
def decisions(folder: Path, digest: str, output: Path | None, *, as_json: bool) -> int:
    """Print the decisions about pairs, and the questions that the plan PLAN, or the newest, leaves open, as CSV to fill in.

    Saved as decisions.csv in the project folder, the rows with a `decision` (same or different) count from the next plan on. To
    write into that file use --output: a shell that redirects into it empties it first. The table holds personal data.
    """
    from reconcile.disk import write_whole  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.formats import decisions as sheet  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.formats.csv import BYTE_ORDER_MARK  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.running import Running  # noqa: PLC0415 - deferred: heavy

    running = Running.open(folder, command_clock())
    plan, link_decisions = running.load_plan(digest), running.project.link_decisions
    if as_json:
        print_json({"decisions": sheet.rows(plan, link_decisions)})
    elif output is None:
        say_laid_out(sheet.table(plan, link_decisions).removeprefix(BYTE_ORDER_MARK))
    else:
        write_whole(output, (sheet.table(plan, link_decisions),), mode=0o600)
        say(str(output))
    return ExitCode.DONE


@click.command()
@click.argument("target", shell_complete=completing.systems)
@click.argument("who", type=Words(), metavar="ANCHOR")
@click.argument("account", type=Words())
@click.argument("decision", type=click.Choice(["same", "different"]))
@click.option("--by", type=Words(), required=True, metavar="NAME", help="Who decides.")
@click.option("--why", type=Words(), required=True, help="What you go by.")
@json_option
@click.pass_obj
def decide(  # noqa: PLR0913, PLR0917 - click gives each option by itself
    folder: Path, target: str, who: str, account: str, decision: str, by: str, why: str, *, as_json: bool
) -> int:
    """Say that ACCOUNT, an id or a login in TARGET, is that of the person ANCHOR (same), or is not (different).

    ANCHOR may also be an address or another value that one person alone has, as for `reconcile why`; the anchor is written down.
    Adds a line to decisions.csv. It counts from the next plan on, before every key and every remembered link.
    """
    from reconcile.project.decisions import FILE  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.plan_making import PlanMaking  # noqa: PLC0415 - deferred: heavy

    plans = PlanMaking.open(folder, command_clock())
    with plans.locked():
        made = plans.decide({"target": target, "anchor": who, "account_id": account, "decision": decision, "by": by, "why": why})
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        words = "is that of" if decision == "same" else "is not that of"
        say(f"{FILE}: the account {made.account_id} {words} {made.anchor} in {target}. Next: {command('plan')}")
    return ExitCode.DONE
