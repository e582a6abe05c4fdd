"""`show --all` prints every row."""

import re

from reconcile.plan.model import Finding, FindingKind, LinkChange, Outcome, OutcomeKind, Run, Severity, Verb
from reconcile.plan.server_answer import ServerAnswer
from reconcile.report.formats.text import show
from reconcile.report.formats.text_whole import lines

COUNT = 40


def printed(plan, run=None):
    return "".join(lines(plan, run, width=100, colour=False))


def test_every_operation_finding_and_link_has_its_line(operation, plan_of):
    findings = tuple(
        Finding(kind=FindingKind.REQUIRED, severity=Severity.ATTENTION, target="okta", who=f"f{number}@x", message="A value is missing.")
        for number in range(COUNT)
    )
    links = tuple(LinkChange(target="okta", anchor=f"E{number}", account_id=f"L{number}", because="by badge") for number in range(COUNT))
    plan = plan_of(*(operation(number, after={"a": number}) for number in range(COUNT)), findings=findings, links=links)
    shown = printed(plan)
    assert re.findall(r"^  ([0-9a-f]{12})  okta  update  ", shown, re.MULTILINE) == [each.id for each in plan.operations]
    assert [f"  required [attention]  okta: f{number}@x: A value is missing." in shown for number in range(COUNT)] == [True] * COUNT
    assert [f"remember that L{number} belongs to E{number}: by badge" in shown for number in range(COUNT)] == [True] * COUNT
    assert "more" not in shown


def test_it_begins_with_the_overview_of_the_short_form(small_plan):
    overview = printed(small_plan).partition("\nFindings:")[0]
    assert "REFUSED by okta.privileged" in overview
    assert show(small_plan, width=100, colour=False).startswith(overview)


def test_a_row_of_a_run_says_how_it_ended_and_with_which_request(operation, plan_of):
    answer = ServerAnswer(status=403, request_id="req-7", repetition="permanent")
    outcome = Outcome(operation_id=operation(1).id, kind=OutcomeKind.FAILED, detail="403: not yours", answer=answer)
    run = Run(id="r-1", plan_digest="3f", live=True, started="2026-11-22T20:00:00Z", ended="2026-11-22T21:00:09Z", outcomes=(outcome,))
    shown = printed(plan_of(operation(1, Verb.DEACTIVATE, before={"state": "active"}, after={"state": "deactivated"})), run)
    assert "  000000000001  okta  deactivate  user1@example.com (User 1)  [failed]\n" in shown
    assert "      ended: 403: not yours (request req-7, permanent)\n" in shown
    assert "run r-1: 2026-11-22 20:00:00 UTC, 1 hour 9 seconds\n" in shown
