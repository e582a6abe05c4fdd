"""Output of commands: progress on a terminal, silence in cron, JSON where a program reads."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click

from connectors.quoting import quoted
from reconcile.cli import completing
from reconcile.cli.given import not_empty
from reconcile.visible import visible_json, visible_lines


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            self.fail(f"{quoted(value)} is not a date; write it as 2026-03-02", param, ctx)


clock_option = click.option(
    "--clock",
    type=Day(),
    help="The date to decide for, as YYYY-MM-DD; today in the project's time zone where it is not given.",
)
_json_due: ContextVar[bool] = ContextVar("json_due", default=False)
"""Whether the command was asked for JSON, and has printed none so far."""


def _ask_for_json(_context: click.Context, _option: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's signature
    _json_due.set(value)
    return value


json_option = click.option("--json", "as_json", is_flag=True, callback=_ask_for_json, help="Print one JSON object for a program to read.")
plan_argument = click.argument("digest", metavar="[PLAN]", default="", callback=not_empty, shell_complete=completing.plans)


def width() -> int:
    """The width to print for."""
    return min(shutil.get_terminal_size((100, 24)).columns, 160)


def colour() -> bool:
    """Whether colours can be seen and are wanted (no-color.org)."""
    return on_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and not _is_dumb()


def on_terminal(stream: TextIO | None) -> bool:
    """Whether a stream ends at a terminal. Python has none for one that was closed before it began (`>&-`, `2>&-`)."""
    return stream is not None and stream.isatty()


def _is_dumb() -> bool:
    """Whether the terminal knows no control sequences."""
    return os.environ.get("TERM", "dumb") in ("dumb", "")


def command(words: str) -> str:
    """Returns a command line to type in this shell, for the project that this command was given."""
    folder = click.get_current_context().find_object(Path) or Path()
    return f"reconcile {words}" if folder == Path() else f"reconcile --project {shlex.quote(str(folder))} {words}"


def say(text: str, *, err: bool = False) -> None:
    """Prints lines. Whatever a system or a file says in them reaches no terminal as a control character."""
    click.echo(visible_lines(text), err=err)


def say_laid_out(text: str) -> None:
    """Prints what the reports laid out, with their colours on a terminal: they escape each value themselves."""
    click.echo(text if colour() else visible_lines(text), nl=False)


def say_json(parts: Iterable[str]) -> None:
    """Prints the text of a JSON document, which ends with a line feed, part by part."""
    _json_due.set(False)
    for part in parts:
        # A lone surrogate cannot be written as UTF-8; its escape means the same to whoever parses it.
        click.echo(visible_json(part), nl=False)


def print_json(value: object) -> None:
    """Prints a value as JSON."""
    say_json((json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False), "\n"))


def print_error(code: int, sentence: str) -> None:
    """Prints what ended a command that was asked for JSON and has printed none, as JSON."""
    if _json_due.get():
        print_json({"error": sentence, "exit_code": code})


def forget_json() -> None:
    """Begins a command line, which was not asked for JSON yet."""
    _json_due.set(False)


@contextlib.contextmanager
def counting_outcomes(total: int) -> Iterator[Callable[[object], None]]:
    """Shows how many operations have ended."""
    ended = 0
    with counting(f"of {total} operations") as tell:

        def told(_outcome: object) -> None:
            nonlocal ended
            ended += 1
            tell("apply", ended)

        yield told


@contextlib.contextmanager
def counting(what: str) -> Iterator[Callable[[str, int], None]]:
    """Shows a growing count for each name while something long runs; nothing without a terminal."""
    if not on_terminal(sys.stderr) or _is_dumb():
        yield lambda _name, _count: None
        return
    from rich.console import Console  # noqa: PLC0415 - deferred: only where somebody watches
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn  # noqa: PLC0415 - the same

    tasks: dict[str, TaskID] = {}
    with Progress(
        SpinnerColumn(), TextColumn("{task.description} {task.completed} " + what), console=Console(stderr=True), transient=True
    ) as bar:

        def tell(name: str, count: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=None)
            bar.update(tasks[name], completed=count)

        yield tell
