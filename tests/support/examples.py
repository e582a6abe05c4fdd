"""On how many generated examples a test runs."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from tests.support.effort import is_fast

FAST_EXAMPLES = 5


def examples(count: int, **more: Any) -> settings:
    """Returns settings for a test on that many examples; on a few in `make test-fast`."""
    return settings(max_examples=min(count, FAST_EXAMPLES) if is_fast() else count, **more)
