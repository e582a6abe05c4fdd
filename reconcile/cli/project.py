"""The commands that set a project up: init, check."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from reconcile.cli.terminal import json_option, print_json
from reconcile.errors import ExitCode

_SETTINGS = "reconcile.toml"


@click.command()
@click.argument("where", type=click.Path(file_okay=False, path_type=Path), default=Path())
def init(where: Path) -> int:
    """Write a commented project into WHERE (this folder): reconcile.toml and mappings/. Never overwrites a file."""
    written = []
    for entry in sorted(files("mappings").iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(".toml"):
            continue
        path = where / entry.name if entry.name == _SETTINGS else where / "mappings" / entry.name
        if path.exists():
            raise click.ClickException(f"{path} is there already; nothing was overwritten. Choose another folder, or move it away.")
        written.append((path, entry.read_text(encoding="utf-8")))
    for path, text in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    click.echo(
        f"\nNext: fill in the connectors in {where / _SETTINGS}, put the secrets where it says, then\n  reconcile --project {where} check"
    )
    return ExitCode.DONE


@click.command()
@json_option
@click.pass_obj
def check(folder: Path, *, as_json: bool) -> int:
    """Validate configuration and mappings, then reach every system, read-only. All mistakes at once, each with its way out."""
    from reconcile.run import Session  # noqa: PLC0415 - deferred: heavy

    answers = Session.open(folder).check()
    bad = sum(bool(each.problem) for checks in answers.values() for each in checks)
    if as_json:
        print_json({name: [{"what": each.what, "problem": each.problem} for each in checks] for name, checks in answers.items()})
    else:
        click.echo("reconcile.toml and mappings/: well formed, every expression checked")
        for name, checks in answers.items():
            for each in checks:
                what = each.what.removeprefix(f"{name}: ")
                click.echo(f"{'PROBLEM' if each.problem else 'ok':8}{name}: {what}{f' - {each.problem}' if each.problem else ''}")
    if not bad:
        return ExitCode.DONE
    click.echo(f"{bad} problem{'s' if bad != 1 else ''}; nothing was changed anywhere.", err=True)
    return ExitCode.BAD_CONFIGURATION
