"""What all our calls of Stripe have in common: a bound, patience, and an end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.stripe.complaints import alert_about
from adapters.stripe.errors import Trouble, trouble_of
from adapters.stripe.patience import Patience
from application.errors import ApplicationError
from application.ports.alerts import Alerts
from application.ports.calls import CallWatch, Unwatched
from application.ports.payments import PaymentGatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    alerts: Alerts
    patience: Patience
    watch: CallWatch = field(default_factory=Unwatched)

    @asynccontextmanager
    async def call(self, name: str, subject: str) -> AsyncIterator[None]:
        """Bound a call; end it in the port's words, and alert where nothing mends."""
        with self.watch.watching(name):
            try:
                async with self.patience.deadline():
                    yield
            except ApplicationError:
                raise
            except Exception as error:
                trouble = await self.complain(error, name=name, subject=subject)
                raise PaymentGatewayUnavailable(trouble.reason) from error

    async def complain(self, error: Exception, *, name: str, subject: str) -> Trouble:
        """Alert where nothing mends by itself, and say what the trouble is."""
        trouble = trouble_of(error)
        alert = alert_about(trouble, call=name, subject=subject)
        if alert is not None:
            await self.alerts.send(alert)
        return trouble
