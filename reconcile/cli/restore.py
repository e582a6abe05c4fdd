"""The command that takes accounts back to an earlier time: restore."""

from __future__ import annotations

from pathlib import Path

import click

from reconcile.cli import completing
from reconcile.cli.given import not_empty
from reconcile.cli.history import Moment
from reconcile.cli.moment import command_clock
from reconcile.cli.output import json_option, say
from reconcile.cli.run import plan_code, print_plan, say_next


@click.command()
@click.option("--as-of", "moment", type=Moment(past=True), required=True, help="The time to go back to: the last read before it counts.")
@click.option(
    "--only",
    default="",
    callback=not_empty,
    metavar="SQL",
    help="Only the rows of the plan for which an expression over its columns holds.",
)
@click.option(
    "--system",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=completing.systems,
    help="Only this target; every one where it is not given. Can be repeated.",
)
@click.option("--all-attributes", is_flag=True, help="Also attributes that the mapping does not name, as far as the snapshot knows them.")
@click.option("--reread", is_flag=True, help="Ask targets again for groups that lost too many members to be believed.")
@json_option
@click.pass_obj
def restore(  # noqa: PLR0913 - click gives one parameter an option
    folder: Path, moment: str, only: str, targets: tuple[str, ...], *, all_attributes: bool, reread: bool, as_json: bool
) -> int:
    """Make the plan that takes accounts back to what was read at a time, by whomever they were changed since.

    States, attributes, memberships, roles and app assignments come back. What changed since for a good reason stays, and is listed with the
    reason: a person who left, what the mapping wants as it is, what a person asked for by `act`. Listed first is what nothing brings back:
    deleted accounts and groups, passwords, sent mails, exclusions from rules. Accounts that appeared since are named and left.

    A group of which the last read shows far fewer members than before is in doubt: nothing is planned for it, and the plan says so. Where
    it was emptied in truth, --reread asks its target now which of the earlier members are in it, and plans back those whom neither read shows.

    It is a plan like any other: read it, approve or hold rows, then apply it with `reconcile apply PLAN --live`. What is compared is the
    last read: run `reconcile extract` first. A time is a date or a moment, such as 2026-03-02 or 2026-03-02T02:00, in UTC where it names
    no zone. With --only the columns are those of operation.parquet, as for `approve --hold-where`.
    """
    from reconcile.usecases.repair import Repair  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.restore import RestoreRequest  # noqa: PLC0415 - deferred: heavy

    repair = Repair.open(folder, command_clock())
    with repair.locked():
        asked = RestoreRequest(moment, frozenset(targets), all_attributes)
        made = repair.restore(repair.reread(asked) if reread else asked, only)
    print_plan(made, None, as_json=as_json)
    if not as_json and made.operations:
        say("\nNothing was written.")
        say_next(made, None)
    return plan_code(made)
