"""How hypothesis looks for examples: always the same ones in `make test`, new ones in `make laws`; never against a clock."""

import os

from hypothesis import settings

settings.register_profile("few", deadline=None, derandomize=True, database=None)
settings.register_profile("laws", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))
