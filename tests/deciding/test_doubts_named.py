"""Findings about doubtful matches name the account, the key and the people, and no more of them than a sentence takes."""

from dataclasses import replace
from typing import Any

from reconcile.decide.identities.row_problems import Unusable, row_sentence
from reconcile.plan.model import FindingKind
from tests.support.companies.pairs import MAIL, account, company, person, said

LOGIN = {"account": "login", "identity": "name"}


def test_missing_account_is_told_with_the_key_that_found_the_other_one(tmp_path: Any):
    """Two accounts match, by different keys: the first is named by the key that found it."""
    accounts = [account("u1", "Ann", email="old@x"), account("u2", "somebody", email="ann@x")]
    with company(tmp_path, [person("1", "Ann")], accounts, keys=(MAIL, LOGIN), links={"1": "gone"}) as bench:
        bench.world = replace(bench.world, mapping={**bench.world.mapping, "recreate_missing": True})
        (message,) = said(bench.plan(), FindingKind.ACCOUNT_MISSING)
    assert "the person matches the account Ann by login by now" in message


def test_people_who_match_one_account_are_named_up_to_three(tmp_path: Any):
    people = [person(str(number), f"P{number}", "box@x") for number in range(1, 7)]
    with company(tmp_path, people, [account("u1", "shared", email="box@x")], keys=(MAIL,)) as bench:
        messages = said(bench.plan(), FindingKind.AMBIGUOUS)
    assert len(messages) == 6
    assert messages[0].startswith("P1 (1) matches the account shared by email 'box@x', and so do P2 (2), P3 (3), P4 (4) and 2 more. ")
    assert messages[5].startswith("P6 (6) matches the account shared by email 'box@x', and so do P1 (1), P2 (2), P3 (3) and 2 more. ")


def test_people_who_share_a_key_and_have_no_account_are_named_up_to_three(tmp_path: Any):
    people = [person(str(number), f"P{number}", "box@x") for number in range(1, 6)]
    with company(tmp_path, people, [], keys=(MAIL,)) as bench:
        messages = said(bench.plan(), FindingKind.AMBIGUOUS)
    assert messages[2].startswith("P3 (3) shares the key 'box@x' with P1 (1), P2 (2), P4 (4) and 1 more, also without an account. ")


def test_leaver_is_not_named_among_the_people_who_match_the_account(tmp_path: Any):
    people = [person("1", "Ann", "box@x", status="left"), *(person(str(number), f"P{number}", "box@x") for number in range(2, 4))]
    with company(tmp_path, people, [account("u1", "ann", email="box@x")], keys=(MAIL,), links={"1": "u1"}) as bench:
        (end,) = [each.because.detail for each in bench.plan().operations]
    assert " The person has an account that P2 (2), P3 (3) match too; a match by another key does not delay the end." in end


def test_other_anchors_with_a_person_key_are_counted_after_three():
    assert ", as do 2, 3, 4 and 2 more, and two of these have not left" in row_sentence(Unusable.SHARED_KEY, "k1", ["2", "3", "4"], 5)
    assert ", as does 2, and one of these states" in row_sentence(Unusable.CONTRADICTED_KEY, "k1", ["2"], 1)
