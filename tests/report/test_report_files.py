"""A report is written whole, or what was there stays."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile.disk import write_whole


def broken() -> Iterator[str]:
    yield "first line\n"
    raise ValueError("the plan changed while it was read")


def test_report_whose_parts_end_in_an_error_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    write_whole(path, ["earlier\n"])
    with pytest.raises(ValueError, match="changed"):
        write_whole(path, broken())
    assert {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()} == {"plan.csv": "earlier\n"}


def test_report_whose_parts_end_in_an_error_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="changed"):
        write_whole(tmp_path / "plan.csv", broken())
    assert list(tmp_path.iterdir()) == []


def test_report_that_replaces_a_linked_file_leaves_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "plan.csv", tmp_path / "latest.csv"
    path.write_text("earlier\n", encoding="utf-8")
    link.symlink_to(path)
    write_whole(link, ["later\n"])
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "later\n"


def test_report_goes_to_a_device_as_it_comes() -> None:
    write_whole(Path("/dev/null"), ["a\n", "b\n"])
    assert Path("/dev/null").is_char_device()


def test_report_goes_to_a_pipe_that_a_link_leads_to(tmp_path: Path) -> None:
    """As `--output /dev/stdout` does before `| less`."""
    taking, giving = os.pipe()
    try:
        write_whole(Path(f"/dev/fd/{giving}"), ["one\n", "two\n"])
    finally:
        os.close(giving)
    with os.fdopen(taking, encoding="utf-8") as pipe:
        assert pipe.read() == "one\ntwo\n"
