"""Plans of a few rows, and of many."""

from collections.abc import Iterable, Sequence
from typing import Any

from reconcile.plan.digest import digested
from reconcile.plan.model import (
    Because,
    Candidate,
    Census,
    Finding,
    FindingKind,
    LinkChange,
    Operation,
    Plan,
    Severity,
    Situation,
    Verb,
    Verdict,
)
from reconcile.plan.origin import ReadScope
from reconcile.plan.search_key import SearchKey

WHY = Because(situation=Situation.ABSENT, rule="desk.toml: groups.quay", detail="Granted by quay (site = 'North').")


def operation(number: int, verb: Verb = Verb.UPDATE, **fields: Any) -> Operation:
    usual: dict[str, Any] = {
        "id": f"{number:012x}",
        "target": "desk",
        "verb": verb,
        "anchor": f"N{number}",
        "account_id": f"acc{number}",
        "who": f"crew{number}@harbour.example",
        "name": f"Crew {number}",
        "because": WHY,
    }
    return Operation(**{**usual, **fields})


def finding(number: int) -> Finding:
    return Finding(
        kind=FindingKind.AMBIGUOUS,
        severity=Severity.ATTENTION,
        target="desk",
        anchor=f"N{number}",
        message="Two accounts match.",
        candidates=(Candidate("acc1", "one@harbour.example"), Candidate("acc2", "two@harbour.example")),
    )


def link(number: int) -> LinkChange:
    return LinkChange(target="desk", anchor=f"N{number}", account_id=f"acc{number}", because="found by badge", who="w", name="Né")


def plan_of(operations: Sequence[Operation] = (), findings: Iterable[Finding] = (), links: Iterable[LinkChange] = ()) -> Plan:
    """A plan with its digest."""
    return digested(
        Plan(
            run_date="2026-05-04",
            planner="0.1.0",
            snapshots={"hr": "aa", "desk": "bb"},
            mapping="cc",
            scopes=(ReadScope(system="hr", scope="file", complete=True, rows=9),),
            census=(Census(target="desk", situations={Situation.CONFIRMED: 7, Situation.ABSENT: 2}, accounts=8, before=9),),
            operations=tuple(operations),
            findings=tuple(findings),
            verdicts=(Verdict(guard="desk.update", passed=True, count=2, accounts=2, population=9, message="2 of 9."),),
            links=tuple(links),
        )
    )


SMALL = plan_of(
    (
        operation(1, Verb.CREATE, account_id="", after={"login": "crew1", "tags": ["b", "a"], "desk": None}, account={"login": "crew1"},
                  absent=(SearchKey(attribute="login", value="crew1", held_by=("acc9",)),)),
        operation(2, before={"title": "Pilot"}, after={"title": "Master", "level": 3.5, "pager": False}),
        operation(3, Verb.ADD_MEMBER, account_id="", depends_on=(f"{1:012x}", f"{9:012x}"), entitlement_id="g1", entitlement="quay",
                  entitlement_kind="group", privileged=True, ours=False, before={"member": False}, after={"member": True}),
        operation(4, Verb.ADD_MEMBER, target="shed", account_id="acc4", placeholders={"@{x}": f"{1:012x}"}),
        operation(5, Verb.SUSPEND, target="shed", before={"state": "active"}, after={"state": "suspended"}),
    ),
    (finding(5), finding(6)),
    (link(7), link(8)),
)  # fmt: skip
