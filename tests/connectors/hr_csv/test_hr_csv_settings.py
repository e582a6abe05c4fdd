"""A contract that cannot hold is refused before any file is opened."""

import re

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


@pytest.mark.parametrize(
    "pattern",
    [
        "([0-9]+)+",
        "(?:[A-Z]|[0-9])*",
        "(a|aa){2,}",
        r"(\w{1,3})+x",
        "(?i:(a+)+)",
        "(?=(a+)+)b",
        "(?>(a+)+)b",
        "(a+){500}",
        "(a?){80}b",
        ".*.*.*.*x",
        "(?>.*.*.*.*x)",
        "(?:.*.*.*.*x)*+",
        "(?x)(a+) +",
        "[+](a+)+",
    ],
)
@pytest.mark.parametrize("setting", ["key_pattern", "footer_pattern"])
def test_a_pattern_that_can_be_tried_in_endless_ways_is_refused(setting, pattern):
    with pytest.raises(ValidationError, match=r"too costly|the flag x"):
        _contract(**{setting: pattern})


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\S+", "a"),
        (r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", "10.0.0.1"),
        (r"[0-9]++(?:\.[0-9]++)*+", "1.20.3"),
        (r"(?:[0-9]{3}-)+[0-9]{3}", "123-456-789"),
        (r"[A-Z]+-[0-9]+(\.[0-9]+)?", "AB-12.5"),
        (r"P[0-9]+|Q[0-9]+|R[0-9]+|[0-9]+", "R17"),
        (r"[(+*]+\)+", "(+*))"),
        (r"(?i)total,*(?P<rows>\d+),*|confidential", "Total,3,,"),
        ("(?#(a+|b+)a{}b", "a{}b"),
    ],
)
def test_a_pattern_that_is_tried_in_few_ways_is_taken(pattern, text):
    assert re.fullmatch(_contract(key_pattern=pattern).key_pattern, text)
