"""The forecast of memberships in a group that Okta lists page by page is within a tenth of what is sent, by the record of the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.request_plans import OKTA, usual
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.plan.digest import digested
from reconcile.plan.model import OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.ordering import ordered
from reconcile.store.plans.work_sizes import work_sizes
from reconcile.usecases.forecast import calls_of

PEOPLE = 900


async def _applied(target: Okta, plan: Plan, state: Path) -> set[OutcomeKind]:
    journal = Journal(state)
    try:
        journal.start("run", plan)
        await Applier(plan, {target.name: target}, journal, "run").apply()
        return {each.kind for each in journal.runs.recorded("run").outcomes}
    finally:
        journal.close()
        await target.close()


def test_forecast_of_removals_from_a_group_of_five_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARGE_TOKEN", "sandbox-token")
    night = usual(OKTA, PEOPLE)
    removals = ordered([each for each in night.operations if each.verb is Verb.REMOVE_MEMBER][::5])
    fields = {"run_date": "2026-05-04", "planner": "0", "snapshots": {}, "mapping": "", "scopes": (), "census": (), "findings": (), "verdicts": (), "links": ()}  # fmt: skip
    with running(OktaSandbox(night.seed)) as sandbox:
        target = Okta("okta", OktaSettings.model_validate({"url": sandbox.url, "token": "env:LARGE_TOKEN"}), Path())
        assert asyncio.run(_applied(target, digested(Plan(operations=removals, **fields)), tmp_path)) == {OutcomeKind.DONE}
        sent = len(sandbox.requests())
    costs = target.costs(PEOPLE)
    members = {("okta", OKTA.group_id(0)): PEOPLE}
    known, unknown = (calls_of(work_sizes(queryable(removals), removals, 2_000, sizes)["okta"], costs).total() for sizes in (members, {}))
    start = sum(costs.start.values())
    assert known - start == pytest.approx(sent, rel=0.1)
    assert unknown - start < 0.9 * sent
