"""The laws find faults: each target of `faulty_targets.py`, `faulty_batches.py`, `faulty_creations.py` and `faulty_limits.py` breaks the law that names its fault."""

import re
import subprocess
import sys
from pathlib import Path

from tests.contract import faulty_batches, faulty_creations, faulty_limits, faulty_targets

ROOT = Path(__file__).parents[2]
FAULTY = (faulty_batches, faulty_creations, faulty_limits, faulty_targets)


def test_every_fault_breaks_the_law_that_names_it() -> None:
    targets = faulty_targets.FaultyLaws.__subclasses__()
    assert {each.__module__ for each in targets} == {each.__name__ for each in FAULTY}
    broken = {f"{each.__module__.replace('.', '/')}.py::{each.__name__}::{each.law}" for each in targets}
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=no", *sorted(broken)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)) == broken, done.stdout + done.stderr
