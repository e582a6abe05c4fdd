"""A project drafted from an export: what is known stands there, what is not is asked, and the answers are enough."""

import os
import re
import tomllib
from datetime import date

import duckdb
import pytest

from connectors.hr.inspection import table
from reconcile.usecases.draft.toml import column as toml_column
from tests.night.night_worlds import reconcile
from tests.support.workbooks import number as number_cell
from tests.support.workbooks import parts, row, sheet, write_workbook

from .conftest import ASKED, Drafted
from .exports import DEPARTMENTS, PEOPLE, SHAPES, people

MOST_LINES = 10
NAMED = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.product)


@NAMED
def test_a_draft_waits_for_answers_and_after_them_the_first_check_is_green(shape, tmp_path):
    drafted = Drafted(shape, tmp_path / "project")
    assert (drafted.init.code, drafted.init.err) == (0, "")
    before = drafted.check()
    assert before.code == 16
    assert all(": is not answered yet: " in line for line in before.err.splitlines() if line)
    assert drafted.answer() <= MOST_LINES
    after = drafted.check()
    assert (after.code, after.err) == (0, "")
    assert f"every row can be used ({PEOPLE} rows)" in after.out
    assert "PROBLEM" not in after.out


@NAMED
def test_a_draft_states_nothing_that_is_not_so(shape, tmp_path):
    """Whatever a draft says of the file and of its words is true, or is a question."""
    drafted = Drafted(shape, tmp_path)
    for said, truth in ((drafted.contract, shape.contract), (drafted.source, shape.source)):
        for name, true in truth.items():
            asked = not answered(said.get(name)) or (name in ("active", "leave", "terminated") and "unclear" in said)
            assert asked or said[name] == true, name


def answered(value):
    """Whether a drafted value holds no question."""
    if isinstance(value, dict):
        return all(map(answered, value.values()))
    if isinstance(value, list):
        return all(map(answered, value))
    return value is not None and not str(value).startswith(ASKED)


@NAMED
def test_after_the_answers_all_that_is_true_stands_there(shape, tmp_path):
    drafted = Drafted(shape, tmp_path)
    drafted.answer()
    assert shape.contract.items() <= drafted.contract.items()
    assert shape.source.items() <= drafted.source.items()


@NAMED
def test_every_question_is_printed_with_its_place(shape, tmp_path):
    drafted = Drafted(shape, tmp_path)
    for file in ("reconcile.toml", "mappings/identities.toml"):
        lines = (tmp_path / file).read_text(encoding="utf-8").splitlines()
        for number in (number for number, line in enumerate(lines, 1) if ASKED in line):
            assert f"  {file}:{number}  " in drafted.init.out


@NAMED
def test_no_name_and_no_address_of_a_person_stands_in_a_draft(shape, tmp_path):
    drafted = Drafted(shape, tmp_path)
    text = drafted.init.out + "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.toml"))
    for person in people():
        assert person.first not in text
        assert person.mail not in text
        assert f"{person.hired}" not in text
    assert not any(department in text for department in DEPARTMENTS)


def drafted_from(folder, text, encoding="utf-8"):
    """The settings and the source that are drafted from a file."""
    file = folder / "export.csv"
    file.write_bytes(text.encode(encoding))
    ended = reconcile("init", str(folder), "--from", str(file))
    assert ended.code == 0, ended.err
    settings = tomllib.loads((folder / "reconcile.toml").read_text(encoding="utf-8"))
    return settings["connectors"]["people"], tomllib.loads((folder / "mappings/identities.toml").read_text(encoding="utf-8"))["source"][0]


def rows(header, *rows):
    return "\n".join((header, *rows)) + "\n"


def test_two_columns_that_name_each_person_are_a_question(tmp_path):
    contract, source = drafted_from(tmp_path, rows("Employee ID,Personnel Number,Name", "1,77,Ada", "2,78,Bo"))
    assert contract["key"][0].startswith(ASKED)
    assert "Employee ID, Personnel Number" in contract["key"][0]
    assert source["anchor"].startswith(ASKED)


def test_a_column_of_no_known_name_is_no_key_beside_an_address(tmp_path):
    contract, _ = drafted_from(tmp_path, rows("Badge,Work Email", "x1,a@example.com", "x2,b@example.com"))
    assert contract["key"][0].startswith(ASKED)


def test_dates_that_another_column_proves_are_no_question(tmp_path):
    contract, _ = drafted_from(tmp_path, rows("Employee ID,Hire Date,End Date", "1,01/02/2020,03/04/2021", "2,31/12/2020,"))
    assert contract["date_columns"] == {"Hire Date": "%d/%m/%Y", "End Date": "%d/%m/%Y"}


def test_dates_of_several_forms_in_one_column_are_a_question(tmp_path):
    _, source = drafted_from(tmp_path, rows("Employee ID,Hire Date", "1,2020-01-31", "2,31.01.2020"))
    assert source["lifecycle"]["start"].startswith(ASKED)


def test_dates_under_a_name_that_nobody_knows_are_offered_with_their_format(tmp_path):
    table = rows("Employee ID,Joined,Left,Date of Birth", "1,31/01/2020,,01/02/1980", "2,01/02/2020,03/04/2021,13/12/1990")
    contract, source = drafted_from(tmp_path, table)
    assert "start" not in source["lifecycle"]
    assert contract["date_columns"] == {"Joined": "%d/%m/%Y", "Left": "%d/%m/%Y"}
    text = (tmp_path / "mappings/identities.toml").read_text(encoding="utf-8")
    assert text.count('Is it one of "Joined", "Left"?') == 2


def test_the_question_for_a_first_name_shows_how_it_is_taken_out_of_a_whole_one(tmp_path):
    _, source = drafted_from(tmp_path, rows("Employee ID,Payroll Name", '1,"Vane, Ines"', '2,"Quill, Ada"'))
    _, _, offered = source["attributes"]["last_name"].partition("such as ")
    assert source["attributes"]["last_name"].startswith(ASKED)
    assert offered == "trim(split_part(\"Payroll Name\", ',', 1))"
    assert duckdb.sql(f"select {offered} from (select 'Vane, Ines' as \"Payroll Name\")").fetchall() == [("Vane",)]


def test_a_date_of_no_calendar_means_no_date(tmp_path):
    contract, _ = drafted_from(tmp_path, rows("Employee ID,End Date", "1,9999-12-31", "2,2020-01-31"))
    assert contract["open_dates"] == {"End Date": ["9999-12-31"]}


def test_a_typing_error_in_a_year_is_not_drafted_as_no_date(tmp_path):
    """Else a leaver whose last day was typed wrongly would have none, and stay."""
    contract, _ = drafted_from(tmp_path, rows("Employee ID,End Date", "1,0219-05-17", "2,2020-01-31", "3,0001-01-01"))
    assert contract["open_dates"] == {"End Date": ["0001-01-01"]}


@pytest.mark.parametrize(
    ("word", "column", "listed"),
    [
        ("Inactive", "Status", None),
        ("T", "Status", None),
        ("No", "Active Status", None),
        ("Suspended", "Status", None),
        ("LOA", "Status", "leave"),
        ("Retired", "Status", "terminated"),
    ],
)
def test_a_status_word_is_listed_only_where_it_means_one_thing(tmp_path, word, column, listed):
    active = "Yes" if column == "Active Status" else "Active"
    people = [f"{number},{active if number % 3 else word}" for number in range(10, 30)]
    _, source = drafted_from(tmp_path, rows(f"Employee ID,{column}", *people))
    state = source["lifecycle"]
    assert state["active"] == [active]
    where = [name for name in ("leave", "terminated") if word in state.get(name, ())]
    assert where == ([listed] if listed else [])
    assert bool(state.get("unclear")) is (listed is None)


def test_a_code_page_that_cannot_be_told_is_a_question(tmp_path):
    polish, _ = drafted_from(tmp_path, rows("Employee ID,Last Name", "1,Małłek", "2,Wąs"), "cp1250")
    assert polish["encoding"].startswith(ASKED)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_the_encoding_is_that_of_the_bytes(tmp_path, encoding):
    contract, _ = drafted_from(tmp_path, rows("Employee ID,Last Name", "1,Groß", "2,Müller"), encoding)
    assert contract["encoding"] == encoding.removesuffix("-sig")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_file_of_which_the_beginning_is_looked_at_is_cut_between_lines(monkeypatch, encoding):
    lines = ["Employee ID;Last Name", *(f"{number};ĊĀਊ" for number in range(10, 40))]
    body = "".join(f"{line}\r\n" for line in lines).encode(encoding)
    for most in range(len(body) // 2, len(body) // 2 + 60):
        monkeypatch.setattr(table, "MOST_BYTES", most)
        found = table.csv_table(body[: most + 1])
        assert (found.whole, found.footers, found.ends_last_line) == (False, (), True)
        assert [";".join(row) for row in found.rows] == lines[1 : len(found.rows) + 1]
        assert len(found.rows) > 10


def test_a_footer_is_known_by_its_words_and_not_by_the_name_in_it(tmp_path):
    footer = "Report generated on 2026-03-02 by Edda Thyme,"
    contract, _ = drafted_from(
        tmp_path, rows("Employee ID,Name,Mail,Title", "1,Ada,a@x.example,-", "2,Bo,b@x.example,-", footer, "Total: 2")
    )
    form = re.compile(contract["footer_pattern"])
    assert form.fullmatch(footer.replace("Edda", "Zoë"))
    assert form.fullmatch("Total: 317")["rows"] == "317"
    assert not form.fullmatch("3,Cy,c@x.example,-")
    assert "Thyme" not in (tmp_path / "reconcile.toml").read_text(encoding="utf-8")


def test_texts_in_single_quotes_are_read_as_such(tmp_path):
    contract, _ = drafted_from(tmp_path, rows("'Employee ID';'Last Name'", "'1';'O''Hara'", "'2';'Vane; the second'"))
    assert (contract["quote"], contract["delimiter"], contract["key"]) == ("'", ";", ["Employee ID"])


def test_an_apostrophe_in_a_name_is_no_quote(tmp_path):
    contract, _ = drafted_from(tmp_path, rows("Employee ID,Last Name", "1,'t Hooft", "2,O'Hara"))
    assert "quote" not in contract


def test_ids_of_a_spreadsheet_that_may_have_lost_zeros_are_a_question(tmp_path):
    excel = next(shape for shape in SHAPES if shape.product == "excel")
    drafted = Drafted(excel, tmp_path)
    assert "number cells have lost leading zeros" in drafted.init.out


@pytest.mark.parametrize(
    "hostile", ['Dept "A"', "De'pt", "De\\pt", "Town\x85", "De\u202ept", "=cmd|' /C calc'!A0", "[connectors.x]", '"""', "🜁"]
)
def test_a_name_of_a_column_and_a_word_of_it_stand_in_toml_as_they_are(tmp_path, hostile):
    cell = '"' + hostile.replace('"', '""') + '"'
    people = [f"{number},{cell},Active" for number in range(1, 9)]
    contract, source = drafted_from(tmp_path, rows(f"Employee ID,Department,{cell}", *people))
    assert contract["columns"][:2] == ["Employee ID", "Department"]
    assert source["attributes"]["department"] == '"Department"'
    (tmp_path / "reconcile.toml").unlink()
    (tmp_path / "mappings/identities.toml").unlink()
    words = [f"{number},{'Active' if number % 3 else cell}" for number in range(1, 40)]
    _, source = drafted_from(tmp_path, rows("Employee ID,Status", *words))
    assert len(source["lifecycle"]["unclear"]) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "it is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"Employee ID,Name\n", "no rows"),
        (b"0000001,a@example.com\n0000002,b@example.com\n", "looks like data"),
        (b"0000001,,a@example.com\n0000002,Bo,b@example.com\n", "looks like data"),
        (b"Employee ID,,Name\n1,x,Ada\n2,y,Bo\n", "every column has a name"),
        (b"Employee ID,Name,Name\n1,Ada,Quill\n2,Bo,Moor\n", "no two the same"),
        (b"one line\nanother\n", "no delimiter"),
        (b"Employee ID,Name\n1,Ada\n2,Bo\0\0\n", "line 3 holds the control character U+0000"),
        (b'Employee ID,Name\n1,Ada "the" Quill\n2,"Bo\n3,Cy\n', "breaks the rules of quoting"),
        (b'Employee ID,Name\n1,"Ada \\"the\\" Quill"\n2,Bo\n', "breaks the rules of quoting"),
        (b"Employee ID,Name\n1,Ada\nEmployee ID,Name\n2,Bo\n", "line 3 repeats the header"),
        (b"Employee ID,Name\n1.2E+05,Ada\n1.3E+05,Bo\n", "a spreadsheet shortened 2 of the numbers"),
        (b"Employee ID,Name,\n1,Ada,\n2,Bo,\n", "a delimiter at the end of each line"),
        (b"PK\x03\x04 no workbook", "it is damaged"),
    ],
)
def test_a_file_that_is_no_table_of_people_is_refused_and_nothing_is_written(tmp_path, body, said):
    file = tmp_path / "export.csv"
    file.write_bytes(body)
    ended = reconcile("init", str(tmp_path), "--from", str(file))
    assert ended.code == 2
    assert said in ended.err
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_whose_name_no_toml_can_hold_is_refused(tmp_path):
    file = tmp_path / os.fsdecode(b"export\xff.csv")
    file.write_text(rows("Employee ID,Name", "1,Ada"), encoding="utf-8")
    ended = reconcile("init", str(tmp_path), "--from", str(file))
    assert ended.code == 2
    assert "not UTF-8; rename it" in ended.err
    assert list(tmp_path.iterdir()) == [file]


def test_no_password_of_an_address_stands_in_a_draft(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(rows("Employee ID,Name", "1,Ada"), encoding="utf-8")
    ended = reconcile("init", str(tmp_path), "--from", str(file), "--scim", "https://job:n0-secret@acme.example/scim")
    assert ended.code == 2
    assert "without a name or a password" in ended.err
    assert "n0-secret" not in ended.out + ended.err
    assert list(tmp_path.iterdir()) == [file]


def test_a_draft_is_not_written_through_a_link(tmp_path):
    (tmp_path / "export.csv").write_text(rows("Employee ID,Name", "1,Ada"), encoding="utf-8")
    (tmp_path / "reconcile.toml").symlink_to(tmp_path / "elsewhere")
    ended = reconcile("init", str(tmp_path), "--from", str(tmp_path / "export.csv"))
    assert ended.code == 2
    assert "is there already; nothing was overwritten" in ended.err
    assert not (tmp_path / "elsewhere").exists()


def test_a_draft_overwrites_nothing(tmp_path):
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/identities.toml").write_text("# mine", encoding="utf-8")
    (tmp_path / "export.csv").write_text(rows("Employee ID,Name", "1,Ada"), encoding="utf-8")
    ended = reconcile("init", str(tmp_path), "--from", str(tmp_path / "export.csv"))
    assert ended.code == 2
    assert "is there already; nothing was overwritten" in ended.err
    assert not (tmp_path / "reconcile.toml").exists()


@pytest.mark.parametrize(
    ("header", "asks"), [("Hire Date", "which column holds the first day of work"), ("Since (day)", "no column with the first day of work")]
)
def test_bare_numbers_of_a_column_of_dates_are_asked_about_as_the_days_of_a_spreadsheet(tmp_path, header, asks):
    file = tmp_path / "staff.xlsx"
    people = [row(f"A{at}", name, f"{name}@corp.example", number_cell(45_292 + at)) for at, name in enumerate(("ada", "bo", "cy", "di"))]
    write_workbook(file, parts(sheet(row("Employee ID", "Name", "Email", header), *people)))
    assert reconcile("init", str(tmp_path), "--from", str(file)).code == 0
    drafted = tmp_path / "mappings/identities.toml"
    line = next(each for each in drafted.read_text(encoding="utf-8").splitlines() if asks in each)
    assert "bare numbers, as a spreadsheet counts days" in line
    assert drafted.read_text(encoding="utf-8").count("bare numbers") == (1 if header == "Hire Date" else 2), "once, or for both ends"
    assert "45293" not in line
    written = re.search(r"write (DATE .* AS INTEGER\))", line)
    expression = written[1].replace('\\"', '"')
    with duckdb.connect() as database:
        days = database.execute(
            f"SELECT {expression} FROM (VALUES ('45292'), ('45657.75'), (NULL)) AS staff({toml_column(header)})"
        ).fetchall()
    assert days == [(date(2024, 1, 1),), (date(2024, 12, 31),), (None,)]
