"""The order in which targets are decided: each after those whose groups its rules look at."""

from itertools import permutations

import pytest

from mappings.references import Circular, deciding_order
from mappings.rules import TargetMapping


def _target(name: str, *looked_at: str) -> TargetMapping:
    return TargetMapping(target=name, attributes={}, if_member_of=dict.fromkeys(looked_at, ("staff",)))


def test_target_is_decided_after_those_that_it_looks_at_whatever_order_their_files_have():
    targets = [_target("crm", "okta"), _target("badge"), _target("okta", "badge"), _target("wiki", "an HR system")]
    orders = {tuple(each.target for each in deciding_order(some)) for some in permutations(targets)}
    assert len(orders) == 1
    (order,) = orders
    assert order.index("badge") < order.index("okta") < order.index("crm")


@pytest.mark.parametrize(
    ("circle", "shown"),
    [
        ([_target("b", "c"), _target("c", "a"), _target("a", "b")], "a -> b -> c -> a"),
        ([_target("a", "a")], "a -> a"),
        ([_target("z", "y"), _target("y", "x"), _target("x", "y")], "x -> y -> x"),
    ],
)
def test_circle_is_told_in_its_order_from_its_first_target(circle: list[TargetMapping], shown: str):
    with pytest.raises(Circular) as refused:
        deciding_order(circle)
    assert str(refused.value) == shown
