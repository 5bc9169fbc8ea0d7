"""How long a proof takes: a few seconds in every test run, as long as `tools/prove` says before a release."""
from __future__ import annotations

import os
import sys

SECONDS = float(os.environ.get("PRM_PROVE_SECONDS") or 0)


def seconds(usual: float) -> float:
    return SECONDS or usual


def tell(words: object) -> None:
    """What the long run measured, for docs/reliability.md."""
    if SECONDS:
        print(f"\n{words}", file=sys.stderr, flush=True)
