"""A configuration with several mistakes tells all of them, also where one of them spoils a table."""

import shutil
from importlib.resources import files

import pytest

from mappings.load import load_mappings
from mappings.problems import BadConfiguration
from reconcile.store import language

CONNECTORS = frozenset({"workers", "contractors", "okta", "wiki"})


@pytest.fixture
def shipped(tmp_path):
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml") and entry.name != "reconcile.toml":
            shutil.copy(str(entry), tmp_path)
    return tmp_path


def told(folder):
    with pytest.raises(BadConfiguration) as stopped:
        load_mappings(folder, language(), CONNECTORS, {}.get)
    return str(stopped.value)


def test_an_unknown_key_does_not_hide_a_bad_expression(shipped):
    path = shipped / "okta.toml"
    text = path.read_text().replace("immutable = true }", "imutable = true }", 1)
    path.write_text(text.replace('title = "title"', 'title = "(select 1)"').replace('city = "city"', 'city = "ctiy"'))
    sentences = told(shipped)
    assert "attributes.login.imutable: is not a setting here; did you mean 'immutable'?" in sentences
    assert "attributes.title: holds a subquery" in sentences
    assert "attributes.city: there is no column 'ctiy'; did you mean 'city'?" in sentences


def test_every_sentence_has_its_line(shipped):
    path = shipped / "wiki.toml"
    path.write_text(path.read_text().replace('title = "title"', 'title = "now()"'))
    line = path.read_text().splitlines().index('title = "now()"') + 1
    assert told(shipped).startswith(f"mappings/wiki.toml:{line}: attributes.title: now()")
