"""What a terminal and a cron mail show."""

import re
from dataclasses import replace
from textwrap import dedent

import pytest

from reconcile.plan.model import Because, Finding, FindingKind, LinkChange, Outcome, OutcomeKind, Run, Severity, Situation, Verb
from reconcile.plan.origin import ReadScope
from reconcile.report.formats.text import show, summary_line
from reconcile.report.labels import FINDING_HEADINGS, VERB_HEADINGS, run_words, verb_heading


def test_counts_come_first_then_risks_then_findings_then_rows(small_plan):
    assert show(small_plan, width=90, colour=False) == dedent("""\
        Plan 3f9c2a11b0de for 2026-11-22
        REFUSED by okta.privileged: nothing of this plan is applied; 1 scope not read completely;
        findings: 1 for attention

        Target  Operation   Count  Accounts  Of all
        okta    deactivate      1         1    2.5%
        okta    update          1         1    2.5%
        okta    add_member      1         1    2.5%

        okta: percentages are of 40 (accounts not deactivated, or eligible people if more)

        Situation    okta
        CONFIRMED      39  linked to a person, and both are there
        UNQUALIFIED     1  the person should have no working account

        Refused by guards: 1
          okta.privileged: 1 privileged addition (limit 0): User 3.

        Not read completely: 1
          okta, members 00g7: 12 rows; page 2: 503

        Privileged access changes: 1
          000000000003  add_member user3@example.com (User 3), okta Admins

        People who lose an account: 1
          okta: user1@example.com (User 1): end_date 2026-11-21 has passed.

        1 of 2 guards passed.

        Ambiguous matches (ambiguous): 1
          Several accounts or people share a key. No match was guessed: decide with `reconcile
          decide`, or fill in what `reconcile decisions` prints.
          okta: jan@example.com: E9 matches 00u8 and 00u9. Link one.

        Deactivate accounts: okta 1
          okta: 1 of 1: UNQUALIFIED · okta.toml: scope
          000000000001  user1@example.com (User 1)
              state: "active" -> "deactivated"
              why: end_date 2026-11-21 has passed.

        Update attributes: okta 1
          okta: 1 of 1: CONFIRMED · okta.toml: attributes
          000000000002  user2@example.com (User 2)
              title: "Engineer" -> "Senior Engineer"
              phone: "" -> null
              why: The source says so.

        Add memberships: okta 1
          okta: 1 of 1: Admins
          okta: 1 of 1: CONFIRMED · okta.toml: attributes
          000000000003  user3@example.com (User 3)  [privileged]
              Admins: not a member -> member
              why: The source says so.
        """)


def test_a_run_shows_what_needs_a_look_and_how_each_row_ended(small_plan, small_run):
    shown = show(small_plan, small_run, width=90, colour=False)
    assert "run r-1 applied it, although refused by okta.privileged: 1 done, 1 moved since the plan, 1 without an outcome" in " ".join(
        shown.split()
    )
    assert "Needs attention: 1\n  000000000002  update user2@example.com (User 2), okta: moved since the plan" in shown
    assert "000000000001  user1@example.com (User 1)  [done]\n" in shown


def test_an_empty_plan_says_so(plan_of):
    assert show(plan_of(), width=80, colour=False) == "Plan 3f9c2a11b0de for 2026-11-22\nnothing to change\n"


def test_nothing_to_change_is_not_good_news_where_something_was_not_read(plan_of):
    plan = plan_of(scopes=(ReadScope(system="okta", scope="accounts", complete=False, rows=0, reason="401"),))
    assert "nothing to change; 1 scope not read completely" in show(plan, width=80, colour=False)


def test_the_summary_is_one_line(small_plan, small_run):
    start = "2026-11-22 plan 3f9c2a11b0de: okta 1 deactivate, 1 update, 1 add_member; "
    end = "; 1 scope not read completely; findings: 1 for attention"
    assert summary_line(small_plan) == f"{start}REFUSED by okta.privileged: nothing of this plan is applied{end}"
    applied = "run r-1 applied it, although refused by okta.privileged: 1 done, 1 moved since the plan, 1 without an outcome"
    assert summary_line(small_plan, small_run) == f"{start}{applied}{end}"


def test_a_line_end_in_the_data_does_not_break_the_summary(operation, plan_of):
    assert "\n" not in summary_line(plan_of(operation(target="okta\nroot: all done"), run_date="2026\r\n"))


def test_a_dry_run_reads_as_the_plan_does(small_plan, small_run):
    assert summary_line(small_plan, replace(small_run, live=False)) == summary_line(small_plan)


def test_a_run_that_a_guard_stopped_says_that_nothing_was_applied(small_plan, small_run):
    assert summary_line(small_plan, replace(small_run, outcomes=())) == summary_line(small_plan)


OUTCOME_WORDS = ["done", "already so", "moved", "failed", "held", "not approved", "unknown"]


@pytest.mark.parametrize(("kind", "word"), list(zip(OutcomeKind, OUTCOME_WORDS, strict=True)))
def test_every_outcome_is_counted_in_the_summary(operation, plan_of, small_run, kind, word):
    run = replace(small_run, outcomes=(Outcome(operation_id=operation(1).id, kind=kind),))
    assert f"run r-1 applied it: 1 {word}" in summary_line(plan_of(operation(1)), run)


def test_a_long_list_is_cut_with_the_number_left_out(operation, plan_of):
    shown = show(plan_of(*(operation(number, after={"a": number}) for number in range(44))), width=90, colour=False)
    assert "  ... and 39 more (reconcile show --all has all)" in shown
    assert len(shown.splitlines()) < 25


def test_a_plan_of_a_dozen_operations_is_shown_whole(operation, plan_of):
    shown = show(plan_of(*(operation(number, after={"a": number}) for number in range(12))), width=90, colour=False)
    assert shown.count("      why: The source says so.\n") == 12


def test_of_a_long_plan_an_operation_is_one_line_however_narrow_the_terminal(operation, plan_of):
    shown = show(plan_of(*(operation(number, after={"a": "x" * 300}) for number in range(13))), width=60, colour=False)
    assert len(re.findall(r"^  0000000000[0-9a-f]{2}  okta  user\d+@example.com: a: .*…$", shown, re.MULTILINE)) == 5


def test_of_a_long_plan_different_people_are_shown_from_every_target(operation, plan_of):
    changed = [operation(number, id=f"{target}{number}", target=target) for target in ("okta", "wiki") for number in range(10)]
    shown = show(plan_of(*changed), width=90, colour=False)
    assert re.findall(r"^  (okta|wiki)(\d)  ", shown, re.MULTILINE) == [("okta", str(number)) for number in range(5)]
    apart = [*changed[:2], *changed[12:]]
    shown = show(plan_of(*apart, *(operation(number, Verb.CREATE) for number in range(20, 30))), width=90, colour=False)
    assert [target for target, _ in re.findall(r"^  (okta|wiki)(\d)  ", shown, re.MULTILINE)] == ["okta", "wiki", "okta", "wiki", "wiki"]


def test_person_who_loses_accounts_is_listed_once_with_the_targets(operation, plan_of):
    why = Because(situation=Situation.UNQUALIFIED, rule="who", detail="User 1 (E1) is terminated.")
    leaving = [operation(1, Verb.DEACTIVATE, id=target * 3, target=target, because=why) for target in ("okta", "wiki")]
    shown = show(plan_of(*leaving), width=90, colour=False)
    assert "People who lose an account: 1\n  okta, wiki: User 1 (E1) is terminated.\n" in shown


def test_a_run_says_of_each_leaver_where_the_account_did_not_end(operation, plan_of):
    why = Because(situation=Situation.UNQUALIFIED, rule="who", detail="User 1 (E1) is terminated.")
    leaving = [operation(1, Verb.DEACTIVATE, id=target * 3, target=target, because=why) for target in ("okta", "wiki")]
    plan = plan_of(*leaving)
    kinds = zip(leaving, (OutcomeKind.DONE, OutcomeKind.NOT_APPROVED), strict=True)
    outcomes = tuple(Outcome(operation_id=each.id, kind=kind) for each, kind in kinds)
    shown = show(plan, Run(id="r", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes), width=90, colour=False)
    assert "People whose accounts were to end: 1\n  okta, wiki [not approved]: User 1 (E1) is terminated.\n" in shown


def test_a_finding_stands_once_with_the_targets_it_holds_in(plan_of):
    def found(target, message):
        return Finding(
            kind=FindingKind.AMBIGUOUS, severity=Severity.ATTENTION, target=target, anchor="E1", who="jan@example.com", message=message
        )

    shown = show(plan_of(findings=(found("okta", "E1 is two."), found("wiki", "E1 is two."))), width=90, colour=False)
    assert "Ambiguous matches (ambiguous): 2\n" in shown
    assert shown.count("  okta, wiki: jan@example.com: E1 is two.\n") == shown.count("E1 is two.") == 1
    shown = show(plan_of(findings=(found("okta", "E1 is two."), found("wiki", "E1 is three."))), width=90, colour=False)
    assert "  okta: jan@example.com: E1 is two.\n  wiki: jan@example.com: E1 is three.\n" in shown


def test_findings_are_counted_alike_at_the_top_and_in_the_summary(plan_of):
    findings = tuple(Finding(kind=FindingKind.POLICY, severity=severity, target="okta", message="So it is.") for severity in Severity)
    assert "nothing to change; findings: 1 for attention, 1 note\n" in show(plan_of(findings=findings), width=90, colour=False)
    assert summary_line(plan_of(findings=findings)).endswith("nothing to change; findings: 1 for attention, 1 note")


def test_a_plan_of_links_alone_does_not_say_that_nothing_is_to_be_done(operation, plan_of, small_run):
    links = tuple(
        LinkChange(target="okta", anchor=f"E{number}", account_id="a", because="found", forget=number == 0) for number in range(3)
    )
    assert summary_line(plan_of(links=links)).endswith(": no account changes, 2 links to remember, 1 link to forget")
    assert "1 change and 2 links to remember, 1 link to forget, no guard refuses" in summary_line(plan_of(operation(1), links=links))
    applied = summary_line(plan_of(links=links), replace(small_run, outcomes=()))
    assert applied.endswith("run r-1 applied it: 2 links remembered, 1 link forgotten")


def test_a_few_links_are_told_and_many_are_counted(plan_of):
    link = LinkChange(target="okta", anchor="E1", account_id="00u1", because="found by badge", who="p@x", name="Pia Q")
    text = show(plan_of(links=(link, replace(link, anchor="E2", name="", who="", forget=True))), width=90, colour=False)
    assert (
        "Links: 2\n  okta: remember that p@x belongs to Pia Q (E1): found by badge\n  okta: forget that 00u1 belongs to E2: found" in text
    )
    many = show(plan_of(links=tuple(replace(link, anchor=f"E{number}") for number in range(13))), width=90, colour=False)
    assert "Links:" not in many
    assert "no account changes, 13 links to remember" in many


def test_what_a_leaver_loses_follows_the_leaver(operation, plan_of):
    loss = operation(1, Verb.REMOVE_MEMBER, id="b" * 12, entitlement_id="g", entitlement="Sales", before={"member": True})
    other = operation(2, Verb.REMOVE_MEMBER, id="c" * 12, entitlement_id="g", entitlement="Sales", before={"member": True})
    shown = show(plan_of(loss, operation(1, Verb.DEACTIVATE, id="a" * 12), other), width=90, colour=False)
    assert re.findall(r"^  ([abc]{12})  ", shown, re.MULTILINE) == ["a" * 12, "b" * 12, "c" * 12]
    assert "Remove memberships: okta 2\n  okta: 1 of 2: with the accounts to deactivate\n  okta: 1 of 2: Sales\n" in shown


def test_what_is_unusual_comes_before_what_many_have_in_common(operation, plan_of):
    alike = [operation(number, before={"dept": "A"}, after={"dept": "B"}) for number in range(30)]
    shown = show(plan_of(*alike, operation(99, before={"title": "x"}, after={"title": "CEO"})), width=90, colour=False)
    assert '  okta: 30 of 31: dept: "A" → "B"\n  okta: 31 of 31: CONFIRMED · okta.toml: attributes\n' in shown
    assert 'title: "x" -> "CEO"' in shown


def test_rules_stand_in_the_rows_where_a_group_has_several(operation, plan_of):
    other = Because(situation=Situation.FOUND, rule="okta.toml: adopt", detail="")
    shown = show(plan_of(operation(1), operation(2, because=other)), width=90, colour=False)
    assert "why: CONFIRMED, okta.toml: attributes: The source says so." in shown
    assert "why: FOUND, okta.toml: adopt\n" in shown


def test_an_account_counts_once_however_many_operations_it_has(operation, plan_of):
    twice = [operation(1, Verb.ADD_MEMBER, id=f"{n:012x}", entitlement_id=f"g{n}", after={"member": True}) for n in range(3)]
    assert re.search(r"okta +add_member +3 +1 +–", show(plan_of(*twice), width=90, colour=False))


def test_every_verb_has_a_heading(operation, plan_of):
    assert set(VERB_HEADINGS) == set(Verb)
    shown = show(plan_of(*(operation(number, verb) for number, verb in enumerate(Verb))), width=90, colour=False)
    assert all(f"{VERB_HEADINGS[verb]}: okta 1\n" in shown for verb in Verb)


def test_every_kind_of_finding_has_a_heading(plan_of):
    assert set(FINDING_HEADINGS) == set(FindingKind)
    findings = tuple(Finding(kind=kind, severity=Severity.NOTE, target="okta", message="So it is.") for kind in FindingKind)
    shown = show(plan_of(findings=findings), width=90, colour=False)
    assert all(f"{FINDING_HEADINGS[kind].title} ({kind.value}): 1\n" in shown for kind in FindingKind)


def test_findings_for_attention_come_before_notes(plan_of):
    def found(kind, severity, message):
        return Finding(kind=kind, severity=severity, target="okta", message=message)

    findings = (
        found(FindingKind.AMBIGUOUS, Severity.NOTE, "a note"),
        found(FindingKind.UNMANAGED, Severity.NOTE, "another note"),
        found(FindingKind.UNMANAGED, Severity.ATTENTION, "an alarm"),
    )
    shown = show(plan_of(findings=findings), width=90, colour=False)
    assert shown.index("an alarm") < shown.index("another note") < shown.index("a note")


def test_colour_adds_only_control_sequences(small_plan, small_run):
    coloured = show(small_plan, small_run, width=90, colour=True)
    assert "\x1b[" in coloured
    bare = "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()) + "\n"
    assert bare == show(small_plan, small_run, width=90, colour=False)


def test_the_environment_does_not_change_what_is_shown(small_plan, monkeypatch):
    expected = show(small_plan, width=90, colour=True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "dumb")
    assert show(small_plan, width=90, colour=True) == expected


def test_no_line_is_wider_than_the_terminal(small_plan, small_run):
    assert max(map(len, show(small_plan, small_run, width=40, colour=False).splitlines())) <= 40


def test_a_value_cannot_steer_the_terminal_or_rewrite_markup(operation, plan_of):
    hostile = "\x1b[2J\u202e[bold red]x[/]\x9b31m"
    finding = Finding(kind=FindingKind.POLICY, severity=Severity.NOTE, target=hostile, who=hostile, message=hostile)
    plan = plan_of(operation(name=hostile, who=hostile, after={hostile: hostile}), findings=(finding,))
    shown = show(plan, width=200, colour=False)
    assert not set(shown) & set("\x1b\x9b\u202e")
    assert "\\u001b[2J\\u202e[bold red]x[/]\\u009b31m" in shown


def test_headings_of_a_run_say_what_was_done_and_how_many_of_it(operation, plan_of, small_run):
    plan = plan_of(*(operation(number, Verb.CREATE) for number in range(1, 4)), operation(4, Verb.DEACTIVATE))
    kinds = {1: OutcomeKind.DONE, 2: OutcomeKind.FAILED, 4: OutcomeKind.DONE}
    run = replace(small_run, outcomes=tuple(Outcome(operation_id=operation(number).id, kind=kind) for number, kind in kinds.items()))
    shown = show(plan, run, width=90, colour=False)
    assert "Created accounts: okta 1 of 3 (1 failed, 1 without an outcome)\n" in shown
    assert "Deactivated accounts: okta 1\n" in shown
    assert "Create accounts: okta 3\n" in show(plan, replace(run, live=False), width=90, colour=False)


def test_every_verb_has_a_heading_for_a_run_that_differs_from_the_plan_s(small_run):
    headings = {verb: verb_heading(verb, small_run) for verb in Verb}
    assert len(set(headings.values())) == len(Verb)
    assert {verb for verb in Verb if headings[verb] == verb_heading(verb, None)} == {Verb.RESET_FACTORS}, "an irregular verb"


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ("2026-11-22T20:00:00.2Z", "less than a second"),
        ("2026-11-22T20:01:01Z", "1 minute 1 second"),
        ("", "not ended"),
    ],
)
def test_a_run_says_how_long_it_took(small_run, ended, words):
    assert run_words(replace(small_run, ended=ended)) == f"run r-1: 2026-11-22 20:00:00 UTC, {words}"
