"""A table beside the mapping is read completely or not at all, and every mistake has its file and line."""

import shutil
from importlib.resources import files

import pytest

from mappings.load import load_mappings
from mappings.problems import BadConfiguration
from reconcile.project.config import load_project
from tests.support.words import words

connectors = frozenset({"workers", "contractors", "okta", "wiki"})
LOOKUP = """
[lookup.cost_centers]
file = "lookups/cost_centers.csv"
key = "cost_center"
column = "Cost center"
gives = { division = "Division", region = "Region" }
"""
TABLE = "Cost center,Division,Region\n1000,Sales,EMEA\n2000,Research,\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mappings"
    (made / "lookups").mkdir(parents=True)
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml") and entry.name != "reconcile.toml":
            shutil.copy(str(entry), made)
    (made / "lookups/cost_centers.csv").write_text(TABLE)
    with (made / "identities.toml").open("a") as file:
        file.write(LOOKUP)
    return made


def loaded(folder):
    return load_mappings(folder, words(), connectors, {}.get)


def told(folder, *, table=None, **edits):
    """What is said after the table, or words of the declaration, were replaced."""
    if table is not None:
        (folder / "lookups/cost_centers.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    path = folder / "identities.toml"
    for old, new in edits.items():
        path.write_text("\n".join(new if line.startswith(f"{old} = ") else line for line in path.read_text().splitlines()))
    with pytest.raises(BadConfiguration) as stopped:
        loaded(folder)
    return str(stopped.value)


def test_a_table_gives_its_columns_by_key_and_an_empty_cell_states_nothing(folder):
    (table,) = loaded(folder).lookups
    assert table.rows == {"1000": ("Sales", "EMEA"), "2000": ("Research", None)}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffCost center,Division,Region\r\n1000,Sales,EMEA\r\n\r\n2000,Research,\r\n",
        'Region,Cost center,Notes,Division\n"EMEA", 1000 ,"a\nb",Sales\n,2000,,Research',
    ],
)
def test_order_of_columns_marks_blank_lines_and_quotes_do_not_matter(folder, text):
    (folder / "lookups/cost_centers.csv").write_text(text, encoding="utf-8", newline="")
    assert loaded(folder).lookups[0].rows == {"1000": ("Sales", "EMEA"), "2000": ("Research", None)}


def test_the_columns_are_attributes_of_the_target_expressions(folder):
    path = folder / "okta.toml"
    path.write_text(path.read_text().replace('city = "city"', 'city = "city"\ndivision = "division"\norganization = "regoin"'))
    assert "attributes.organization: there is no column 'regoin'; did you mean 'region'?" in told(folder)
    assert "'division'" not in told(folder)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (TABLE + "1000,Other,\n", "mappings/lookups/cost_centers.csv:4: repeats the Cost center '1000'"),
        (TABLE + " ,Other,\n", "mappings/lookups/cost_centers.csv:4: has no Cost center"),
        (TABLE + "3000,Other\n", "mappings/lookups/cost_centers.csv:4: has 2 cells where the header has 3"),
        ("Cost centre,Division,Region\n", "mappings/lookups/cost_centers.csv:1: has no column 'Cost center'; did you mean 'Cost centre'?"),
        ("Cost center,Division,Region,Region\n", "mappings/lookups/cost_centers.csv:1: has the column 'Region' twice"),
        ("", "mappings/lookups/cost_centers.csv:1: has no column 'Division'"),
        ('Cost center,Division,Region\n1000,"Sal"es,EMEA\n', "mappings/lookups/cost_centers.csv:2: is not CSV"),
        (b"Cost center,Division,Region\n1000,S\xe4les,EMEA\n", "mappings/lookups/cost_centers.csv: is not UTF-8 text"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(folder, table, sentence):
    assert sentence in told(folder, table=table)


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/hosts", "lookups/link.csv"])
def test_a_table_lies_in_the_folder_of_the_mappings(folder, path):
    (folder.parent / "secret.csv").write_text(TABLE)
    (folder / "lookups/link.csv").symlink_to(folder.parent / "secret.csv")
    said = told(folder, file=f'file = "{path}"')
    line = (folder / "identities.toml").read_text().splitlines().index(f'file = "{path}"') + 1
    assert f"mappings/identities.toml:{line}: lookup.cost_centers.file: '{path}' leaves the folder mappings/" in said


def test_a_table_that_is_not_there_is_told(folder):
    assert "lookup.cost_centers.file: 'lookups/other.csv' cannot be read: No such file" in told(folder, file='file = "lookups/other.csv"')


def test_what_is_looked_up_is_an_expression_over_the_identity(folder):
    assert "lookup.cost_centers.key: there is no column 'cost_centre'; did you mean 'cost_center'?" in told(
        folder, key='key = "cost_centre"'
    )


@pytest.mark.parametrize("name", ["title", "Title", "anchor", "run_date"])
def test_what_something_else_gives_already_is_refused(folder, name):
    assert f"lookup.cost_centers.gives.{name}: is an attribute already" in told(folder, gives=f'gives = {{ {name} = "Division" }}')


def test_another_table_is_another_mapping(folder):
    shutil.copy(str(files("mappings") / "reconcile.toml"), folder.parent)

    def digest():
        return load_project(folder.parent, words(), lambda _state: {}).digest

    before = digest()
    assert digest() == before
    (folder / "lookups/cost_centers.csv").write_text(TABLE.replace("Sales", "Trade"))
    assert digest() != before


def test_a_table_that_a_spreadsheet_saved_with_semicolons_says_so(folder):
    assert told(folder, table=TABLE.replace(",", ";").encode("utf-8-sig")) == (
        "mappings/lookups/cost_centers.csv:1: is separated by semicolons; save it with commas between the cells"
    )


def test_a_table_that_gives_nothing_is_told_in_words(folder):
    assert told(folder, gives="gives = {}").endswith("lookup.cost_centers.gives: must not be empty")
