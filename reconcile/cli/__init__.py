"""The commands. This package parses, calls a use case, prints, and gives an exit code; it decides nothing.

Everything heavy is imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from connectors.cleaning import cleaned
from reconcile import __version__
from reconcile.caller import command
from reconcile.cli.known_errors import known
from reconcile.cli.moment import keep_clock
from reconcile.cli.output import forget_json, print_error, say
from reconcile.clock import SYSTEM, Clock
from reconcile.errors import ExitCode

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("reconcile.cli.init", "Write a project folder: an example, or a draft from an HR export."),
    "check": ("reconcile.cli.setup", "Validate configuration and mappings; reach every system."),
    "extract": ("reconcile.cli.run", "Read every system into the store."),
    "plan": ("reconcile.cli.run", "Compute what must change. Writes nothing to any system."),
    "show": ("reconcile.cli.review", "Print a plan and its run on the terminal."),
    "why": ("reconcile.cli.review", "Explain one person or account: sources, rules, links, and what the plan does."),
    "report": ("reconcile.cli.review", "Write a plan and its run as HTML, Markdown, Excel, CSV, JSON or text."),
    "approve": ("reconcile.cli.approve", "Approve a plan, without the rows that you hold or reject."),
    "rejections": ("reconcile.cli.approve", "List rejected rows, and take rejections back."),
    "apply": ("reconcile.cli.run", "Apply a plan. Without --live: dry run, reports conflicts."),
    "rehearse": ("reconcile.cli.rehearse", "Apply a plan to local twins of its targets; no real system is asked."),
    "run": ("reconcile.cli.night", "Run a full cycle: extract, plan, check guards, apply."),
    "override": ("reconcile.cli.override", "Let one plan pass one guard that refuses it, once."),
    "act": ("reconcile.cli.act", "Plan a one-off action on some accounts; with --live, apply it."),
    "hold": ("reconcile.cli.hold", "Keep runs from changing a person or account until a day."),
    "runs": ("reconcile.cli.runs", "List the live runs: when, by whom, how they ended."),
    "status": ("reconcile.cli.runs", "Say when the last run succeeded, and what waits: for monitors."),
    "history": ("reconcile.cli.history", "Print what changed about one person, and by which run or by others."),
    "between": ("reconcile.cli.history", "Print what changed in the systems between two times, and by whom."),
    "who-lost": ("reconcile.cli.history", "Print who lost a group, app or role since a time, and by whom."),
    "as-of": ("reconcile.cli.as_of", "List accounts, people, members or assignments as they were read until a time."),
    "undo": ("reconcile.cli.run", "Make the plan that undoes a live run. Writes nothing to any system."),
    "restore": ("reconcile.cli.restore", "Make the plan that takes accounts back to an earlier time. Writes nothing."),
    "decisions": ("reconcile.cli.decisions", "List link decisions and open questions."),
    "decide": ("reconcile.cli.decisions", "Record whether an account belongs to a person."),
    "resume": ("reconcile.cli.run", "Finish a live run that was interrupted."),
    "audit": ("reconcile.cli.audit", "List who planned, allowed and did what; verify that record."),
    "prune": ("reconcile.cli.prune", "Remove old plans, reports and history, as [retention] says."),
    "backup": ("reconcile.cli.backup", "Write store, journal and plans to one file, also during a run."),
    "restore-backup": ("reconcile.cli.backup", "Verify a backup and put it in the place of the state."),
    "forget": ("reconcile.cli.forget", "Remove what the project holds about one person who is gone."),
    "rebind": ("reconcile.cli.rebind", "Rebind a system that was renamed, moved or replaced."),
    "sandbox": ("reconcile.cli.sandbox", "Start local Okta and SCIM servers to try things on."),
}


class _Commands(click.Group):
    """Loads a command's module when the command is called, not when help is printed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reconcile")
@click.option(
    "--project",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The project folder: reconcile.toml and mappings/.",
)
@click.pass_context
def group(context: click.Context, folder: Path) -> None:
    """Keep accounts in step with people.

    Reads HR exports, Okta and SCIM applications, computes what must be created, updated, deactivated and reactivated and which
    memberships must change, shows that as a plan, and applies it.

    Exit codes: 0 done or nothing to do; 1 unexpected error; 2 usage; 10 changes wait for review; 11 refused by a guard;
    12 a source could not be trusted; 13 partly applied; 14 the world moved, plan again; 15 another run holds the lock;
    16 bad configuration; 130 interrupted outside a live run.
    """
    keep_clock(context)
    command.set(context.invoked_subcommand or "")
    context.obj = folder


def cli(clock: Clock = SYSTEM) -> int:
    """Runs the command line by a clock, and turns what stopped it into a sentence and an exit code; with `--json` into an object as well."""
    forget_json()
    try:
        return int(group(prog_name="reconcile", standalone_mode=False, obj=clock) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        say("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost edge
        # Known situations get their sentence and exit code; the rest is a fault of this program.
        situation = known(error)
        if situation is None:
            say(cleaned(traceback.format_exc()), err=True)
            from reconcile.unexpected import fault  # noqa: PLC0415 - deferred: few commands end so

            print_error(ExitCode.UNEXPECTED, fault(error))
            return ExitCode.UNEXPECTED
        code, sentence = situation
        say(sentence, err=True)
        print_error(code, sentence)
        return code


__all__ = ["cli", "group"]
