"""Somebody who types the commands of a page, and copies digests and names from what was printed."""

import contextlib
import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconcile.clock import Clock
from tests.night.night_worlds import Ended, reconcile_by

CODE = re.compile(r"#.*\bexit code (\d+)")
DIGEST, RUN = re.compile(r"\bPlan ([0-9a-f]{12})\b"), re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{6}\b")
PIPES = {"|", ">", ">>", "&&", ";"}


@dataclass
class Reader:
    """The folder in which commands are typed, the time of day, and what was seen so far."""

    folder: Path
    clock: Clock
    meant: Mapping[str, str] = field(default_factory=dict)
    """What stands in a page for something else, and that as a template of `seen`."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """Of what is not run in this process."""
    seen: dict[str, str] = field(default_factory=dict)
    """Addresses, names and digests that were printed, by what they are: `plan` and `run` are those printed last."""
    typed: list[str] = field(default_factory=list)
    said: dict[str, Ended] = field(default_factory=dict)
    """What each command said the first time."""

    def type(self, line: str) -> None:
        """Types a line of a shell. Fails where it ends with another exit code than the page says, or else 0."""
        self.typed.append(line)
        words = self._words(self.filled(line))
        if words[0] == "cd":
            self.folder /= words[1]
            return
        if words[0] == "reconcile":
            assert not PIPES & set(words), f"{line}: more than one command"
            with contextlib.chdir(self.folder):
                ended = reconcile_by(self.clock, *words[1:])
            self._copy(words[1:], ended)
        else:
            ended = self.by("bash", self.filled(line))
        self.said.setdefault(line.partition("#")[0].strip(), ended)
        expected = int(found[1]) if (found := CODE.search(line)) else 0
        assert ended.code == expected, f"{line}\nended with {ended.code}, not {expected}\n{ended.out}\n{ended.err}"

    def give_to_cron(self, line: str) -> Ended:
        """Runs a line of a crontab as cron does: what stands behind the five fields of time, by /bin/sh."""
        self.typed.append(line)
        *_, command = line.split(maxsplit=5)
        assert "%" not in command, f"{line}: cron takes a % for the end of the line"
        return self.by("sh", self.filled(command))

    @contextlib.contextmanager
    def started(self, line: str) -> Iterator[str]:
        """Starts the systems in a terminal of their own, on free ports; what is printed until they are ready. Ends them as Ctrl-C does."""
        self.typed.append(line)
        command = [sys.executable, "-u", "-m", *shlex.split(line, comments=True), "--okta-port", "0", "--scim-port", "0"]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True) as started:
            assert started.stdout is not None
            said = "".join(itertools.takewhile(lambda each: not each.startswith("Ctrl-C"), started.stdout))
            self.seen["started okta"], self.seen["started scim"] = re.findall(r"http://127\.0\.0\.1:\d+", said)
            try:
                yield said
            finally:
                started.send_signal(signal.SIGINT)
        assert started.returncode == 0

    def by(self, shell: str, command: str) -> Ended:
        ran = subprocess.run(
            [shell, "-c", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, errors="replace", check=False
        )
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    def _copy(self, words: list[str], ended: Ended) -> None:
        if plans := DIGEST.findall(ended.out):
            self.seen["plan"] = plans[0]
        if words[0] == "runs" and (runs := RUN.findall(ended.out)):
            self.seen["run"] = runs[0]

    def filled(self, line: str) -> str:
        for name, template in self.meant.items():
            if re.search(whole := rf"(?<!\w){re.escape(name)}(?!\w)", line):
                line = re.sub(whole, template.format(**self.seen).replace("\\", r"\\"), line)
        return line

    def _words(self, line: str) -> list[str]:
        """The words of a line; a pattern gives the files that fit."""
        words = shlex.split(line, comments=True)
        return list(itertools.chain.from_iterable(map(str, sorted(self.folder.glob(word))) if "*" in word else [word] for word in words))
