"""The deliberate faults, and how one is put into a file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("faults.toml")
LAWS = ("tests/laws/test_laws_of_the_night.py", "tests/laws")


@dataclass(frozen=True)
class Fault:
    """One change of one file that a test must find."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = LAWS

    def inject(self, text: str) -> str:
        """The text with the fault. Raises ValueError where the place is not there, or not the only one."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} holds the place of the fault {self.name!r} {text.count(self.old)} times; it must be there once")
        return text.replace(self.old, self.new)


def faults() -> list[Fault]:
    table = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [Fault(**{**each, "tests": tuple(each.get("tests", LAWS))}) for each in table["fault"]]
