"""The command that forgets a person who is gone: forget."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.usecases.forget import ForgottenPerson

REMAINS = """What stays: backups, what a restored backup put aside (replaced-*), reports that were written elsewhere, log files that were rotated, the HR
exports, and the systems themselves. Rows of other people may name this person, as their manager does. Numbers of operations stay in the journal."""


@click.command()
@click.argument("who", type=Words())
@click.option("--live", is_flag=True, help="Really remove it. Without it the command says what it would remove.")
@json_option
@click.pass_obj
def forget(folder: Path, who: str, *, live: bool, as_json: bool) -> int:
    """Remove what this project holds about one person who is gone: WHO is their anchor, login, e-mail address or account id.

    It is refused (exit code 11) while a source or a target shows them: the next extract would bring them back. Plans and reports that name them are removed whole,
    so the runs of those plans can be neither shown nor undone any more. Audit entries keep their hashes and lose their facts, and `reconcile audit
    verify` goes on to hold. It cannot be undone. A forgetting that was interrupted is ended by the next `forget --live` or `prune --live`.
    """
    from reconcile.usecases.forget import Forgetting  # noqa: PLC0415 - deferred: heavy

    forgetting = Forgetting.open(folder, command_clock())
    with forgetting.locked():
        if live and forgetting.end_interrupted():
            say("An earlier forgetting was interrupted; it is ended now.", err=True)
        elif forgetting.is_rewrite_due():
            say(f"An earlier forgetting was interrupted, and files hold what it removed. To end it: {command('prune --live')}", err=True)
        found = forgetting.forget(who, live=live)
    if as_json:
        print_json(asdict(found))
    else:
        _tell(found, who)
    return ExitCode.DONE


def _tell(found: ForgottenPerson, who: str) -> None:
    from reconcile.plan.impact import number_of  # noqa: PLC0415 - deferred: heavy

    say(
        f"store  {number_of(found.records, 'version')} of records, {number_of(found.memberships, 'membership')}, "
        f"{number_of(found.quarantined, 'unusable record')}, {number_of(found.log_events, 'event')} of logs"
    )
    entries = number_of(found.audit_entries, "audit entry", "audit entries")
    say(f"journal  {number_of(found.journal_rows, 'row')}, and the facts of {entries}, whose hashes stay")
    for kind, names in (("plan", found.plans), ("report", found.reports)):
        for name in names:
            say(f"{kind}  {visible(name)}")
    if found.log_lines:
        say(f"log  {number_of(found.log_lines, 'line')}")
    if found.left:
        shown = ", ".join(map(visible, found.left))
        say(f"left  values of {shown}, wherever nothing else names the person: others have them, too, or they are common words.")
    if found.decisions:
        say(f"decisions.csv names them in {number_of(found.decisions, 'line')}. That stays: remove it there.")
    say(REMAINS)
    say("Removed." if found.live else f"Nothing was removed. To do it: {command(f'forget {shlex.quote(who)} --live')}")
