"""The list of deliberate faults fits the code that it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from .faults import Fault, faults

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_every_fault_has_its_place_and_its_tests(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert fault.inject(text) != text
    assert [path for path in fault.tests if not (ROOT / path.partition("::")[0]).exists()] == []


def test_there_are_at_least_forty_faults_and_no_two_are_one() -> None:
    listed = faults()
    assert len(listed) >= 40
    assert len({(fault.file, fault.old, fault.new) for fault in listed}) == len(listed)
