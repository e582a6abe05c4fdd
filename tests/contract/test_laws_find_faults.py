"""The laws find faults: each target of `faulty_targets.py` breaks the law that names its fault."""

import re
import subprocess
import sys
from pathlib import Path

from tests.contract.faulty_targets import FaultyLaws

ROOT = Path(__file__).parents[2]
FILE = "tests/contract/faulty_targets.py"


def test_every_fault_breaks_the_law_that_names_it() -> None:
    broken = {f"{FILE}::{each.__name__}::{each.law}" for each in FaultyLaws.__subclasses__()}
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=no", *sorted(broken)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)) == broken, done.stdout + done.stderr
