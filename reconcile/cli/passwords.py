"""Hands over the temporary passwords of a run: on the terminal, or in a file for its owner alone. They are kept nowhere else."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.output import on_terminal, say
from reconcile.errors import ExitCode, ReconcileError
from reconcile.visible import visible

if TYPE_CHECKING:
    from connectors.actions import TemporaryPassword
    from reconcile.apply.action import PasswordSink
    from reconcile.plan.model import Operation, Plan


class PasswordFileUnusable(ReconcileError):
    """The file for temporary passwords cannot be created."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: cannot be created ({why}). Name a file that does not exist, in a folder that does.")


passwords_option = click.option(
    "--passwords",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where temporary passwords go: a new file (0600), a line an account: target, login, password. Without it, the terminal.",
)


@contextlib.contextmanager
def handing_over(plan: Plan, path: Path | None, *, live: bool) -> Iterator[PasswordSink | None]:
    """Yields what takes the temporary passwords of a run; None where there is neither a file nor a terminal for them.

    Raises PasswordFileUnusable, before anything is sent.
    """
    from reconcile.apply.action import gives_passwords  # noqa: PLC0415 - deferred: heavy

    if not live or not gives_passwords(plan):
        yield None
    elif path is None:
        yield _show if on_terminal(sys.stderr) else None
    else:
        with _created(path) as handle:
            yield lambda operation, password: _write(handle, operation, password)


def _parts(operation: Operation, password: TemporaryPassword) -> tuple[str, str, str]:
    return visible(operation.target), visible(operation.who or operation.account_id), password.reveal()


def _show(operation: Operation, password: TemporaryPassword) -> None:
    say("  ".join(_parts(operation, password)), err=True)


def _write(handle: int, operation: Operation, password: TemporaryPassword) -> None:
    """Writes a line and flushes it to disk: the system shows the password once. Raises OSError."""
    left = ("\t".join(_parts(operation, password)) + "\n").encode()
    # Without a buffer: what a full disk did not take must not be tried again when the file is closed.
    while left:
        left = left[os.write(handle, left) :]
    os.fsync(handle)


@contextlib.contextmanager
def _created(path: Path) -> Iterator[int]:
    """Yields a new file, which is removed where nothing was written to it."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise PasswordFileUnusable(path, error.strerror or str(error)) from error
    try:
        yield handle
    finally:
        if os.fstat(handle).st_size == 0:
            path.unlink(missing_ok=True)
        os.close(handle)
