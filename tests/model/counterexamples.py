"""What the seed's protocol breaks, each in the smallest setting that shows it."""

from dataclasses import dataclass
from typing import Final

from tests.model.exploration import NEVER_SETTLES
from tests.model.seed import SeedConfiguration as Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The invariant that breaks, and the number of steps of a shortest way there."""

    what: str
    setting: Setting
    invariant: str
    steps: int


def _full_price(**having: object) -> Setting:
    return Setting(attempts=2, buys_rep=False, **having)  # type: ignore[arg-type]


def _counting(**having: object) -> Setting:
    return Setting(has_counter=True, **having)  # type: ignore[arg-type]


CLAIMS: Final = {
    "S1": Claim(
        what="two buyers are never serialised: the lock's key names the buyer",
        setting=Setting(buyers=2, looked_for=("I1 ",)),
        invariant="I1 more completed class reps than limit",
        steps=24,
    ),
    "S2": Claim(
        what="whether it is completed is asked outside the lock",
        setting=_full_price(looked_for=("I2", "I4")),
        invariant="I2 two live purchases of one buyer",
        steps=19,
    ),
    "S2b": Claim(
        what="the same, until the buyer is charged twice",
        setting=_full_price(looked_for=("I4",)),
        invariant="I4 buyer charged twice",
        steps=20,
    ),
    "S3": Claim(
        what="cancelled, then paid: the spot is sold twice",
        setting=_counting(buyers=2, cancels=True, looked_for=("I1 ",)),
        invariant="I1 more completed class reps than limit",
        steps=28,
    ),
    "S4": Claim(
        what="a cancelled session stays payable",
        setting=_counting(cancels=True, looked_for=("I10",)),
        invariant="I10 cancelled while its session is still payable",
        steps=11,
    ),
    "S5": Claim(
        what="cancelled twice, counted down twice, oversold",
        setting=_counting(buyers=2, attempts=2, cancels=True, looked_for=("I1-",)),
        invariant="I1-reserved more reservations than limit",
        steps=17,
    ),
    "S5b": Claim(
        what="cancelled twice, and the counter is below zero",
        setting=_counting(cancels=True, looked_for=("I5",)),
        invariant="I5 counter below zero",
        steps=13,
    ),
    "S6": Claim(
        what="a failed purchase becomes completed",
        setting=_counting(cancels=True, looked_for=("I7",)),
        invariant="I7 failed->completed",
        steps=16,
    ),
    "S7": Claim(
        what="a completed purchase is cancelled, and its money kept",
        setting=_counting(cancels=True, guards_cancel=False, looked_for=("I7",)),
        invariant="I7 completed->failed, money kept",
        steps=15,
    ),
    "S8": Claim(
        what="the lock times out while its holder waits for Stripe",
        setting=_full_price(lock_times_out=True, looked_for=("I2",)),
        invariant="I2 two live purchases of one buyer",
        steps=15,
    ),
    "S9": Claim(
        what="two instances, as during a deploy, have two lock tables",
        setting=_full_price(instances=2, looked_for=("I2",)),
        invariant="I2 two live purchases of one buyer",
        steps=14,
    ),
    "S9b": Claim(
        what="the same, until the buyer is charged twice",
        setting=_full_price(instances=2, looked_for=("I4",)),
        invariant="I4 buyer charged twice",
        steps=16,
    ),
    "S10": Claim(
        what="one failed look at Stripe makes a second session",
        setting=_full_price(workers=1, stripe_fails=True, looked_for=("I4",)),
        invariant="I4 buyer charged twice",
        steps=17,
    ),
    "S11": Claim(
        what="one event, delivered to two instances, sends two mails",
        setting=Setting(
            instances=2, buys_rep=False, repeats_webhooks=True, looked_for=("I14",)
        ),
        invariant="I14 confirmation sent twice",
        steps=18,
    ),
    "L1": Claim(
        what="a crash after the counter and before the purchase loses the spot",
        setting=_counting(workers=1, crashes=True, looked_for=("-",)),
        invariant=NEVER_SETTLES,
        steps=6,
    ),
    "L2": Claim(
        what="a crash after the save and before the mail loses the mail",
        setting=Setting(workers=1, buys_rep=False, crashes=True, looked_for=("-",)),
        invariant=NEVER_SETTLES,
        steps=13,
    ),
    "L3": Claim(
        what="a session expires, and nobody listens",
        setting=_counting(workers=1, expires=True, looked_for=("-",)),
        invariant=NEVER_SETTLES,
        steps=1,
    ),
}
