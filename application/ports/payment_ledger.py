from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol

from domain.ledger import Movement


class PaymentLedger(Protocol):
    """The provider's books: each time that money moved, and of which payment.

    Those of others who share the account may be among it; what is ours and cannot be
    read is left out, beside an alert.  Both calls may raise
    `PaymentGatewayUnavailable`.
    """

    def movements(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[Movement, None]:
        """Yield what moved from the one moment to before the other, latest first."""
        ...

    async def movements_of(self, payment_intent: str) -> Sequence[Movement]:
        """Return all that ever moved of one payment, in no order."""
        ...
