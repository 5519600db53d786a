"""How large the world of one exploration is, and which features exist in it."""

from dataclasses import dataclass

from tests.model.vocabulary import Choice, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Sizes and features.  Every feature is off unless named, to keep a world small."""

    buyers: int = 2
    attempts: int = 1  # purchases that one buyer may begin
    workers: int = 2  # at once, spread over any number of instances
    limit: int = 1  # spots
    choices: tuple[Choice, ...] = (Choice.REP,)
    free: tuple[Choice, ...] = ()  # choices that cost nothing
    pays_unseen: bool = True  # even a session whose url was never shown
    delayed: bool = False  # methods that clear or fail later
    wrong_amounts: bool = False  # a payment that is not what was quoted
    rogue: bool = (
        False  # money for a closed purchase, which Stripe promised not to take
    )
    extra_payments: int = 0  # further payments of one purchase, two at most
    flaky_creates: bool = False  # Stripe refuses one worker and takes another's
    sick_keys: bool = False  # a key that holds a 500
    early_refunds: bool = False  # of wrong money, before its purchase is closed
    pending_refunds: bool = False
    old_answers: bool = (
        False  # a key repeats that a refund is pending, when it no longer is
    )
    failing_refunds: bool = False  # one a payment, also after it had succeeded
    refused_refunds: bool = False  # to one worker, and not stored
    dashboard: bool = False  # a refund that is none of ours
    partial: bool = False  # refunds of half the price
    most_refunds: int = 3  # of ours, for one payment; four at most
    disputes: bool = False
    again: bool = (
        False  # a past or closing purchase is closed in line, and inserted again
    )
    pulls_full: bool = False  # a full program is rid of terminal holders
    verifies: bool = False  # the buyer's page asks Stripe
    lowers_limit: bool = False
    changes: tuple[Terms, ...] = ()  # by an admin, in this order and at any time
    mails: bool = False

    def terms(self, revision: int) -> Terms:
        """Return what the program is sold by after so many changes."""
        return (Terms(price=0, limit=self.limit), *self.changes)[revision]

    @property
    def most_spots(self) -> int:
        return max(self.limit, *(terms.limit for terms in self.changes), 0)

    @property
    def has_odd_refunds(self) -> bool:
        return self.pending_refunds or self.failing_refunds or self.refused_refunds
