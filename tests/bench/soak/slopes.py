"""A straight line through readings, and how far it may be off."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple


class Slope(NamedTuple):
    """How much a value grows in one unit of time.

    `noise` is its standard error as if readings did not depend on each other; they do,
    so that it is rather too small.
    """

    per_unit: float
    noise: float


def slope_of(at: Sequence[float], values: Sequence[float]) -> Slope:
    """Fit a line by least squares.

    Raises:
        ValueError: fewer than three readings, or all of one moment.
    """
    number = len(at)
    if number < 3:
        raise ValueError("three readings make a slope")
    middle, mean = sum(at) / number, sum(values) / number
    width = sum((t - middle) ** 2 for t in at)
    if width == 0:
        raise ValueError("all readings are of one moment")
    pairs = list(zip(at, values, strict=True))
    slope = sum((t - middle) * (value - mean) for t, value in pairs) / width
    rest = sum((value - mean - slope * (t - middle)) ** 2 for t, value in pairs)
    return Slope(slope, sqrt(rest / (number - 2) / width))
