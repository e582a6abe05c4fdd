"""The command that sets a project up: a commented example, or a draft from an HR export."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.given import not_empty
from reconcile.cli.output import say
from reconcile.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.usecases.draft.drafting import Draft

_SETTINGS = "reconcile.toml"


@click.command()
@click.argument("where", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--from",
    "export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An HR export (CSV, Excel): the project is drafted from its content.",
)
@click.option("--okta", metavar="URL", default="", callback=not_empty, help="With --from: the address of your Okta org.")
@click.option("--scim", metavar="URL", default="", callback=not_empty, help="With --from: the address of a SCIM 2.0 application.")
def init(where: Path, export: Path | None, okta: str, scim: str) -> int:
    """Write a commented project into WHERE (this folder): reconcile.toml and mappings/. Never overwrites a file.

    With --from it is drafted from an HR export: how the file is read, the words that it holds, who is who. What the file cannot tell
    stands there as a question, and `check` names each that is not answered. A target's schema is read where OKTA_TOKEN or SCIM_TOKEN is set, or WHERE/secrets/okta or WHERE/secrets/scim holds the token.
    """
    if export is None and (okta or scim):
        raise click.UsageError("--okta and --scim belong to a draft: give --from FILE, too.")
    if any("@" in url for url in (okta, scim)):
        raise click.UsageError("--okta and --scim take an address without a name or a password: it is written into reconcile.toml.")
    if export is None:
        _write(where, _example())
        say(
            f"\nNext: fill in the connectors in {where / _SETTINGS}, put the secrets where it says, then\n  reconcile --project {where} check"
        )
        return ExitCode.DONE
    draft = _draft(export, where, okta, scim)
    _write(where, draft.files)
    _tell(draft, where)
    return ExitCode.DONE


def _example() -> Mapping[str, str]:
    """The shipped files."""
    shipped = sorted((entry for entry in files("mappings").iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return {entry.name if entry.name == _SETTINGS else f"mappings/{entry.name}": entry.read_text(encoding="utf-8") for entry in shipped}


def _write(where: Path, written: Mapping[str, str]) -> None:
    from reconcile.usecases.draft.errors import ProjectThere  # noqa: PLC0415 - deferred: heavy

    for name in written:
        if os.path.lexists(where / name):
            raise ProjectThere(where / name)
    for name, text in written.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text, encoding="utf-8")
        say(f"wrote {where / name}")


def _draft(export: Path, where: Path, okta: str, scim: str) -> Draft:
    from connectors.hr.text import FileRefused  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.draft.drafting import draft_project  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.draft.errors import NoDraft  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.draft.target import Kind  # noqa: PLC0415 - deferred: heavy

    try:
        return draft_project(export, where, {kind: url for kind, url in ((Kind.OKTA, okta), (Kind.SCIM, scim)) if url})
    except FileRefused as refused:
        raise NoDraft(export, str(refused)) from refused


def _tell(draft: Draft, where: Path) -> None:
    for kind, reason in draft.unread.items():
        say(f"\n{kind.value}: its schema was not read: {reason}")
    questions = list(draft.questions())
    for required, heading in ((True, "To answer before `check` passes:"), (False, "With a safe default, to look at:")):
        found = [each for each in questions if each.required is required]
        if found:
            say(f"\n{heading}")
        for each in found:
            say(f"  {each.file}:{each.line}  {each.text}")
    say(f"\nNext: answer in the files, put the secrets where they say, then\n  reconcile --project {where} check")
