"""The command for one-off actions on accounts: act."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli import completing
from reconcile.cli.given import Words, not_empty
from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, say
from reconcile.cli.override import by_option
from reconcile.cli.passwords import handing_over, passwords_option
from reconcile.cli.run import apply_plan, plan_code, print_plan, run_code, say_next
from reconcile.decide.act.request import OF_A_GROUP, OF_AN_APP, OF_GROUPS, WITH_TEXT, Request, RequestKind
from reconcile.errors import ApprovalMissing, ExitCode

if TYPE_CHECKING:
    from reconcile.plan.model import Plan, Run


class KindChoice(click.Choice[str]):
    """The verbs of the command line: a temporary password is a form of `reset-password`."""

    def __init__(self) -> None:
        super().__init__([kind.value for kind in RequestKind if kind is not RequestKind.TEMPORARY_PASSWORD])


@click.command()
@click.argument("verb", type=KindChoice(), metavar="VERB")
@click.argument("who", nargs=-1, type=Words())
@click.option(
    "--where", default="", callback=not_empty, metavar="SQL", help="Also everybody for whom an expression over identity attributes holds."
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=completing.systems,
    help="Only there; every target where it is not given. Can be repeated.",
)
@click.option("--group", default="", metavar="NAME", help="Name or id of the group, for add-to-group and remove-from-group.")
@click.option("--to", default="", metavar="TEXT", help="The new name, for rename-group, or description, for describe-group.")
@click.option("--app", default="", metavar="NAME", help="Name or id of the application, for assign-app and unassign-app.")
@click.option("--temporary", is_flag=True, help="With reset-password: a temporary password instead of a mail to the person.")
@by_option
@click.option("--why", type=Words(), required=True, help="The reason, for later readers of the journal.")
@click.option("--live", is_flag=True, help="Really do it. Without it the command ends with the plan.")
@passwords_option
@json_option
@click.pass_obj
def act(  # noqa: PLR0913, PLR0917 - click gives each option by itself
    folder: Path,
    verb: str,
    who: tuple[str, ...],
    where: str,
    targets: tuple[str, ...],
    group: str,
    to: str,
    app: str,
    by: str,
    why: str,
    passwords: Path | None,
    *,
    temporary: bool,
    live: bool,
    as_json: bool,
) -> int:
    """Plan the action VERB on the accounts of WHO, and with --live apply it.

    \b
    VERB is one of
      activate, deactivate, suspend, unsuspend, unlock, delete,
      reset-password, expire-password, reset-factors, revoke-sessions, resend-activation,
      add-to-group, remove-from-group, assign-app, unassign-app,
      create-group, rename-group, describe-group, delete-group,
      offboard   take memberships and assignments, revoke sessions, deactivate
      lockdown   revoke sessions, suspend; deactivate where suspending is not possible

    WHO is an anchor, a login, an e-mail address, an account id, or any other value that one person alone has; for the verbs about groups
    themselves it is the name or the id of a group. An account id stands for that account alone, anything else for every account of the person.

    The plan is judged by the guards and the protection like any other. It says what the next run would make of the action. Exit code 11: a
    guard refuses it, or nothing that was asked for is possible; 13: only a part is.
    """  # noqa: D301 - the backspace is what click keeps lines by
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.session import Session  # noqa: PLC0415 - deferred: heavy

    kind = _kind(verb, temporary=temporary)
    _refuse_incomplete(kind, who, where, group, app)
    _refuse_without_text(kind, who, to)
    if passwords is not None and kind is not RequestKind.TEMPORARY_PASSWORD:
        raise click.UsageError("--passwords goes with reset-password --temporary alone")
    session = Session.open(folder, command_clock())
    with session.locked():
        made = session.act(Request(kind, by, why, who, where, frozenset(targets), group or app, to.strip()))
        lacking = session.missing_approval(made) if live and not made.refused else ""
        with handing_over(made, passwords, live=live and not lacking) as password_sink:
            done = apply_plan(session, made, password_sink) if live and made.operations and not made.refused and not lacking else None
    print_plan(made, done, as_json=as_json)
    if lacking:
        say(str(ApprovalMissing(made.digest[:SHOWN], lacking)), err=True)
    elif done is None and made.operations and not as_json:
        say("\nNothing was written.")
        say_next(made, None)
    return _code(made, done)


def _code(made: Plan, done: Run | None) -> ExitCode:
    """Returns the exit code. An action that was asked for and is not planned, or only in part, is no success."""
    from reconcile.plan.model import FindingKind, Severity  # noqa: PLC0415 - deferred: heavy

    asked = (FindingKind.NOT_ACTED, FindingKind.PROTECTED)
    refused = any(each.kind in asked and each.severity is Severity.ATTENTION for each in made.findings)
    if refused and not made.operations:
        return ExitCode.REFUSED
    if done is None:
        return plan_code(made)
    code = run_code(made, done)
    return ExitCode.PARTLY_APPLIED if refused and code in (ExitCode.DONE, ExitCode.CHANGES_WAIT) else code


def _kind(verb: str, *, temporary: bool) -> RequestKind:
    if temporary and verb != RequestKind.RESET_PASSWORD:
        raise click.UsageError("--temporary goes with reset-password alone")
    return RequestKind.TEMPORARY_PASSWORD if temporary else RequestKind(verb)


def _refuse_incomplete(kind: RequestKind, who: tuple[str, ...], where: str, group: str, app: str) -> None:
    if kind in OF_GROUPS:
        if not who or where:
            raise click.UsageError(f"{kind.value} takes the names of groups: reconcile act {kind.value} NAME --why ...")
    elif not who and not where:
        raise click.UsageError("say whom it is about: WHO, or --where SQL")
    for name, given, kinds in (("--group", group, OF_A_GROUP), ("--app", app, OF_AN_APP)):
        if bool(given) != (kind in kinds):
            raise click.UsageError(f"{name} NAME is missing" if kind in kinds else f"{name} does not go with {kind.value}")


def _refuse_without_text(kind: RequestKind, who: tuple[str, ...], to: str) -> None:
    if bool(to.strip()) != (kind in WITH_TEXT) and not (kind is RequestKind.DESCRIBE_GROUP and len(who) == 1):
        raise click.UsageError("--to TEXT is missing" if kind in WITH_TEXT else f"--to does not go with {kind.value}")
    if kind is RequestKind.RENAME_GROUP and len(who) != 1:
        raise click.UsageError("rename-group takes one group: reconcile act rename-group NAME --to TEXT --why ...")
