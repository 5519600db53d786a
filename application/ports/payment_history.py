from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol

from application.ports.payment_events import PaymentEvent
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.refunding import RefundReport


class PaymentHistory(Protocol):
    """What the provider remembers, whether or not it told us.

    The lists begin with the newest.  What is of others who share the account may be
    among it; what is ours and cannot be read is left out, beside an alert.  They may
    raise `PaymentGatewayUnavailable`: the rest was not seen.
    """

    def sessions_since(self, since: datetime) -> AsyncGenerator[CheckoutSession, None]:
        """Yield the sessions created since then, as they are now."""
        ...

    def refunds_since(self, since: datetime) -> AsyncGenerator[RefundReport, None]:
        """Yield the refunds made since then, by whomever, as they are now."""
        ...

    def disputes_since(self, since: datetime) -> AsyncGenerator[DisputeReport, None]:
        """Yield the disputes opened since then, as they are now."""
        ...

    def events_since(self, since: datetime) -> AsyncGenerator[PaymentEvent, None]:
        """Yield the events of the last 30 days since then, of the kinds that we know.

        Each shows its object as it was then, or says that it cannot be read.
        """
        ...

    async def dispute(self, dispute_id: str) -> DisputeReport | None:
        """Return a dispute as it is now; None when the provider knows of none.

        Raises:
            PaymentGatewayUnavailable: nothing is known.
        """
        ...

    async def event(self, event_id: str) -> PaymentEvent | None:
        """Return an event; None when the provider no longer has it.

        Raises:
            PaymentGatewayUnavailable: nothing is known.
        """
        ...
