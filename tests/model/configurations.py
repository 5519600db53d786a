"""The named configurations.  A letter says what is tried: see the README."""

from typing import Final

from tests.model.configuration import Configuration as World
from tests.model.vocabulary import Choice, Terms

BOTH: Final = (Choice.REP, Choice.PLAIN)

DEARER: Final = Terms(price=1, limit=1)
GONE: Final = Terms(price=1, limit=1, is_for_sale=False)

BASE: Final = {
    "A": World(),
    "A+": World(
        rogue=True, dashboard=True, delayed=True, mails=True, lowers_limit=True
    ),
    "AS": World(sick_keys=True, delayed=True),
    "C": World(buyers=1, attempts=2, workers=3),
    "D": World(buyers=3),
    "E": World(attempts=2, workers=1),
    "H": World(buyers=3, limit=2),
    "H1": World(buyers=3, limit=2, workers=1),
    "M": World(buyers=1, mails=True, rogue=True),
    "V1": World(verifies=True, rogue=True, lowers_limit=True),
}
REFUNDS: Final = {
    "R1": World(buyers=1, workers=3, pending_refunds=True, failing_refunds=True),
    "R2": World(buyers=1, attempts=2, pending_refunds=True, failing_refunds=True),
    "R3": World(
        buyers=1,
        dashboard=True,
        rogue=True,
        refused_refunds=True,
        pending_refunds=True,
        failing_refunds=True,
        most_refunds=4,
    ),
    "R4": World(buyers=1, attempts=2, workers=1, dashboard=True, failing_refunds=True),
    "R5": World(
        buyers=1,
        dashboard=True,
        wrong_amounts=True,
        pending_refunds=True,
        failing_refunds=True,
    ),
    "R6": World(pending_refunds=True, failing_refunds=True),
    "R7": World(
        buyers=1,
        workers=1,
        wrong_amounts=True,
        rogue=True,
        dashboard=True,
        pending_refunds=True,
        failing_refunds=True,
    ),
    "R8": World(
        buyers=1, refused_refunds=True, pending_refunds=True, failing_refunds=True
    ),
    "R9": World(
        buyers=1,
        dashboard=True,
        wrong_amounts=True,
        early_refunds=True,
        pending_refunds=True,
        failing_refunds=True,
    ),
    "R10": World(
        buyers=1,
        dashboard=True,
        pending_refunds=True,
        failing_refunds=True,
        old_answers=True,
    ),
}
SESSIONS: Final = {
    "B1": World(buyers=1, workers=3, flaky_creates=True),
    "B2": World(flaky_creates=True),
    "B3": World(buyers=1, attempts=2, flaky_creates=True, again=True),
    "B4": World(
        buyers=1, attempts=2, flaky_creates=True, pays_unseen=False, delayed=True
    ),
    "CD": World(delayed=True, wrong_amounts=True, verifies=True),
    "CD3": World(
        buyers=1,
        attempts=2,
        delayed=True,
        wrong_amounts=True,
        verifies=True,
        again=True,
    ),
    "I9": World(delayed=True, wrong_amounts=True, verifies=True, pays_unseen=False),
}
CHOICES: Final = {
    "X1": World(buyers=1, attempts=2, choices=BOTH),
    "X2": World(
        buyers=1,
        attempts=2,
        choices=BOTH,
        again=True,
        delayed=True,
        wrong_amounts=True,
        verifies=True,
    ),
    "X3": World(attempts=2, workers=1, choices=BOTH, pulls_full=True),
    "X4": World(buyers=1, attempts=2, workers=3, choices=BOTH),
    "Z1": World(buyers=1, attempts=2, choices=BOTH, free=(Choice.REP,), again=True),
    "Z2": World(
        buyers=1, attempts=2, choices=BOTH, free=(Choice.PLAIN,), flaky_creates=True
    ),
    "Z3": World(workers=3, free=(Choice.REP,), pulls_full=True),
}
FULL: Final = {
    "G1": World(pulls_full=True),
    "G2": World(workers=3, pulls_full=True),
    "G3": World(buyers=3, pulls_full=True),
    "G4": World(buyers=1, attempts=2, workers=3, pulls_full=True),
}
EXTRAS: Final = {
    "S1": World(
        buyers=1, extra_payments=1, rogue=True, dashboard=True, wrong_amounts=True
    ),
    "S2": World(buyers=1, attempts=2, workers=1, extra_payments=1, dashboard=True),
    "S3": World(buyers=1, extra_payments=2, rogue=True, dashboard=True),
    "S4": World(buyers=1, workers=3, extra_payments=2),
}
PARTS: Final = {
    "P1": World(buyers=1, partial=True, dashboard=True),
    "P2": World(buyers=1, partial=True, pending_refunds=True, failing_refunds=True),
    "P3": World(
        buyers=1, partial=True, dashboard=True, rogue=True, pending_refunds=True
    ),
    "P4": World(
        buyers=1,
        partial=True,
        dashboard=True,
        pending_refunds=True,
        failing_refunds=True,
    ),
    "P5": World(partial=True),
    "P6": World(buyers=1, workers=3, partial=True, dashboard=True),
    "P7": World(buyers=1, attempts=2, partial=True, dashboard=True),
    "P8": World(buyers=1, partial=True, dashboard=True, refused_refunds=True),
    "P9": World(
        buyers=1,
        workers=1,
        partial=True,
        dashboard=True,
        rogue=True,
        refused_refunds=True,
        failing_refunds=True,
        most_refunds=4,
    ),
}
DISPUTES: Final = {
    "Q1": World(buyers=1, disputes=True),
    "Q2": World(buyers=1, disputes=True, rogue=True, dashboard=True),
    "Q3": World(buyers=1, disputes=True, pending_refunds=True, failing_refunds=True),
    "Q4": World(disputes=True),
    "Q5": World(buyers=1, disputes=True, partial=True, dashboard=True),
    "Q6": World(buyers=1, workers=3, disputes=True),
    "Q7": World(buyers=1, attempts=2, disputes=True),
    "Q8": World(buyers=1, disputes=True, wrong_amounts=True, rogue=True),
    "Q9": World(
        buyers=1,
        workers=1,
        disputes=True,
        partial=True,
        failing_refunds=True,
        most_refunds=4,
    ),
    "Q10": World(
        buyers=1,
        disputes=True,
        partial=True,
        pending_refunds=True,
        failing_refunds=True,
        most_refunds=4,
    ),
}
TERMS: Final = {
    "T1": World(buyers=1, changes=(DEARER,)),
    "T2": World(workers=1, limit=2, changes=(Terms(price=0, limit=1),)),
    "T3": World(buyers=1, attempts=2, workers=1, choices=BOTH, changes=(DEARER, GONE)),
    "T4": World(buyers=1, choices=(Choice.PLAIN,), changes=(DEARER,)),
    "T5": World(buyers=1, attempts=2, changes=(DEARER,)),
    "T6": World(changes=(DEARER, GONE)),
    "T7": World(buyers=1, attempts=2, choices=BOTH, changes=(DEARER, GONE)),
    "T8": World(changes=(GONE,), pulls_full=True),
    "T9": World(buyers=1, attempts=2, choices=BOTH, changes=(GONE,), again=True),
}
CONFIGURATIONS: Final = {
    **BASE,
    **REFUNDS,
    **SESSIONS,
    **CHOICES,
    **FULL,
    **EXTRAS,
    **PARTS,
    **DISPUTES,
    **TERMS,
}

# What every commit runs to the end: all that finish in seconds.  Every feature is among
# them; the others add workers or buyers, or several features at once.
ON_DEMAND: Final = frozenset(
    {"A+", "C", "D", "G2", "G3", "G4", "H", "P4", "P7", "Q4", "Q7", "Q10"}
    | {"R2", "R3", "R6", "S4", "T5", "T6", "T7", "T8", "T9", "X2", "X3", "X4"}
)
COMMIT: Final = tuple(name for name in CONFIGURATIONS if name not in ON_DEMAND)
