"""The comparison alone by datacompy's polars backend. Run by another Python: it needs polars before 2, which this project does not.

`python -m venv V && V/bin/pip install datacompy && DATACOMPY_PYTHON=V/bin/python make bench`
"""

from __future__ import annotations

import json
import sys
import time

import datacompy
import polars as pl


def main() -> None:
    """Compares two Parquet files by the column `id`."""
    wanted, held = (pl.read_parquet(path) for path in sys.argv[1:3])
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        found = datacompy.PolarsCompare(wanted, held, join_columns="id").all_mismatch().height
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"seconds": min(seconds), "found": {"updated": found}}))


if __name__ == "__main__":
    main()
