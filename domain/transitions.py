"""The steps that a purchase can take, each a value that a repository can apply.

A transition says from which statuses it leads, where to, and which facts it adds; a
payment completes only the purchase that awaits it.  The pure `Purchase.after` and every
repository read the same, so the rule is written once and the database can decide it in
one conditional write (docs/adr/0002).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from domain.checkout import Payer
from domain.outbox import OutgoingMail
from domain.purchase import (
    AWAITING_PAYMENT,
    NEXT,
    ClosedReason,
    OpenSession,
    Payment,
    Purchase,
    Status,
)
from domain.quote import Quote


class Transition(Protocol):
    @property
    def sources(self) -> frozenset[Status]:
        """Return the statuses from which it leads."""
        ...

    @property
    def target(self) -> Status:
        """Return the status to which it leads."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return the fields of `Purchase` that it fills, beside the status."""
        ...

    def fits(self, purchase: Purchase) -> bool:
        """Say whether the purchase may take it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A transition whose ends are fixed; both are checked against the table."""

    sources: frozenset[Status] = field(init=False)
    target: Status = field(init=False)

    def fits(self, purchase: Purchase) -> bool:
        return purchase.status in self.sources

    def _leads(self, *sources: Status, to: Status) -> None:
        if any(to not in NEXT[source] for source in sources):
            raise ValueError(f"{sources} do not all lead to {to}")
        object.__setattr__(self, "sources", frozenset(sources))
        object.__setattr__(self, "target", to)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReserved(_Step):
    """The spot is held: from now on the provider may know about the purchase."""

    def __post_init__(self) -> None:
        self._leads(Status.CREATING, to=Status.RESERVED)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForPayment(_Step):
    """The provider opened a session; the buyer may be shown its page."""

    session: OpenSession

    def __post_init__(self) -> None:
        self._leads(Status.RESERVED, to=Status.PENDING)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"session": self.session}


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginClosing(_Step):
    """Somebody wants it ended; whether it was paid is for the provider to say."""

    reason: ClosedReason

    def __post_init__(self) -> None:
        self._leads(Status.RESERVED, Status.PENDING, to=Status.CLOSING)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"closing_reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(_Step):
    """The quoted amount was paid; the confirmation falls due in the same write."""

    payment: Payment
    payer: Payer
    confirmation: OutgoingMail
    at: datetime

    def __post_init__(self) -> None:
        self._leads(*AWAITING_PAYMENT, to=Status.COMPLETED)

    def fits(self, purchase: Purchase) -> bool:
        return purchase.awaits(self.payment)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {
            "paid": self.payment,
            "payer": self.payer,
            "completed_at": self.at,
            "confirmation": self.confirmation,
            "is_processing": False,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteForFree(_Step):
    """Nothing was to be paid.  Never for a quote above zero.

    Raises:
        ValueError: the quote is not free.
    """

    quote: Quote
    confirmation: OutgoingMail
    at: datetime

    def __post_init__(self) -> None:
        if not self.quote.is_free:
            raise ValueError("only a quote of zero completes without a payment")
        self._leads(Status.RESERVED, to=Status.COMPLETED)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"completed_at": self.at, "confirmation": self.confirmation}


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackFree(_Step):
    """What cost nothing is given back; there is no money to wait for.

    Raises:
        ValueError: the quote is not free.
    """

    quote: Quote

    def __post_init__(self) -> None:
        if not self.quote.is_free:
            raise ValueError("only a quote of zero is given back without a refund")
        self._leads(Status.COMPLETED, to=Status.REFUNDED)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(_Step):
    """The purchase ends without payment.

    Use the functions below: each names why that is safe to say.
    """

    reason: ClosedReason
    leads_from: frozenset[Status]

    def __post_init__(self) -> None:
        self._leads(*self.leads_from, to=Status.CLOSED)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"closed_reason": self.reason}


NOTHING_OUTSIDE: Final = frozenset({Status.CREATING})


def close_before_payment(reason: ClosedReason) -> Close:
    """Close what the provider cannot have heard of yet (invariant I10)."""
    return Close(reason=reason, leads_from=NOTHING_OUTSIDE)


def close_free(reason: ClosedReason) -> Close:
    """Close a purchase that costs nothing: the provider will never hear of it."""
    return Close(
        reason=reason,
        leads_from=NOTHING_OUTSIDE | {Status.RESERVED},
    )


def close_refused() -> Close:
    """Close what the provider refused for good: no session can exist."""
    return Close(reason=ClosedReason.REJECTED, leads_from=frozenset({Status.RESERVED}))


def close_on_word(reason: ClosedReason) -> Close:
    """Close because the provider said that this session can no longer be paid."""
    return Close(reason=reason, leads_from=AWAITING_PAYMENT)


def finish_closing(reason: ClosedReason) -> Close:
    """End what was closing, after the provider's word."""
    return Close(reason=reason, leads_from=frozenset({Status.CLOSING}))
