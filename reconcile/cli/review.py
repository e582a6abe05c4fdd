"""The commands that show a plan, or explain what is in it: show, why, report."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.given import Words
from reconcile.cli.moment import command_clock
from reconcile.cli.output import clock_option, colour, json_option, plan_argument, print_json, say, say_json, say_laid_out, width
from reconcile.cli.run import say_next

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.plan.model import Plan, Run

ENDINGS = {"html": "html", "markdown": "md", "xlsx": "xlsx", "csv": "csv", "json": "json", "text": "txt"}
"""The ending of the file of each form."""


@click.command()
@plan_argument
@click.option("--all", "whole", is_flag=True, help="Print every finding, link and operation, in the order of the plan.")
@json_option
@click.pass_obj
def show(folder: Path, digest: str, *, whole: bool, as_json: bool) -> int:
    """Print the plan whose digest begins with PLAN, or the newest, with what came of it."""
    from reconcile.report.formats import json, text, text_whole  # noqa: PLC0415 - deferred: heavy

    with _loaded(folder, digest) as (plan, run):
        if as_json:
            say_json(json.parts(plan, run))
        elif whole:
            for part in text_whole.lines(plan, run, width=width(), colour=colour()):
                say_laid_out(part)
        else:
            say_laid_out(text.show(plan, run, width=width(), colour=colour()))
            say_next(plan, run)
    return 0


@click.command()
@click.argument("who", type=Words())
@clock_option
@json_option
@click.pass_obj
def why(folder: Path, who: str, clock: date | None, *, as_json: bool) -> int:
    """Explain what is known of WHO and what follows from it, from the latest snapshots.

    WHO is an anchor, a login, an e-mail address, an account id, or any other value that one person alone has, whole and in any case.
    """
    from reconcile.report.formats.why import explained  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.plan_making import PlanMaking  # noqa: PLC0415 - deferred: heavy

    plans = PlanMaking.open(folder, command_clock())
    with plans.locked():
        found = plans.why(who, clock)
    if as_json:
        print_json(asdict(found))
    else:
        say_laid_out(explained(found, width=width(), colour=colour()))
    return 0


@click.command()
@plan_argument
@click.option("--format", "kind", type=click.Choice(list(ENDINGS)), default="html", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; state/reports/ where it is not given.")
@click.option("--redact", is_flag=True, help="Replace personal values and the ids of operations by short hashes under the project's key.")
@click.pass_obj
def report(folder: Path, digest: str, kind: str, output: Path | None, *, redact: bool) -> int:
    """Write the plan whose digest begins with PLAN, or the newest, as one file. Prints the file's path."""
    from reconcile.disk import replaced, write_whole  # noqa: PLC0415 - deferred: heavy
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.formats import xlsx  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.redaction_key import redaction_key  # noqa: PLC0415 - deferred: heavy

    key = redaction_key(_state(folder)) if redact else b""
    with _loaded(folder, digest) as (plan, run):
        path = output or _state(folder) / "reports" / f"{plan.digest[:SHOWN]}.{ENDINGS[kind]}"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if kind == "xlsx":
            with replaced(path) as written:
                xlsx.write(written, *_shown(plan, run, key=key))
        else:
            write_whole(path, _page(folder, plan, run, key=key) if kind == "html" else _text(kind, *_shown(plan, run, key=key)))
    say(str(path))
    return 0


def _page(folder: Path, plan: Plan, run: Run | None, *, key: bytes) -> Iterator[str]:
    from reconcile.report.formats import html  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.page_facts import page_facts  # noqa: PLC0415 - deferred: heavy

    facts = page_facts(folder, _state(folder), plan, command_clock())
    return iter((html.page(plan, run, redact=key, facts=facts),))


def _text(kind: str, plan: Plan, run: Run | None) -> Iterator[str]:
    """The report in one of the other forms that are text, in parts."""
    from reconcile.report.formats import csv, json, markdown, text  # noqa: PLC0415 - deferred: heavy
    from reconcile.visible import visible_json  # noqa: PLC0415 - beside the others

    match kind:
        case "csv":
            return csv.lines(plan, run)
        case "json":
            return map(visible_json, json.parts(plan, run))
        case "markdown":
            return markdown.lines(plan, run)
        case _:
            return iter((text.show(plan, run, width=120, colour=False),))


def _shown(plan: Plan, run: Run | None, *, key: bytes) -> tuple[Plan, Run | None]:
    from reconcile.report.redact import redacted  # noqa: PLC0415 - deferred: heavy

    return redacted(plan, key, run) if key else (plan, run)


@contextlib.contextmanager
def _loaded(folder: Path, digest: str) -> Iterator[tuple[Plan, Run | None]]:
    """The plan and its run. The outcomes of the run are read until the context ends."""
    from reconcile.project.config import state_and_name  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.forecast import with_forecasts_of  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.review import load_with_run  # noqa: PLC0415 - deferred: heavy

    state, project = state_and_name(folder)
    with load_with_run(state, project, digest, command_clock()) as (plan, run):
        yield with_forecasts_of(plan, folder, state), run


def _state(folder: Path) -> Path:
    from reconcile.project.config import state_folder  # noqa: PLC0415 - deferred: heavy

    return state_folder(folder)
