"""A wholesale change of keys is refused whatever caused it: the rows of any source, or the expression of the anchor alone."""

from dataclasses import replace

import pytest

from tests.support.companies.people import KEYS, WANTED, account, company, row, source, world

COUNT = 14
NUMBERS = [f"{number:05}" for number in range(101, 101 + COUNT)]
BY_ANCHOR = {"correlate": KEYS[:1], "attributes": {**WANTED, "login": "anchor || '@x'", "email": "anchor || '@x'"}}
BY_MAIL = {"correlate": KEYS[:1], "attributes": WANTED}


def staffed(mapping, *others, numbers=NUMBERS, state="active", mails=lambda number: f"p.{number[-2:]}a@x"):
    hr = source("hr", *(row(number, mails(number)) for number in numbers), *others)
    accounts = tuple(account(f"u{number}", mails(number), number, state=state) for number in numbers)
    return world(hr, mapping=mapping, accounts=accounts, links={number: f"u{number}" for number in numbers})


def verdict_on(before, folder, hr):
    """What the guard says of the plan after the source changed; None where it has nothing to say."""
    with company(before, folder) as bench:
        bench.world = replace(before, sources=(hr,))
        plan = bench.plan()
    return next((each for each in plan.verdicts if each.guard == "app.changed_keys"), None)


@pytest.mark.parametrize(
    ("anchor", "new"),
    [("ltrim(no, '0')", "101"), ("'EMP-' || no", "EMP-00101"), ("substr(no, 1, 2) || ' ' || substr(no, 3)", "00 101")],
    ids=["without zeros", "with a prefix", "with a space"],
)
def test_plan_is_refused_where_only_the_expression_of_the_anchor_changed(tmp_path, anchor, new):
    before = staffed(BY_ANCHOR)
    (hr,) = before.sources
    verdict = verdict_on(before, tmp_path, replace(hr, rules={**hr.rules, "anchor": anchor}))
    assert (verdict.passed, verdict.count, verdict.population) == (False, COUNT, COUNT)
    assert verdict.message.startswith(
        f"Refused: the keys of {COUNT} people changed ('00101' is {new!r} by now?): a row with another key counts as another person, and "
        f"{COUNT} second accounts would be created in app; the limit is 10."
    )


def test_people_with_other_keys_and_the_same_logins_but_for_a_number_are_refused(tmp_path):
    before = staffed(BY_MAIL)
    (hr,) = before.sources
    attributes = {**hr.rules["attributes"], "mail": "replace(mail, '@', '2@')"}
    verdict = verdict_on(before, tmp_path, replace(hr, rules={**hr.rules, "anchor": "md5(no)", "attributes": attributes}))
    assert (verdict.passed, verdict.count) == (False, COUNT)


def test_ten_changed_keys_pass(tmp_path):
    before = staffed(BY_ANCHOR, numbers=NUMBERS[:10])
    (hr,) = before.sources
    assert verdict_on(before, tmp_path, replace(hr, rules={**hr.rules, "anchor": "ltrim(no, '0')"})).passed


def test_guard_has_nothing_to_say_of_new_people_or_of_accounts_that_ended(tmp_path):
    before = staffed(BY_ANCHOR)
    (hr,) = before.sources
    new = replace(hr, rules={**hr.rules, "anchor": "md5(no)"})
    assert verdict_on(before, tmp_path, new) is None
    ended = staffed(BY_ANCHOR, state="deactivated")
    assert verdict_on(ended, tmp_path, replace(hr, rules={**hr.rules, "anchor": "ltrim(no, '0')"})) is None


def test_keys_that_a_directory_states_for_the_same_records_are_told_too(tmp_path):
    """Okta and SCIM keep the id of a record when the attribute changes that holds the key."""
    stable = tuple(row(number, f"p.{number[-2:]}a@x", id=f"00u{number}") for number in NUMBERS)
    before = replace(staffed(BY_ANCHOR), sources=(source("okta", *stable),))
    changed = tuple(replace(each, columns={**each.columns, "no": each.columns["no"].lstrip("0")}) for each in stable)
    with company(before, tmp_path) as bench:
        bench.world = replace(before, sources=(source("okta", *changed),))
        bench.extract()
        plan = bench.plan()
    assert [each.complete for each in plan.scopes if each.system == "okta"] == [True]
    assert [(each.passed, each.count) for each in plan.verdicts if each.guard == "app.changed_keys"] == [(False, COUNT)]
