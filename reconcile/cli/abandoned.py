"""Prints the outcome of a live run that was ended without being finished."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from reconcile.cli.output import print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.apply.journal_gaps import Unanswered
    from reconcile.usecases.interruption import Abandoned

NEXT = "The next `reconcile extract` shows what these systems hold now; plan anew from that."


def tell_abandoned(ended: Abandoned, *, as_json: bool) -> ExitCode:
    """Prints how the run ended, and gives the exit code."""
    if as_json:
        print_json({**asdict(ended), "unknown": [each._asdict() for each in ended.unknown]})
    else:
        say(
            f"The run {ended.run} of {ended.started}: abandoned. Of its operations {ended.ended:,} had ended, {len(ended.unknown):,} may have "
            f"been sent and their outcome is not known, {ended.not_begun:,} were not begun."
        )
        if ended.plan_problem:
            say(f"Its plan: lost. {visible(ended.plan_problem)}")
        for each in ended.unknown:
            say(f"  not known  {visible(_unknown(each))}")
        say(NEXT)
    return ExitCode.DONE if ended.whole else ExitCode.PARTLY_APPLIED


def _unknown(each: Unanswered) -> str:
    account = each.account_id or "a new account"
    entitlement = f", entitlement {each.entitlement_id}" if each.entitlement_id else ""
    return (
        f"{each.operation_id}  {each.detail}: {each.target} {account} of {each.anchor or 'no person'}{entitlement}, intended at {each.at}"
    )
