"""Findings that say the same of many people are read as one, with a sample; those that are like few others stay by themselves."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show
from reconcile.report.summary import finding_groups, pattern
from tests.support.documents import document


def gone(number: int, message: str = "", **rest: object) -> Finding:
    stated = {
        "kind": FindingKind.SOURCE_MISSING,
        "severity": Severity.ATTENTION,
        "target": "okta",
        "anchor": f"E{number}",
        "account_id": f"id{number}",
        "who": f"user{number}@example.com",
        "message": message or f"E{number} is missing from all sources; the account user{number}@example.com is active.",
    }
    return Finding(**stated | rest)


def test_five_that_say_the_same_are_one_line_with_a_sample(plan_of):
    shown = show(plan_of(findings=tuple(gone(number) for number in range(37))), width=300, colour=False)
    assert (
        "  okta: 37 alike: … is missing from all sources; the account … is active. Among them user0@example.com, user1@example.com, "
        "user2@example.com, user3@example.com, user4@example.com and 32 more.\n"
    ) in shown
    assert shown.count("is missing from all sources") == 1


def test_four_are_told_one_by_one(plan_of):
    shown = show(plan_of(findings=tuple(gone(number) for number in range(4))), width=300, colour=False)
    assert "alike" not in shown
    assert shown.count("is missing from all sources") == 4


def test_the_odd_one_stands_by_itself(plan_of):
    findings = (*(gone(number) for number in range(9)), gone(9, "E9 is gone, and so is the account.", target="wiki"))
    (group,) = finding_groups(plan_of(findings=findings))
    assert [case.who for case in group.cases] == ["user9@example.com"]
    assert [len(each.cases) for each in group.alike] == [9]
    assert (group.findings, group.attention) == (10, 10)


def test_names_and_values_are_not_what_tells_findings_apart(plan_of):
    kind = {"kind": FindingKind.IMMUTABLE}
    findings = [
        gone(number, f"Anna{number} Lee (E{number}) has login 'a{number}' and should have 'b{number}'.", **kind) for number in range(6)
    ]
    (group,) = finding_groups(plan_of(findings=tuple(findings)))
    assert [each.pattern for each in group.alike] == ["… has login … and should have …."]


def test_the_same_of_another_target_is_another_line(plan_of):
    findings = [gone(number, target="okta" if number < 6 else "wiki") for number in range(12)]
    shown = show(plan_of(findings=tuple(findings)), width=300, colour=False)
    assert re.findall(r"(okta|wiki): 6 alike: … is missing", shown) == ["okta", "wiki"]


def test_a_number_inside_a_word_is_not_taken_for_the_person(plan_of):
    findings = [gone(number, "1 of 12 rows cannot be read.", anchor="2", who="", account_id="") for number in range(6)]
    (group,) = finding_groups(plan_of(findings=tuple(findings)))
    assert [case.pattern for case in group.cases] == ["1 of 12 rows cannot be read."]


@given(message=st.text("ab_1é .-·", min_size=1, max_size=30), word=st.text("ab_1é .-·", min_size=1, max_size=4))
def test_a_name_is_left_out_wherever_it_stands_alone_and_nowhere_else(message, word):
    expected = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", message)
    assert pattern(gone(1, message, who=word, account_id="", anchor="")) == expected


def test_the_page_folds_them_and_loses_none(plan_of):
    plan = plan_of(findings=tuple(gone(number) for number in range(37)))
    html = page(plan)
    assert "<b>37 alike</b>" in html
    assert all(f"user{number}@example.com" in html and f"user{number}@example.com" in document(plan) for number in range(37))
