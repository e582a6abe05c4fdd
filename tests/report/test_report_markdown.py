"""The Markdown form: what it says, in which order, and where it ends."""

import re
from dataclasses import replace
from itertools import pairwise
from textwrap import dedent

import pytest

from reconcile.decide.approval import IRREVERSIBLE
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import Cause, Finding, FindingKind, Outcome, OutcomeKind, Severity, Verb
from reconcile.report.formats.markdown import LISTED, LONGEST, ROWS
from reconcile.report.markdown_text import code, sentence
from tests.support.documents import markdown


def test_it_says_how_a_plan_stands_then_counts_guards_risks_findings_and_changes(small_plan):
    assert markdown(small_plan) == dedent("""\
        # Plan `3f9c2a11b0de` for `2026-11-22`

        ❌ **REFUSED by okta.privileged: nothing of this plan is applied; 1 scope not read completely; findings: 1 for attention**

        | Target | Operation | Count | Accounts | Of all |
        |---|---|--:|--:|--:|
        | `okta` | Deactivate accounts | 1 | 1 | 2.5% |
        | `okta` | Update attributes | 1 | 1 | 2.5% |
        | `okta` | Add memberships | 1 | 1 | 2.5% |

        ## Guards

        1 of 2 guards passed.

        - ❌ `okta.privileged` refuses: 1 privileged addition (limit 0): User 3.

        ## Not read completely: 1

        - `okta`, `members 00g7`: page 2: 503

        ## Privileged access: 1

        - `000000000003` add member `user3@example.com (User 3)` `Admins`

        ## People who lose an account: 1

        - `user1@example.com (User 1)` in `okta`: end_date 2026-11-21 has passed.

        ## Findings: 1

        ### Ambiguous matches (`ambiguous`): 1

        Several accounts or people share a key. No match was guessed: decide with `reconcile decide`, or fill in what `reconcile decisions` prints.

        - `okta`: `jan@example.com`: E9 matches 00u8 and 00u9. Link one.

        ## Changes

        ### Deactivate accounts in `okta`: 1

        - `000000000001` deactivate `user1@example.com (User 1)`. `state`: `"active"` → `"deactivated"`. Why: end_date 2026-11-21 has passed.

        ### Update attributes in `okta`: 1

        - `000000000002` update `user2@example.com (User 2)`. `title`: `"Engineer"` → `"Senior Engineer"`, `phone`: `""` → `null`. Why: The source says so.

        ### Add memberships in `okta`: 1

        - `000000000003` add member `user3@example.com (User 3)` `Admins`. Why: The source says so.

        ---

        Every row: `reconcile show 3f9c2a11b0de --all`; as one page: `reconcile report 3f9c2a11b0de`. If it is right all the same: `reconcile override GUARD --plan 3f9c2a11b0de --by NAME --why REASON`.
        """)


def test_of_a_run_it_says_what_was_done_what_failed_and_how_long_it_took(small_plan, small_run):
    text = markdown(small_plan, small_run)
    assert text.startswith("# Run `r-1` of plan `3f9c2a11b0de` for `2026-11-22`\n")
    assert "\nrun r-1: 2026-11-22 20:00:00 UTC, 9 seconds\n" in text
    assert "| `okta` | Updated attributes | 0 of 1 (1 moved since the plan) | 1 | 2.5% |" in text
    assert (
        "## Needs attention: 1\n\n- `000000000002` update `user2@example.com (User 2)` (**moved since the plan**: title is now Boss)\n"
        in text
    )
    assert "### Deactivated accounts in `okta`: 1\n\n- `000000000001` deactivate `user1@example.com (User 1)` (**done**). " in text
    assert "apply" not in text.partition("\n---\n")[2]


def test_a_dry_run_reads_as_its_plan(small_plan, small_run):
    assert markdown(small_plan, replace(small_run, live=False)) == markdown(small_plan)


def test_a_plan_that_may_be_applied_ends_with_the_commands_for_it(operation, plan_of):
    text = markdown(plan_of(operation(1, after={"a": "b"}), forecasts=(Forecast(target="okta", requests=4, minutes=0.2),)))
    assert "✅ **1 change, no guard refuses**" in text
    assert "- `okta`: about 4 requests, less than a minute" in text
    assert text.endswith(
        "To approve it: `reconcile approve 3f9c2a11b0de --by NAME --why REASON`; to apply it: `reconcile apply 3f9c2a11b0de --live`.\n"
    )


def test_what_cannot_be_undone_stands_before_the_changes(operation, plan_of):
    text = markdown(plan_of(*(operation(number, Verb.DELETE) for number in range(20))))
    listed = text.partition("## Irreversible: 20\n")[2].partition("\n## ")[0]
    assert listed.count("\n- `") == LISTED
    assert f"- … and {20 - LISTED} more\n" in listed


@pytest.mark.parametrize("verb", Verb)
def test_what_an_approval_takes_for_irreversible_is_listed_as_that(operation, plan_of, verb):
    assert ("## Irreversible: 1\n" in markdown(plan_of(operation(1, verb)))) == (verb in IRREVERSIBLE)


def test_lists_end_with_how_many_more_there_are(operation, plan_of):
    findings = tuple(
        Finding(kind=FindingKind.REQUIRED, severity=Severity.NOTE, target="okta", message=f"Said {'a' * number}.")
        for number in range(1, 41)
    )
    text = markdown(plan_of(*(operation(number, after={"a": number}) for number in range(200)), findings=findings))
    assert f"\n- … and {40 - LISTED} more\n" in text
    assert f"\n- … and {200 - ROWS} more\n" in text
    assert text.partition("## Changes")[2].count("\n- `") == ROWS


def test_it_is_never_longer_than_a_comment_may_be(operation, plan_of):
    long = [operation(number, who="w" * 400, name="n" * 400, after={f"{key}": "v" * 500 for key in range(9)}) for number in range(99)]
    text = markdown(plan_of(*long))
    assert len(text) <= LONGEST
    assert "**Cut here**" in text
    assert "`reconcile show 3f9c2a11b0de --all`" in text.partition("**Cut here**")[2]


def test_every_list_has_a_heading(small_plan, small_run):
    cause = Cause(target="okta", verb=Verb.UPDATE, kind=CauseKind.ATTRIBUTE, name="", value="title", explained=9, of=10)
    forecast = Forecast(target="okta", requests=4)
    for run in (None, small_run):
        text = markdown(replace(small_plan, causes=(cause,), forecasts=(forecast,)), run)
        blocks = re.split(r"\n{2,}", text)
        before = [earlier for earlier, block in pairwise(blocks) if block.startswith("- ")]
        assert [
            block for block in before if not block.startswith("#") and block != "1 of 2 guards passed." and "No match was" not in block
        ] == []
    assert "## Common causes: 1\n\n- `okta`, update: 9 of 10 change title\n" in text


def test_way_out_of_a_finding_stays_however_long_its_values_are(plan_of):
    message = f"{'A name' * 60} is wrong. Correct `it`."
    text = markdown(plan_of(findings=(Finding(kind=FindingKind.REQUIRED, severity=Severity.NOTE, target="okta", message=message),)))
    assert "is wrong. Correct 'it'.`\n" in text


def test_every_outcome_is_named_in_its_row(operation, plan_of, small_run):
    rows = [operation(number, after={"a": number}) for number in range(len(OutcomeKind))]
    ended = tuple(Outcome(operation_id=row.id, kind=kind) for row, kind in zip(rows, OutcomeKind, strict=True))
    text = markdown(plan_of(*rows), replace(small_run, outcomes=ended))
    assert len(set(re.findall(r"\(\*\*(.*?)\*\*\)\. `a`", text))) == len(OutcomeKind)


def test_two_texts_never_look_the_same():
    texts = ["a`b", r"a\u0060b", r"a\\u0060b", "a|b", "a<b", "a\nb", r"a\nb", "a b", ""]
    assert len(set(map(code, texts))) == len(texts)


def test_a_sentence_runs_on_unless_something_in_it_could_be_acted_on():
    assert sentence("end_date 2026-11-21 has passed (see rule 3).") == "end_date 2026-11-21 has passed (see rule 3)."
    assert sentence("Granted by 'Product & Design' (a = \"b\").") == "Granted by 'Product & Design' (a = \"b\")."
    assert sentence("at 01:02:03 UTC") == "at 01:02:03 UTC"
    for text in (
        "a :tada: b",
        "a:100: b",
        "Ann\u3164Lee",
        "mail a@b.c",
        "a &lt; b",
        "a &amp b",
        "see www.x.y",
        "http://x",
        "a #1",
        "1. first",
        "- item",
        "*bold*",
        "_it_",
        "`x`",
        "a\nb",
        "<b>",
        "x" * 400,
    ):
        assert sentence(text).startswith("`"), text
