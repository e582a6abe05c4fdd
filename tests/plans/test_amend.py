"""An amended operation is what `dataclasses.replace` makes."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from reconcile.plan.amend import amended
from reconcile.plan.model import Operation, Verb

from .small_plans import SMALL, operation


@pytest.mark.parametrize("name", [each.name for each in fields(Operation)])
def test_each_member_can_be_changed_alone(name):
    other = operation(7, Verb.DELETE, target="shed", anchor="N8", entitlement="quay", privileged=True)
    for each in SMALL.operations:
        before = replace(each)
        changed = amended(each, **{name: getattr(other, name)})
        assert changed == replace(each, **{name: getattr(other, name)})
        assert each == before
        with pytest.raises(FrozenInstanceError):
            setattr(changed, name, "")


def test_member_that_operations_do_not_have_is_refused():
    with pytest.raises(KeyError):
        amended(operation(1), colour="red")
