"""The database is an old copy, and Stripe has moved on: nobody pays twice or loses."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from entrypoints.cli.serve import reconcile_jobs
from tests.cli.command import Result, spothold
from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.servers.service import bearer
from tests.waiting import eventually

Row = dict[str, Any]
# What a buyer did since is not in the copy, so nothing in it looks old: no patience.
RECONCILE: Final = ("reconcile", "--patience", "0", "--json")
TRIES: Final = 3  # of one request at Stripe


@dataclass(kw_only=True)
class House:
    service: LiveService
    where: dict[str, str]
    folder: Path
    copy: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def database(self) -> Any:
        name = self.service.container.settings().mongodb_database
        return self.service.container.mongo()[name]

    async def back_up(self) -> None:
        """Copy every document, as mongodump does."""
        for name in await self.database.list_collection_names():
            self.copy[name] = await self.database[name].find({}).to_list()

    async def restore(self) -> None:
        """Put the copy in the place of what is there, as mongorestore --drop does."""
        for name in await self.database.list_collection_names():
            await self.database[name].delete_many({})
            if rows := self.copy.get(name):
                await self.database[name].insert_many(rows)

    async def begins(self, buyer: str, *, as_class_rep: bool = False) -> Row:
        answer = await self.service.check_out(buyer, CHOIR, as_class_rep=as_class_rep)
        return dict(answer.json()["data"])

    async def pays(self, checkout: Row) -> None:
        await self.service.stripe.press(checkout["sessionId"], "pay")
        await self.becomes(checkout, "completed")

    async def buys(self, buyer: str, *, as_class_rep: bool = False) -> Row:
        checkout = await self.begins(buyer, as_class_rep=as_class_rep)
        await self.pays(checkout)
        return checkout

    async def gives_back(self, buyer: str, checkout: Row) -> int:
        answer = await self.service.http.post(
            "/api/purchases/refund",
            json={"purchaseId": checkout["purchaseId"]},
            headers=bearer(buyer),
        )
        return answer.status_code

    async def comes_back(self, buyer: str, checkout: Row) -> None:
        path = f"/api/purchases/verify-session/{checkout['sessionId']}"
        await self.service.http.get(path, headers=bearer(buyer))

    async def becomes(self, checkout: Row, status: str) -> None:
        async def so() -> bool:
            return (await self.statuses()).get(checkout["purchaseId"]) == status

        await eventually(so)

    async def statuses(self) -> dict[str, str]:
        rows = await self.service.rows("purchases")
        return {row["_id"]: row["status"] for row in rows}

    async def at_stripe(self, kind: str) -> list[Row]:
        answer = await self.service.stripe.call("GET", f"/v1/{kind}?limit=100")
        return list(answer[1]["data"])

    async def do_all_jobs(self) -> None:
        for job in reconcile_jobs(self.service.container.use_cases()):
            await job.run()

    async def reconcile(self, *arguments: str) -> Result:
        return await spothold(*RECONCILE, *arguments, folder=self.folder, **self.where)


@asynccontextmanager
async def house(mongo_uri: str, database: str, folder: Path) -> AsyncIterator[House]:
    async with live_service(mongo_uri, database, reconciles=False) as service:
        await service.offer(a_program(class_rep_limit=4))
        where = {
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database,
            "STRIPE_API_BASE": service.stripe.url,
        }
        yield House(service=service, where=where, folder=folder)


async def test_an_old_copy_is_right_again_after_reconcile(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with house(mongo_uri, database_name, tmp_path) as here:
        stripe = here.service.stripe
        # As the copy has it: one page open, one left alone, three sold, one refund due.
        ada = await here.begins("ada", as_class_rep=True)
        linus = await here.begins("linus", as_class_rep=True)
        grace = await here.buys("grace", as_class_rep=True)
        alan = await here.buys("alan")
        hopper = await here.buys("hopper")
        down = {"path": "/v1/refunds", "method": "POST", "status": 500}
        await stripe.fault("status", count=TRIES, **down)
        await here.gives_back("hopper", hopper)
        await stripe.clear_faults()
        await stripe.flush()
        await here.back_up()

        # What the copy does not know.
        await here.pays(ada)
        assert (await here.service.cancel("linus", linus["purchaseId"])).is_success
        assert await here.gives_back("grace", grace) < 300
        await here.becomes(grace, "refunded")
        mary = await here.buys("mary", as_class_rep=True)
        await here.do_all_jobs()
        await here.becomes(hopper, "refunded")
        await stripe.flush()
        paid, refunded = (
            await here.at_stripe("charges"),
            await here.at_stripe("refunds"),
        )
        assert (len(paid), len(refunded)) == (5, 2)

        await here.restore()
        assert mary["purchaseId"] not in await here.statuses()
        plan = json.loads((await here.reconcile()).out)
        kinds = {each["kind"] for each in plan["findings"]}
        assert {"paid_unknown", "refunded_but_active", "orphan_payment"} <= kinds
        applied = await here.reconcile("--apply", plan["plan"])
        assert applied.out, applied.err
        await here.do_all_jobs()
        # A page that was closed meanwhile is asked about when its time is over, or as
        # soon as its buyer comes back from it.
        await here.comes_back("linus", linus)

        assert await here.statuses() == {
            ada["purchaseId"]: "completed",
            linus["purchaseId"]: "closed",
            grace["purchaseId"]: "refunded",
            alan["purchaseId"]: "completed",
            hopper["purchaseId"]: "refunded",
        }
        [program] = await here.service.rows("programs")
        assert (program["spots"], program["class_rep_count"]) == (
            [ada["purchaseId"]],
            1,
        )
        again = await here.service.check_out("ada", CHOIR, as_class_rep=False)
        assert (again.status_code, again.json()["code"]) == (400, "already_purchased")

        # Nobody remembers what Mary bought; her money is known, and goes back.
        [orphan] = await here.service.rows("orphans")
        use_cases = here.service.container.use_cases()
        found = await use_cases.orphans().get(orphan["_id"])
        await use_cases.drive_orphan()(found)
        moved = [
            each for each in await here.at_stripe("refunds") if each not in refunded
        ]
        assert [each["payment_intent"] for each in moved] == [orphan["_id"]]
        assert {each["id"] for each in await here.at_stripe("charges")} == {
            each["id"] for each in paid
        }
        assert (await here.reconcile()).code == 0
