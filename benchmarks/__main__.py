"""`make bench`: every benchmark, or those whose names are given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from benchmarks import (
    first_night,
    loading,
    memory,
    okta_reads,
    orders,
    planning,
    putting_back,
    rate_limits,
    report_page,
    requests,
    throughput,
)

ALL: Mapping[str, Callable[[], None]] = {
    "first_night": first_night.main,
    "loading": loading.main,
    "memory": memory.main,
    "okta_reads": okta_reads.main,
    "orders": orders.main,
    "planning": planning.main,
    "putting_back": putting_back.main,
    "rate_limits": rate_limits.main,
    "report_page": report_page.main,
    "requests": requests.main,
    "throughput": throughput.main,
}


def main() -> None:
    for name in sys.argv[1:] or ALL:
        print(f"== {name}")
        ALL[name]()


if __name__ == "__main__":
    main()
