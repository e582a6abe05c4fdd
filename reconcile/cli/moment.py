"""The clock by which a command runs: what `cli` was given goes into every use case."""

from __future__ import annotations

import click

from reconcile.clock import SYSTEM, Clock

_KEY = "reconcile.clock"


def keep_clock(context: click.Context) -> None:
    """Remembers the clock that the command line was started with, for every command below."""
    context.meta[_KEY] = context.obj if isinstance(context.obj, Clock) else SYSTEM


def command_clock() -> Clock:
    """The clock of the command that runs."""
    clock: Clock = click.get_current_context().meta[_KEY]
    return clock
