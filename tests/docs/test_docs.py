"""Whether the pages tell the truth: commands, exit codes, links, examples, dependencies."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from mappings.problems import BadConfiguration
from reconcile.cli import group
from reconcile.errors import ExitCode
from reconcile.project.config import Project, load_project
from tests.support.words import words

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))}
NOT_IMPORTED = {"tzdata": "zoneinfo reads it by itself"}


def toml_blocks(page: str) -> Iterator[str]:
    """The TOML examples of a page."""
    for found in re.finditer(r"^( *)```toml\n(.*?)^\1```", page, re.MULTILINE | re.DOTALL):
        yield found[2]


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next of its rank."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no heading {heading!r}"
    return found[1]


def cells(table: str) -> list[list[str]]:
    """The rows of the tables in a text, without headings."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if line.startswith("|")]
    return [row for row, before in zip(rows, [[], *rows], strict=False) if not set(row[0]) <= set("-|")][1:]


def commands() -> list[str]:
    """The commands that `reconcile --help` names."""
    said = CliRunner().invoke(group, ["--help"]).output
    return re.findall(r"^  ([a-z-]+) +\S", said.partition("Commands:")[2], re.MULTILINE)


def columns_declared(folder: Path) -> Mapping[str, frozenset[str]]:
    """The columns of each HR export, as if it had been read."""
    connectors = tomllib.loads((folder / "reconcile.toml").read_text(encoding="utf-8"))["connectors"]
    return {name: frozenset(each["columns"]) for name, each in connectors.items() if "columns" in each}


def loaded(folder: Path) -> Project:
    """The project, with every expression bound to the declared columns."""
    return load_project(folder, words(), lambda _state: columns_declared(folder))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the examples of a page that name their file in the first line."""

    def write(page: str) -> Path:
        for block in toml_blocks(page):
            if named := re.match(r"# ([a-z/]+\.toml)\n", block):
                path = tmp_path / named[1]
                path.parent.mkdir(exist_ok=True)
                path.write_text(block, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("command", commands())
def test_every_command_has_help_and_stands_in_the_readme(command: str) -> None:
    help_of_it = CliRunner().invoke(group, [command, "--help"])
    assert help_of_it.exit_code == 0
    assert len(help_of_it.output.split("\n\n")[1].strip()) > 20
    assert re.search(rf"^\| `reconcile {command}[` ]", section(README, "Commands"), re.MULTILINE)


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    assert {row[0].strip("`").split()[1] for row in cells(section(README, "Commands"))} == set(commands())


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    assert [int(row[0]) for row in cells(section(README, "Exit codes"))] == [code.value for code in ExitCode]


def test_help_lists_every_exit_code() -> None:
    said = " ".join(CliRunner().invoke(group, ["--help"]).output.split())
    listed = re.search(r"Exit codes: (.*?)\. Options", said)
    assert listed is not None
    assert [int(part.split()[0]) for part in listed[1].split("; ")] == [code.value for code in ExitCode]


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[name]):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / name).parent / path if path else ROOT / name
        assert linked.exists(), f"{name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("name", PAGES)
def test_every_toml_example_is_toml(name: str) -> None:
    for block in toml_blocks(PAGES[name]):
        tomllib.loads(block)


def test_the_examples_of_the_readme_are_a_project_that_loads(written: Callable[[str], Path]) -> None:
    project = loaded(written(README))
    assert [mapping.target for mapping in project.mappings.targets] == ["okta"]


def test_a_misspelt_column_in_an_example_is_noticed(written: Callable[[str], Path]) -> None:
    with pytest.raises(BadConfiguration, match="did you mean 'Work_Email'"):
        loaded(written(README.replace("trim(Work_Email)", "trim(Work_Mail)")))


def test_the_expressions_of_the_configuration_page_are_expressions(written: Callable[[str], Path]) -> None:
    folder = written(README)
    example = next(block for block in toml_blocks(section(PAGES["docs/configuration.md"], "Expressions")))
    identities = (folder / "mappings/identities.toml").read_text(encoding="utf-8")
    more = "\n".join(f'{name} = "Work_Email"' for name in ("preferred_name", "title", "country_code"))
    identities = identities.replace("[source.attributes]\n", f"[source.attributes]\n{more}\n")
    (folder / "mappings/identities.toml").write_text(identities, encoding="utf-8")
    (folder / "mappings/okta.toml").write_text(f'target = "okta"\n{example}', encoding="utf-8")
    assert len(loaded(folder).mappings.targets[0].attributes) == len(tomllib.loads(example)["attributes"])


@pytest.mark.parametrize("path", [path for path in files("mappings").iterdir() if path.name.endswith(".toml")], ids=lambda path: path.name)
def test_every_shipped_file_is_written_by_init_as_it_is(path: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(group, ["init", str(tmp_path / "new")], standalone_mode=False).exit_code == 0
    folder = tmp_path / "new" if path.name == "reconcile.toml" else tmp_path / "new" / "mappings"
    assert (folder / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_the_shipped_project_loads_with_the_columns_it_declares(tmp_path: Path) -> None:
    CliRunner().invoke(group, ["init", str(tmp_path)], standalone_mode=False)
    assert [mapping.target for mapping in loaded(tmp_path).mappings.targets] == ["okta", "wiki"]


def test_the_readme_gives_a_reason_for_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=]", each)[0] for each in project["dependencies"]}
    assert {row[0] for row in cells(section(README, "Dependencies"))} == declared
    for extra in project["optional-dependencies"]["sandbox"]:
        assert re.split(r"[<>=]", extra)[0] in section(README, "Dependencies")


def test_every_dependency_of_the_readme_is_imported() -> None:
    imported = {name.partition(".")[0] for part in ("reconcile", "connectors", "mappings") for name in imports(ROOT / part)}
    assert {row[0] for row in cells(section(README, "Dependencies"))} - imported == set(NOT_IMPORTED)


def imports(package: Path) -> Iterator[str]:
    """Every module that a package imports."""
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


@pytest.mark.parametrize("page", PAGES)
def test_path_that_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"`((?:reconcile|connectors|mappings|tests|docs|benchmarks)/[\w/.]+)`", PAGES[page])
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_architecture_names_every_room() -> None:
    rooms = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("reconcile/*/__init__.py")}
    assert rooms <= set(re.findall(r"`([\w/]+)/`", PAGES["ARCHITECTURE.md"]))
