"""The first system's database, ours, and a Stripe that remembers more than both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from application.adopt import Adopt, AdoptionOutcome
from application.plan_adoption import AdoptionPlan
from domain.adoption import Sale
from entrypoints.adoption import adoption
from tests.cli.predecessor import Orders, program
from tests.servers.stripe_simulator import RunningSimulator, stripe_simulator
from tests.test_settings import settings

Row = dict[str, Any]
SALE = Sale(currency="usd", time_zone="UTC")
FORM = (
    "mode=payment&success_url=https://old.example&client_reference_id=&metadata[userId]=a"
    "&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd"
    "&line_items[0][price_data][product_data][name]=Choir"
    "&line_items[0][price_data][unit_amount]="
)


@dataclass(kw_only=True)
class Removal:
    """The first system's database, ours, and Stripe."""

    uri: str
    ours: str
    stripe: RunningSimulator
    folder: Path
    client: AsyncMongoClient[Row]
    orders: Orders = field(default_factory=Orders)

    @property
    def theirs(self) -> str:
        return f"{self.ours}_old"

    async def has(self, *purchases: Row, programs: tuple[Row, ...] = ()) -> None:
        """Plant what the first system left."""
        old = self.client[self.theirs]
        await old["programs"].insert_many([*(programs or [program()])])
        if purchases:
            await old["purchases"].insert_many(list(purchases))

    async def session(self, amount: int = 90_000, *, then: str = "") -> str:
        """Open a session at Stripe as the first system did; return its id."""
        form = f"{FORM}{amount}".replace("&client_reference_id=", "")
        _, session, _ = await self.stripe.call("POST", "/v1/checkout/sessions", form)
        if then in {"pay", "pay-later"}:
            await self.stripe.press(session["id"], then)
        if then == "expire":
            path = f"/v1/checkout/sessions/{session['id']}/expire"
            await self.stripe.call("POST", path)
        return str(session["id"])

    async def status_at_stripe(self, session_id: str) -> str:
        path = f"/v1/checkout/sessions/{session_id}"
        return str((await self.stripe.call("GET", path))[1]["status"])

    @asynccontextmanager
    async def adopting(self) -> AsyncIterator[Adopt]:
        given = settings(
            mongodb_uri=self.uri,
            mongodb_database=self.ours,
            stripe_api_base=self.stripe.url,
        )
        async with adoption(
            given, uri=self.uri, database=self.theirs, sale=SALE
        ) as adopt:
            yield adopt

    async def planned(self) -> AdoptionPlan:
        async with self.adopting() as adopt:
            return await adopt.plan()

    async def adopted(self) -> dict[str, Row]:
        """Plan, apply, and return our purchases by id."""
        async with self.adopting() as adopt:
            plan = await adopt.plan()
            steps = [each async for each in adopt(plan.hash, by="operator ada")]
        assert {each.outcome for each in steps} <= {AdoptionOutcome.ADOPTED}
        return {row["_id"]: row for row in await self.rows("purchases")}

    async def rows(self, collection: str, database: str = "") -> list[Row]:
        found = self.client[database or self.ours][collection].find({}).sort("_id")
        return await found.to_list()


OLD = ("programs", "purchases")


@asynccontextmanager
async def removal_of(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Removal]:
    async with (
        stripe_simulator() as stripe,
        AsyncMongoClient[Row](mongo_uri, tz_aware=True) as client,
    ):
        here = Removal(
            uri=mongo_uri,
            ours=database_name,
            stripe=stripe,
            folder=tmp_path,
            client=client,
        )
        yield here
        await client.drop_database(here.theirs)


def why(plan: AdoptionPlan) -> dict[str, str]:
    return {each.id: each.why for each in plan.left_out}


def remarks(plan: AdoptionPlan) -> dict[str, tuple[str, ...]]:
    return {each.was.id: each.remarks for each in plan.purchases}
