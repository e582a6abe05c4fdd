"""The command that removes what is old: prune."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.usecases.prune import Pruned

NONE_DECLARED = "Nothing is removed: [retention] in reconcile.toml declares no days."


@click.command()
@click.option("--live", is_flag=True, help="Really remove it. Without it the command says what it would remove.")
@json_option
@click.pass_obj
def prune(folder: Path, *, live: bool, as_json: bool) -> int:
    """Remove plans, reports, pages of reads that were given up, and closed rows of targets that are older than [retention] says.

    What an unfinished run, the newest plans, an undo, the guards or the audit needs stays, however old. Removed rows leave room in the store that it
    uses again; its file does not shrink.
    """
    from reconcile.usecases.prune import Pruning  # noqa: PLC0415 - deferred: heavy

    pruning = Pruning.open(folder, command_clock())
    with pruning.locked():
        pruned = pruning.prune(live=live)
    if as_json:
        print_json(asdict(pruned))
        return ExitCode.DONE
    if pruned.interrupted_forgetting:
        say("An interrupted forgetting was ended." if live else f"A forgetting was interrupted. To end it: {command('prune --live')}")
    if not pruning.project.file.retention.declared:
        say(NONE_DECLARED)
    else:
        _tell(pruned)
    return ExitCode.DONE


def _tell(pruned: Pruned) -> None:
    for kind, names in (("plan", pruned.plans), ("report", pruned.reports), ("pages", pruned.spools)):
        for name in names:
            say(f"{kind}  {visible(name)}")
    if pruned.account_versions or pruned.membership_versions:
        say(f"closed rows  {pruned.account_versions:,} of accounts, {pruned.membership_versions:,} of memberships")
    if pruned.log_events:
        say(f"log events  {pruned.log_events:,}")
    if pruned.nothing:
        say("Nothing is old enough to be removed.")
    else:
        say("Removed." if pruned.live else f"Nothing was removed. To do it: {command('prune --live')}")
