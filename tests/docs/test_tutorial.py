"""Whether the tutorial works word for word: every command, in its order, against the sandbox that it starts."""

import itertools
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.night.night_worlds import Ended, reconcile

PAGE = (Path(__file__).parents[2] / "docs/tutorial.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line]
START, *REST = LINES
CODE = re.compile(r"#\s*exit code (\d+)")
DIGEST, RUN = re.compile(r"\bPlan ([0-9a-f]{12})\b"), re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{6}\b")


@dataclass
class Reader:
    """Somebody who types the page into a second terminal, and copies digests and names from what was printed."""

    addresses: dict[str, str]
    folder: Path
    today: date
    plan: str = ""
    run: str = ""
    said: dict[str, Ended] = field(default_factory=dict)
    """What each command said the first time."""

    def type(self, line: str) -> None:
        expected = int(found[1]) if (found := CODE.search(line)) else 0
        words = self._typed(line)
        if words[0] == "cd":
            self.folder /= words[1]
            return
        if words[0] != "reconcile":
            subprocess.run(["bash", "-c", line], cwd=self.folder, check=True)
            return
        ended = reconcile(*words[1:], today=self.today)
        assert ended.code == expected, f"{line}\n{ended.out}\n{ended.err}"
        self.plan = next(iter(DIGEST.findall(ended.out)), self.plan)
        self.run = next(iter(RUN.findall(ended.out)), self.run) if words[1] == "runs" else self.run
        self.said.setdefault(line.partition("#")[0].strip(), ended)

    def _typed(self, line: str) -> list[str]:
        for known, address in self.addresses.items():
            line = line.replace(known, address)
        words = [{"PLAN": self.plan, "RUN": self.run}.get(word, word) for word in shlex.split(line, comments=True)]
        return list(itertools.chain.from_iterable(map(str, sorted(self.folder.glob(word))) if "*" in word else [word] for word in words))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The first terminal, on free ports."""
    folder = tmp_path_factory.mktemp("tutorial")
    command = [sys.executable, "-u", "-m", *shlex.split(START), "--okta-port", "0", "--scim-port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        said = "".join(itertools.takewhile(lambda line: not line.startswith("Ctrl-C"), started.stdout))
        okta, scim = re.findall(r"http://127\.0\.0\.1:\d+", said)
        try:
            addresses = {"http://127.0.0.1:8201": okta, "http://127.0.0.1:8202": scim}
            yield Reader(addresses, folder, datetime.now(ZoneInfo("Europe/Berlin")).date())
        finally:
            started.send_signal(signal.SIGINT)


def test_every_command_of_the_tutorial_ends_as_the_page_says(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in REST:
        monkeypatch.chdir(reader.folder)
        reader.type(line)
    said = {line: ended.out for line, ended in reader.said.items()}
    assert "PROBLEM" not in said["reconcile check"]
    *read, _, following = said["reconcile extract"].splitlines()
    assert all(line.endswith("complete") for line in read)
    assert following == "Next: reconcile plan"
    assert "people wait for workers_" in said["reconcile run --live"]
    assert "stay ended" in " ".join(said["reconcile undo RUN"].split())
    assert "Well." in said["reconcile status"]
    assert "is not answered yet" in reader.said["reconcile --project ../mine check"].err


def test_the_page_has_commands_and_names_their_exit_codes() -> None:
    assert START.startswith("reconcile sandbox --company 40")
    assert len(REST) > 25
    assert {int(code) for code in CODE.findall(PAGE)} == {10, 12, 16}
