"""How hypothesis looks for examples: always the same ones in `make test`, new ones in `make laws`; never against a clock."""

import os

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("few", derandomize=True, database=None, **PATIENT)
settings.register_profile("laws", **PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))
