"""The whole job on a sample company, start to end, over real sockets: what `make demo` runs.

Starts an Okta org and a SCIM application with 500 people in a plausible state of drift, then runs the commands that a user
would, each in a process of its own, and stops where one does not end as it should.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from connectors.sandbox.company import company, okta_seed, scim_seed
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from reconcile.clock import SYSTEM
from reconcile.errors import ExitCode
from reconcile.project.config import state_and_name
from reconcile.report.formats.text import summary_line
from reconcile.usecases.review import load_with_run
from reconcile.usecases.sample_project import ZONE, write_sample_project

FOLDER = Path("demo")
PEOPLE, SEED = 500, 7


def main() -> int:
    """Runs the demo and says how it ended: 0 where the second plan is empty."""
    began = time.monotonic()
    day = SYSTEM.today(ZONE)
    staff = company(PEOPLE, SEED, day)
    okta_app, wiki_app = OktaSandbox(okta_seed(staff)), ScimSandbox(scim_seed(staff))
    with running(okta_app) as okta, running(wiki_app) as wiki:
        shutil.rmtree(FOLDER, ignore_errors=True)
        urls = {"okta": okta.url, "wiki": f"{wiki.url}{BASE_PATH}"}
        write_sample_project(FOLDER, staff, urls, {"okta": okta_app.settings.tokens[0], "wiki": wiki_app.settings.token})
        _say(f"A company of {PEOPLE} people, an Okta org and a wiki (SCIM 2.0), as they are on {day}. Project folder: {FOLDER}/")
        _run("check")
        _run("extract")
        _run("plan", expected=ExitCode.CHANGES_WAIT)
        report = _run("report")
        _run("apply", expected=ExitCode.CHANGES_WAIT, quiet=True)
        written = len(okta.writes()) + len(wiki.writes())
        _say(f"The dry run sent no writes: the two servers saw {written}.")
        # A login is not what HR says, and two accounts are in doubt: a person is waited for.
        _run("apply", "--live", expected=ExitCode.CHANGES_WAIT, quiet=True)
        written = len(okta.writes()) + len(wiki.writes())
        _say(f"The live run is done: the two servers saw {written} writes. Now everything is read and planned again.")
        _run("extract")
        _run("plan", expected=ExitCode.CHANGES_WAIT, quiet=True)
        _say(f"The second plan is empty: what is left waits for a person. It all took {time.monotonic() - began:.0f} s.")
        _say(f"Now open the report of the plan: {report}")
    return ExitCode.DONE


def _run(*words: str, expected: ExitCode = ExitCode.DONE, quiet: bool = False) -> str:
    _say(f"$ reconcile --project {FOLDER} {' '.join(words)}")
    command = [sys.executable, "-m", "reconcile", "--project", str(FOLDER), *words]
    done = subprocess.run(command, env={**os.environ, "COLUMNS": "110"}, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    shown = done.stdout if not quiet or done.returncode != expected else _one_line()
    sys.stdout.write(shown.rstrip() + "\n" + done.stderr)
    if done.returncode != expected:
        _say(f"This should have ended with exit code {expected} and ended with {done.returncode}. The demo stops here.")
        sys.exit(done.returncode or 1)
    return done.stdout.strip()


def _one_line() -> str:
    with load_with_run(*state_and_name(FOLDER)) as found:
        return summary_line(*found)


def _say(sentence: str) -> None:
    sys.stdout.write(f"\n{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
