"""What decisions.csv may say, and that every mistake in it is told with its line."""

from __future__ import annotations

import errno
import os

import pytest

from mappings.problems import BadConfiguration
from reconcile.project.decisions import COLUMNS, FILE, LinkDecision, PairDecision, add_link_decision, csv_text, read_link_decisions

HEADER = ",".join(COLUMNS)
ANN = "okta,1,u1,same,Rae,asked her,2026-03-02"


@pytest.fixture
def read(tmp_path):
    """Writes the file, line by line, and reads it."""

    def of(*lines: str, encoding: str = "utf-8", end: str = "\n") -> tuple[LinkDecision, ...]:
        (tmp_path / FILE).write_bytes((end.join(lines) + end).encode(encoding))
        return read_link_decisions(tmp_path, ["okta", "wiki"])

    return of


def told(read, *lines: str, **how: str) -> list[str]:
    with pytest.raises(BadConfiguration) as error:
        read(*lines, **how)
    return [str(problem) for problem in error.value.problems]


def test_without_the_file_nothing_is_decided(tmp_path):
    assert read_link_decisions(tmp_path, ["okta"]) == ()


def test_a_decision_says_who_decided_what_and_why(read):
    (found,) = read(HEADER, "", ANN)
    assert (found.pair, found.decision, found.reason) == (
        ("okta", "1", "u1"),
        PairDecision.SAME,
        "decided by Rae: asked her",
    )


@pytest.mark.parametrize("how", [{"encoding": "utf-8-sig"}, {"end": "\r\n"}])
def test_a_spreadsheet_may_have_saved_it(read, how):
    assert len(read(HEADER, ANN, **how)) == 1


def test_columns_may_stand_in_any_order_and_those_for_the_reader_may_stay(read):
    (found,) = read("question,decision,target,account,anchor,account_id,by,why,date", "Whose?,different,okta,ann@x,1,u1,Rae,no,2026-03-02")
    assert (found.pair, found.decision) == (("okta", "1", "u1"), PairDecision.DIFFERENT)


def test_a_question_without_an_answer_decides_nothing(read):
    assert read(HEADER, "okta,1,u1,,,,") == ()


def test_every_mistake_is_told_with_its_line(read):
    assert told(
        read,
        HEADER,
        "okta,1,u1,maybe,Rae,why,2026-03-02",
        'okta,2,u2,same,,"two\nlines",2026-03-02',
        "okta,3,u3,same,Rae, ,02.03.2026",
        "Okta,4,u4,same,Rae,why,2026-03-02",
    ) == [
        "decisions.csv:2: decision: must be 'same' or 'different'",
        "decisions.csv:3: by: must not be empty",
        "decisions.csv:5: date: is not a date; write it as 2026-03-02",
        "decisions.csv:5: why: must not be empty",
        "decisions.csv:6: target: no mapping file has the target 'Okta'; did you mean 'okta'?",
    ]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["target;anchor;account_id"], "decisions.csv:1: is separated by semicolons; save it with commas between the cells"),
        ([HEADER.replace("why", "reason")], "decisions.csv:1: why: is required, and no column has that name"),
        ([HEADER + ",whom"], "decisions.csv:1: whom: is not a column here"),
        ([HEADER + ",,"], "decisions.csv:1: column 9 has no name"),
        ([HEADER + ",by"], "decisions.csv:1: by: stands there twice"),
        ([HEADER, ANN + ",more"], "decisions.csv:2: has 8 cells where the header has 7"),
        ([HEADER, 'okta,"1"2,u1'], "decisions.csv:2: is not CSV: ',' expected after '\"'"),
    ],
)
def test_a_table_that_is_none_is_refused(read, lines, sentence):
    assert sentence in told(read, *lines)


def test_what_is_not_utf8_is_refused(read):
    assert told(read, HEADER, "okta,1,u1,same,René,asked,2026-03-02", encoding="latin-1") == [
        "decisions.csv: is not UTF-8 text; save it as UTF-8"
    ]


@pytest.mark.parametrize(
    ("later", "why"),
    [
        ("okta,1,u1,different", "1 and u1 are same there"),
        ("okta,1,u2,same", "1 has the account u1 there; a person has one in okta"),
        ("okta,2,u1,same", "the account u1 is that of 1 there; an account has one person"),
    ],
)
def test_a_contradiction_names_both_lines(read, later, why):
    assert told(read, HEADER, ANN, f"{later},Rae,why,2026-03-02") == [
        f"decisions.csv:3: decision: contradicts line 2: {why}. Take one of the two lines out."
    ]


def test_the_same_said_twice_or_in_another_target_is_no_contradiction(read):
    assert len(read(HEADER, ANN, ANN, "wiki,1,w9,same,Rae,why,2026-03-02", "okta,2,u1,different,Rae,why,2026-03-02")) == 4


NEW = LinkDecision.model_validate(dict(zip(COLUMNS, ["okta", "2", "u2", "same", "=Rae", "a; -b\nc, 'd'", "2026-03-02"], strict=True)))


@pytest.mark.parametrize(
    "before", ["", HEADER, f"{HEADER}\n", f"{HEADER}\n{ANN}", "\ufeffquestion,date,why,by,decision,account_id,anchor,target\r\n"]
)
def test_what_is_added_is_read_back_as_it_was(tmp_path, before):
    if before:
        (tmp_path / FILE).write_bytes(before.encode())
    add_link_decision(tmp_path, NEW)
    *_, last = read_link_decisions(tmp_path, ["okta"])
    assert last == NEW
    assert before or (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("before", ["", HEADER, f"{HEADER}\n{ANN}\n"])
def test_a_decision_that_a_full_disk_takes_half_of_leaves_the_file_as_it_was(tmp_path, monkeypatch, before):
    path, write, half = tmp_path / FILE, os.write, [True]
    if before:
        path.write_bytes(before.encode())

    def filling(handle: int, text: bytes) -> int:
        if not half:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        half.clear()
        return write(handle, text[: len(text) // 2])

    with monkeypatch.context() as full:
        full.setattr(os, "write", filling)
        with pytest.raises(OSError, match="No space left") as ended:
            add_link_decision(tmp_path, NEW)
    assert ended.value.filename == str(path)
    assert (path.read_text(encoding="utf-8") if path.exists() else "") == before
    assert path.exists() == bool(before)
    add_link_decision(tmp_path, NEW)
    assert read_link_decisions(tmp_path, ["okta"])[-1] == NEW


def test_no_cell_is_taken_for_a_formula():
    assert csv_text([{"why": "=1+1"}], ["why"]) == '"why"\r\n"\'=1+1"\r\n'


def test_what_would_contradict_a_line_is_not_added(tmp_path):
    (tmp_path / FILE).write_text(f"{HEADER}\n{ANN}\n", encoding="utf-8")
    with pytest.raises(BadConfiguration) as stopped:
        add_link_decision(tmp_path, NEW.model_copy(update={"account_id": "u1"}))
    assert str(stopped.value) == (
        "decisions.csv: decision: contradicts line 2: the account u1 is that of 1 there; an account has one person. "
        "Nothing was added; take that line out first if it is wrong."
    )
    assert len(read_link_decisions(tmp_path, None)) == 1
