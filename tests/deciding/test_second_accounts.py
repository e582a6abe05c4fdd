"""Second accounts that carry the number of a person whose account is another one: told with the person, and for attention where they outlive them."""

from __future__ import annotations

import pytest

from reconcile.plan.model import FindingKind, Severity
from tests.support.companies.pairs import account, company, person, written


@pytest.fixture
def plan(tmp_path):
    """Plans a company: `plan(people, accounts, ...)`."""

    def made(*world, **fields):
        with company(tmp_path, *world, **fields) as bench:
            return bench.plan()

    return made


SECOND = (account("u1", "ann@x", number="1", name="Ann"), account("u9", "adm@x", number="1"))


@pytest.mark.parametrize("spelt", ["1", " 1 "])
def test_second_account_with_the_number_of_a_linked_person_is_told_with_the_person(plan, spelt):
    accounts = [SECOND[0], account("u9", "adm@x", number=spelt)]
    made = plan([person("1", "Ann")], accounts, links={"1": "u1"})
    assert [(each.severity, each.message) for each in made.findings] == [
        (
            Severity.NOTE,
            "Unmatched account adm@x (active): it carries the number of Ann (1), whose account is ann@x. Left unchanged.",
        )
    ]


def test_second_account_that_outlives_its_person_asks_for_attention(plan):
    made = plan([person("1", "Ann", status="left")], SECOND, links={"1": "u1"})
    assert written(made) == [("deactivate", "1", "u1")]
    (finding,) = [each for each in made.findings if each.kind is FindingKind.UNMANAGED]
    assert (finding.severity, finding.message) == (
        Severity.ATTENTION,
        (
            "Unmatched account adm@x (active): it carries the number of Ann (1), whose account is ann@x; they should have none. "
            "End it by hand, or decide that it is not theirs. Left unchanged."
        ),
    )


def test_second_account_that_has_ended_or_was_decided_about_asks_for_nothing(plan):
    left = [person("1", "Ann", status="left")]
    ended = plan(left, [SECOND[0], account("u9", "adm@x", number="1", state="deactivated")], links={"1": "u1"})
    decided = plan(left, SECOND, links={"1": "u1"}, link_decisions=(("1", "u9", "different"),))
    assert [(each.severity, each.message) for made in (ended, decided) for each in made.findings if each.kind is FindingKind.UNMANAGED] == [
        (Severity.NOTE, "Unmatched account adm@x (deactivated): it carries the number of Ann (1), whose account is ann@x. Left unchanged."),
        (Severity.NOTE, "Unmatched account adm@x (active): no identity is linked to it or matches it. Left unchanged."),
    ]
