"""What a reviewer is told about where a value comes from."""

import pytest

from mappings.rules import Identities, TargetMapping
from reconcile.decide.desired.provenance import attribute_provenance
from tests.support.words import words

LONG = "concat_ws(' ', coalesce(Preferred_Name, Legal_Name), upper(Family_Name))"
IDENTITIES = Identities.model_validate(
    {
        "source": [
            {"connector": "workers", "anchor": "Employee_ID", "attributes": {"title": "Business_Title", "name": LONG}},
            {"connector": "contractors", "anchor": '"No"', "attributes": {"title": "Role", "kind": "'Contractor'"}},
        ]
    }
)


def reason(expression: str) -> str:
    mapping = TargetMapping.model_validate({"target": "okta", "attributes": {"it": expression}})
    return attribute_provenance(mapping, IDENTITIES, words())["it"]


@pytest.mark.parametrize("expression", ["title", '"title"', " Title "])
def test_an_identity_attribute_names_the_sources_that_state_it_in_their_order(expression):
    assert reason(expression) == "it comes from workers: Business_Title, else contractors: Role"


def test_a_source_that_does_not_state_the_attribute_is_not_named():
    assert reason("kind") == "it comes from contractors: 'Contractor'"


def test_the_anchor_comes_from_every_source():
    assert reason("anchor") == 'it comes from workers: Employee_ID, else contractors: "No"'


def test_of_a_long_expression_the_columns_are_named_as_they_stand_there():
    assert reason("name") == "it comes from workers: an expression over Preferred_Name, Legal_Name, Family_Name"


def test_an_expression_is_quoted_with_where_its_attributes_come_from():
    assert reason("upper(kind) || title") == (
        "it is upper(kind) || title (kind comes from contractors: 'Contractor'; "
        "title comes from workers: Business_Title, else contractors: Role)"
    )


def test_what_no_source_states_is_only_quoted():
    assert reason("'fixed'") == "it is 'fixed'"
    assert reason("state") == "it is state"
