"""Headers that were relabelled, and files that are not in the dialect that was agreed."""

import asyncio
import os

import pytest


def _renamed(three, name="Worker ID"):
    return three.replace("Employee_ID", name)


@pytest.mark.parametrize("name", ["Worker ID", "worker_id", "Personalnummer", "Employee_ID"])
def test_a_column_may_have_one_of_its_declared_other_names(export, three, name):
    read = export.read(_renamed(three, name), aliases={"Employee_ID": ["Worker ID", "Personalnummer"]})
    assert read.problem == ""
    assert read.records[0].values()["Employee_ID"] == "1001"
    assert next(iter(read.records[0].values())) == "Employee_ID"


def test_two_names_of_one_column_in_one_header_are_refused(export, lines):
    whole = lines("1,A,B,a@example.com,,,2").replace("Hire_Date", "Hire_Date,Worker ID")
    assert (
        "'Employee_ID' and 'Worker ID', which are both 'Employee_ID'" in export.read(whole, aliases={"Employee_ID": ["Worker ID"]}).problem
    )


def test_a_repeated_header_is_seen_under_another_name_too(export, three):
    whole = _renamed(three)
    assert "repeats the header" in export.read(whole + whole, aliases={"Employee_ID": ["Worker ID"]}).problem
    assert "repeats the header" in export.read(whole + three, aliases={"Employee_ID": ["Worker ID"]}).problem


def test_a_missing_column_names_what_it_may_be_called_now(export, three):
    whole = three.replace("Manager_ID", "Manager_IDs").replace("Hire_Date", "Hiring_Date")
    problem = export.read(whole).problem
    assert "'Manager_ID' (is it now 'Manager_IDs'?)" in problem
    assert "'Hire_Date' (is it now 'Hiring_Date'?)" in problem


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_named(export, three, delimiter):
    assert f"it looks delimited by {delimiter!r}" in export.read(three.replace(",", delimiter)).problem


@pytest.mark.parametrize(
    ("body", "declared", "said"),
    [
        ("Zoë Müller".encode("cp1252"), "utf-8", "in which that place reads"),
        (b"x" * 20, "utf-16", "looks like UTF-8"),
        ("Employee_ID,Name\n".encode("utf-16-le"), "utf-8", "looks like UTF-16"),
        ("Employee_ID,Name\n".encode("utf-16-be"), "cp1252", "looks like UTF-16"),
    ],
)
def test_another_encoding_is_named(export, body, declared, said):
    assert said in export.read(body, encoding=declared).problem


def test_a_broken_byte_behind_a_megabyte_is_found_at_its_place(export, lines):
    body = lines(*["1,A,B,a@example.com,,"] * 60_000).encode()
    at = body.index(b"a@", 1_100_000)
    problem = export.read(body[:at] + b"\xfc" + body[at + 1 :]).problem
    assert f"line {body[:at].count(10) + 1} (byte {at})" in problem


@pytest.mark.parametrize("split", range(-2, 3))
def test_a_line_end_that_two_blocks_share_is_one(export, lines, split):
    first = f"1,A,{'x' * 100},a@example.com,,"
    count = (1 << 20) // (len(first) + 2) - 2
    filled = lines(*[first] * count, end="\r\n")
    long = f"2,A,{'x' * ((1 << 20) - len(filled) - len('2,A,,a@example.com,,') - 1 + split)},a@example.com,,"
    read = export.read(filled + f"{long}\r\n3,A,B,a@example.com,,\r\n")
    assert read.problem == ""
    assert [record.position for record in read.records[-2:]] == [count + 2, count + 3]
    assert "0 blank" in asyncio.run(export.connector().check())[-1].what


def test_a_file_without_line_ends_is_refused_in_bounded_memory(export):
    assert "do not end with line breaks" in export.read(b"x" * 6_000_000).problem


def test_check_answers_for_every_way_a_file_can_be_wrong(export, three):
    def problems(**contract):
        return [check.problem for check in asyncio.run(export.connector(**contract).check()) if check.problem]

    assert "no file matches" in problems()[0]
    file = export.put(three)
    assert problems() == []
    assert "delimited by ';'" in (export.put(three.replace(",", ";")), problems())[1][0]
    assert "not utf-8" in (export.put(three.replace("Bob", "Zoë").encode("cp1252")), problems())[1][0]
    assert "is it now 'Hire_Day'" in (export.put(three.replace("Hire_Date", "Hire_Day")), problems())[1][0]
    export.put(three)
    assert "is not there" in problems(companion=".sha256")[0]
    os.utime(file, (0, 0))
    assert "did not arrive" in problems(max_age_hours=1)[0]


def test_a_link_out_of_the_project_is_not_followed(export, three, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "shadow.csv"
    outside.write_text(three)
    (export.folder / "workers.csv").symlink_to(outside)
    read = export.read()
    assert read.pages == []
    assert "link out of the project folder" in read.problem
    assert export.read(path=str(export.folder / "workers.csv")).problem == ""


def test_what_the_system_does_not_give_is_a_problem_and_no_crash(export):
    # /proc/self/mem can be opened, and not read at its beginning
    assert "it cannot be read" in export.read(path="/proc/self/mem").problem
    [_, readable] = asyncio.run(export.connector(path="/proc/self/mem").check())
    assert "it cannot be read" in readable.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file_says_what_right_is_missing(export, three):
    export.put(three).chmod(0)
    assert "give the user that runs this the right to read it" in export.read().problem
