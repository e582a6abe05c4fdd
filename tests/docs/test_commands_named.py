"""Whether each command that a page or a message names exists, with the options that stand there."""

import re
import shlex
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import click
import pytest

from reconcile.cli import group

ROOT = Path(__file__).parents[2]
PAGES = [path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if "reference" not in path.parts]
SOURCES = sorted(path for package in ("reconcile", "connectors", "mappings") for path in (ROOT / package).rglob("*.py"))
PLACEHOLDERS = {"COMMAND"}
_BLOCK = re.compile(r"^( *)```\w*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_CALL = re.compile(r"(?:^|[\s(/$])reconcile((?: +(?:[^\s|;&#`]+))*)")


def pieces(text: str) -> Iterator[str]:
    """The lines of the code blocks of a page, and what stands in code spans."""
    for block in _BLOCK.finditer(text):
        yield from block[2].replace("\\\n", " ").splitlines()
    yield from _SPAN.findall(_BLOCK.sub("", text))


def calls(text: str) -> list[list[str]]:
    """The words after `reconcile` in each command of a text; names of the tool alone are none."""
    found = []
    for piece in text.splitlines():
        for call in _CALL.finditer(piece):
            try:
                words = shlex.split(call[1].replace("...", "").replace("[", " ").replace("]", " "), comments=True)
            except ValueError:
                words = call[1].split()
            if words and (words[0].startswith("--") or words[0] in PLACEHOLDERS or re.fullmatch(r"[a-z][a-z-]+", words[0])):
                found.append(words)
    return found


def problem(words: list[str]) -> str:
    """What is wrong with a command line; empty where nothing is."""
    command: click.Command = group
    rest, places = list(words), count()
    while rest:
        word = rest.pop(0)
        name = word.partition("=")[0]
        options = {name for each in (*command.params, *group.params) for name in (*each.opts, *each.secondary_opts)} | {
            "--help",
            "-h",
            "--version",
        }
        if name.startswith("--") and len(name) > 2:
            if name not in options:
                return f"{command.name} has no option {name}"
            if (
                any(name in each.opts and not getattr(each, "is_flag", True) for each in (*command.params, *group.params))
                and "=" not in word
                and rest
            ):
                rest.pop(0)
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            if inner is None and word not in PLACEHOLDERS and command is group:
                return f"there is no command {word}"
            command = inner or command
            if inner is None:
                return ""
        elif said := wrong_choice(command, next(places), word):
            return said
    return ""


def wrong_choice(command: click.Command, place: int, word: str) -> str:
    """Why a word cannot be the argument at a place of a command; empty where it can, or stands for something (VERB). A table escapes the bar behind it."""
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    choice = arguments[place].type if place < len(arguments) else None
    if word.isupper() or not isinstance(choice, click.Choice):
        return ""
    names = [getattr(each, "value", each) for each in choice.choices]
    return "" if word.removesuffix("\\") in names else f"{command.name} does not take {word}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_exists(path: Path) -> None:
    found = [words for piece in pieces(path.read_text(encoding="utf-8")) for words in calls(piece)]
    assert [f"{' '.join(words)}: {said}" for words in found if (said := problem(words))] == []


def test_every_command_that_a_message_names_exists() -> None:
    found = {
        span: path.name for path in SOURCES for span in _SPAN.findall(path.read_text(encoding="utf-8")) if span.startswith("reconcile ")
    }
    assert len(found) > 25
    wrong = {
        f"{path}: {span}": said
        for span, path in found.items()
        for words in calls(re.sub(r"\{.*?\}", "X", span))
        if (said := problem(words))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("reconcile aplly", "there is no command aplly"),
        ("reconcile apply --life", "apply has no option --life"),
        ("reconcile --project x show --everything", "show has no option --everything"),
        ("reconcile approve PLAN --by NAME --why REASON", ""),
        ("/opt/reconcile/bin/reconcile --project /srv run --live", ""),
        ("reconcile act reactivate WHO", "act does not take reactivate"),
        ("reconcile act VERB WHO", ""),
        ("reconcile audit verify --head HASH", ""),
        ("reconcile audit verify --tail HASH", "verify has no option --tail"),
    ],
)
def test_a_wrong_command_is_found(line: str, said: str) -> None:
    assert [problem(words) for words in calls(line)] == [said]
