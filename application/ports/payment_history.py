from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol

from domain.checkout import CheckoutSession


class PaymentHistory(Protocol):
    """What the provider remembers, whether or not it told us."""

    def sessions_since(self, since: datetime) -> AsyncGenerator[CheckoutSession, None]:
        """Yield the sessions created since then, as they are now.

        Those of others who share the account may be among them; what cannot be read is
        left out, beside an alert.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
        """
        ...
