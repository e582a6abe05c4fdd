"""What a page holds beside its rows: sizes of earlier nights, the outcome of a run, its own size, its colours."""

import re
from dataclasses import replace
from itertools import product

import pytest

from reconcile.plan.approval import Approval
from reconcile.plan.model import Finding, FindingKind, Outcome, OutcomeKind, Run, Severity, Verb
from reconcile.plan.origin import BoundSystem
from reconcile.plan.usual import UsualNights, usual_nights
from reconcile.report.formats import html
from reconcile.report.formats.html import FIRST_ROWS, page
from reconcile.report.next_commands import next_commands
from reconcile.report.page_data import Flag
from reconcile.report.page_facts import PageFacts
from reconcile.report.redacted_ids import KeyedIds
from tests.report.test_report_html import Outline
from tests.support.documents import markdown
from tests.support.page_rows import embedded, findings, ids, rows

KEY = b"key"
"""Key of redacted reports."""

NIGHTS = [("r", f"2026-11-{day:02}", "okta", "add_member", day) for day in range(1, 8)]


def words_of(page_text):
    return " ".join(" ".join(Outline(page_text).words).split())


def additions(operation, count):
    return [operation(number, Verb.ADD_MEMBER, entitlement_id="G", entitlement="Sales") for number in range(count)]


def test_title_names_the_project_the_orgs_and_the_day(operation, plan_of):
    systems = {"okta": BoundSystem(id="00o1", address="https://acme.okta.com/"), "hr": BoundSystem(id="", address="project acme")}
    shown = page(plan_of(operation(1), systems=systems), facts=PageFacts(project="Acme <b>"))
    assert "<title>Acme &lt;b&gt;: Plan 3f9c2a11b0de for 2026-11-22</title>" in shown
    assert '<p class="place">Acme &lt;b&gt; · okta (acme.okta.com)</p>' in shown


@pytest.mark.parametrize(("count", "unusual"), [(7, False), (8, True)])
def test_more_than_on_any_earlier_night_is_said_and_marks_its_rows(operation, plan_of, count, unusual):
    facts = PageFacts(usual=usual_nights(NIGHTS, "2026-11-22", 30, 0))
    shown = page(plan_of(*additions(operation, count), operation(99)), facts=facts)
    assert (f"add member : {count}; the most was 7, the usual number 4" in words_of(shown)) == unusual
    marked = {each["verb"] for each in rows(shown) if Flag(each["flags"]) & Flag.UNUSUAL}
    assert marked == ({"add_member", "update"} if unusual else {"update"})


def test_earlier_nights_are_the_last_ones_with_their_runs_together_and_days_without_any_count_as_none():
    sizes = [
        *NIGHTS,
        ("s", "2026-11-07", "okta", "add_member", 5),
        ("t", "2026-11-08", "", "", 0),
        ("u", "2026-11-22", "okta", "add_member", 99),
    ]
    found = usual_nights(sizes, "2026-11-22", 3, 0)
    assert found == UsualNights(3, {("okta", "add_member"): [6, 12]}, 0)
    size = found.beside("okta", Verb.ADD_MEMBER, 13)
    assert (size.median, size.most) == (6, 12)
    assert not found.is_unusual(size)
    assert usual_nights(sizes, "2026-11-22", 30, 12).is_unusual(size)
    assert not usual_nights(sizes, "2026-11-22", 30, 13).is_unusual(size)


def test_page_of_a_run_says_what_it_did_how_long_it_took_and_what_is_left(operation, plan_of):
    plan = plan_of(*(operation(number, Verb.DEACTIVATE) for number in range(5)))
    kinds = [OutcomeKind.DONE, OutcomeKind.ALREADY, OutcomeKind.FAILED, OutcomeKind.HELD]
    outcomes = tuple(Outcome(operation_id=f"{number:012x}", kind=kind) for number, kind in enumerate(kinds))
    run = Run(id="r-1", plan_digest="", live=True, started="2026-11-22T20:00:00Z", ended="2026-11-22T21:03:20Z", outcomes=outcomes)
    words = words_of(page(plan, run))
    assert "What the run did, by target" in words
    assert "Deactivated accounts" in words
    assert "2 of 5 planned 1 failed 1 held 1 without an outcome" in words
    assert "run r-1: 2026-11-22 20:00:00 UTC, 1 hour 3 minutes" in words
    assert "reconcile undo r-1" in words
    assert "reconcile resume" not in words
    assert "reconcile resume" in words_of(page(plan, replace(run, ended="")))


def test_commands_of_a_refused_plan_name_the_guard_and_the_digest(small_plan):
    words = words_of(page(small_plan))
    assert "reconcile override okta.privileged --plan 3f9c2a11b0de --by NAME --why REASON" in words
    assert "reconcile apply 3f9c2a11b0de --live" in words


def test_an_approved_plan_asks_for_no_approval_as_if_there_were_none(operation, plan_of):
    plan = plan_of(operation(1))
    said = Approval(plan_digest=plan.digest, by="Ana", why="read it", made="", until="2026-12-01T00:00:00+00:00")
    asked = [what for what, words in next_commands(plan, None) if words.startswith("approve ")]
    again = [what for what, words in next_commands(replace(plan, approvals=(said,)), None) if words.startswith("approve ")]
    assert asked == ["To approve the plan:"]
    assert again == ["To approve it as one more person, or anew in place of what you said before:"]
    assert "reconcile approve" not in markdown(replace(plan, approvals=(said,)))


def test_what_cannot_be_undone_comes_first(operation, plan_of):
    shown = page(plan_of(operation(1), operation(2, Verb.DEACTIVATE), operation(3, Verb.DELETE)))
    assert ids(shown) == [f"{number:012x}" for number in (3, 2, 1)]
    assert "1 change that cannot be undone" in words_of(shown)


def test_without_scripts_a_page_shows_its_first_rows_and_the_command_for_the_others(operation, plan_of):
    (table,) = re.findall(r"<noscript>(.*?)</noscript>", page(plan_of(*additions(operation, FIRST_ROWS + 5))), re.DOTALL)
    assert table.count('<tr class="r">') == FIRST_ROWS
    assert "reconcile report --format csv" in table


def test_an_operation_takes_200_bytes_of_a_page_or_less(operation, plan_of):
    """50,000 operations in 10 MB: people with an update and four memberships each, every sentence and every value of their own."""
    groups = [f"Department {number}" for number in range(20)]

    def of(person):
        who = {
            "who": f"given{person}.family{person}@example.com",
            "name": f"Given{person} Family{person}",
            "account_id": f"00u{person:017}",
        }
        before, after = {"title": f"Engineer {person}"}, {"title": f"Senior Engineer {person}"}
        yield operation(person, id=f"{5 * person:012x}", before=before, after=after, **who)
        for number in range(1, 5):
            group = groups[(person + number) % 20]
            about = {"entitlement": group, "entitlement_id": group, "before": {"member": False}, "after": {"member": True}}
            yield operation(person, Verb.ADD_MEMBER, id=f"{5 * person + number:012x}", **about, **who)

    few, many = (page(plan_of(*(each for person in range(count) for each in of(person)))) for count in (100, 500))
    assert (len(many.encode()) - len(few.encode())) / 2_000 <= 200


@pytest.mark.parametrize(("size", "fewer"), [(20_000, True), (9_500_000, False)])
def test_where_values_are_long_fewer_operations_are_embedded_and_the_page_says_so(monkeypatch, operation, plan_of, size, fewer):
    monkeypatch.setattr(html, "DATA_BYTES", size)
    shown = page(plan_of(*(operation(number, after={"about": f"{number}" * 200}) for number in range(200))))
    (text,) = re.findall(r'id="data">(.*?)</script>', shown, re.DOTALL)
    assert size / 2 < len(text.encode()) <= size or not fewer
    assert (len(ids(shown)) < 200) == fewer
    assert (f"This page has {len(ids(shown))} of 200 operations" in shown) == fewer


def test_long_findings_do_not_take_the_place_of_the_operations(monkeypatch, operation, plan_of):
    monkeypatch.setattr(html, "DATA_BYTES", 60_000)
    found = [
        Finding(kind=FindingKind.POLICY, severity=Severity.NOTE, target="okta", message=f"{number} " * 200) for number in range(100, 200)
    ]
    shown = page(plan_of(*(operation(number, after={"a": number}) for number in range(50)), findings=tuple(found)))
    (text,) = re.findall(r'id="data">(.*?)</script>', shown, re.DOTALL)
    assert len(text.encode()) <= 60_000
    assert len(ids(shown)) > 20
    assert 20 < len(findings(shown)) < 100
    assert f"{100 - len(findings(shown))} more findings are not in this page" in shown


def test_values_of_a_new_account_are_all_there(operation, plan_of):
    values = {"login": "ann@x", "title": "", "manager": None, "roles": ["a", "b"]}
    (row,) = rows(page(plan_of(operation(1, Verb.CREATE, after=values))))
    assert row["changes"] == [("login", None, "ann@x"), ("title", None, ""), ("manager", None, "‹null›"), ("roles", None, '‹["a", "b"]›')]


def test_departments_with_the_most_operations_have_a_bar_and_the_others_one_together(operation, plan_of):
    operations = [operation(number) for number in range(40)]
    departments = {each.anchor: f"D{number % 13:02}" for number, each in enumerate(operations) if number < 39}
    shown = page(plan_of(*operations), facts=PageFacts(departments=departments))
    (chart,) = re.findall(r"Operations by department</caption>(.*?)</table>", shown, re.DOTALL)
    counts = re.findall(r'<th scope="row">([^<]*)</th><td class="n">(\d+)</td>', chart)
    assert counts == [*((f"D{number:02}", "3") for number in range(12)), ("2 others", "4")]
    assert "Operations by department" not in page(plan_of(*operations))


def test_a_redacted_page_embeds_no_personal_value(operation, plan_of):
    personal = {"who": "anna@secret.example", "name": "Anna Secret", "anchor": "S-71", "account_id": "00uSecret"}
    finding = Finding(
        kind=FindingKind.POLICY, severity=Severity.NOTE, target="okta", who="anna@secret.example", message="Anna Secret waits."
    )
    plan = plan_of(operation(1, before={"title": "Secret A"}, after={"title": "Secret B"}, **personal), findings=(finding,))
    facts = PageFacts(departments={"S-71": "Secret Service"})
    assert [each["department"] for each in rows(page(plan, facts=facts))] == ["Secret Service"]
    shown = page(plan, redact=KEY, facts=facts)
    assert rows(shown)[0]["department"]
    assert "ecret" not in shown
    assert "S-71" not in shown
    assert (len(rows(shown)), len(findings(shown))) == (1, 1)
    assert ids(shown) == [KeyedIds(KEY).hidden(each) for each in ids(page(plan))]


def test_data_means_nothing_to_a_parser_of_html(operation, plan_of):
    hostile = "</script><!--<script>&amp;\u2028]]>"
    shown = page(plan_of(operation(1, name=hostile, after={hostile: hostile, "list": [hostile]})))
    (text,) = re.findall(r'id="data">(.*?)</script>', shown, re.DOTALL)
    assert not set("<>&\u2028\u2029") & set(text)
    assert embedded(shown)["people"][0][1] == "</script><!--<script>&amp;\\u2028]]>"


def test_scripts_name_only_what_the_page_has(small_plan, small_run):
    """No test here runs them: a renamed control would be found by a reviewer."""
    for shown in (page(small_plan), page(small_plan, small_run)):
        (script,) = re.findall("<script>(.*?)</script>", shown, re.DOTALL)
        assert "{%" not in script
        named = set(re.findall(r'getElementById\("([^"]+)"\)', script)) - {"facet-department", "facet-group"}
        assert len(named) > 8
        assert named <= set(Outline(shown).ids)
        keys = re.search(r"const KEYS = \{(.*?)\n\};", script, re.DOTALL)[1]
        orders = set(re.findall(r'data-sort="(\w+)"|<option value="(who|target|what|department|outcome)">', shown))
        assert {name for pair in orders for name in pair if name} <= set(re.findall(r"^  (\w+):", keys, re.MULTILINE))


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [int(pair, 16) / 255 for pair in re.findall("..", colour if len(colour) == 6 else "".join(2 * digit for digit in colour))]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_the_contrast_of_wcag_aa_in_light_dark_and_print(plan_of):
    (style,) = re.findall("<style>(.*?)</style>", page(plan_of()), re.DOTALL)
    palettes = [dict(re.findall(r"--([\w-]+): #([0-9a-f]+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)]
    assert len(palettes) == 3
    pairs = [
        *product(("ink", "quiet", "link", "bad", "warn", "good"), ("paper", "panel")),
        *product(("ink", "quiet", "link"), ("bad-bg", "warn-bg")),
        *product(("ink",), ("old-bg", "new-bg", "good-bg")),
        *((tone, f"{tone}-bg") for tone in ("bad", "warn", "good")),
    ]
    for palette in palettes:
        for text, ground in pairs:
            lighter, darker = sorted((luminance(palette[text]), luminance(palette[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)
