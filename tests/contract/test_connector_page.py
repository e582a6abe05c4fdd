"""The package on the page about connectors is a connector: it is found by its entry point, keeps the laws, and `reconcile check` reaches it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connector.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([\w/]+\.(?:py|toml))`[^\n]*:(?:[^\n]*\n)+?\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKS = """
import json, sys
from pathlib import Path
from connectors.registry import build, connector_types, settings_model
kind = connector_types()["acme_directory"]
made = build(kind, "directory", settings_model(kind)(file=Path("directory.json")), Path(sys.argv[1]))
print(json.dumps([type(made).__module__, made.name, sorted(connector_types())]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package as the page has it, installed as far as an entry point needs it."""
    folder = tmp_path_factory.mktemp("acme")
    for name, text in FILE.findall(PAGE):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in named.items()) for group, named in project["entry-points"].items()
    ]
    (installed / "entry_points.txt").write_text("\n".join(points), encoding="utf-8")
    return folder


def _python(package: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(package), str(ROOT)])
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_page_has_every_file_of_the_package(package: Path) -> None:
    names = {
        "acme_directory/settings.py",
        "acme_directory/connector.py",
        "acme_directory/__init__.py",
        "pyproject.toml",
        "test_directory.py",
    }
    assert {name for name, _ in FILE.findall(PAGE)} >= names
    assert all((package / name).is_file() for name in names)


def test_connector_of_the_page_is_found_by_its_entry_point(package: Path, tmp_path: Path) -> None:
    asked = _python(package, "-c", ASKS, str(tmp_path), folder=tmp_path)
    assert asked.returncode == 0, asked.stderr
    module, name, kinds = json.loads(asked.stdout)
    assert (module, name) == ("acme_directory.connector", "directory")
    assert {"acme_directory", "okta", "scim", "hr_csv"} <= set(kinds)


def test_connector_of_the_page_keeps_the_laws(package: Path) -> None:
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(package), "test_directory.py")
    ran = _python(package, *words, folder=package)
    assert ran.returncode == 0, ran.stdout[-4000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed
    assert int(passed[1]) > 40


def test_broken_connector_breaks_the_law_that_names_its_fault(package: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(package, tmp_path / "broken")
    connector = broken / "acme_directory" / "connector.py"
    text = connector.read_text(encoding="utf-8")
    assert text.count('**row["attributes"], **changes') == 1
    connector.write_text(text.replace('**row["attributes"], **changes', "**changes"), encoding="utf-8")
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(broken), "test_directory.py")
    ran = _python(broken, *words, "-k", "named_attribute_alone", folder=broken)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "FAILED test_directory.py::TestDirectory::test_update_sets_the_named_attribute_alone" in ran.stdout
    assert "'title': 'Changed'" in ran.stdout


IDENTITIES = """
name = "display_name"
[[source]]
connector = "hr"
anchor = "id"
[source.attributes]
work_email = "mail"
display_name = "first || ' ' || last"
job = "title"
[source.lifecycle]
status = "status"
active = ["Active"]
terminated = ["Left"]
"""
DIRECTORY = """
target = "directory"
[[correlate]]
account = "login"
identity = "work_email"
adopt = true
[attributes]
login = { expression = "work_email", required = true, immutable = true }
mail = "work_email"
title = "job"
[groups.staff]
group = "staff"
when = "true"
create = true
"""
SOURCE = """
[project]
name = "acme"
time_zone = "UTC"
[connectors.hr]
type = "hr_csv"
path = "people.csv"
columns = ["id", "first", "last", "mail", "title", "status"]
key = ["id"]
"""
PEOPLE = "id,first,last,mail,title,status\n71,Ilse,Brandt,ilse@acme.example,Baker,Active\n72,Omar,Diallo,omar@acme.example,Miller,Active\n"


def test_connector_of_the_page_converges_over_a_join_and_a_leave(package: Path, tmp_path: Path) -> None:
    """The table of the page, `check`, and two live runs: what is desired is there, and the plan after each is empty."""
    (table,) = re.findall(r"^```toml\n(\[connectors\.directory\].*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "mappings").mkdir()
    for name, text in (
        ("reconcile.toml", SOURCE + table),
        ("mappings/identities.toml", IDENTITIES),
        ("mappings/directory.toml", DIRECTORY),
        ("people.csv", PEOPLE),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def reconcile(*words: str) -> str:
        ran = _python(package, "-m", "reconcile", *words, folder=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    assert "directory: 0 users in directory.json" in reconcile("check")
    reconcile("run", "--live")
    held = json.loads((tmp_path / "directory.json").read_text(encoding="utf-8"))
    titles = {each["attributes"]["login"]: (each["active"], each["attributes"]["title"]) for each in held["users"].values()}
    assert titles == {"ilse@acme.example": (True, "Baker"), "omar@acme.example": (True, "Miller")}
    assert [(each["name"], len(each["members"])) for each in held["groups"].values()] == [("staff", 2)]
    assert not json.loads(reconcile("run", "--json"))["operations"]

    (tmp_path / "people.csv").write_text(PEOPLE.replace("Miller,Active", "Miller,Left"), encoding="utf-8")
    reconcile("run", "--live")
    held = json.loads((tmp_path / "directory.json").read_text(encoding="utf-8"))
    assert {each["attributes"]["login"]: each["active"] for each in held["users"].values()} == {
        "ilse@acme.example": True,
        "omar@acme.example": False,
    }
    assert not json.loads(reconcile("run", "--json"))["operations"]
