"""The page a person reviews."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.approval import RowDecision
from reconcile.plan.model import Because, Finding, FindingKind, LinkChange, Severity, Situation, Verb, Verdict
from reconcile.plan.origin import ReadScope
from reconcile.report.formats.html import page
from reconcile.report.labels import FINDING_HEADINGS, SITUATION_MEANINGS, VERB_DONE, VERB_HEADINGS
from reconcile.report.page_data import Flag
from reconcile.visible import visible
from tests.support.examples import examples
from tests.support.page_rows import findings, ids, rows


class Outline(HTMLParser):
    """The tags of a page with the names of their attributes, and its ids, links and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.words, self.open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *sorted(name for name, _ in attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)


def test_an_operation_is_one_row_with_its_change_reason_and_outcome(small_plan, small_run):
    (row,) = [each for each in rows(page(small_plan, small_run)) if each["id"] == "000000000002"]
    assert row == {
        "id": "000000000002",
        "target": "okta",
        "verb": "update",
        "words": "Update attributes",
        "who": "user2@example.com",
        "name": "User 2",
        "anchor": "E2",
        "account": "00u2",
        "department": "",
        "reason": "The source says so.",
        "rule": "CONFIRMED · okta.toml: attributes",
        "flags": 0,
        "group": "",
        "changes": [("title", "Engineer", "[Senior ]Engineer"), ("phone", "", "‹[null]›")],
        "after": [],
        "outcome": ["moved since the plan", 1, "title is now Boss"],
    }


def test_rows_are_those_of_the_plan_with_findings_for_attention_first(operation, plan_of):
    def finding(number, severity):
        return Finding(kind=FindingKind.POLICY, severity=severity, target="okta", who=f"u{number}", message=f"Case {number}.")

    operations = [operation(number, verb) for number, verb in enumerate(Verb)]
    plan = plan_of(*operations, findings=(finding(1, Severity.NOTE), finding(2, Severity.ATTENTION)))
    shown = page(plan)
    found = {each["id"]: (each["target"], each["verb"], each["who"], each["reason"]) for each in rows(shown)}
    assert found == {each.id: (each.target, each.verb.value, each.who, each.because.detail) for each in operations}
    assert [(*each[1:4],) for each in findings(shown)] == [("policy", True, "u2"), ("policy", False, "u1")]


def test_every_tag_is_closed_every_id_is_unique_and_every_link_stays_in_the_page(small_plan, small_run):
    shown = page(small_plan, small_run)
    outline = Outline(shown)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link.removeprefix("#") for link in outline.links} <= {*outline.ids, *(f"op-{id_}" for id_ in ids(shown))}


def test_the_policy_allows_nothing_but_the_two_inline_blocks(small_plan):
    shown = page(small_plan)

    def named(tag):
        (block,) = re.findall(f"<{tag}>(.*?)</{tag}>", shown, re.DOTALL)
        return "'sha256-" + b64encode(sha256(block.encode()).digest()).decode() + "'"

    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', shown)
    assert re.findall("<script([^>]*)>", shown) == [' type="application/json" id="data"', ""]
    expected = f"default-src 'none'; style-src {named('style')}; script-src {named('script')}; base-uri 'none'; form-action 'none'"
    assert policy == expected
    assert not re.search(r"<[^>]* (style|on\w+)=", shown)
    assert "://" not in shown


def plan_with(operation, plan_of, text):
    """A plan with this text in every place that data can reach."""
    because = Because(situation=Situation.CONFIRMED, rule=text, detail=text)
    fields = {"who": text, "name": text, "anchor": text, "entitlement": text, "target": text, "because": because, "privileged": True}
    finding = Finding(kind=FindingKind.POLICY, severity=Severity.ATTENTION, target=text, who=text, message=text)
    link = LinkChange(target=text, anchor=text, account_id=text, because=text, who=text, name=text)
    return plan_of(
        operation(1, Verb.CREATE, after={text: text}, **fields),
        operation(2, Verb.ADD_MEMBER, entitlement_id=text, after={"member": True}, **fields),
        operation(3, Verb.DEACTIVATE, before={"state": "active"}, after={"state": "x"}, **fields),
        findings=(finding,),
        links=(link,),
        scopes=(ReadScope(system=text, scope=text, complete=False, rows=1, reason=text),),
        verdicts=(Verdict(guard=text, passed=False, count=1, accounts=1, population=1, message=text),),
        run_date=text,
        planner=text,
        mapping=text,
        digest=text,
        snapshots={text: text},
    )


@examples(60)
@given(st.text(alphabet="<>&\"'/=!-; a\n{}%#", min_size=1, max_size=12) | st.text(min_size=1, max_size=12))
def test_nothing_in_the_data_becomes_a_tag_or_an_attribute(operation, plan_of, text):
    hostile, harmless = page(plan_with(operation, plan_of, text)), page(plan_with(operation, plan_of, "x"))
    assert hostile.count("<") == harmless.count("<")
    assert Outline(hostile).tags == Outline(harmless).tags
    assert {each["name"] for each in rows(hostile)} == {visible(text)}


def test_rows_of_a_plan_can_be_held_or_rejected_and_those_of_a_run_cannot(small_plan, small_run):
    (form,) = re.findall(r'<form class="decide".*?</form>', page(small_plan), re.DOTALL)
    assert f"reconcile approve {small_plan.digest[:12]} --by NAME --why REASON --decisions FILE" in form
    assert re.findall(r'data-all="(\w*)"', form) == [*(each.value for each in RowDecision), ""]
    assert ids(page(small_plan)) == [each.id for each in small_plan.operations]
    assert '<form class="decide"' not in page(small_plan, small_run)


def test_markup_in_a_name_is_shown_as_text(operation, plan_of):
    shown = page(plan_of(operation(name="</script><script>alert(1)</script><!--")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "\\u003c/script\\u003e\\u003cscript\\u003ealert(1)" in shown
    assert "<script>alert" not in shown
    assert "<!--" not in shown


def test_a_control_that_reorders_the_line_is_shown_as_its_escape(operation, plan_of):
    shown = page(plan_of(operation(name="Ann\u202egpj.exe")))
    assert "Ann\\u202egpj.exe" in shown
    assert "\u202e" not in shown


def test_risks_come_before_findings_and_findings_before_operations(small_plan):
    shown = page(small_plan)
    order = [
        "REFUSED by okta.privileged",
        "Refused by okta.privileged",
        "1 scope not read completely</h3>",
        "1 change of privileged access",
    ]
    order += ["1 account to deactivate", '<h2 id="guards">', "Ambiguous matches", "okta: Deactivate accounts", '<h2 id="rows">']
    places = [shown.index(text) for text in order]
    assert places == sorted(places)


def test_every_verb_and_kind_of_finding_has_a_heading(operation, plan_of):
    findings = tuple(Finding(kind=kind, severity=Severity.NOTE, target="okta", message="So it is.") for kind in FindingKind)
    words = Outline(page(plan_of(*(operation(number, verb) for number, verb in enumerate(Verb)), findings=findings))).words
    assert all(f"okta: {VERB_HEADINGS[verb]} " in words for verb in Verb)
    assert VERB_DONE.keys() == VERB_HEADINGS.keys() == set(Verb)
    assert all(f"{FINDING_HEADINGS[kind].title} " in words for kind in FindingKind)


def test_a_list_of_risks_is_cut_and_the_rows_are_whole(operation, plan_of):
    leavers = [operation(number, Verb.DEACTIVATE, before={"state": "active"}, after={"state": "deactivated"}) for number in range(40)]
    shown = page(plan_of(*leavers))
    assert "… and 15 more" in Outline(shown).words
    assert len(ids(shown)) == 40


def test_what_a_leaver_loses_follows_the_leaver(operation, plan_of):
    loss = operation(1, Verb.REMOVE_MEMBER, id="b" * 12, entitlement_id="g", entitlement="Sales", before={"member": True})
    shown = page(plan_of(loss, operation(1, Verb.DEACTIVATE, id="a" * 12), operation(2, Verb.DEACTIVATE, id="c" * 12)))
    assert [(each["id"], bool(Flag(each["flags"]) & Flag.FOLLOWS)) for each in rows(shown)] == [
        ("a" * 12, False),
        ("b" * 12, True),
        ("c" * 12, False),
    ]


def test_a_leaver_of_several_targets_is_listed_once(operation, plan_of):
    leaving = [operation(1, Verb.DEACTIVATE, id=target, target=target) for target in ("okta", "wiki")]
    shown = page(plan_of(*leaving))
    assert "2 accounts of 1 person to deactivate" in shown
    assert (
        '<li><bdi>user1@example.com</bdi> <bdi class="name">User 1</bdi>: <a href="#op-okta">okta</a>, <a href="#op-wiki">wiki</a></li>'
        in shown
    )


def test_links_are_counted_and_listed_also_where_nothing_else_changes(plan_of):
    links = tuple(
        LinkChange(target="okta", anchor=f"E{number}", account_id=f"00u{number}", who=f"p{number}@x", because="found by badge")
        for number in range(1, 4)
    )
    shown = page(plan_of(links=links))
    assert "no account changes, 3 links to remember" in shown
    assert "Nothing changes." not in shown
    assert "<summary><b>okta</b>: 3 links to remember</summary>" in shown
    assert '<bdi>p2@x</bdi> <span class="id">00u2</span></td><td>found by badge</td>' in shown


def test_every_situation_is_explained_where_it_first_appears(small_plan):
    assert set(SITUATION_MEANINGS) == set(Situation)
    shown = page(small_plan)
    assert shown.index("<dt>UNQUALIFIED</dt>") < shown.index("UNQUALIFIED · ")


def test_findings_are_counted_alike_in_banner_navigation_and_heading(plan_of):
    findings = tuple(Finding(kind=FindingKind.POLICY, severity=severity, target="okta", message="So it is.") for severity in Severity)
    shown = page(plan_of(findings=findings))
    assert shown.count("1 for attention, 1 note") == 3


def test_an_empty_plan_is_a_page_that_says_so(plan_of):
    words = " ".join(Outline(page(plan_of())).words)
    for sentence in ("nothing to change", "Nothing changes.", "No guard judged this plan.", "There are none."):
        assert sentence in words


def test_the_same_plan_gives_the_same_page(small_plan, small_run):
    assert page(small_plan, small_run) == page(small_plan, small_run)


def test_numbers_of_a_guard_keep_their_headings_on_a_narrow_page(small_plan):
    """There the head of the table is not shown."""
    shown = page(
        replace(
            small_plan,
            verdicts=(
                Verdict(guard="okta.update", passed=True, message="2 accounts would be changed.", count=2, accounts=2, population=40),
            ),
        )
    )
    headings = re.findall(r"<th scope[^>]*>([^<]*)", shown.partition('<table class="rows guards">')[2].partition("</thead>")[0])
    _, _, narrow = shown.partition("@media (max-width: 44rem)")
    said = re.findall(r'\.guards td\.n:nth-child\((\d)\)::before { content: "(\w+) "; }', narrow.partition("@media")[0])
    assert said == [(str(number), heading) for number, heading in enumerate(headings, 1) if heading in ("Operations", "Accounts")]
    assert len(said) == 2
