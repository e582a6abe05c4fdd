"""The command of every night: run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.known_errors import known
from reconcile.cli.moment import command_clock
from reconcile.cli.output import clock_option, json_option, print_json, say, say_json
from reconcile.cli.reporting import tell_others
from reconcile.cli.run import FROZEN, apply_plan, extract_all, plan_code, run_code, tell_incomplete, tell_warnings
from reconcile.errors import ApprovalMissing, ExitCode
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.plan.model import Plan
    from reconcile.report.night_facts import NightFacts
    from reconcile.usecases.night import Night
    from reconcile.usecases.session import Session

ENDED_EARLY = "the run did not finish; who left since the last one keeps access until one does"


@click.command()
@clock_option
@click.option("--live", is_flag=True, help="Really write. Without it the run ends with the plan.")
@json_option
@click.pass_obj
def run(folder: Path, clock: date | None, *, live: bool, as_json: bool) -> int:
    """Run a full cycle: extract, plan, check guards, apply.

    Prints one line, with who left and still has access first; then each failure by name, and the reasons where something stands in the way.

    With --json: the plan with its outcomes, and under `night` versions, inputs, counts, guards, frozen scopes, findings, failures, seconds
    by stage, requests and waits by system, and the head of the audit; also where the run ended early.
    """
    from connectors.http.traffic import measured  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.night import Night  # noqa: PLC0415 - deferred: heavy

    night = Night(live=live, clock=command_clock())
    with measured() as night.traffic:
        try:
            code = _carry_out(folder, clock, night)
        except click.ClickException:
            raise
        except Exception as error:
            _tell_early_end(folder, night, error, as_json=as_json)
            raise
    facts = _facts(folder, night, code)
    if night.plan is not None:
        _print_run(night, night.plan, facts, as_json=as_json)
    return code


def _carry_out(folder: Path, clock: date | None, night: Night) -> ExitCode:
    from reconcile.usecases.session import Session  # noqa: PLC0415 - deferred: heavy

    session = Session.open(folder, night.clock)
    night.project = session.project.file.project.name
    if night.live and clock not in (None, session.today):
        raise click.UsageError("--clock shows what another day would bring; with --live it can only be today")
    with session.locked():
        with night.stage("extract"):
            night.read = extract_all(session)
        # What was read may have other columns now: the mappings are checked against those.
        session = Session.open(folder, night.clock)
        with night.stage("plan"):
            night.plan = session.plan(clock)
        night.missing_approval = session.missing_approval(night.plan) if night.live and not night.plan.refused else ""
        if night.live and not night.plan.refused and not night.missing_approval:
            with night.stage("apply"):
                night.run = apply_plan(session, night.plan)
            _prune(session, night)
    return run_code(night.plan, night.run) if night.run else plan_code(night.plan)


def _prune(session: Session, night: Night) -> None:
    """Removes what is due, as the project asks. A fault there is a line, and changes nothing about the run."""
    from reconcile.unexpected import fault  # noqa: PLC0415 - beside the others
    from reconcile.usecases.prune import Pruning  # noqa: PLC0415 - deferred: heavy

    settings = session.project.file.retention
    if not (settings.declared and settings.after_run):
        return
    try:
        with night.stage("prune"):
            Pruning(session.project, session.language, session.today).prune(live=True)
    except Exception as error:  # noqa: BLE001 - the run is over, and its result stands
        situation = known(error)
        say(f"Retention: not carried out. {situation[1] if situation else fault(error)}", err=True)


def _facts(folder: Path, night: Night, code: ExitCode, error: str = "") -> NightFacts:
    """The facts of the run, after others were told of it."""
    from mappings.problems import BadConfiguration  # noqa: PLC0415 - deferred: heavy
    from reconcile.errors import NoProject  # noqa: PLC0415 - beside the others
    from reconcile.project.config import state_folder  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.night import audit_head  # noqa: PLC0415 - deferred: heavy

    try:
        state = state_folder(folder)
    except (BadConfiguration, NoProject):
        state = None
    head = audit_head(state, night.clock) if state else None
    return tell_others(folder, night.facts(code, error, head), head, state)


def _tell_early_end(folder: Path, night: Night, error: Exception, *, as_json: bool) -> None:
    """Prints that the run ended without a result, before the reason is printed."""
    from reconcile.unexpected import fault  # noqa: PLC0415 - beside the others

    code, sentence = known(error) or (ExitCode.UNEXPECTED, fault(error))
    facts = _facts(folder, night, code, sentence)
    if as_json:
        from reconcile.report import night_facts  # noqa: PLC0415 - deferred: heavy

        print_json({"night": night_facts.document(facts)})
    say(f"{night.clock.stamp()}: {ENDED_EARLY}", err=True)


def _print_run(night: Night, plan: Plan, facts: NightFacts, *, as_json: bool) -> None:
    from reconcile.plan.digest import SHOWN  # noqa: PLC0415 - deferred: heavy
    from reconcile.report import night_facts, run_summary  # noqa: PLC0415 - deferred: heavy
    from reconcile.report.formats import json  # noqa: PLC0415 - deferred: heavy

    summary = run_summary.summarize(plan, night.run, at=facts.ended)
    if as_json:
        told = {**night_facts.document(facts), **run_summary.document(summary)}
        say_json(json.parts(plan, night.run, {"night": told}))
        return
    say(run_summary.run_line(summary, plan, night.run))
    for line in (*run_summary.failure_lines(summary), *run_summary.hand_lines(summary)):
        say(line, err=True)
    tell_warnings(sentence for each in night.read for sentence in each.warnings)
    incomplete = [sentence for each in night.read for sentence in each.incomplete]
    tell_incomplete(incomplete)
    if incomplete:
        say(FROZEN, err=True)
    for verdict in plan.verdicts:
        if verdict.refuses:
            say(visible(verdict.message), err=True)
    if night.missing_approval:
        say(str(ApprovalMissing(plan.digest[:SHOWN], night.missing_approval)), err=True)
