"""Small plans that the tests of the reports share."""

from collections.abc import Callable
from typing import Any

import pytest

from reconcile.plan.model import (
    Because,
    Census,
    Finding,
    FindingKind,
    Operation,
    Outcome,
    OutcomeKind,
    Plan,
    Run,
    Severity,
    Situation,
    Verb,
    Verdict,
)
from reconcile.plan.origin import ReadScope


def make_operation(number: int = 1, verb: Verb = Verb.UPDATE, **fields: Any) -> Operation:
    defaults: dict[str, Any] = {
        "id": f"{number:012x}",
        "target": "okta",
        "verb": verb,
        "anchor": f"E{number}",
        "account_id": f"00u{number}",
        "who": f"user{number}@example.com",
        "name": f"User {number}",
        "because": Because(situation=Situation.CONFIRMED, rule="okta.toml: attributes", detail="The source says so."),
    }
    return Operation(**{**defaults, **fields})


def make_plan(*operations: Operation, **fields: Any) -> Plan:
    defaults: dict[str, Any] = {
        "run_date": "2026-11-22",
        "planner": "0.1.0",
        "snapshots": {"hr": "aaaa", "okta": "bbbb"},
        "mapping": "cccc",
        "scopes": (),
        "census": (),
        "findings": (),
        "verdicts": (),
        "digest": "3f9c2a11b0de4455",
    }
    return Plan(operations=operations, **{**defaults, **fields})


@pytest.fixture(scope="session")
def operation() -> Callable[..., Operation]:
    return make_operation


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., Plan]:
    return make_plan


@pytest.fixture(scope="session")
def small_plan() -> Plan:
    """A leaver, a changed title, a privileged addition, a finding, an incomplete scope and a guard that refuses."""
    return make_plan(
        make_operation(
            1,
            Verb.DEACTIVATE,
            before={"state": "active"},
            after={"state": "deactivated"},
            because=Because(situation=Situation.UNQUALIFIED, rule="okta.toml: scope", detail="end_date 2026-11-21 has passed."),
        ),
        make_operation(2, before={"title": "Engineer", "phone": ""}, after={"title": "Senior Engineer", "phone": None}),
        make_operation(
            3,
            Verb.ADD_MEMBER,
            entitlement_id="00g1",
            entitlement="Admins",
            privileged=True,
            before={"member": False},
            after={"member": True},
            depends_on=("000000000002",),
        ),
        scopes=(
            ReadScope(system="hr", scope="file people.csv", complete=True, rows=41),
            ReadScope(system="okta", scope="members 00g7", complete=False, rows=12, reason="page 2: 503"),
        ),
        census=(Census(target="okta", situations={Situation.CONFIRMED: 39, Situation.UNQUALIFIED: 1}, accounts=40),),
        findings=(
            Finding(
                kind=FindingKind.AMBIGUOUS,
                severity=Severity.ATTENTION,
                target="okta",
                anchor="E9",
                who="jan@example.com",
                message="E9 matches 00u8 and 00u9. Link one.",
            ),
        ),
        verdicts=(
            Verdict(guard="okta.deactivate", passed=True, count=1, accounts=1, population=40, message="1 of 40 (2.5%, limit 5%)."),
            Verdict(
                guard="okta.privileged",
                passed=False,
                count=1,
                accounts=1,
                population=40,
                message="1 privileged addition (limit 0): User 3.",
            ),
        ),
    )


@pytest.fixture(scope="session")
def small_run() -> Run:
    return Run(
        id="r-1",
        plan_digest="3f9c2a11b0de4455",
        live=True,
        started="2026-11-22T20:00:00Z",
        ended="2026-11-22T20:00:09Z",
        outcomes=(
            Outcome(operation_id="000000000001", kind=OutcomeKind.DONE, account_id="00u1", at="2026-11-22T20:00:01Z"),
            Outcome(operation_id="000000000002", kind=OutcomeKind.MOVED, account_id="00u2", detail="title is now Boss"),
        ),
    )
