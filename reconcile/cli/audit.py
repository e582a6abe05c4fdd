"""The commands about the audit: audit, audit verify."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.quoting import quoted
from reconcile.cli.moment import command_clock
from reconcile.cli.output import command, json_option, print_json, say
from reconcile.errors import ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.apply.audit import AuditEntry
    from reconcile.apply.audit_check import AuditProblem


class Head(click.ParamType[str]):
    """The hash of an audit entry."""

    name = "hash"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from reconcile.apply.audit_head import HASH  # noqa: PLC0415 - deferred: heavy

        text = str(value).strip().lower()
        if not HASH.fullmatch(text):
            self.fail(f"{quoted(value)} is not the hash of an entry; it has 64 hexadecimal digits", param, ctx)
        return text


@click.group(invoke_without_command=True)
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N entries.")
@json_option
@click.pass_context
def audit(context: click.Context, last: int | None, *, as_json: bool) -> int:
    """List who planned, approved, overrode, held, decided, applied, resumed, abandoned, rebound, pruned and forgot what, in the order in which it was done.

    The name is the user of the operating system; a name given with --by stands among the facts.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    entries = _entries(*_project(context.obj))
    entries = entries[-last:] if last else entries
    if as_json:
        print_json({"entries": [{**asdict(each), "facts": each.said()} for each in entries], "head": _head(entries)})
        return ExitCode.DONE
    for each in entries:
        say(_line(each))
    say(f"Head: {_head(entries)}" if entries else "The audit has no entries yet.")
    return ExitCode.DONE


@audit.command()
@click.option(
    "--head",
    "heads",
    type=Head(),
    multiple=True,
    help="Hash of an entry that must be there, as a notice or a run said it. Can be repeated. Without it, the one that a notice sent last.",
)
@json_option
@click.pass_obj
def verify(folder: Path, heads: tuple[str, ...], *, as_json: bool) -> int:
    """Verify that no audit entry was changed, removed, inserted or moved.

    Who can write to the journal can also make the hashes anew from some entry on, or take away the newest entries. Only a head that was
    kept elsewhere shows that: the JSON of a run and its notices carry one. Exit code 0: every entry is as it was recorded; 12: one is not, and it is named;
    or the store followed another journal, or the head that a notice sent last cannot be read.
    """
    from reconcile.usecases.audit import verified  # noqa: PLC0415 - deferred: heavy

    found_audit = verified(*_project(folder), heads, command_clock())
    entries, heads, problem = found_audit.entries, found_audit.heads, found_audit.problem
    if as_json:
        found = None if problem is None else {"sequence": problem.sequence, "fault": problem.fault.value}
        print_json({"entries": len(entries), "head": _head(entries), "compared_with": list(heads), "problem": found})
    else:
        say(_sentence(problem) if problem else _intact(entries, heads), err=problem is not None)
    return ExitCode.DONE if problem is None else ExitCode.UNTRUSTED


def _project(folder: Path) -> tuple[Path, str]:
    from reconcile.project.config import state_and_name  # noqa: PLC0415 - deferred: heavy

    return state_and_name(folder)


def _entries(state: Path, project: str) -> list[AuditEntry]:
    from reconcile.apply.journal import Journal  # noqa: PLC0415 - deferred: heavy
    from reconcile.apply.ledger import refuse_replaced  # noqa: PLC0415 - deferred: heavy

    with contextlib.closing(Journal(state, command_clock())) as journal:
        journal.claim(project)
        if not (entries := journal.audit.entries()):
            refuse_replaced(state, journal)
        return entries


def _head(entries: Sequence[AuditEntry]) -> str:
    return entries[-1].hash if entries else ""


def _line(entry: AuditEntry) -> str:
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy

    about = " ".join([*([f"plan {entry.plan[:SHOWN]}"] if entry.plan else []), *([f"run {entry.run}"] if entry.run else [])])
    return visible(f"{entry.sequence}  {entry.at}  {entry.who}  {entry.event}  {about}  {entry.facts}")


def _intact(entries: Sequence[AuditEntry], heads: tuple[str, ...]) -> str:
    compared = f"compared with the head {', '.join(heads)}" if heads else "compared with no head, so that removals at the end are not seen"
    return f"Audit: {len(entries):,} entries, every one as recorded; {compared}."


def _sentence(problem: AuditProblem) -> str:
    from reconcile.apply.audit_check import AuditFault  # noqa: PLC0415 - deferred: heavy

    match problem.fault:
        case AuditFault.CHANGED:
            what = "its hash does not fit what it says, so it was changed"
        case AuditFault.MISSING:
            what = "it is missing, so it was removed"
        case AuditFault.OUT_OF_CHAIN:
            what = f"it does not follow entry {problem.sequence - 1}, so one of the two was inserted, moved or exchanged"
        case AuditFault.HEAD_MISSING:
            what = "no entry has the hash of the head, so entries were removed at the end or made anew"
        case AuditFault.HEAD_UNREADABLE:
            return (
                "state/audit.head: it holds no hash, so it was damaged or written over. Compare with the head of a notice: "
                f"{command('audit verify --head HASH')}; the next notice writes the file anew."
            )
        case AuditFault.JOURNAL_REPLACED:
            return problem.told
    named = f" ({visible(problem.entry.at)}, {visible(problem.entry.event)})" if problem.entry else ""
    return (
        f"Audit entry {problem.sequence}{named}: not as recorded; {what}. Compare the journal with a backup, and find out who wrote to it."
    )
