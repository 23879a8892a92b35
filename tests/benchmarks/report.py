"""How figures are told."""

from __future__ import annotations

import sys
from statistics import median


def show(line: str) -> None:
    """Print a figure: that is what a benchmark is for."""
    sys.stdout.write(f"\n{line}\n")


def tell(what: str, ours: list[float], baseline: list[float], wanted: float) -> None:
    """Print the medians and their ratio; there is no timed assertion."""
    ratio = median(ours) / median(baseline)
    show(f"{what}: {median(ours):.2f} s, baseline {median(baseline):.3f} s, ratio {ratio:.2f} (wanted {wanted})")
