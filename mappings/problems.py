"""Problems in a configuration file: file, line, key, what was expected, and near misses."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mappings.toml_faults import explained, place_of

ASK = "ASK: "
"""Beginning of a value that a draft leaves to a person; the rest is the question."""
NOT_ANSWERED = "is not answered yet: "


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a configuration file."""

    file: str
    line: int
    """0 where no line can be named."""
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


class BadConfiguration(Exception):
    """The configuration cannot be used. Holds every problem that was found, not the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(without_consequences(set(problems))))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_toml(path: Path, shown: str) -> tuple[dict[str, object], str]:
    """The parsed file and its text. Raises BadConfiguration with the place of a syntax error."""
    try:
        # A byte order mark, which some editors of Windows write, is none of the file's text.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadConfiguration([Problem(shown, 0, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise BadConfiguration([Problem(shown, 0, "", "is not UTF-8 text; save it as UTF-8")]) from error
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        line, said = place_of(str(error))
        raise BadConfiguration([Problem(shown, line, "", f"is not valid TOML: {explained(said, text.splitlines(), line)}")]) from error


def open_questions(value: object, shown: str, text: str, path: Sequence[str] = ()) -> Iterator[Problem]:
    """Finds the values that a draft left to a person."""
    match value:
        case str() if value.startswith(ASK):
            yield Problem(shown, line_of(text, path), ".".join(path), f"{NOT_ANSWERED}{value.removeprefix(ASK)}")
        case dict():
            for key, inner in value.items():
                yield from open_questions(inner, shown, text, (*path, str(key)))
        case list():
            for number, inner in enumerate(value):
                yield from open_questions(inner, shown, text, (*path, str(number)))


def without_consequences(problems: Iterable[Problem]) -> list[Problem]:
    """The problems without those that a value has because its question is not answered yet."""
    found = list(problems)
    waiting = [(each.file, each.key) for each in found if each.message.startswith(NOT_ANSWERED)]
    return [
        each
        for each in found
        if each.message.startswith(NOT_ANSWERED) or not any(each.file == file and _holds(each.key, key) for file, key in waiting)
    ]


def _holds(outer: str, key: str) -> bool:
    """Whether a key is that of a value, or of a table that holds it."""
    return key == outer or key.startswith(f"{outer}.")


def near_miss(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for the known word most like it, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(name) for name in close)}?" if close else ""


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, path: Sequence[str]) -> int:
    """The line where a key stands, or the nearest table above it; 0 where neither is found.

    tomllib keeps no positions. This reads headers and `key =` lines only, which is how people write these files; in
    an exotic layout the answer is a table too high, never a wrong file.
    """
    table: list[str] = []
    counts: dict[tuple[str, ...], int] = {}
    best, best_depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[tuple(table)] = counts.get(tuple(table), -1) + 1
                table = [*table, str(counts[tuple(table)])]
            else:
                table = _numbered(table, counts)
            here = table
        elif key := _KEY.match(line):
            here = [*table, *_parts(key[1])]
        else:
            continue
        if len(here) > best_depth and list(path[: len(here)]) == here:
            best, best_depth = number, len(here)
        elif not best and here[: len(path)] == list(path):
            best = number  # a list of tables where one is expected
    return best


def _numbered(table: Sequence[str], counts: Mapping[tuple[str, ...], int]) -> list[str]:
    """A table's path with the number of each list of tables that it is in: `[source.lifecycle]` is that of the last `[[source]]`."""
    path: list[str] = []
    for depth, part in enumerate(table, 1):
        path.append(part)
        if depth < len(table) and tuple(table[:depth]) in counts:
            path.append(str(counts[tuple(table[:depth])]))
    return path


def _parts(dotted: str) -> list[str]:
    found = re.findall(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""", dotted)
    return [part.strip("\"'") for part in found]
