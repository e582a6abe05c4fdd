"""Stories that happened elsewhere, as folders a reviewer can read: what is planned is plan.txt, what is promised is promise.toml.

`UPDATE_SCENARIOS=1` writes every plan.txt (and run.txt) again from what is planned now. Read the difference before it is committed:
the promises are asserted in any case.
"""

from __future__ import annotations

import asyncio
import os
import tomllib
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from reconcile.apply import executor as apply
from reconcile.apply.overrides import Consent, override
from reconcile.cli.run import plan_code, run_code
from reconcile.errors import ExitCode
from reconcile.plan.model import Finding, Plan

from .runner import Scenario, held, members_of, report, scenario

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/story.md"))


class Night(BaseModel):
    """What one night of a story promises."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clock: date = date(2026, 3, 2)
    deactivated_by_hand: tuple[str, ...] = ()
    """Accounts that somebody else deactivated before this night."""
    renamed: dict[str, str] = {}
    """Groups by id that somebody gave another name before this night."""
    missing: tuple[str, ...] = ()
    """Files that did not come this night."""
    old: tuple[str, ...] = ()
    """Files that are a week old."""
    deletions: bool = False
    """Whether somebody asks for the deletions that are due."""
    renames: bool = False
    """Whether somebody asks for the changes of immutable attributes under review."""
    plan: int
    """Exit code of `plan`."""
    apply: int | None = None
    """Exit code of `apply --live`; None where nobody may apply it."""
    refused: tuple[str, ...] = ()
    """The guards that refuse, exactly these."""
    overridden: tuple[str, ...] = ()
    """The guards that somebody lets this one plan pass, before it is applied."""
    findings: dict[str, tuple[str, ...]] = {}
    """The kinds of findings that there are, with whom each is about: an anchor, else a login or an id; nobody is `-`."""
    verbs: dict[str, int] = {}
    """How many operations of each verb there are, exactly these."""
    untouched: tuple[str, ...] = ()
    """Accounts that are byte for byte as before, and hold what they held; `*` is all that were there."""
    works: tuple[str, ...] = ()
    """Accounts that are active afterwards."""
    ended: tuple[str, ...] = ()
    """Accounts that are deactivated afterwards, exactly these."""
    created: tuple[str, ...] = ()
    """Logins of the accounts that are there afterwards and were not before, exactly these."""
    members: dict[str, tuple[str, ...]] = {}
    """Who holds a group afterwards, by login, exactly these."""
    again: dict[str, int] = {}
    """What the plan after this night is, by verb: nothing, unless something is still to be done."""


STORIES = {*range(8, 14), *range(16, 28), *range(41, 47), *range(61, 65), 66, 71, *range(81, 85)}
"""Those that are told here; the others are told in tests/stories, over real sockets."""


def test_every_story_has_its_folder():
    assert {int(folder.name.partition("_")[0]) for folder in FOLDERS} == STORIES


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(apply, "READ_BACK_WAITS", (0.0,))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_story_ends_well_here(folder, tmp_path):
    nights = tomllib.loads((folder / "promise.toml").read_text(encoding="utf-8"))["night"]
    with scenario(folder, tmp_path / "project") as told:
        for number, promised in enumerate(map(Night.model_validate, nights), 1):
            _night(told, number, promised)


def _night(told: Scenario, number: int, promised: Night) -> None:
    told.begin(number, promised.clock, missing=promised.missing, old=promised.old)
    for account in promised.deactivated_by_hand:
        asyncio.run(told.target.deactivate_account(account))
    for id_, name in promised.renamed.items():
        told.target.entitlements[id_] = told.target.entitlements[id_]._replace(name=name)
    before = held(told.target)
    plan = told.plan(deletions=promised.deletions, renames=promised.renames)
    _compare(told.told / _numbered("plan", number), report(plan))
    assert plan_code(plan) == promised.plan
    assert [verdict.guard for verdict in plan.verdicts if not verdict.passed] == list(promised.refused)
    assert _about(plan) == {kind: sorted(whom) for kind, whom in promised.findings.items()}
    assert _verbs(plan) == promised.verbs
    for guard in promised.overridden:
        override(told.project / "state", guard, plan.digest, Consent("Vera Voss", "The sales office was closed.", 24))
    if promised.apply is not None:
        run = told.apply(plan)
        assert run_code(plan, run) == promised.apply, run
        told_run = told.told / _numbered("run", number)
        # Where everything was applied and something waits for a person, plan.txt says what.
        if promised.apply not in (ExitCode.DONE, ExitCode.CHANGES_WAIT) or told_run.exists():
            _compare(told_run, report(plan, run))
        again = told.plan() if plan.operations or plan.links else plan
        assert _verbs(again) == promised.again
    _assert_kept(told, promised, before)


def _assert_kept(told: Scenario, promised: Night, before: dict[str, object]) -> None:
    after = held(told.target)
    assert before.keys() <= after.keys()
    login = {id_: account.attributes["login"] for id_, (account, _) in after.items()}
    for id_ in before if promised.untouched == ("*",) else promised.untouched:
        assert after[id_] == before[id_]
    state = {id_: account.state.value for id_, (account, _) in after.items()}
    assert {id_: state[id_] for id_ in promised.works} == dict.fromkeys(promised.works, "active")
    assert sorted(id_ for id_ in state if state[id_] == "deactivated") == sorted(promised.ended)
    assert sorted(login[id_] for id_ in after.keys() - before.keys()) == sorted(promised.created)
    for group, holders in promised.members.items():
        assert sorted(login[id_] for id_ in members_of(told.target, group)) == sorted(holders)


def _compare(path: Path, text: str) -> None:
    if os.environ.get("UPDATE_SCENARIOS"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def _numbered(name: str, number: int) -> str:
    return f"{name}.txt" if number == 1 else f"{name}_{number}.txt"


def _about(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in plan.findings:
        found.setdefault(finding.kind.value, []).append(_whom(finding))
    return {kind: sorted(whom) for kind, whom in found.items()}


def _whom(finding: Finding) -> str:
    return finding.anchor or finding.who or finding.account_id or "-"


def _verbs(plan: Plan) -> dict[str, int]:
    counted: dict[str, int] = {}
    for operation in plan.operations:
        counted[operation.verb.value] = counted.get(operation.verb.value, 0) + 1
    return counted
