"""Addresses that only look alike: invisible characters, composition, width, case and mixed alphabets never make a second account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.rules import CorrelationKey
from reconcile.decide.matching.correlate import make_forms
from reconcile.forms import comparable, plain
from reconcile.plan.model import FindingKind, Severity
from reconcile.store.holding import store_holding
from tests.support.companies import engine
from tests.support.companies.pairs import ATTRIBUTES, MAIL, NUMBER, account, company, person, said, written
from tests.support.examples import examples

ADOPTING_MAIL = {**MAIL, "adopt": True}
LOGIN_BY_MAIL = {**ATTRIBUTES, "login": "mail"}
LOOK_ALIKE = [
    ("zero width space", "an\u200bn@x"),
    ("bidirectional control", "ann@x\u202c"),
    ("byte order mark in the middle", "ann\ufeff@x"),
    ("soft hyphen", "an\u00adn@x"),
    ("variation selector", "ann\ufe0f@x"),
    ("tag", "ann\U000e0041@x"),
    ("Hangul filler", "ann\u3164@x"),
    ("full width", "\uff41nn@x"),
    ("control character", "ann\x7f@x"),
    ("no-break space around it", "\u00a0ann@x\u00a0"),
]
values = pytest.mark.parametrize("stated", [value for _, value in LOOK_ALIKE], ids=[name for name, _ in LOOK_ALIKE])


@pytest.fixture
def plan(tmp_path):
    """Plans a company whose logins are addresses."""

    def made(people, accounts, keys=(NUMBER, ADOPTING_MAIL), attributes=LOGIN_BY_MAIL, **fields):
        with company(tmp_path, people, accounts, keys, attributes=attributes, **fields) as bench:
            return bench.plan()

    return made


@values
def test_look_alike_address_in_the_source_finds_the_account(plan, stated):
    made = plan([person("1", "Ann", stated)], [account("u1", "ann@x", name="Ann")])
    assert [(each.anchor, each.account_id) for each in made.links] == [("1", "u1")]
    assert [each for each in written(made) if each[0] == "create"] == []


@values
def test_look_alike_address_of_an_account_is_found(plan, stated):
    made = plan([person("1", "Ann", "ann@x")], [account("u1", stated, name="Ann")], attributes=ATTRIBUTES)
    assert [(each.anchor, each.account_id) for each in made.links] == [("1", "u1")]


@values
def test_new_account_gets_the_cleaned_address_with_a_note(plan, stated):
    made = plan([person("1", "Ann", stated)], [])
    assert {name: made.operations[0].after[name] for name in ("login", "email")} == {"login": "ann@x", "email": "ann@x"}
    assert {each.severity for each in made.findings if each.kind is FindingKind.UNSEEN} <= {Severity.NOTE}


def test_address_is_written_without_the_spaces_around_it(plan):
    made = plan([person("1", "Ann", "  ann@x ")], [])
    assert (made.operations[0].after["login"], made.operations[0].after["email"]) == ("ann@x", "ann@x")


@values
def test_look_alike_address_of_another_account_is_taken(plan, stated):
    made = plan([person("1", "Ann", "ann@x")], [account("u2", stated, name="Other")], keys=[NUMBER])
    assert written(made) == []
    assert said(made, FindingKind.NOT_UNIQUE) != []


@values
def test_account_is_protected_under_every_look_alike_of_its_login(plan, stated):
    made = plan([person("1", "Ann", status="left")], [account("u1", stated)], links={"1": "u1"}, protected_accounts=("Ann@X",))
    assert written(made) == []
    assert said(made, FindingKind.PROTECTED) != []


def test_refused_value_is_not_written_and_the_person_without_an_account_waits(plan):
    refusing = {**ATTRIBUTES, "email": {"expression": "mail", "unseen": "refuse", "required": True}}
    people = [person("1", "Ann", "an\u200bn@x"), person("2", "Bob", "bo\u200bb@x")]
    made = plan(people, [account("u2", "old@x", number="2", name="Former")], attributes=refusing, links={"2": "u2"})
    assert [(each.anchor, each.after) for each in made.operations] == [("2", {"name": "Bob"})]
    assert [(each.anchor, each.severity) for each in made.findings if each.kind is FindingKind.UNSEEN] == [
        ("1", Severity.ATTENTION),
        ("2", Severity.ATTENTION),
    ]
    assert said(made, FindingKind.REQUIRED) == []


@pytest.mark.parametrize("mixed", ["\u0430nn@x", "ann@ex\u0430mple", "a\u03bfn@x"])
def test_mixed_alphabets_in_an_address_wait_for_a_correction_and_leaving_goes_on(plan, mixed):
    people = [person("1", "Ann", mixed), person("2", "Bob", mixed), person("3", "Cyd", mixed, status="left")]
    accounts = [account("u2", "bob@x", number="2", name="Former"), account("u3", "cyd@x", number="3")]
    made = plan(people, accounts, links={"2": "u2", "3": "u3"})
    assert sorted((each.verb.value, each.anchor, *each.after) for each in made.operations) == [
        ("deactivate", "3", "state"),
        ("update", "2", "name"),
    ]
    assert [each.anchor for each in made.findings if each.kind is FindingKind.UNSEEN] == ["1", "1", "2", "2"]


@pytest.fixture
def further(monkeypatch):
    """A target that has a second address, as Okta and SCIM applications do, and the rules of accounts with one."""
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, not_case_exact=frozenset({"login", "email", "mails"})))
    return {
        "login": {"expression": "name", "create_only": True},
        "email": "name || '@x'",
        "mails.home": {"expression": "mail", "clear": True},
        "number": "anchor",
    }


@pytest.mark.parametrize("mixed", ["\u0430nn@home", "a\u03bfn@home"])
def test_further_address_of_mixed_alphabets_is_not_written_and_the_account_is_made_without_it(plan, further, mixed):
    people = [person("1", "Ann", mixed), person("2", "Bob", mixed)]
    made = plan(
        people, [account("u2", "Bob", number="2", **{"mails.home": "bob@home"})], keys=[NUMBER], attributes=further, links={"2": "u2"}
    )
    assert [(each.verb.value, each.anchor) for each in made.operations if "mails.home" in each.after] == []
    assert [each.anchor for each in made.operations if each.verb.value == "create"] == ["1"]
    assert [text.rpartition(". ")[2] for text in said(made, FindingKind.UNSEEN)] == [
        "The new account is made without it until the source is corrected.",
        "mails.home stays as it is until the source is corrected.",
    ]


@values
def test_further_address_is_written_as_a_person_sees_it(plan, further, stated):
    made = plan([person("1", "Ann", stated)], [], keys=[NUMBER], attributes=further)
    assert made.operations[0].after["mails.home"] == "ann@x"


def test_whole_list_of_addresses_is_written_as_it_is_stated(plan, further):
    whole = {**further, "mails": "[mail || '\uff02']"}
    del whole["mails.home"]
    made = plan([person("1", "Ann", "ann@x")], [], keys=[NUMBER], attributes=whole)
    assert (made.operations[0].after["mails"], said(made, FindingKind.UNSEEN)) == (["ann@x\uff02"], [])


@pytest.mark.parametrize("whole", ["\u0438\u0432\u0430\u043d@x", "anna.\u0438\u0432\u0430\u043d@x", "zo\u00eb@x"])
def test_address_in_one_alphabet_is_written(plan, whole):
    made = plan([person("1", "Ann", whole)], [])
    assert made.operations[0].after["email"] == whole
    assert said(made, FindingKind.UNSEEN) == []


def test_joiner_in_a_name_is_kept(plan):
    made = plan([person("1", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "ann@x")], [])
    assert made.operations[0].after["name"] == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("\u0130van@x", "ivan@x", True),
        ("i\u0307van@x", "ivan@x", True),
        ("\u039f\u0394\u039f\u03a3@x", "\u03bf\u03b4\u03bf\u03c2@x", True),
        ("stra\u1e9ee@x", "stra\u00dfe@x", True),
        ("stra\u00dfe@x", "strasse@x", False),
        ("zoe\u0308@x", "ZO\u00cb@x", True),
    ],
)
def test_case_is_folded_letter_by_letter(one, other, same):
    assert (comparable(one) == comparable(other)) is same


LETTERS = st.text(
    st.one_of(
        st.sampled_from("aZ\u00df\u0130\u03c2\u03a3\u1e9e\u017f\u212a\uff41e\u0308\u0307I\u200b\ufeff\u00ad\t \u00a0\ufe0f@."),
        st.characters(codec="utf-8", exclude_characters="\x00"),
    ),
    max_size=12,
)


FORMS = "SELECT comparable($text::VARCHAR), trim(plain($text::VARCHAR))"


def test_tables_and_single_texts_are_judged_alike():
    store = store_holding({})
    make_forms(store)

    @examples(300, deadline=None, database=None)
    @given(LETTERS)
    def law(text):
        found = store._connection.execute(FORMS, {"text": text}).fetchall()
        assert found == [(comparable(text), plain(text))]

    law()


def test_key_sets_invisible_characters_aside_by_default():
    assert "unicode" in CorrelationKey(account="email", identity="mail").normalise


def test_value_that_another_account_holds_is_not_written_over_a_look_alike_of_it(plan):
    """The system compares letter by letter: to it the account does not hold the value yet, and another one does."""
    mine = account("u1", "ann@x", number="1", name="Ann")
    mine.values["email"] = "ann\ufeff@x"
    other = account("u2", "other@x", number="9")
    other.values["email"] = "ann@x"
    made = plan([person("1", "Ann", "ann@x")], [mine, other], keys=[NUMBER], attributes=ATTRIBUTES)
    assert [each for each in written(made) if each[0] == "update"] == []
    assert said(made, FindingKind.NOT_UNIQUE) != []


def test_new_account_is_looked_for_by_what_a_person_sees_and_by_what_the_source_states(plan):
    made = plan([person("1", "Ann", "an\u200bn@x")], [], attributes={**ATTRIBUTES, "email": "NULL"})
    (creation,) = made.operations
    assert {each.value for each in creation.absent if each.attribute == "email"} == {"ann@x", "an\u200bn@x"}
