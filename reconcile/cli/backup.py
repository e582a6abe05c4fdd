"""The commands about backups: backup, restore-backup."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.plan.impact import number_of
from reconcile.visible import visible


@click.command()
@click.argument("where", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup(folder: Path, where: Path, *, as_json: bool) -> int:
    """Write the store, the journal with the audit, and the plans to a new file: WHERE, or one with a name of its own in the folder WHERE.

    It waits for no lock and keeps no run waiting. Reports, the configuration and secrets are not in it. The file is for its owner alone; it holds
    personal data.
    """
    from reconcile.usecases.backup.make import back_up  # noqa: PLC0415 - deferred: heavy

    state, project = _project(folder)
    made = back_up(state, project, where, command_clock())
    if as_json:
        print_json({"path": str(made.path), "bytes": made.size, **made.manifest.model_dump(mode="json")})
        return ExitCode.DONE
    plans = len({name.split("/")[1] for name in made.manifest.files if name.startswith("plans/")})
    say(f"Backup {visible(str(made.path))}: store, journal and {number_of(plans, 'plan')}, {made.size:,} bytes.")
    if made.manifest.unfinished_run:
        say(f"The run {visible(made.manifest.unfinished_run)} had not ended: once it is restored, `reconcile resume` looks at its rows.")
    say(f"Head of its audit: {made.manifest.audit_head or 'none'}")
    say(f"To restore it: {command(f'restore-backup {shlex.quote(str(made.path))}')}")
    return ExitCode.DONE


@click.command("restore-backup")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put what the state folder holds aside, into a folder in it. Without it nothing is replaced.")
@json_option
@click.pass_obj
def restore_backup(folder: Path, file: Path, *, replace: bool, as_json: bool) -> int:
    """Restore the store, the journal and the plans from a file of `reconcile backup`.

    It is verified first: the hash of each file, the audit, the store. Exit code 12: it is not as it was backed up, and nothing was changed.
    """
    from reconcile.usecases.backup.restore import restore  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.run_lock import run_lock  # noqa: PLC0415 - deferred: heavy

    state, project = _project(folder)
    clock = command_clock()
    with run_lock(state, clock):
        done = restore(file, state, project, clock, replace=replace)
    if as_json:
        print_json({"aside": done.aside, **done.manifest.model_dump(mode="json")})
        return ExitCode.DONE
    say(f"Restored: the state of {visible(done.manifest.made)}, made by version {visible(done.manifest.version)}; the audit verifies.")
    if done.aside:
        say(f"What was there before is in {visible(str(state / done.aside))}. Remove it when it is not needed any more.")
    say(
        "Runs after that time are unknown to it: memberships that they gave count as given by hand and are not taken back, and they cannot be undone. "
        "Holds, rejections and approvals that were given after it are not in it: give them again before the next run."
    )
    say(f"Next: {command('resume' if done.manifest.unfinished_run else 'extract')}")
    return ExitCode.DONE


def _project(folder: Path) -> tuple[Path, str]:
    """The state folder and the name of a project, whatever else is wrong with its files."""
    from reconcile.project.config import state_and_name  # noqa: PLC0415 - deferred: heavy

    return state_and_name(folder)
