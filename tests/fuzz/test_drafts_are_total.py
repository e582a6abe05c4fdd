"""A draft of any file is TOML in which nothing of the file became a setting and whose contract is valid, or the file is refused."""

import csv
import io
import tomllib
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.text import FileRefused
from mappings.problems import ASK
from reconcile.usecases.draft.drafting import draft_project
from reconcile.usecases.draft.target import Kind
from tests.support.examples import examples

ODD = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12) | st.sampled_from(
    ['"', "'", "\\", '"""', "[x]", "# y", "= 1", "\u202e"]
)
NAMES = st.sampled_from(
    ["Employee ID", "Personnel Number", "Status", "Active Status", "Hire Date", "End Date", "Work Email", "Manager ID", "Name", "Country"]
) | ODD.map(lambda text: f"n{text}")
CELLS = (
    st.sampled_from(
        ["", "1", "007", "Active", "Inactive", "T", "01/02/2020", "31.12.2020", "9999-12-31", "a@example.com", "NULL", "x = 1\n[y]"]
    )
    | ODD
)
TABLES = st.integers(2, 6).flatmap(
    lambda width: st.tuples(
        st.lists(NAMES, min_size=width, max_size=width, unique=True),
        st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=12),
    )
)
TABLES_EXPECTED = {"project", "connectors", "protected"}


def drafted(folder: Path, body: bytes) -> dict[str, object]:
    """The tables of the drafted files, empty where the file is refused."""
    file = folder / "export.csv"
    file.write_bytes(body)
    try:
        draft = draft_project(file, folder, {Kind.OKTA: "not-an-address"})
    except FileRefused:
        return {}
    assert [each for each in draft.questions() if not each.text] == []
    return {name: tomllib.loads(text) for name, text in draft.files.items()}


@examples(60)
@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b"PK\x03\x04")
@example(b"a,b\n\xff,\x81\n")
def test_any_bytes_are_drafted_or_refused(tmp_path_factory, body):
    drafted(tmp_path_factory.mktemp("bytes"), body)


@examples(120)
@given(TABLES, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_no_name_and_no_value_of_a_table_becomes_a_setting(tmp_path_factory, table, delimiter, encoding):
    header, rows = table
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    files = drafted(tmp_path_factory.mktemp("table"), text.getvalue().encode(encoding, "replace"))
    if files:
        settings = files["reconcile.toml"]
        assert settings.keys() == TABLES_EXPECTED
        assert settings["connectors"].keys() == {"people", "okta"}
        contract = {name: value for name, value in settings["connectors"]["people"].items() if name != "type"}
        if ASK not in str(contract):
            HrCsvSettings.model_validate(contract)
        assert files["mappings/identities.toml"].keys() <= {"name", "source", "manager"}
        assert files["mappings/okta.toml"].keys() <= {"target", "who", "leave", "correlate", "attributes"}
