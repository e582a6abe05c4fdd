"""A small company holds every kind of difference between HR and accounts, and larger ones stay what they were."""

import pytest

from connectors.sandbox.company import company
from tests.night.night_worlds import DAY


@pytest.mark.parametrize("size", [40, 41, 47, 53, 54, 59, 60])
def test_a_company_of_any_size_holds_every_kind_of_drift(size):
    for seed in range(4):
        staff = company(size, seed, DAY)
        assert len(staff.people) == size
        assert [kind for kind, people in staff.drift.items() if not people] == []


def test_a_smaller_company_is_refused():
    with pytest.raises(ValueError, match="40 is the least"):
        company(39, 7, DAY)
