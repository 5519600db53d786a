"""Money by day as bars: in above the line, out below it.

The drawing is stretched to its box, so it holds no text: words around it stay legible
on a phone, and a table says the same to whoever cannot see it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from entrypoints.backoffice.answers.stats import MoneyOfDay, SpotsOfProgram

WIDTH: Final = 1000.0
HEIGHT: Final = 200.0
GAP: Final = 0.25  # of a day's width
THINNEST: Final = 1.5  # of what is not nothing, to be seen at all
ROUND_STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfPlot:
    day: date
    came: int
    went: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One currency, day by day without a gap.

    Attributes:
        top: the amount that the upper edge stands for; `bottom` the lower one.
        zero: how far from above the line of nothing is drawn.
    """

    currency: str
    days: Sequence[DayOfPlot]
    bars: Sequence[Bar]
    top: int
    bottom: int
    zero: float

    @property
    def came(self) -> int:
        return sum(day.came for day in self.days)

    @property
    def went(self) -> int:
        return sum(day.went for day in self.days)


def plots_of(rows: Iterable[MoneyOfDay], *, until: date, days: int) -> list[Plot]:
    """Draw each currency, the one with the most money first."""
    by_currency: dict[str, list[MoneyOfDay]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    window = [until - timedelta(days=back) for back in range(days - 1, -1, -1)]
    plots = [_plot(name, rows, window) for name, rows in by_currency.items()]
    return sorted(plots, key=lambda plot: -(plot.came + plot.went))


def _plot(currency: str, rows: list[MoneyOfDay], window: list[date]) -> Plot:
    days = [
        DayOfPlot(
            day=day,
            came=sum(row.came for row in rows if row.day == day),
            went=sum(row.went for row in rows if row.day == day),
        )
        for day in window
    ]
    top = _round_up(max(day.came for day in days))
    bottom = _round_up(max(day.went for day in days))
    scale = HEIGHT / (top + bottom or 1)
    zero = top * scale if top + bottom else HEIGHT
    return Plot(
        currency=currency,
        days=days,
        bars=list(_bars(days, scale=scale, zero=zero)),
        top=top,
        bottom=bottom,
        zero=round(zero, 2),
    )


def _bars(days: Sequence[DayOfPlot], *, scale: float, zero: float) -> Iterable[Bar]:
    step = WIDTH / len(days)
    for at, day in enumerate(days):
        place = {
            "x": round((at + GAP / 2) * step, 2),
            "width": round(step * (1 - GAP), 2),
        }
        if day.came:
            high = max(day.came * scale, THINNEST)
            yield Bar(
                kind="in", y=round(zero - high, 2), height=round(high, 2), **place
            )
        if day.went:
            high = max(day.went * scale, THINNEST)
            yield Bar(kind="out", y=round(zero, 2), height=round(high, 2), **place)


def _round_up(amount: int) -> int:
    """Return the next amount that reads well on an axis."""
    if amount == 0:
        return 0
    size = 10 ** (len(str(amount)) - 1)
    return next(int(step * size) for step in ROUND_STEPS if step * size >= amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a bar of spots: from where and how far, in percent."""

    kind: str
    count: int
    start: float
    share: float


def spot_parts(spots: SpotsOfProgram) -> list[Part]:
    """Cut a program's bar into what is paid, held, over its limit and free.

    What is over the limit is part of what is paid or held, and is taken off it.
    Without a limit there is no whole to be part of, so no bar.
    """
    if spots.limit is None:
        return []
    over = spots.over
    held = max(0, spots.held - over)
    paid = max(0, spots.paid - max(0, over - spots.held))
    counts = {"paid": paid, "held": held, "over": over, "free": spots.free or 0}
    whole = sum(counts.values()) or 1
    parts, start = [], 0.0
    for kind, count in counts.items():
        share = 100 * count / whole
        if count:
            parts.append(
                Part(
                    kind=kind, count=count, start=round(start, 2), share=round(share, 2)
                )
            )
        start += share
    return parts
