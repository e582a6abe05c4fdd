"""Whether the tutorial works word for word: every command, in its order, against the sandbox that it starts."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.docs.page_blocks import PAGES, blocks
from tests.docs.page_reader import CODE, Reader
from tests.docs.page_tables import STAND_INS
from tests.support.day import clock_on

PAGE = "docs/tutorial.md"
START, *REST = [line for block in blocks(PAGE) for line in block.commands]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The first terminal, on free ports."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    reader = Reader(tmp_path_factory.mktemp("tutorial"), clock_on(today), STAND_INS)
    with reader.started(START):
        yield reader


def test_every_command_of_the_tutorial_ends_as_the_page_says(reader: Reader) -> None:
    for line in REST:
        reader.type(line)
    said = {line: ended.out for line, ended in reader.said.items()}
    assert "PROBLEM" not in said["reconcile check"]
    *read, _, following = said["reconcile extract"].splitlines()
    assert all(line.endswith("complete") for line in read)
    assert following == "Next: reconcile plan"
    assert "people wait for workers_" in said["reconcile run --live"]
    assert "stay ended" in " ".join(said["reconcile undo RUN"].split())
    assert "Well." in said["reconcile status"]
    assert "is not answered yet" in reader.said["reconcile --project ../mine check"].err


def test_the_page_has_commands_and_names_their_exit_codes() -> None:
    assert START.startswith("reconcile sandbox --company 40")
    assert len(REST) > 25
    assert {int(code) for code in CODE.findall(PAGES[PAGE])} == {10, 12, 16}
