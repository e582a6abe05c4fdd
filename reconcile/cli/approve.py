"""The commands by which a reviewer decides about a plan: approve, rejections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli import completing
from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.plan.rejection import Rejection
    from reconcile.usecases.approve import Approved


@click.command()
@click.argument("digest", metavar="PLAN", type=Words(), shell_complete=completing.plans)
@click.option("--by", type=Words(), required=True, metavar="NAME", help="Who approves.")
@click.option("--why", type=Words(), required=True, help="What you go by.")
@click.option("--hours", type=click.IntRange(1, 7 * 24), default=24, show_default=True, help="How long it counts, at most a week.")
@click.option("--hold", multiple=True, type=Words(), metavar="ID", help="Do not apply this operation now. Can be repeated.")
@click.option(
    "--hold-where", multiple=True, type=Words(), metavar="SQL", help="Nor those for which an expression over their columns holds."
)
@click.option("--reject", multiple=True, type=Words(), metavar="ID", help="Never apply this operation as it is. Can be repeated.")
@click.option("--reject-where", multiple=True, type=Words(), metavar="SQL", help="Nor those for which an expression holds.")
@click.option(
    "--decisions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A CSV file with the columns id and decision (approve, hold or reject); a CSV report with a column more will do.",
)
@json_option
@click.pass_obj
def approve(  # noqa: PLR0913, PLR0917 - click gives each option by itself
    folder: Path,
    digest: str,
    by: str,
    why: str,
    hours: int,
    hold: tuple[str, ...],
    hold_where: tuple[str, ...],
    reject: tuple[str, ...],
    reject_where: tuple[str, ...],
    decisions: Path | None,
    *,
    as_json: bool,
) -> int:
    """Approve the plan whose digest begins with PLAN, without the rows that you hold or reject.

    The approval is for this plan alone, and for its content: a plan with another digest needs its own. A held row is not applied with
    this plan, and the next one has it again. A rejected row is left out of later plans, too, until its values change or `reconcile
    rejections --withdraw` takes the rejection back. What depends on such a row is not applied either; where it deactivates an account,
    nor are the removals of what the account holds. One person is enough to hold or reject a row. Approving again replaces what you
    said of this plan before.

    The columns for --hold-where and --reject-where are those of operation.parquet: target, verb, who, name, anchor, entitlement, rule,
    before, after and others, such as: --hold-where "verb = 'deactivate' AND target = 'okta'". One that is true for no row approves nothing.

    Whether a plan needs approval is decided by [approval] in reconcile.toml. Exit code 10: more is needed before it may be applied.
    """
    from reconcile.apply.overrides import Consent  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.approve import Selection  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.approving import Approving  # noqa: PLC0415 - deferred: heavy

    project = Approving.open(folder, command_clock())
    with project.locked():
        done = project.approve(digest, Consent(by, why, hours), Selection(hold, hold_where, reject, reject_where, decisions))
    if as_json:
        refused_by = [verdict.guard for verdict in done.plan.verdicts if verdict.refuses]
        print_json({**_counts(done), "approval": asdict(done.approval), "missing": done.missing, "refused_by": refused_by})
    else:
        _tell(done)
    return ExitCode.CHANGES_WAIT if done.missing or done.plan.refused else ExitCode.DONE


def _counts(done: Approved) -> dict[str, int]:
    from reconcile.plan.approval import RowDecision, not_approved  # noqa: PLC0415 - deferred: heavy

    held, rejected = len(done.approval.of(RowDecision.HOLD)), len(done.approval.of(RowDecision.REJECT))
    of_others = len(not_approved(done.plan.approvals).keys() - done.approval.rows.keys())
    left = len(done.plan.operations) - held - rejected - done.depending - of_others
    counts = {"approved": left, "held": held, "rejected": rejected, "depending": done.depending, "held_by_others": of_others}
    return {**counts, "released": done.released}


def _tell(done: Approved) -> None:
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.summary import refusals  # noqa: PLC0415 - deferred: heavy

    counts, short = _counts(done), done.plan.digest[:SHOWN]
    parts = [f"{counts['held']:,} held", f"{counts['rejected']:,} rejected"]
    if counts["held_by_others"]:
        parts.append(f"{counts['held_by_others']:,} held or rejected by others")
    if counts["depending"]:
        parts.append(f"{counts['depending']:,} not applied because {'it depends' if counts['depending'] == 1 else 'they depend'} on them")
    who = visible(done.approval.by)
    say(
        f"The plan {short}: approved by {who} until {done.approval.until}. {number_of(counts['approved'], 'operation')} approved, {', '.join(parts)}."
    )
    if done.released:
        say(
            f"{number_of(done.released, 'row')} that {who} held or rejected before: not kept back any more. What a person says of a plan replaces what "
            "they said of it before; to keep such rows back, approve again and name them all."
        )
    for verdict in refusals(done.plan):
        override = command(f"override {visible(verdict.guard)} --plan {short} --by NAME --why REASON")
        say(f"{visible(verdict.guard)} refuses it, with or without the rows that are left out. To let this one plan pass: {override}")
    if done.missing:
        say(f"It is not applied yet: {visible(done.missing)}.")
    if not done.missing and not done.plan.refused:
        say(f"Next: {command(f'apply {short} --live')}")


@click.command()
@click.option("--withdraw", type=Words(), metavar="ID", help="Take back the rejection of this operation: the next plan has it again.")
@json_option
@click.pass_obj
def rejections(folder: Path, withdraw: str | None, *, as_json: bool) -> int:
    """List the rejected rows that plans leave out; with --withdraw, take a rejection back.

    A rejection counts while the row says the same: when a value before or after it changes, it is planned again.
    """
    from reconcile.usecases.approving import Approving  # noqa: PLC0415 - deferred: heavy

    project = Approving.open(folder, command_clock())
    with project.locked():
        if withdraw:
            project.withdraw(withdraw.lower())
        found = project.rejections()
    if as_json:
        print_json({"rejections": [asdict(each) for each in found]})
    else:
        _list(found)
    return ExitCode.DONE


def _list(found: Sequence[Rejection]) -> None:
    if not found:
        say("No rejections are in force.")
    for each in found:
        say(f"{each.operation_id}  {each.verb.replace('_', ' ')} {visible(each.subject)}, {visible(each.target)}: {visible(each.reason)}")
    if found:
        say(f"To plan a row again: {command('rejections --withdraw ID')}")
