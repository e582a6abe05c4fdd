"""Kills runs a few hundred times and compares each with an undisturbed one: `make crash`, or with a number of kills and a seed."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from .worlds import Kills, duplicates, first_night, state_of

KILLS = 200
A_RUN = 60
"""Kills of one run at most."""


def main() -> int:
    wanted, seed = (int(given) for given in (*sys.argv[1:], *(str(each) for each in (KILLS, 1)[len(sys.argv) - 1 :])))
    with tempfile.TemporaryDirectory() as folder, first_night(Path(folder) / "undisturbed") as held:
        held.run("apply", "--live")
        expected = state_of(held)
    done: Counter[str] = Counter()
    while done.total() < wanted:
        with tempfile.TemporaryDirectory() as folder, first_night(Path(folder) / "killed") as held:
            kills = Kills(held, seed)
            kills.run_to_the_end(min(A_RUN, wanted - done.total()))
            done += kills.kills
            if state_of(held) != expected or duplicates(held):
                print(
                    f"seed {seed}: the state differs from that of an undisturbed run after {dict(kills.kills)}; twice: {duplicates(held)}"
                )
                return 1
        print(f"seed {seed}: as undisturbed after {kills.kills.total()} kills; {done.total()} of {wanted} so far", flush=True)
        seed += 1
    print(
        f"{done.total()} kills ({', '.join(f'{count} {kind}' for kind, count in sorted(done.items()))}): no difference, no duplicate, none lost."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
