r"""A backslash is printed as it is: the login `corp\ann` is no other login in a report."""

import csv
import io
import json
from typing import Any

import pytest

from connectors.quoting import quoted
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.report.formats.csv import table
from reconcile.report.formats.html import page
from reconcile.report.formats.json import parts
from reconcile.report.formats.markdown import lines as markdown
from reconcile.report.formats.text import show
from reconcile.report.formats.text_whole import lines as whole
from reconcile.report.summary import pattern
from reconcile.visible import visible

LOGIN = r"corp\ann"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (LOGIN, r"'corp\ann'"),
        (r"corp\zoë", r"'corp\zoë'"),
        ("it's", '"it\'s"'),
        ("a\nb\u202ec", r"'a\nb\u202ec'"),
        (r"\\nas\x", r"'\\nas\x'"),
        (5, "5"),
        (["a"], "['a']"),
        (None, "None"),
    ],
)
def test_what_is_quoted_stands_on_one_line_with_its_backslashes(value: object, said: str) -> None:
    assert quoted(value) == said
    assert visible(quoted(value)) == said


def test_finding_that_quotes_a_login_has_one_backslash_in_every_format(plan_of: Any, operation: Any) -> None:
    message = f"The login {quoted(LOGIN)} is taken. Choose another."
    found = Finding(kind=FindingKind.INVALID_VALUE, severity=Severity.ATTENTION, target="okta", anchor="E1", who=LOGIN, message=message)
    made = plan_of(operation(1, who=LOGIN), findings=(found,))
    (row,) = (row for row in csv.DictReader(io.StringIO(table(made))) if message in row.values())
    assert LOGIN in row.values()
    document = json.loads("".join(parts(made)))
    assert [(each["who"], each["message"]) for each in document["findings"]] == [(LOGIN, message)]
    for text in (show(made, width=200, colour=False), "\n".join(whole(made, width=200, colour=False))):
        assert f"The login '{LOGIN}' is taken" in text
        assert "corp\\\\ann" not in text
    assert "corp\\\\\\\\ann" not in "\n".join(markdown(made)), "Markdown itself may ask for one more"
    assert "corp\\\\\\\\ann" not in page(made), "a page holds its rows as JSON"


def test_findings_that_differ_in_quoted_values_alone_are_one_whatever_backslashes_they_have() -> None:
    said = (f"The folder {quoted(value)} is not {quoted('x')}. Choose another." for value in ("a\\", r"corp\ann", 'it\'s "so"', "plain"))
    found = (Finding(kind=FindingKind.INVALID_VALUE, severity=Severity.ATTENTION, target="okta", message=message) for message in said)
    assert {pattern(each) for each in found} == {"The folder … is not …. Choose another."}
