"""What the settings of a guard take for a number."""

import pytest
from pydantic import ValidationError

from reconcile.project.limits import Limits


@pytest.mark.parametrize("number", ["percent", "count", "floor"])
@pytest.mark.parametrize("given", [True, False, "5"])
def test_only_a_number_is_a_limit(number, given):
    with pytest.raises(ValidationError):
        Limits.model_validate({"deactivate": {number: given}})


def test_whole_numbers_and_fractions_are_percentages():
    assert [Limits.model_validate({"deactivate": {"percent": each}}).deactivate.percent for each in (5, 0.5)] == [5, 0.5]
