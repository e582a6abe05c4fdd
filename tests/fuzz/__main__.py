"""Looks for bytes that make a decoder raise, guided by coverage: `python -m tests.fuzz okta found/ -max_total_time=600`.

Needs atheris (`pip install atheris`, Python 3.11 to 3.13), which is no dependency of this project. The first argument names a decoder of `decoders.py`;
what follows is libFuzzer's: folders (new inputs go to the first of them) and options. The inputs under `corpus/` are always started
from. A finding is written to `crash-*`; once it is mended, it belongs into `corpus/NAME/` under a name that says what it was, where
`tests/fuzz/test_decode_is_total.py` holds it.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["connectors", "reconcile.snapshot.decoding"]):
    from .decoders import DECODERS
from .seeds import CORPUS


def main() -> None:
    """Fuzzes one decoder until libFuzzer's options end it."""
    name, *options = sys.argv[1:]
    folders = [each for each in options if not each.startswith("-")]
    flags = [each for each in options if each.startswith("-")]
    atheris.Setup([sys.argv[0], *folders, str(CORPUS / name), *flags], DECODERS[name])
    atheris.Fuzz()


main()
