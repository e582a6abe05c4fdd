"""Errors that end a command: one class a situation, each with its exit code and its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

from connectors.quoting import quoted


class ExitCode(IntEnum):
    """Exit codes of the command (design, section 5). An interface: the numbers never change."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    CHANGES_WAIT = 10
    REFUSED = 11
    UNTRUSTED = 12
    PARTLY_APPLIED = 13
    WORLD_MOVED = 14
    LOCKED = 15
    BAD_CONFIGURATION = 16
    INTERRUPTED = 130
    """Ctrl-C outside a live run: what a shell gives for a command that SIGINT ended."""


class ReconcileError(Exception):
    """A command cannot go on. The message says what happened, to what, and what to do next."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNEXPECTED


class StorageFault(ReconcileError):
    """The store, the journal or the disk under them fails: what cannot be written down is not sent."""


class StoreBusy(StorageFault):
    """Another process has the store or the journal open."""

    exit_code = ExitCode.LOCKED

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is in use by another process. Wait until it has ended, then try again.")


class StoreDamaged(StorageFault):
    """The store's file is not what was written into it."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(
            f"{path}: damaged ({why}). Restore it from a backup, or move it away and run `reconcile extract`: the journal beside it gives back "
            "links, memberships that this job gave and accounts that it deactivated; the dates of absence are counted anew and the history of "
            "snapshots is lost."
        )


class JournalDamaged(StorageFault):
    """The journal's file is not what was written into it."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(
            f"{path}: damaged ({why}). Restore it from a backup; without one move it away and run `reconcile rebind --journal`: the store beside it "
            "keeps links, memberships that this job gave and accounts that it deactivated. The runs are lost: none can be undone, and if "
            "one was interrupted, what it sent is not known. "
            "Until lost holds, rejections and approvals are given again, disable the schedule: a run reactivates people who were locked down."
        )


class DiskFull(StorageFault):
    """The disk has no room for what must be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path}: the disk is full. Make room, then run the command again. Nothing half-written counts; if a live run was under way, "
            "`reconcile resume` finishes it."
        )


class FileUnusable(StorageFault):
    """A file or folder cannot be read or written."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: cannot be used ({why}). Correct the path or its permissions, then run the command again.")


class OutOfMemory(ReconcileError):
    """The planner needs more memory than it may take."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Memory: too little for this plan ({why}). Free memory, or give plan or run --threads 1.")


class SpillLimit(ReconcileError):
    """Working tables would occupy more of the disk than they may."""

    def __init__(self, folder: Path, limit: str) -> None:
        self.folder, self.limit = folder, limit
        super().__init__(
            f"{folder}: working tables reached their limit{f' of {limit}' if limit else ''} (64 GiB, or half of the free space if that is less). "
            "Free space on this disk, or give plan or run --threads 1, which needs less; then run the command again."
        )


class Interrupted(ReconcileError):
    """A signal ended a command in the middle of a live run."""

    exit_code = ExitCode.PARTLY_APPLIED

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__(f"The run {run} was interrupted. Finish it with `reconcile resume`, or end it with `reconcile resume --abandon`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """The process that holds the lock of a state folder."""

    pid: int
    user: str
    command: str
    """Name of the command; empty where it is not known."""
    since: str
    """RFC 3339, UTC."""

    def sentence(self) -> str:
        doing = f"`reconcile {self.command}`" if self.command else "a command"
        return f"It is {doing} of {self.user}, process {self.pid}, since {self.since}."


class RunLocked(ReconcileError):
    """Another run holds the lock."""

    exit_code = ExitCode.LOCKED

    def __init__(self, path: Path, holder: LockHolder | None = None) -> None:
        self.path, self.holder = path, holder
        who = f" {holder.sentence()}" if holder else ""
        super().__init__(f"Another run holds {path}.{who} Wait until it has ended; the lock goes with it, also when it was killed.")


class NoProject(ReconcileError):
    """The folder holds no project."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no reconcile.toml in {folder}. Run `reconcile init {folder}`, or name the folder with --project.")


class NothingExtracted(ReconcileError):
    """Something the plan needs was never read."""

    exit_code = ExitCode.UNTRUSTED

    def __init__(self, systems: list[str]) -> None:
        super().__init__(f"There is no snapshot of {', '.join(systems)}. Run `reconcile extract` first.")


class NoSuchPlan(ReconcileError):
    """No plan, or more than one, has this digest."""

    exit_code = ExitCode.USAGE

    def __init__(self, wanted: str, found: list[str]) -> None:
        several = f"More than one plan begins with {wanted}: {', '.join(found)}. Give more of the digest."
        super().__init__(several if found else f"There is no plan {wanted}. `reconcile plan` makes one and prints its digest.")


class PlanDamaged(ReconcileError):
    """A plan file does not hold what its name says."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be used: {why}. Make the plan again; a plan file must not be edited.")


class PlanOfEarlierVersion(PlanDamaged):
    """A plan was saved by a version of this program that kept it in another form."""

    def __init__(self, path: Path) -> None:
        ReconcileError.__init__(
            self, f"{path} cannot be read: an earlier version of reconcile saved it in another form. Make the plan again."
        )


class PlanRefused(ReconcileError):
    """A guard refuses the plan."""

    exit_code = ExitCode.REFUSED

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("Nothing was written. " + " ".join(sentences))


class ApprovalMissing(ReconcileError):
    """A plan is not applied before people have approved it."""

    exit_code = ExitCode.CHANGES_WAIT

    def __init__(self, plan: str, missing: str) -> None:
        self.plan, self.missing = plan, missing
        steps = f"Read it with `reconcile show {plan}`, then `reconcile approve {plan} --by NAME --why REASON`."
        super().__init__(f"The plan {plan} is not applied: {missing}. Nothing was written. {steps}")


class NothingToOverride(ReconcileError):
    """The guard does not refuse the plan."""

    exit_code = ExitCode.USAGE

    def __init__(self, guard: str, plan: str, refusing: list[str]) -> None:
        which = f"these do: {', '.join(refusing)}" if refusing else "none does"
        super().__init__(f"No guard {guard} refuses the plan {plan}; {which}. Nothing was overridden.")


class NoSuchRun(ReconcileError):
    """No live run, or more than one, has this name."""

    exit_code = ExitCode.USAGE

    def __init__(self, wanted: str, found: list[str]) -> None:
        which = f"More than one run begins with {wanted}: {', '.join(found)}" if found else f"There is no live run {wanted or 'yet'}"
        super().__init__(f"{which}. `reconcile show PLAN` names the run of a plan.")


class UnfinishedRun(ReconcileError):
    """A run was interrupted and its end is not known."""

    exit_code = ExitCode.PARTLY_APPLIED

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__(
            f"The run {run} was interrupted. Finish it with `reconcile resume` before anything else is applied; "
            "where that is impossible, `reconcile resume --abandon` ends it and says what is not known."
        )


class RunUnresumable(ReconcileError):
    """An interrupted run cannot be finished."""

    exit_code = ExitCode.PARTLY_APPLIED

    def __init__(self, run: str, why: str) -> None:
        self.run, self.why = run, why
        super().__init__(
            f"The run {run} cannot be finished. {why} Put back what is missing, or end it with `reconcile resume --abandon`, "
            "which says what is not known."
        )


class NothingToResume(ReconcileError):
    """No run was interrupted."""

    exit_code = ExitCode.DONE

    def __init__(self) -> None:
        super().__init__("No run was interrupted; there is nothing to resume.")


class Uncomputable(ReconcileError):
    """An expression of a mapping has no result for some row."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"An expression of the mappings cannot be computed for some row: {why}. `reconcile check` names the expression and the row."
        )


class ConfigurationChanged(ReconcileError):
    """The connectors in the configuration no longer cover a plan."""

    exit_code = ExitCode.WORLD_MOVED

    def __init__(self, target: str) -> None:
        super().__init__(f"The plan changes {target}, which reconcile.toml no longer has as a target. Plan again.")


class PlanOutdated(ReconcileError):
    """A plan is not what would be planned now, so that it is not applied."""

    exit_code = ExitCode.WORLD_MOVED

    def __init__(self, plan: str, reasons: Sequence[str]) -> None:
        self.plan, self.reasons = plan, tuple(reasons)
        super().__init__(
            f"The plan {plan} is not applied: {'; '.join(reasons)}. Nothing was written. Run `reconcile extract` and `reconcile plan`, "
            "and review the new plan."
        )


class SystemChanged(ReconcileError):
    """A connector reaches another system than the one that its rows, links or plan belong to."""

    exit_code = ExitCode.WORLD_MOVED

    def __init__(self, name: str, known: str, found: str) -> None:
        self.name, self.known, self.found = name, known, found
        super().__init__(
            f"{name}: {found} answers, and what is known belongs to {known}. Nothing was written. Correct connectors.{name} in "
            f"reconcile.toml; if the change is meant, `reconcile rebind {name}` says what moves with it."
        )


class NothingToRebind(ReconcileError):
    """The connector still reaches the system that everything belongs to, or was never read."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"{name}: {state}. There is nothing to rebind.")


class ForeignJournal(ReconcileError):
    """The journal belongs to another project."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, path: Path, owner: str, project: str) -> None:
        super().__init__(
            f"{path} belongs to the project {quoted(owner)}, and this is {quoted(project)}. Put the project's own journal there; "
            "if the project was renamed, run `reconcile rebind --journal`."
        )


class JournalReplaced(ReconcileError):
    """The journal is not the one that the store was kept with."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, path: Path, *, restored: bool) -> None:
        state = "it is older than the store: it was restored from a backup" if restored else "it was deleted, emptied or exchanged"
        super().__init__(
            f"{path} is not the journal that this store was kept with: {state}. Put the right one back; if it is lost, "
            "run `reconcile rebind --journal` to go on with this one. "
            "Until lost holds, rejections and approvals are given again, disable the schedule: a run reactivates people who were locked down."
        )


class NoSuchTarget(ReconcileError):
    """No mapping file has this target."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, targets: list[str]) -> None:
        super().__init__(f"No mapping file has the target {quoted(name)}; there is {', '.join(targets)}.")


class NobodyKnownAs(ReconcileError):
    """No person or account has this name, address, number or id."""

    exit_code = ExitCode.USAGE

    def __init__(self, who: str) -> None:
        super().__init__(
            f"No person in the sources and no account in the targets is known as {quoted(who)}. "
            "Give an anchor, a login, an e-mail address or an account id, whole; or run `reconcile extract` if they are new."
        )


class SeveralKnownAs(ReconcileError):
    """More than one person, or account, is known by it."""

    exit_code = ExitCode.USAGE

    def __init__(self, who: str, found: list[str]) -> None:
        more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
        super().__init__(f"{len(found):,} are known as {quoted(who)}: {', '.join(found[:5])}{more}. Give the anchor of one of them.")


class PortTaken(ReconcileError):
    """A local system cannot listen where it was asked to."""

    exit_code = ExitCode.USAGE

    def __init__(self, option: str, port: int, why: str) -> None:
        self.option, self.port, self.why = option, port, why
        super().__init__(
            f"127.0.0.1:{port}: cannot be listened on ({why}). End what uses it, or give another port with {option}; 0 takes a free one."
        )


class BadSeed(ReconcileError):
    """A file does not describe what a local system can hold."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: not a seed ({why}). Correct the file.")
