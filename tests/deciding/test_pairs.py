"""Pairs of people and accounts: found by keys, left in doubt by keys, and settled by link decisions. No pair is ever guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile.plan.model import Candidate, FindingKind
from tests.support.companies.pairs import MAIL, NUMBER, account, company, person, remembered, said, written

ADOPTING_MAIL = {**MAIL, "adopt": True}


@pytest.fixture
def plan(tmp_path):
    """Plans a company: `plan(people, accounts, ...)`."""

    def made(*world, **fields):
        with company(tmp_path, *world, **fields) as bench:
            return bench.plan()

    return made


DIFFERENTLY_WRITTEN = [
    ("case", "ANN@x", "ann@x"),
    ("trim", " ann@x ", "ann@x"),
    ("unicode", "zoe\u0308@x", "zo\u00eb@x"),
    ("zeros", "0010001", "10001"),
]


@pytest.mark.parametrize(("aside", "one", "other"), DIFFERENTLY_WRITTEN)
def test_a_key_sets_aside_what_it_says_and_nothing_else(plan, aside, one, other):
    every = [each for each, _, _ in DIFFERENTLY_WRITTEN]
    people, accounts = [person("1", "Ann", one)], [account("u1", "old@x", badge=other)]

    def found(names):
        return remembered(plan(people, accounts, [{"account": "badge", "identity": "mail", "adopt": True, "normalise": names}]))

    assert found([aside]) == [("remember", "1", "u1", f"found by badge {other!r}")]
    assert found(every)
    assert found([name for name in every if name != aside]) == []
    assert found([]) == []


def test_leading_zeros_count_unless_the_key_says_otherwise(plan):
    people, accounts = [person("0010001", "Ann")], [account("u1", "old@x", number="10001")]
    assert written(plan(people, accounts)) == [("create", "0010001", "")]
    zeros = {**NUMBER, "normalise": ["case", "trim", "unicode", "zeros"]}
    assert written(plan(people, accounts, [zeros])) == [("update", "0010001", "u1")]


def test_a_value_of_nothing_but_zeros_is_no_key(plan):
    zeros = {**NUMBER, "normalise": ["zeros"]}
    made = plan([person("000", "Ann")], [account("u1", "old@x", number="0")], [zeros])
    assert said(made, FindingKind.AMBIGUOUS)[0].startswith("Ann (000) has no value for any correlation key. ")


def test_a_match_by_bare_address_is_proposed_with_its_value_and_nothing_is_written(plan):
    made = plan([person("1", "Ann")], [account("u1", "a.lee@x", email="Ann@X")])
    assert said(made, FindingKind.LINK_PROPOSED) == [
        "Ann (1) matches the account a.lee@x by email 'Ann@X' and is not linked to it. Decide about the pair, or set adopt = true on that key."
    ]
    assert made.findings[0].candidates == (Candidate("u1", "a.lee@x"),)
    assert written(made) == []
    assert remembered(made) == []


def test_proposed_link_is_taken_after_a_link_decision(plan):
    made = plan([person("1", "Ann")], [account("u1", "ann@x")], link_decisions=(("1", "u1", "same"),))
    assert remembered(made) == [("remember", "1", "u1", "decided by Rae: asked them")]
    assert written(made) == [("update", "1", "u1")]
    assert said(made, FindingKind.LINK_PROPOSED) == []


def test_a_proposed_link_that_is_decided_against_is_never_proposed_again_and_the_person_gets_an_account(plan):
    made = plan([person("1", "Ann")], [account("u1", "a.lee@x", email="ann@x")], link_decisions=(("1", "u1", "different"),))
    assert said(made, FindingKind.LINK_PROPOSED) == []
    assert said(made, FindingKind.NOT_UNIQUE) != []  # the address is still held by the other
    made = plan([person("1", "Ann")], [account("u1", "lee@x", number="1")], link_decisions=(("1", "u1", "different"),))
    assert written(made) == [("create", "1", "")]


def test_of_two_candidates_the_other_remains_when_one_is_decided_against(plan):
    accounts = [account("u1", "one@x", number="1"), account("u2", "two@x", number="1")]
    made = plan([person("1", "Ann")], accounts)
    assert said(made, FindingKind.AMBIGUOUS)[0].startswith("Ann (1) matches 2 accounts: one@x (number), two@x (number). ")
    assert made.findings[0].candidates == (Candidate("u1", "one@x"), Candidate("u2", "two@x"))
    assert remembered(plan([person("1", "Ann")], accounts, link_decisions=(("1", "u1", "different"),))) == [
        ("remember", "1", "u2", "found by number '1'")
    ]


def test_decided_candidate_is_taken_and_the_other_is_unmatched(plan):
    accounts = [account("u1", "one@x", number="1"), account("u2", "two@x", number="1")]
    made = plan([person("1", "Ann")], accounts, link_decisions=(("1", "u2", "same"),))
    assert remembered(made) == [("remember", "1", "u2", "decided by Rae: asked them")]
    assert {each.account_id for each in made.operations} == {"u2"}
    assert said(made, FindingKind.UNMANAGED) == [
        "Unmatched account one@x (active): it carries the number of Ann (1), whose account is two@x. Left unchanged."
    ]


def test_two_people_who_match_one_account_wait_and_each_is_named(plan):
    people = [person("1", "Ann", "shared@x"), person("2", "Bob", "shared@x")]
    made = plan(people, [account("u1", "shared@x")], [ADOPTING_MAIL])
    assert [each.partition(". ")[0] for each in said(made, FindingKind.AMBIGUOUS)] == [
        "Ann (1) matches the account shared@x by email, and so does Bob (2)",
        "Bob (2) matches the account shared@x by email, and so does Ann (1)",
    ]
    assert written(made) == []


def test_an_account_that_was_decided_to_be_one_persons_is_still_asked_about_for_the_other(plan):
    people = [person("1", "Ann", "shared@x"), person("2", "Bob", "shared@x")]
    made = plan(people, [account("u1", "shared@x")], [ADOPTING_MAIL], link_decisions=(("1", "u1", "same"),))
    assert said(made, FindingKind.FOUND_ALREADY_LINKED) == [
        (
            "Bob (2) matches the account shared@x by email, which is linked to Ann (1). "
            "If the two are one person, let `person` in identities.toml say so; if the key was given to another person, "
            "decide that the account is not theirs."
        )
    ]


def test_namesakes_without_accounts_wait_until_the_source_tells_them_apart(plan):
    people = [person("1", "Lee", "lee@x"), person("2", "Lee", "l.lee@x")]
    made = plan(people, [], [{"account": "name", "identity": "name"}])
    assert said(made, FindingKind.AMBIGUOUS)[0] == (
        "Lee (1) shares the key 'lee' with Lee (2), also without an account. "
        "Nothing is done until the source tells them apart, or a reviewer decides which accounts are theirs."
    )
    assert written(made) == []


def test_an_address_that_was_given_to_a_new_person_brings_them_no_account_of_the_old_one(plan):
    """Story 18: the account says by its number that it is another's."""
    people = [person("5", "New", "ann@x")]
    made = plan(people, [account("u1", "ann@x", number="1", state="deactivated")], [NUMBER, ADOPTING_MAIL])
    assert said(made, FindingKind.AMBIGUOUS) == [
        (
            "New (5) matches the account ann@x by email, but its number '1' is of no person in the sources, and not theirs. "
            "Nothing is done until a reviewer decides which account is theirs."
        )
    ]
    assert written(made) == []


def test_address_of_a_leaver_is_reported_apart_from_one_of_a_working_person(plan):
    people, accounts = [person("5", "New", "ann@x")], [account("u1", "ann@x")]
    gone = plan(people, accounts, links={"1": "u1"})
    assert said(gone, FindingKind.FOUND_ALREADY_LINKED) == [
        (
            "New (5) matches the account ann@x by email, which is linked to 1, who is in no source any more. "
            "If this is that person come back, or in another employment, let `person` in identities.toml say so; if the key was given to "
            "another person, decide that the account is not theirs. Where it is one person, the account is activated again."
        )
    ]
    left = plan([*people, person("1", "Ann", "ann@x", status="left")], accounts, links={"1": "u1"})
    assert ", which is linked to Ann (1), who should have none any more. " in said(left, FindingKind.FOUND_ALREADY_LINKED)[0]


def test_a_decision_moves_a_link_to_whom_it_belongs(plan):
    people = [person("1", "Ann"), person("2", "Bob")]
    accounts = [account("u1", "ann@x"), account("u2", "bob@x")]
    made = plan(people, accounts, links={"1": "u1", "2": "u2"}, link_decisions=(("1", "u2", "same"),))
    assert remembered(made) == [
        ("forget", "1", "u1", "decided by Rae: asked them"),
        ("remember", "1", "u2", "decided by Rae: asked them"),
        ("forget", "2", "u2", "decided by Rae: asked them"),
    ]
    assert {each.anchor for each in made.operations} <= {"1"}
    assert said(made, FindingKind.FOUND_ALREADY_LINKED)[0].startswith(
        "Bob (2) matches the account bob@x by email, which is linked to Ann (1). "
    )


def test_a_link_that_is_decided_against_is_forgotten(plan):
    made = plan([person("1", "Ann")], [account("u1", "x@x")], links={"1": "u1"}, link_decisions=(("1", "u1", "different"),))
    assert remembered(made) == [("forget", "1", "u1", "decided by Rae: asked them")]
    assert written(made) == [("create", "1", "")]


def test_what_was_decided_stays_so_when_the_line_is_gone(tmp_path):
    people, accounts = [person("1", "Ann")], [account("u1", "ann@x")]
    with company(tmp_path, people, accounts, link_decisions=(("1", "u1", "same"),)) as bench:
        bench.apply(bench.plan())
        assert bench.links() == {"1": "u1"}
        bench.extract()
        assert (bench.plan().operations, bench.plan().links) == ((), ())


def test_decision_about_an_unknown_person_or_account_is_a_note(plan):
    made = plan([person("1", "Ann")], [account("u1", "x@x")], link_decisions=(("10001", "u1", "same"), ("1", "gone", "different")))
    assert said(made, FindingKind.DECISION) == [
        (
            "The decision about 1 and the account gone changes nothing: app has no account 'gone'. "
            "Correct the line in decisions.csv, or take it out."
        ),
        (
            "The decision about 10001 and the account u1 changes nothing: no person in the sources has the anchor '10001'. "
            "Correct the line in decisions.csv, or take it out."
        ),
    ]
    assert remembered(made) == []


def test_links_whose_keys_are_swapped_stay_and_nothing_is_written_for_either(plan):
    people = [person("1", "Ann"), person("2", "Bob")]
    accounts = [account("u1", "ann@x", number="2"), account("u2", "bob@x", number="1")]
    made = plan(people, accounts, links={"1": "u1", "2": "u2"})
    assert said(made, FindingKind.LINK_DISAGREES) == [
        (
            "Ann (1) is linked to the account ann@x, whose number is '2', that of Bob (2). The account bob@x has their '1', and is linked to "
            "Bob (2). The two look swapped. Nothing is done for this person until a reviewer decides which account is theirs."
        ),
        (
            "Bob (2) is linked to the account bob@x, whose number is '1', that of Ann (1). The account ann@x has their '2', and is linked to "
            "Ann (1). The two look swapped. Nothing is done for this person until a reviewer decides which account is theirs."
        ),
    ]
    assert (written(made), remembered(made)) == ([], [])


def test_number_of_another_person_is_never_overwritten(plan):
    people = [person("1", "Ann"), person("2", "Bob", "bob@x")]
    made = plan(people, [account("u1", "ann@x", number="2")], links={"1": "u1"})
    assert written(made) == []
    assert said(made, FindingKind.LINK_DISAGREES)[0].startswith(
        "Ann (1) is linked to the account ann@x, whose number is '2', that of Bob (2). Nothing"
    )
    assert said(made, FindingKind.FOUND_ALREADY_LINKED)[0].startswith(
        "Bob (2) matches the account ann@x by number '2', which is linked to Ann (1). "
    )


def test_a_leaver_whose_account_says_that_it_is_anothers_is_not_deactivated_by_guess(plan):
    people = [person("1", "Ann", status="left"), person("2", "Bob")]
    accounts = [account("u1", "ann@x", number="2"), account("u2", "bob@x", number="1")]
    assert written(plan(people, accounts, links={"1": "u1", "2": "u2"})) == []
    decided = plan(people, accounts, links={"1": "u1", "2": "u2"}, link_decisions=(("1", "u1", "same"), ("2", "u2", "same")))
    assert sorted(written(decided)) == [("deactivate", "1", "u1"), ("update", "2", "u2")]
    assert said(decided, FindingKind.LINK_DISAGREES) == []


def test_where_all_whose_account_it_may_be_have_left_it_ends(plan):
    leavers = [person("1", "Ann", status="left"), person("2", "Bob", status="left"), person("3", "Cid")]
    accounts = [account("u1", "ann@x", number="2"), account("u2", "bob@x", number="1"), account("u3", "cid@x", number="3", name="Cid")]
    links = {"1": "u1", "2": "u2", "3": "u3"}
    made = plan(leavers, accounts, links=links)
    assert sorted(written(made)) == [("deactivate", "1", "u1"), ("deactivate", "2", "u2")]
    assert said(made, FindingKind.LINK_DISAGREES) == []
    nobodys = plan(
        leavers, [replace(each, values={**each.values, "number": "9"}) if each.id == "u1" else each for each in accounts], links=links
    )
    assert ("deactivate", "1", "u1") not in written(nobodys)


def test_a_decision_untangles_a_swapped_pair(plan):
    people = [person("1", "Ann"), person("2", "Bob")]
    accounts = [account("u1", "bob@x", number="2", name="Bob"), account("u2", "ann@x", number="1", name="Ann")]
    made = plan(people, accounts, links={"1": "u1", "2": "u2"}, link_decisions=(("1", "u2", "same"), ("2", "u1", "same")))
    assert written(made) == []
    assert [each[:3] for each in remembered(made)] == [
        ("forget", "1", "u1"),
        ("remember", "1", "u2"),
        ("remember", "2", "u1"),
        ("forget", "2", "u2"),
    ]


def test_a_changed_address_is_a_rename_and_nothing_else(plan):
    """Story 22."""
    made = plan([person("1", "Ann", "ann.new@x")], [account("u1", "ann@x", number="1", name="Ann")], links={"1": "u1"})
    assert written(made) == [("update", "1", "u1")]
    assert made.operations[0].after == {"email": "ann.new@x"}
    assert made.findings == ()


def test_changed_number_without_another_holder_is_written(plan):
    made = plan([person("1", "Ann")], [account("u1", "ann@x", number="999", name="Ann")], links={"1": "u1"})
    assert made.operations[0].after == {"number": "1"}
    assert said(made, FindingKind.LINK_DISAGREES) == []


def test_an_address_that_moves_on_in_a_row_is_written_and_told(plan):
    """Bob becomes bob.b@x tonight, and Ann takes over bob@x: the links say who is who."""
    people = [person("1", "Ann", "bob@x"), person("2", "Bob", "bob.b@x")]
    accounts = [account("u1", "ann@x", name="Ann"), account("u2", "bob@x", name="Bob")]
    made = plan(people, accounts, [MAIL], links={"1": "u1", "2": "u2"})
    assert [each.after["email"] for each in made.operations] == ["bob.b@x", "bob@x"]
    assert said(made, FindingKind.LINK_DISAGREES) == [
        (
            "Ann (1) is linked to the account ann@x, whose email is 'ann@x'. The account bob@x has their 'bob@x', and is linked to Bob (2). "
            "The existing link takes precedence: the account is updated from this person. If the link is wrong, decide which account is theirs."
        )
    ]


@pytest.mark.parametrize("links", [{"1": "u1"}, {}], ids=["by the link", "by the number"])
def test_a_returner_gets_the_deactivated_account_back_and_no_second_one(plan, links):
    """Story 23."""
    made = plan([person("1", "Ann", "ann.new@x")], [account("u1", "ann@x", number="1", name="Ann", state="deactivated")], links=links)
    assert written(made) == [("reactivate", "1", "u1"), ("update", "1", "u1")]


LEAVER_AND_NEW_HIRE = [person("1", "Ann", status="left"), person("5", "New", "ann@x")]


def test_linked_leaver_is_deactivated_when_a_new_hire_has_the_recycled_address(plan):
    made = plan(LEAVER_AND_NEW_HIRE, [account("u1", "ann@x", name="Ann")], [ADOPTING_MAIL], links={"1": "u1"})
    assert written(made) == [("deactivate", "1", "u1")]
    assert made.operations[0].because.detail == (
        "Ann (1) is terminated (status left). The person has an account that New (5) matches too; a match by another key does not delay the end."
    )
    assert [(each.kind, each.anchor, each.candidates) for each in made.findings] == [
        (FindingKind.FOUND_ALREADY_LINKED, "5", (Candidate("u1", "ann@x"),))
    ]


@pytest.mark.parametrize("keys", [[NUMBER, ADOPTING_MAIL], [ADOPTING_MAIL, NUMBER]], ids=["number first", "address first"])
def test_unlinked_leaver_is_deactivated_by_the_anchor_when_a_new_hire_has_the_recycled_address(plan, keys):
    made = plan(LEAVER_AND_NEW_HIRE, [account("u1", "ann@x", number="1", name="Ann")], keys)
    assert written(made) == [("deactivate", "1", "u1")]
    assert [each[:3] for each in remembered(made)] == [("remember", "1", "u1")]
    assert said(made, FindingKind.AMBIGUOUS) == [
        (
            "New (5) matches the account ann@x by email, but its number '1' is that of Ann (1). If the two are one person, let `person` in "
            "identities.toml say so; if the key was given to another person, decide that the account is not theirs. Where it is one person, "
            "the account follows them, and is activated again if it was deactivated."
        )
    ]


def test_new_hire_who_is_told_apart_gets_no_twin_while_the_leavers_account_holds_the_address(plan):
    accounts = [account("u1", "ann@x", number="1", name="Ann")]
    made = plan(LEAVER_AND_NEW_HIRE, accounts, links={"1": "u1"}, link_decisions=(("5", "u1", "different"),))
    assert written(made) == [("deactivate", "1", "u1")]
    assert [each.anchor for each in made.findings if each.kind is FindingKind.NOT_UNIQUE] == ["5"]


def test_the_anchor_decides_between_active_people_who_share_an_address(plan):
    people = [person("1", "Ann", "ann@x"), person("5", "New", "ann@x")]
    made = plan(people, [account("u1", "ann@x", number="1", name="Ann")], [ADOPTING_MAIL, NUMBER])
    assert [each[:3] for each in remembered(made)] == [("remember", "1", "u1")]
    assert written(made) == []
    assert [each.anchor for each in made.findings if each.kind is FindingKind.AMBIGUOUS] == ["5"]


def test_leaver_with_two_matches_loses_the_account_that_carries_the_anchor(plan):
    people = [person("1", "Ann", "new@x", status="left")]
    made = plan(people, [account("u1", "ann@x", number="1"), account("u2", "new@x")], [ADOPTING_MAIL, NUMBER])
    assert written(made) == [("deactivate", "1", "u1")]


def test_account_that_carries_the_anchors_of_two_people_is_a_finding_for_both(plan):
    badge = {"account": "badge", "identity": "upper(anchor)", "adopt": True}
    people = [person("a", "Ann", status="left"), person("b", "Bob")]
    made = plan(people, [account("u1", "old@x", number="a", badge="B")], [NUMBER, badge])
    assert written(made) == []
    assert sorted(each.anchor for each in made.findings if each.kind is FindingKind.AMBIGUOUS) == ["a", "b"]


def test_a_decision_outranks_the_anchor_that_an_account_carries(plan):
    accounts = [account("u1", "ann@x", number="1", name="Ann")]
    made = plan(LEAVER_AND_NEW_HIRE, accounts, links={"1": "u1"}, link_decisions=(("5", "u1", "same"),))
    assert ("deactivate", "1", "u1") not in written(made)
    assert [each[:2] for each in remembered(made)] == [("forget", "1"), ("remember", "5")]


def test_link_to_an_account_with_another_persons_anchor_stays_a_conflict_whatever_the_order_of_keys(plan):
    people = [person("1", "Ann", status="left"), person("2", "Bob", "bob@x")]
    made = plan(people, [account("u1", "ann@x", number="2")], [ADOPTING_MAIL, NUMBER], links={"1": "u1"})
    assert written(made) == []
    assert [each.anchor for each in made.findings if each.kind is FindingKind.LINK_DISAGREES] == ["1"]


def test_a_decision_says_whose_the_account_of_a_leaver_is(plan):
    people, accounts = LEAVER_AND_NEW_HIRE, [account("u1", "ann@x", name="Ann")]
    decided = plan(people, accounts, [ADOPTING_MAIL], links={"1": "u1"}, link_decisions=(("1", "u1", "same"),))
    assert written(decided) == [("deactivate", "1", "u1")]
    taken = plan(people, accounts, [ADOPTING_MAIL], links={"1": "u1"}, link_decisions=(("5", "u1", "same"),))
    assert [each[:2] for each in remembered(taken)] == [("forget", "1"), ("remember", "5")]
    assert written(taken) == [("update", "5", "u1")]
