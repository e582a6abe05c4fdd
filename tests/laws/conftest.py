"""How many worlds each law is tried on: few and always the same in `make test`, many and new ones in `make laws`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]

# A world that breaks a law is made smaller in the large profile only: that takes minutes.
settings.register_profile(
    "few", max_examples=30, derandomize=True, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=PATIENT
)
settings.register_profile("laws", max_examples=1500, deadline=None, suppress_health_check=PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))
