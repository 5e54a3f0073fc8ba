"""Whether two figures are of the same thing, and whether they contradict each other. Pure."""

import re

from bot.model import Claim

#: Figures of one thing that differ by no more than this share are one figure, told more or less roundly.
TOLERANCE = 0.03
_SIZES = {
    "GFLOPS": ("FLOPS", 1e9), "TFLOPS": ("FLOPS", 1e12), "PFLOPS": ("FLOPS", 1e15), "EFLOPS": ("FLOPS", 1e18),
    "GOPS": ("OPS", 1e9), "TOPS": ("OPS", 1e12), "POPS": ("OPS", 1e15), "EOPS": ("OPS", 1e18),
    "GB": ("B", 1e9), "TB": ("B", 1e12), "GB/s": ("B/s", 1e9), "TB/s": ("B/s", 1e12), "PB/s": ("B/s", 1e15),
    "W": ("W", 1.0), "kW": ("W", 1e3), "MW": ("W", 1e6), "ms": ("s", 1e-3), "s": ("s", 1.0),
}  # fmt: skip


def is_about(subject: str, asked: str) -> bool:
    """Whether a subject has the words that somebody asks for: "950" is in "Ascend 950PR", "H20" is not in "H200"."""
    folded = subject.casefold()
    return all(
        re.search(rf"(?<![a-z0-9]){re.escape(word)}(?!\d)", folded) for word in asked.casefold().split()
    )


def measure_of(claim: Claim) -> tuple[str, str, str, str, str]:
    """What is measured, of what, how: claims that share it speak of the same figure."""
    unit, _ = _SIZES.get(claim.unit, (claim.unit, 1.0))
    # On a benchmark points are per cent.
    unit = "%" if unit == "points" and claim.value <= 100 else unit
    return claim.subject.casefold(), claim.metric, claim.precision or "", claim.relative_to or "", unit


def range_of(claim: Claim) -> tuple[float, float]:
    """The least and the greatest value that the claim states, in the unit's base."""
    _, size = _SIZES.get(claim.unit, ("", 1.0))
    last = claim.value if claim.value_max is None else claim.value_max
    return min(claim.value, last) * size, max(claim.value, last) * size


def contradicts(one: Claim, other: Claim) -> bool:
    """Same subject, metric, format and comparison, but values apart by more than rounding."""
    if measure_of(one) != measure_of(other):
        return False
    (low, high), (other_low, other_high) = range_of(one), range_of(other)
    apart = max(low, other_low) - min(high, other_high)
    return apart > TOLERANCE * max(high, other_high)
