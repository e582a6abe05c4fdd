"""A configuration with several mistakes tells all of them, also where one of them spoils a table."""

import shutil
from importlib.resources import files

import pytest

from mappings.load import load_mappings
from mappings.problems import BadConfiguration
from tests.support.words import words

connectors = frozenset({"workers", "contractors", "okta", "wiki"})


@pytest.fixture
def shipped(tmp_path):
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml") and entry.name != "reconcile.toml":
            shutil.copy(str(entry), tmp_path)
    return tmp_path


def told(folder):
    with pytest.raises(BadConfiguration) as stopped:
        load_mappings(folder, words(), connectors, {}.get)
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


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "identities.toml",
            'status = "Worker_Status"\n',
            "",
            "lists status words and no status expression, so that they would be compared with nothing: add status",
        ),
        ("identities.toml", 'start = "Hire_Date"\n', "lead_days = 7\n", "lead_days counts from start, which is not given"),
        ("identities.toml", 'end = "Termination_Date"\n', "", "end_is says what end means, which is not given"),
        (
            "okta.toml",
            'target = "okta"\n',
            'target = "okta"\nvanished_after = 4\n',
            'vanished_after does nothing while vanished = "keep": say vanished = "suspend" or "deactivate", or leave it out',
        ),
    ],
)
def test_setting_that_would_do_nothing_is_refused(shipped, file, old, new, sentence):
    path = shipped / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert sentence in told(shipped)
