"""A contract that cannot hold is refused before any file is opened."""

import pytest
from pydantic import ValidationError

from connectors.hr.csv.settings import HrCsvSettings


def _contract(**changed):
    return HrCsvSettings.model_validate({"path": "hr/*.csv", "columns": ["Id", "Name", "Start"], "key": ["Id"], **changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"path": "../hr/*.csv"}, "leaves the project folder"),
        ({"key": ["Idd"]}, "not in columns \\(Id\\)"),
        ({"date_columns": {"Begin": "%Y-%m-%d"}}, "date_columns names 'Begin'"),
        ({"open_dates": {"Start": ["9999-12-31"]}}, "not in date_columns"),
        ({"date_columns": {"Start": "%d.%m."}}, "whole date"),
        ({"delimiter": ";;"}, "one printable character"),
        ({"delimiter": '"'}, "same character"),
        ({"encoding": "utf-9"}, "not an encoding"),
        ({"key_pattern": "("}, "not a regular expression"),
        ({"columns": ["Id", "First_Name", "first name"]}, "cannot tell apart"),
        ({"columns": ["Id", "Id"]}, "cannot tell apart"),
        ({"delimeter": ";"}, "delimeter"),
        ({"max_age_hours": 0}, "greater than 0"),
    ],
)
def test_a_contract_that_cannot_hold_is_refused(changed, said):
    with pytest.raises(ValidationError, match=said):
        _contract(**changed)


def test_a_tab_is_a_delimiter_and_an_absolute_path_may_be_anywhere():
    contract = _contract(delimiter="\t", path="/srv/hr/../drop/*.csv")
    assert contract.delimiter == "\t"
