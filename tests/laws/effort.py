"""How many worlds each law is tried on: few and always the same in `make test`, many and new ones in `make laws`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]
PROFILES = {
    # A world that breaks a law is made smaller in the large profile only: that takes minutes.
    "few": settings(
        max_examples=26, derandomize=True, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=PATIENT
    ),
    "laws": settings(max_examples=1500, deadline=None, suppress_health_check=PATIENT),
}
NIGHTS = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "few")]
READS = settings(NIGHTS, max_examples=NIGHTS.max_examples // 4)
"""For laws that ask one question of a plan."""
SEQUENCES = settings(NIGHTS, max_examples=max(3, NIGHTS.max_examples // 10))
"""For laws that run several nights of each world."""
BINDINGS = settings(NIGHTS, max_examples=NIGHTS.max_examples // 5)
"""For laws that run whole commands on a project folder."""
FORMS = settings(NIGHTS, max_examples=NIGHTS.max_examples // 2)
"""For laws that plan each world several times."""
