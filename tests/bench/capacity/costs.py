"""What one sale costs the service and the database, and what that lets them bear."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Self

from tests.bench.capacity.tables import Table

BUSY: Final = 0.6  # of a core, that those who wait do not wait long
STARTER: Final = 0.5  # of a core; what small plans of hosting companies give
STRIPES_PACE: Final = 20.0  # STRIPE_REQUESTS_PER_SECOND, below Stripe's 25
ASKED_OF_STRIPE: Final = 2  # for a sale: its page, and for the mail its card
# An instance sends one after the other: 150 ms for Stripe, 50 for all else.
MAILS_PER_SECOND: Final = 1 / 0.2
# Single-document writes with j and majority that a replica set of three takes each
# second: from a small virtual machine to one with its own fast disks.
REPLICA_SETS: Final = {"small": 1_000, "middling": 5_000, "large": 20_000}
# Insert, session, payment, the mail leased and sent; a rep's spot and its phase mark.
WRITES: Final = {"sale": 5, "sale of a class-rep place": 7}
TRAIL_WRITES: Final = 1  # of what the history keeps, several entries in one command


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Milliseconds of CPU of the service process, measured by the part `requests`.

    The defaults are dated in the paper; a file of the bench replaces them.
    """

    checkout: float = 3.54
    class_rep: float = 4.21
    repeat: float = 2.02
    webhook: float = 1.44

    @classmethod
    def read(cls, path: Path) -> Self:
        """Take them from a JSON of the bench.

        Raises:
            KeyError: it has no such figure.
        """
        figures = json.loads(path.read_text())["figures"]
        medians = {figure["name"]: figure["median"] for figure in figures}
        names = {field.name: field.name.replace("_", " ") for field in fields(cls)}
        return cls(**{key: medians[f"{kind}, CPU"] for key, kind in names.items()})

    @property
    def of_a_sale(self) -> Mapping[str, float]:
        return {
            "sale": self.checkout + self.webhook,
            "sale of a class-rep place": self.class_rep + self.webhook,
        }


def service_table(costs: Costs) -> Table:
    kinds = {
        "checkout": costs.checkout,
        "class-rep checkout": costs.class_rep,
        "repeated checkout": costs.repeat,
        "webhook": costs.webhook,
        **costs.of_a_sale,
    }
    return Table(
        title="What a core bears",
        basis=f"CPU measured; computed at {BUSY:.0%} of a core; {STARTER} core assumed",
        head=("request", "CPU, ms", "a second on one core", "on a starter instance"),
        rows=[(name, ms, *per_second(ms)) for name, ms in kinds.items()],
    )


def per_second(milliseconds: float) -> Sequence[float]:
    on_one_core = BUSY * 1000 / milliseconds
    return on_one_core, on_one_core * STARTER


def ceilings_table(costs: Costs) -> Table:
    """Which gives out first: Stripe, the mail, the service, or the database."""
    of_stripe = STRIPES_PACE / ASKED_OF_STRIPE
    rows: list[tuple[str | float, ...]] = [
        ("Stripe, at our pace", of_stripe, of_stripe * 3600),
        ("mail, one instance", MAILS_PER_SECOND, MAILS_PER_SECOND * 3600),
    ]
    on_one_core, on_a_starter = per_second(costs.of_a_sale["sale"])
    rows += [
        ("one starter instance", on_a_starter, on_a_starter * 3600),
        ("one core", on_one_core, on_one_core * 3600),
    ]
    writes = WRITES["sale of a class-rep place"] + TRAIL_WRITES
    for size, bears in REPLICA_SETS.items():
        sales = bears / writes
        rows.append((f"a {size} replica set, {bears:,} writes/s", sales, sales * 3600))
    return Table(
        title="Sales that each bears",
        basis="computed; what a replica set and a mail bear is assumed",
        head=("who", "a second", "an hour"),
        rows=rows,
    )
