"""How `spothold adopt` is put together: two databases, and Stripe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.mongo.adopted_programs import MongoAdoptedPrograms
from adapters.mongo.connection import mongo_client
from adapters.mongo.predecessor import MongoPredecessor
from adapters.stripe.gateway import StripePaymentGateway
from adapters.system.clock import SystemClock
from application.adopt import Adopt
from application.plan_adoption import PlanAdoption
from application.ports.alerts import Alert
from domain.adoption import Sale
from entrypoints.container import running_use_cases
from entrypoints.settings import Settings


@asynccontextmanager
async def adoption(
    settings: Settings, *, uri: str, database: str, sale: Sale
) -> AsyncIterator[Adopt]:
    """Open ours and the predecessor's, which is only read.

    Raises:
        IndexesDiffer: an index of ours is missing or differs.
        NoDatabase: our embedded one did not start.
        StorageUnavailable: ours does not answer.
    """
    theirs, stripe = mongo_client(uri), _stripe(settings)
    try:
        async with running_use_cases(settings) as use_cases:
            plan = PlanAdoption(
                livemode=settings.livemode,
                payments=stripe,
                predecessor=MongoPredecessor(client=theirs, database=database),
                sale=sale,
                survey=use_cases.survey(),
            )
            yield Adopt(
                audit=use_cases.audit(),
                clock=use_cases.clock(),
                drive=use_cases.drive(),
                plan=plan,
                programs=MongoAdoptedPrograms(),
                purchases=use_cases.purchases(),
                survey=use_cases.survey(),
            )
    finally:
        await stripe.close()
        await theirs.close()


class Unheard:
    """Tells nobody: that Stripe does not know a session is what the plan says."""

    async def send(self, alert: Alert) -> None:
        """Do nothing."""

    async def deliver(self, alert: Alert) -> bool:
        """Do nothing, and well."""
        del alert
        return True

    async def flush(self) -> None:
        """Do nothing: nothing is held back."""


def _stripe(settings: Settings) -> StripePaymentGateway:
    return StripePaymentGateway(
        settings.stripe_secret_key.get_secret_value(),
        clock=SystemClock(),
        alerts=Unheard(),
        environment=settings.app_env.value,
        success_url=settings.success_url,
        cancel_url=settings.cancel_url,
        api_base=settings.stripe_api_base,
    )
