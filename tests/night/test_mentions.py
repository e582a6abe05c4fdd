"""A text names a person where it holds an id where ids stand, or a value of theirs between characters of no word."""

import re

import polars as pl
import pytest

from reconcile.plan.digest import TABLES
from reconcile.store.plans.files import FOLDER
from reconcile.usecases.mentions import LONGEST, Mentions

HOSTILE = "<b>O'Hara & (x+)*[a-z]{2}\\\\ \u202e=1+1</b>"
LONG = "a long value " * 1000


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ann.poe@corp.example", True),
        ('{"who":"ANN.POE@corp.example"}', True),
        ("joann.poe@corp.example", False),
        ("ann.poe@corp.examples", False),
        ("", False),
        ("O&#x27;Hara &amp; sons", True),
        ("caf\\u00e9", True),
        ("O'Hara \\u0026 sons", True),
        (LONG, True),
        (LONG[:LONGEST] + "another end", True),
    ],
)
def test_a_text_names_a_person_as_a_word_in_any_of_its_forms(text, names):
    mentions = Mentions.of({"7"}, {"ann.poe@corp.example", "O'Hara & sons", "caf\u00e9", LONG})
    assert mentions.are_in(text) is names


def test_values_of_hostile_characters_are_compared_and_not_evaluated():
    mentions = Mentions.of({"7"}, {HOSTILE})
    assert mentions.are_in(f"x {HOSTILE} y")
    assert not mentions.are_in("x aaa y")
    assert pl.Series([HOSTILE, "aaa"]).str.contains(mentions.pattern).to_list() == [True, False]


def test_a_person_without_long_values_is_found_by_ids_alone(tmp_path):
    mentions = Mentions.of({"7"}, set())
    assert not mentions.are_in("7")
    assert re.search(mentions.pattern, "anything") is None
    for digest, anchor in (("aa", "7"), ("bb", "77")):
        folder = tmp_path / FOLDER / digest
        folder.mkdir(parents=True)
        (folder / "plan.json").write_text("{}", encoding="utf-8")
        pl.DataFrame({"anchor": [anchor], "detail": ["7"]}).write_parquet(folder / f"{TABLES[0].name}.parquet")
    assert list(mentions.plans(tmp_path)) == ["aa"]
