"""Drafts of projects, answered as somebody would who knows the company."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.night.night_worlds import Ended, reconcile

from .exports import Shape

ASKED = "ASK: "


class Drafted:
    """A project that `init --from` drafted from an export."""

    def __init__(self, shape: Shape, folder: Path, *words: str) -> None:
        self.shape, self.folder = shape, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.export = shape.write(folder)
        self.init = reconcile("init", str(folder), "--from", str(self.export), *words)

    def check(self) -> Ended:
        return reconcile("--project", str(self.folder), "check")

    def answer(self) -> int:
        """Answers every question; how many lines a person writes or removes."""
        for file, beginning, line in self.shape.answers:
            path = self.folder / file
            lines = path.read_text(encoding="utf-8").splitlines()
            places = [number for number, each in enumerate(lines) if each.startswith(beginning)]
            assert len(places) == 1, f"{file}: {beginning}"
            lines[places[0]] = line
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return len(self.shape.answers)

    @property
    def contract(self) -> dict[str, object]:
        return tomllib.loads((self.folder / "reconcile.toml").read_text(encoding="utf-8"))["connectors"]["people"]

    @property
    def source(self) -> dict[str, object]:
        source = tomllib.loads((self.folder / "mappings/identities.toml").read_text(encoding="utf-8"))["source"][0]
        return {**source, **source["lifecycle"]}


def answer(folder: Path, protected: Sequence[str]) -> None:
    """Answers the draft of the sample company's export as somebody who knows the company: three lines."""
    for file, key, value in (
        ("reconcile.toml", "time_zone", '"Europe/Berlin"'),
        ("reconcile.toml", "okta", json.dumps(list(protected))),
        ("mappings/identities.toml", "end_is", '"first_day_gone"'),
    ):
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        (at,) = (number for number, line in enumerate(lines) if line.startswith(f"{key} = "))
        lines[at] = f"{key} = {value}"
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
