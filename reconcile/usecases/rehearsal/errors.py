"""Situations in which a plan cannot be rehearsed."""

from __future__ import annotations

from pathlib import Path

from connectors.quoting import quoted
from reconcile.errors import ExitCode, ReconcileError


class NoTwin(ReconcileError):
    """A target of the plan is of a type that has no local twin."""

    exit_code = ExitCode.USAGE

    def __init__(self, target: str, type_: str) -> None:
        self.target, self.type = target, type_
        super().__init__(
            f"{target}: no twin; there is no local server for connectors of the type {quoted(type_)}. Look at the dry run: reconcile apply"
        )


class TwinCannotHold(ReconcileError):
    """The local server cannot hold what the snapshot of its target says."""

    exit_code = ExitCode.UNTRUSTED

    def __init__(self, target: str, why: str) -> None:
        self.target, self.why = target, why
        super().__init__(f"{target}: its twin cannot hold the snapshot ({why}). Look at the dry run instead: reconcile apply")


class NotOfThisPlan(ReconcileError):
    """An option names a target that the plan does not change."""

    exit_code = ExitCode.USAGE

    def __init__(self, option: str, target: str, targets: list[str]) -> None:
        self.option, self.target = option, target
        known = f"it changes {', '.join(targets)}" if targets else "it changes none"
        super().__init__(f"{option}: the plan changes nothing in {quoted(target)}; {known}. Correct the name.")


class NoDialects(ReconcileError):
    """A dialect is asked for in a target whose protocol has none."""

    exit_code = ExitCode.USAGE

    def __init__(self, target: str) -> None:
        self.target = target
        super().__init__(f"--dialect: {target} is no SCIM application, and only those have dialects. Leave it out.")


class NoSuchDialect(ReconcileError):
    """No twin has a dialect of this name."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        super().__init__(f"--dialect: {quoted(name)} is none of {', '.join(known)}. Correct the name.")


class UnusableFaults(ReconcileError):
    """The value of --faults is neither the name of a set nor a file that describes faults."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str, known: list[str]) -> None:
        self.path, self.why = path, why
        super().__init__(f"--faults: {path} describes no faults ({why}). Name {' or '.join(known)}, or correct the file.")


class ChildFailed(ReconcileError):
    """The process whose run is to crash ended in another way."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(f"Rehearsal: the run that was to crash could not be carried out ({said}). Rehearse without --crash.")
