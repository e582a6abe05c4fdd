"""Immutable attributes under review: changed only by a plan made with renames, as operations of their own, and reverted by undo."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.problems import BadConfiguration
from reconcile.decide.guards.evaluate import judge
from reconcile.plan.model import FindingKind, OutcomeKind, Run, Verb
from reconcile.project.limits import Guards
from tests.support.companies import engine
from tests.support.companies.columns import world
from tests.support.companies.engine import lab
from tests.support.undoing import inverse

REVIEWED = {"expression": "mail", "immutable": True, "rename": "review", "unique": True}
RULES = {"login": REVIEWED, "title": "title"}
ANN = {"mail": "ann.new@x", "title": "Cook"}
HELD = {"login": "ann.old@x", "title": "Waiter"}


def _planned(tmp_path, *world_of, renames=True, **rest):
    with lab(world(*world_of, **rest), tmp_path) as bench:
        bench.extract()
        return bench.plan(renames=renames)


def _done(plan):
    return [(each.verb, each.anchor, dict(each.after)) for each in plan.operations]


def test_plan_without_renames_names_the_command_and_changes_all_other_attributes(tmp_path):
    plan = _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, RULES, renames=False)
    assert _done(plan) == [(Verb.UPDATE, "ann", {"title": "Cook"})]
    (finding,) = plan.findings
    assert finding.kind is FindingKind.IMMUTABLE
    assert "`reconcile plan --renames`" in finding.message
    assert "by hand" not in finding.message


def test_rename_is_an_operation_of_its_own_before_the_update(tmp_path):
    plan = _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, RULES)
    assert _done(plan) == [(Verb.RENAME, "ann", {"login": "ann.new@x"}), (Verb.UPDATE, "ann", {"title": "Cook"})]
    assert dict(plan.operations[0].before) == {"login": "ann.old@x"}
    assert plan.findings == ()


def test_immutable_attribute_that_is_not_under_review_stays_a_finding_also_where_renames_are_asked_for(tmp_path):
    rules = {"login": {**REVIEWED, "rename": "never"}, "title": "title"}
    plan = _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, rules)
    assert _done(plan) == [(Verb.UPDATE, "ann", {"title": "Cook"})]
    assert "by hand" in plan.findings[0].message


def test_plan_after_applied_renames_is_empty_and_the_inverse_gives_the_old_logins_back(tmp_path):
    people = {"ann": ANN, "bob": {"mail": "ann.old@x", "title": "Cook"}, "cyd": {"mail": "bob.old@x", "title": "Cook"}}
    accounts = {"ann": HELD, "bob": {"login": "bob.old@x", "title": "Waiter"}}
    with lab(world(people, accounts, RULES), tmp_path) as bench:
        bench.extract()
        plan = bench.plan(renames=True)
        ann, bob = (next(each for each in plan.operations if (each.verb, each.anchor) == (Verb.RENAME, who)) for who in ("ann", "bob"))
        created = next(each for each in plan.operations if each.verb is Verb.CREATE)
        # Whoever takes a login waits for who gives it up.
        assert (bob.depends_on, created.depends_on) == ((ann.id,), (bob.id,))
        outcomes = bench.apply(plan)
        assert {each.kind for each in outcomes} == {OutcomeKind.DONE}
        bench.extract()
        again = bench.plan()
        assert (again.operations, again.findings) == ((), ())
    back = inverse(plan, Run(id="R1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes))
    renamed = {each.anchor: dict(each.after) for each in back.operations if each.verb is Verb.RENAME}
    # Bob's old login is that of the account that was created, which keeps it; and Ann's is Bob's.
    assert renamed == {}
    assert len([each for each in back.findings if "back: another account took it" in each.message]) == 2


def test_inverse_of_a_rename_puts_the_old_login_back(tmp_path):
    with lab(world({"ann": ANN}, {"ann": HELD}, RULES), tmp_path) as bench:
        bench.extract()
        plan = bench.plan(renames=True)
        outcomes = bench.apply(plan)
        back = inverse(plan, Run(id="R1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes))
        assert _done(back) == [(Verb.RENAME, "ann", {"login": "ann.old@x"}), (Verb.UPDATE, "ann", {"title": "Waiter"})]
        assert {each.kind for each in bench.apply(back)} == {OutcomeKind.DONE}
        assert bench.target.accounts["ann"].attributes["login"] == "ann.old@x"


@pytest.mark.parametrize("other", [{"login": "ann.new@x"}, {"login": "ANN.NEW@X"}])
def test_rename_to_a_login_that_another_account_holds_is_a_finding(tmp_path, other):
    plan = _planned(tmp_path, {"ann": ANN}, {"ann": HELD, "other": other}, RULES)
    assert _done(plan) == [(Verb.UPDATE, "ann", {"title": "Cook"})]
    assert [each.kind for each in plan.findings if each.anchor] == [FindingKind.NOT_UNIQUE]


def test_people_who_exchange_logins_are_findings(tmp_path):
    people = {"ann": {"mail": "bob@x", "title": "Cook"}, "bob": {"mail": "ann@x", "title": "Cook"}}
    accounts = {"ann": {"login": "ann@x", "title": "Cook"}, "bob": {"login": "bob@x", "title": "Cook"}}
    plan = _planned(tmp_path, people, accounts, RULES)
    assert plan.operations == ()
    assert [each.kind for each in plan.findings] == [FindingKind.NOT_UNIQUE] * 2


def test_protected_account_is_not_renamed_and_its_login_stays_taken(tmp_path):
    people = {"ann": {"mail": "ann.new@x"}, "bob": {"mail": "ann.old@x"}}
    small = world(people, {"ann": {"login": "ann.old@x"}, "bob": {"login": "bob@x"}}, {"login": REVIEWED})
    with lab(replace(small, protected_people=("ann",)), tmp_path) as bench:
        bench.extract()
        plan = bench.plan(renames=True)
    assert plan.operations == ()
    assert {each.kind for each in plan.findings} == {FindingKind.PROTECTED, FindingKind.NOT_UNIQUE}


def test_leaver_is_deactivated_and_not_renamed(tmp_path):
    small = world({"ann": ANN}, {"ann": HELD}, RULES, who="title <> 'Cook'")
    with lab(small, tmp_path) as bench:
        bench.extract()
        plan = bench.plan(renames=True)
    assert [each.verb for each in plan.operations] == [Verb.DEACTIVATE]


def test_account_that_got_another_login_since_the_plan_is_not_renamed(tmp_path):
    with lab(world({"ann": ANN}, {"ann": HELD}, RULES), tmp_path) as bench:
        bench.extract()
        plan = bench.plan(renames=True)
        account = bench.target.accounts["ann"]
        bench.target.accounts["ann"] = replace(account, attributes={**account.attributes, "login": "else@x"})
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.MOVED}
        assert bench.target.accounts["ann"].attributes["login"] == "else@x"


def test_renames_have_a_guard_of_their_own(tmp_path):
    people = {f"p{number}": {"mail": f"n{number}@new.example"} for number in range(11)}
    accounts = {anchor: {"login": f"n{anchor[1:]}@old.example"} for anchor in people}
    plan = _planned(tmp_path, people, accounts, {"login": REVIEWED})
    census = replace(plan.census[0], accounts=100)
    assert [each.guard for each in judge(Guards(), [census], plan.operations) if each.refuses] == [f"{census.target}.rename"]
    assert [each.guard for each in judge(Guards(), [census], plan.operations[:10]) if each.refuses] == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"expression": "mail", "rename": "review"}, "every night changes it"),
        ({"expression": "mail", "immutable": True, "rename": "review"}, ""),
    ],
)
def test_review_of_an_attribute_that_every_night_changes_is_refused(tmp_path, rule, said):
    attributes = {"login": "mail", "title": rule}
    if not said:
        assert _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, attributes).operations
        return
    with pytest.raises(BadConfiguration, match=said):
        _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, attributes)


def test_review_of_an_attribute_that_the_application_never_changes_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, renamable=frozenset()))
    with pytest.raises(BadConfiguration, match="never changes login"):
        _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, RULES)


@pytest.mark.parametrize("more", [{"create_only": True}, {"temporary": "'t' || anchor"}])
def test_review_with_a_value_that_is_not_compared_or_changes_twice_is_refused(tmp_path, more):
    rule = {"expression": "mail", "unique": True, "rename": "review", **more}
    with pytest.raises(ValueError, match="rename"):
        _planned(tmp_path, {"ann": ANN}, {"ann": HELD}, {"login": "mail", "title": rule})


def test_why_names_the_command_for_a_login_under_review(tmp_path):
    with lab(world({"ann": ANN}, {"ann": HELD}, RULES), tmp_path) as bench:
        bench.extract()
        told = {each.name: each.verdict for each in bench.why("ann").targets[0].attributes}
    assert "`reconcile plan --renames`" in told["login"]
