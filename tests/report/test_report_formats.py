"""CSV and JSON, what all formats have in common, and redaction."""

import csv
import inspect
import io
import json
import re
from dataclasses import replace
from hashlib import blake2b, sha256
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.decide.fragment import operation_id
from reconcile.plan.approval import Approval
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.model import (
    Because,
    Cause,
    Finding,
    FindingKind,
    LinkChange,
    Outcome,
    OutcomeKind,
    Plan,
    Run,
    Severity,
    Situation,
    Verb,
    Verdict,
)
from reconcile.plan.override import Override
from reconcile.plan.search_key import SearchKey
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.report.formats.csv import COLUMNS, table
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show
from reconcile.report.formats.text_whole import lines
from reconcile.report.redact import redacted
from reconcile.report.redacted_ids import KeyedIds
from tests.support import page_rows
from tests.support.documents import document, markdown, sheets, workbook

KEY = b"key"
"""Key of redacted reports."""

# Stated again, without the regular expression of the module: where a formula would begin.
FORMULA = set("=+-@\t\r\n＝＋－＠")
SEPARATORS = set(";|\t\r\n")


def cells(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def read_back(cell):
    out, position = [], 0
    while position < len(cell):
        rest = cell[position:].lstrip("'")
        begins = position == 0 or cell[position - 1] in SEPARATORS
        if begins and cell[position] == "'" and rest and rest[0] in FORMULA:
            position += 1
            quotes = len(cell) - position - len(rest)
            out.append("'" * quotes)
            position += quotes
            out.append(cell[position])
            position += 1
        else:
            out.append(cell[position])
            position += 1
    return "".join(out)


def test_the_csv_holds_one_row_an_operation_or_finding(small_plan, small_run):
    assert table(small_plan, small_run).replace("\r\n", "\n") == "\ufeff" + ",".join(f'"{column}"' for column in COLUMNS) + dedent(
        r'''
        "operation","000000000001","okta","deactivate","","user1@example.com","User 1","E1","00u1","","","",\
        "{""state"": ""active""}","{""state"": ""deactivated""}","UNQUALIFIED","okta.toml: scope","end_date 2026-11-21 has passed.","",\
        "done","","2026-11-22T20:00:01Z","","","",""
        "operation","000000000002","okta","update","","user2@example.com","User 2","E2","00u2","","","",\
        "{""phone"": """", ""title"": ""Engineer""}","{""phone"": null, ""title"": ""Senior Engineer""}","CONFIRMED",\
        "okta.toml: attributes","The source says so.","","moved","title is now Boss","","","","",""
        "operation","000000000003","okta","add_member","","user3@example.com","User 3","E3","00u3","Admins","00g1","yes",\
        "{""member"": false}","{""member"": true}","CONFIRMED","okta.toml: attributes","The source says so.","000000000002","","","","","","",""
        "finding","","okta","ambiguous","attention","jan@example.com","","E9","","","","","","","","",\
        "E9 matches 00u8 and 00u9. Link one.","","","","","","","",""
        '''.replace("\\\n        ", "")
    )


def test_links_stand_in_csv_and_json(plan_of):
    link = LinkChange(target="okta", anchor="E1", account_id="00u1", because="found by badge", who="p@x", name="P")
    plan = plan_of(links=(link, replace(link, anchor="E2", forget=True)))
    wanted = ("row", "target", "what", "who", "name", "anchor", "account_id", "sentence")
    assert [[row[column] for column in wanted] for row in cells(table(plan))] == [
        ["link", "okta", "remember", "p@x", "P", "E1", "00u1", "found by badge"],
        ["link", "okta", "forget", "p@x", "P", "E2", "00u1", "found by badge"],
    ]
    assert [(each["anchor"], each["forget"]) for each in json.loads(document(plan))["links"]] == [("E1", False), ("E2", True)]


def test_the_csv_begins_with_a_byte_order_mark_and_ends_every_line_in_cr_lf(small_plan):
    text = table(small_plan)
    assert text.startswith('\ufeff"row"')
    assert text.count("\r\n") == text.count("\n") == 1 + len(small_plan.operations) + len(small_plan.findings)


HOSTILE = st.text(alphabet="=+-@\t\r\n;|'\",aé＝ ", max_size=12)


@given(HOSTILE, st.text())
def test_every_csv_cell_is_formula_safe_and_reads_back_as_it_was(operation, plan_of, name, who):
    written = table(plan_of(operation(name=name, who=who.encode("utf-8", "replace").decode())))
    (row,) = cells(written)
    assert read_back(row["name"]) == name
    for cell in row.values():
        starts = [0, *(place + 1 for place, character in enumerate(cell) if character in SEPARATORS)]
        assert not any(cell[start : start + 1] in FORMULA for start in starts if start < len(cell))


def test_a_formula_gets_an_apostrophe_also_where_excel_splits_at_semicolons(operation, plan_of):
    (row,) = cells(table(plan_of(operation(name="=cmd|' /C calc'!A0", who="a;=1+1"))))
    assert (row["name"], row["who"]) == ("'=cmd|' /C calc'!A0", "a;'=1+1")


def test_the_columns_of_the_csv_are_documented():
    documentation = inspect.getmodule(table).__doc__
    assert all(f"`{column}`" in documentation for column in COLUMNS)


def test_the_json_holds_the_plan_with_the_outcome_of_each_operation(small_plan, small_run):
    read = json.loads(document(small_plan, small_run))
    assert read["plan"] == {
        "digest": "3f9c2a11b0de4455",
        "mapping": "cccc",
        "planner": "0.1.0",
        "refused": True,
        "run_date": "2026-11-22",
        "snapshots": {"hr": "aaaa", "okta": "bbbb"},
    }
    assert read["counts"][0] == {"accounts": 1, "operations": 1, "population": 40, "target": "okta", "verb": "deactivate"}
    assert [operation["outcome"] and operation["outcome"]["kind"] for operation in read["operations"]] == ["done", "moved", None]
    assert read["operations"][1]["after"] == {"phone": None, "title": "Senior Engineer"}
    assert (read["format"], read["run"]["live"], read["findings"][0]["kind"]) == (1, True, "ambiguous")


def test_the_same_plan_gives_the_same_json_whatever_the_order_of_its_mappings(operation, plan_of):
    left = plan_of(operation(after={"a": 1, "b": {"x": 1, "y": 2}}))
    right = plan_of(operation(after={"b": {"y": 2, "x": 1}, "a": 1}))
    assert document(left) == document(right)


def test_ids_are_the_same_in_every_format(small_plan):
    expected = [operation.id for operation in small_plan.operations]
    assert [operation["id"] for operation in json.loads(document(small_plan))["operations"]] == expected
    assert [row["id"] for row in cells(table(small_plan)) if row["row"] == "operation"] == expected
    assert page_rows.ids(page(small_plan)) == expected
    assert re.findall(r"^  ([0-9a-f]{12})  .*\n      ", show(small_plan, width=90, colour=False), re.MULTILINE) == expected
    assert re.findall(r"^- `([0-9a-f]{12})`", markdown(small_plan).partition("## Changes")[2], re.MULTILINE) == expected
    assert [row[0] for row in sheets(workbook(small_plan))["operations"][1:]] == expected


@given(st.text(alphabet=st.characters(), max_size=20))
def test_every_format_can_be_written_as_utf_8(operation, plan_of, text):
    plan = plan_of(operation(name=text, who=text, after={text: [text]}, before={"a": text}))
    for report in (table(plan), document(plan), page(plan), show(plan, width=80, colour=False)):
        report.encode("utf-8")


def test_a_lone_surrogate_survives_json_as_its_escape(operation, plan_of):
    assert json.loads(document(plan_of(operation(name="\ud800"))))["operations"][0]["name"] == "\ud800"


def personal_plan(operation, plan_of, values) -> tuple[Plan, Run]:
    who, name, anchor, account, before, after, sentence = values
    because = Because(situation=Situation.CONFIRMED, rule="okta.toml: attributes", detail=f"was {sentence}")
    fields = {"who": who, "name": name, "anchor": anchor, "account_id": account, "because": because, "account": {"login": who}}
    fields |= {"absent": (SearchKey(attribute="email", value=who, held_by=(account,)),), "placeholders": {f"{name} ({anchor})": "c" * 12}}
    plan = plan_of(
        operation(1, before={"a": before, "n": 71017101, "b": True}, after={"a": [after, {"deep": after}], "e": "", "z": None}, **fields),
        operation(2, Verb.DEACTIVATE, before={"state": "active"}, after={"state": "deactivated"}, **fields),
        findings=(
            Finding(
                kind=FindingKind.AMBIGUOUS,
                severity=Severity.NOTE,
                target="okta",
                who=who,
                anchor=anchor,
                account_id=account,
                message=sentence,
            ),
        ),
        verdicts=(Verdict(guard="okta.update", passed=False, count=1, accounts=1, population=9, message=f"1 of 9: {name} {sentence}"),),
    )
    link = LinkChange(target="okta", anchor=anchor, account_id=account, because=sentence, who=who, name=name)
    decided = {"plan_digest": plan.digest, "by": name, "why": sentence, "made": "", "until": ""}
    override = Override(guard="okta.create", **decided)
    overridden = Verdict(guard="okta.create", passed=False, count=1, accounts=1, population=9, message=sentence, override=override)
    cause = Cause(target="okta", verb=Verb.UPDATE, kind=CauseKind.CHANGE, name="a", value=after, was=before, explained=1, of=1)
    plan = replace(
        plan,
        links=(link,),
        verdicts=(*plan.verdicts, overridden),
        approvals=(Approval(**decided),),
        causes=(cause,),
        waiting=(Waiting(source="hr", subject="hr.csv", cause=WaitCause.ROW, people=1, leavers=0, sample=(who,)),),
    )
    outcome = Outcome(operation_id=operation(1).id, kind=OutcomeKind.FAILED, account_id=account, detail=f"409: {who} {sentence}")
    return plan, Run(id="r-1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=(outcome,))


@settings(deadline=None)
@given(st.lists(st.text(alphabet="QJXZ", min_size=6, max_size=12), min_size=7, max_size=7))
def test_no_personal_value_survives_redaction_in_any_format(operation, plan_of, values):
    full, its_run = personal_plan(operation, plan_of, values)
    plan, run = redacted(full, KEY, its_run)
    cells = str(sheets(workbook(plan, run)))
    whole = "".join(lines(plan, run, width=200, colour=False))
    for report in (
        table(plan, run),
        document(plan, run),
        page(plan, run),
        show(plan, run, width=200, colour=False),
        whole,
        markdown(plan, run),
        cells,
    ):
        assert not [value for value in (*values, "71017101") if value in report]


def test_redaction_keeps_counts_states_and_the_difference_between_null_and_empty(operation, plan_of):
    plan, run = personal_plan(operation, plan_of, ["JX1", "JX2", "JX3", "JX4", "JX5", "JX6", "JX7"])
    hidden, _ = redacted(plan, KEY, run)
    first, second, *_ = hidden.operations
    assert not {row.id for row in hidden.operations} & {row.id for row in plan.operations}
    assert (first.after["e"], first.after["z"], first.before["b"]) == ("", None, True)
    assert second.before == {"state": "active"}
    assert (hidden.digest, hidden.verdicts[0].message, hidden.refused) == (plan.digest, "1 of 9 accounts or people. (redacted)", True)


def test_one_value_and_one_id_have_one_hash_under_a_key_and_another_under_another(operation, plan_of):
    plan = plan_of(operation(1, who="a@b"), operation(2, who="a@b"), operation(3, who="b@b"))
    first, second, third = redacted(plan, KEY)[0].operations
    assert first.who == second.who != third.who
    (later,) = redacted(plan_of(operation(1, who="a@b"), snapshots={"hr": "dddd"}), KEY)[0].operations
    assert (later.who, later.id) == (first.who, first.id)
    (other,) = redacted(plan_of(operation(1, who="a@b")), b"another")[0].operations
    assert other.who != first.who
    assert other.id != first.id


@pytest.mark.parametrize("key", [KEY, b"x" * 64])
def test_a_list_of_the_staff_gives_no_id_of_a_redacted_report(operation, plan_of, key):
    """Without the key: the ids, and every plain hash of what they are made of."""
    staff = [f"{number:05}" for number in range(200)]
    made = [operation(number, id=operation_id("okta", Verb.UPDATE, anchor), anchor=anchor) for number, anchor in enumerate(staff)]
    guessed = {digest(f"okta\x1f{verb.value}\x1f{anchor}\x1f".encode()).hexdigest()[:size] for anchor in staff for verb in Verb for digest in (sha256, blake2b) for size in (10, 12)}  # fmt: skip
    assert {each.id for each in made} <= guessed
    hidden = redacted(plan_of(*made), key)[0]
    assert len({each.id for each in hidden.operations}) == len(staff)
    assert not guessed & {value for each in hidden.operations for value in (each.id, each.anchor)}


@given(st.text(), st.binary(min_size=1, max_size=80))
def test_an_id_leads_back_with_its_key_alone(id_, key):
    assert KeyedIds(key).original(KeyedIds(key).hidden(id_)) == id_
    usual = sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    hidden = KeyedIds(key).hidden(usual)
    assert len(hidden) == 12
    assert KeyedIds(key).original(hidden) == usual
    assert KeyedIds(b"z" + key).original(hidden) != usual


@pytest.mark.parametrize("text", ["", "r", "rzz", "zz", "0g", "abc", "rff"])
def test_what_no_id_becomes_leads_nowhere(text):
    assert not KeyedIds(KEY).original(text) or KeyedIds(KEY).hidden(KeyedIds(KEY).original(text)) == text


def test_what_waits_for_what_and_the_outcomes_of_a_run_are_found_by_the_hidden_ids(operation, plan_of):
    plan = plan_of(operation(1), operation(2, depends_on=(operation(1).id,)))
    outcome = Outcome(operation_id=operation(2).id, kind=OutcomeKind.DONE, account_id="a")
    made = Run(id="r", plan_digest=plan.digest, live=True, started="", ended="", outcomes=(outcome,))
    hidden, run = redacted(plan, KEY, made)
    first, second = hidden.operations
    assert second.depends_on == (first.id,)
    assert [each.operation_id for each in run.outcomes] == [second.id]


def test_a_redacted_page_says_so_and_does_not_show_what_the_hashes_are_keyed_with(small_plan):
    shown = page(small_plan, redact=KEY)
    assert "Redacted: names, addresses and values are short hashes" in shown
    assert "aaaa" not in shown
    assert "bbbb" not in shown
    assert "user1@example.com" not in shown
