"""Whether docs/reference/ is what the code says, and the JSON report what its schema says."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconcile.cli import group
from reconcile.plan.approval import Approval, RowDecision
from reconcile.plan.model import Candidate, Finding, FindingKind, LinkChange, Outcome, OutcomeKind, Run, Severity, Verb
from reconcile.plan.search_key import SearchKey
from reconcile.plan.server_answer import ServerAnswer
from reconcile.plan.waits import WaitCause, Waiting
from tests.plans.small_plans import SMALL
from tests.report.conftest import make_operation, make_plan
from tests.structure.reference import FOLDER, differences, headings
from tests.support.documents import document

SCHEMA = json.loads((FOLDER / "report.schema.json").read_text(encoding="utf-8"))
WRONG = {
    "a member that is missing": lambda read: read.pop("operations"),
    "a member that nobody documents": lambda read: read.update(more=1),
    "a verb that there is not": lambda read: read["operations"][0].update(verb="promote"),
    "an outcome without its kind": lambda read: read["operations"][0]["outcome"].pop("kind"),
    "a number as text": lambda read: read["counts"][0].update(accounts="1"),
    "another format": lambda read: read.update(format=2),
}


def problems(read):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(read)]


def test_the_reference_is_what_the_code_says():
    assert differences() == []


def test_every_command_is_described():
    described = headings((FOLDER / "commands.md").read_text(encoding="utf-8"))
    assert [f"reconcile {name}" for name in group.list_commands(None)] == [name for name in described[1:] if name.count(" ") == 1]


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_report_of_every_kind_of_value_is_what_the_schema_says():
    waiting = Waiting(source="hr", subject="people.csv", cause=WaitCause.UNTRUSTED, people=2, leavers=1, sample=("A", "B"))
    finding = Finding(
        kind=FindingKind.AMBIGUOUS, severity=Severity.ATTENTION, target="okta", message="Two.", candidates=(Candidate("00u1", "a@x"),)
    )
    approval = Approval(plan_digest="3f", by="A", why="B", made="x", until="y", rows={"000000000001": RowDecision.HOLD})
    absent = (SearchKey(attribute="login", value="a@x"),)
    values = {"a": None, "b": [1, {"c": True}], "d": 1.5}
    plan = make_plan(
        *(
            make_operation(number, verb, before=values, after=values, absent=absent, placeholders={"p": "x"})
            for number, verb in enumerate(Verb)
        ),
        findings=(finding,),
        waiting=(waiting,),
        approvals=(approval,),
        links=(LinkChange(target="okta", anchor="E1", account_id="00u1", because="by badge"),),
    )
    assert problems(json.loads(document(plan))) == []
    assert problems(json.loads(document(SMALL))) == []


@pytest.mark.parametrize("how", WRONG)
def test_the_schema_finds(how):
    ended = Outcome(operation_id=make_operation().id, kind=OutcomeKind.FAILED, detail="403", answer=ServerAnswer(status=403))
    run = Run(id="r-1", plan_digest="3f", live=True, started="x", ended="y", outcomes=(ended,))
    read = json.loads(document(make_plan(make_operation()), run))
    assert problems(read) == []
    broken = copy.deepcopy(read)
    WRONG[how](broken)
    assert problems(broken) != []


def test_no_page_of_the_reference_is_missing_in_the_index():
    index = (Path(FOLDER).parent / "index.md").read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.iterdir() if f"reference/{path.name}" not in index] == []
