"""The races of `tests/races`, run by processes that share a database and maybe a lock.

Each has an offer of its own, so that all may run on one fleet.  Each says what is wrong
with its outcome; nothing is good.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import stripe

from tests.examples import a_program
from tests.processes.fleet import WEBHOOK, Fleet
from tests.processes.load import CHECKOUT, REFUND
from tests.processes.shapes import Shape, fleet_like
from tests.servers.service import WEBHOOK_SECRET, bearer
from tests.waiting import eventually

SPOTS: Final = 10
PATIENCE: Final = 60.0  # seconds, of a client with many before it
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Races:
    """All of them, with so many racers each."""

    fleet: Fleet
    http: httpx.AsyncClient
    racers: int

    async def run(self) -> list[str]:
        """Run them one after the other; return what is wrong."""
        races = (
            self.buyers_for_ten_spots,
            self.clicks_of_one_buyer,
            self.copies_of_one_event,
            self.cancels_of_one_purchase,
            self.refunds_of_one_purchase,
        )
        found = [(race.__name__, await race()) for race in races]
        return [f"{name}: {wrong}" for name, each in found for wrong in each]

    async def buyers_for_ten_spots(self) -> Sequence[str]:
        await self._offer("buyers")
        told = await self._all(
            *(self._until_answered(f"buyer{n}", "buyers") for n in range(self.racers))
        )
        statuses = Counter(each.status_code for each in told)
        expected = {200: SPOTS, 409: self.racers - SPOTS}
        return [
            *_unless(statuses == expected, f"answers {statuses}"),
            *await self._wrong_spots("buyers", SPOTS),
        ]

    async def clicks_of_one_buyer(self) -> Sequence[str]:
        await self._offer("clicks")
        return await self._clicks("clicks")

    async def clicks_without_the_index(self) -> Sequence[str]:
        """The control: nothing else keeps two purchases apart, so it goes wrong."""
        await self._offer("unguarded")  # which sees to the indexes, too
        await self.fleet.database["purchases"].drop_index("one_live_purchase")
        return await self._clicks("unguarded")

    async def _clicks(self, program: str) -> Sequence[str]:
        told = await self._all(
            *(self._check_out("ada", program) for _ in range(self.racers))
        )
        bought = {each.json()["data"]["purchaseId"] for each in told if each.is_success}
        rows = await self._rows(program)
        named = await self._sessions_named(bought)
        return [
            *_unless(len(bought) == len(rows) == 1, f"bought {bought}, rows {rows}"),
            *_unless(len(named) == 1, f"sessions {named}"),
            *_unless({each.status_code for each in told} <= {200, 503}, f"{told}"),
            *await self._wrong_spots(program, 1),
        ]

    async def copies_of_one_event(self) -> Sequence[str]:
        await self._offer("copies")
        await self.fleet.stripe.webhooks(paused=True)
        page = (await self._check_out("ada", "copies")).json()["data"]
        await self.fleet.stripe.press(page["sessionId"], "pay")
        event = await self._event_of(page["sessionId"])
        told = await self._all(*(self._tell(event) for _ in range(self.racers)))
        await eventually(lambda: self._is_told("copies"), within=PATIENCE)
        await self.fleet.stripe.webhooks(paused=False)
        [row] = await self._rows("copies")
        done = [entry["by"] for entry in row["log"] if entry["to"] == "completed"]
        mails = [str(mail["Message-ID"]).strip() for mail in self.fleet.mail.messages()]
        mailed = mails.count(row["effects"]["confirm"]["message_id"])
        return [
            *_unless({each.status_code for each in told} == {200}, f"{told}"),
            *_unless(len(done) == 1, f"completed by {done}"),
            *_unless(mailed == 1, f"{mailed} mails"),
        ]

    async def cancels_of_one_purchase(self) -> Sequence[str]:
        await self._offer("cancels")
        await self._check_out("grace", "cancels")
        page = (await self._check_out("ada", "cancels")).json()["data"]
        told = await self._all(
            *(self._cancel("ada", page["purchaseId"]) for _ in range(self.racers))
        )
        return [
            *_unless({each.status_code for each in told} <= {200, 202}, f"{told}"),
            *await self._wrong_spots("cancels", 1),
        ]

    async def refunds_of_one_purchase(self) -> Sequence[str]:
        await self._offer("refunds")
        page = (await self._check_out("ada", "refunds")).json()["data"]
        await self.fleet.stripe.press(page["sessionId"], "pay")
        await eventually(lambda: self._is_told("refunds"), within=PATIENCE)
        await self.fleet.stripe.control("POST", "/refunds", begin_as="pending")
        told = await self._all(
            *(self._refund("ada", page["purchaseId"]) for _ in range(self.racers))
        )
        statuses = Counter(each.status_code for each in told)
        [row] = await self._rows("refunds")
        payment = row["paid"]["payment_intent"]
        path = f"/v1/refunds?payment_intent={payment}"
        _, refunds, _ = await self.fleet.stripe.call("GET", path)
        made = len(refunds["data"])
        return [
            *_unless(statuses[200] == 1 and set(statuses) <= {200, 409}, f"{statuses}"),
            *_unless(len(row["refunds"]) == made == 1, f"{made} of {row['refunds']}"),
        ]

    # --- What the racers do -----------------------------------------------------

    async def _check_out(self, buyer: str, program: str) -> httpx.Response:
        wanted = {"programId": program, "isClassRep": True}
        url = f"{self.fleet.next_url()}{CHECKOUT}"
        return await self.http.post(url, json=wanted, headers=bearer(buyer))

    async def _until_answered(self, buyer: str, program: str) -> httpx.Response:
        """Ask again after a 503, as it says: an overloaded database is no answer."""
        while True:
            answer = await self._check_out(buyer, program)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer

    async def _cancel(self, buyer: str, purchase: str) -> httpx.Response:
        url = f"{self.fleet.next_url()}/api/purchases/{purchase}"
        return await self.http.delete(url, headers=bearer(buyer))

    async def _refund(self, buyer: str, purchase: str) -> httpx.Response:
        url = f"{self.fleet.next_url()}{REFUND}"
        wanted = {"purchaseId": purchase}
        return await self.http.post(url, json=wanted, headers=bearer(buyer))

    async def _tell(self, event: str) -> httpx.Response:
        header = stripe.WebhookSignature.generate_signature_header(
            event, WEBHOOK_SECRET
        )
        headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
        url = f"{self.fleet.next_url()}{WEBHOOK}"
        return await self.http.post(url, content=event, headers=headers)

    async def _all(self, *asked: Any) -> list[httpx.Response]:
        return list(await asyncio.gather(*asked))

    # --- What is there afterwards -----------------------------------------------

    async def _offer(self, program: str) -> None:
        await self.fleet.offer([a_program(id=program, class_rep_limit=SPOTS)])

    async def _rows(self, program: str) -> list[Row]:
        rows = self.fleet.database["purchases"].find({"program_id": program})
        return await rows.to_list()

    async def _wrong_spots(self, program: str, taken: int) -> Sequence[str]:
        row = await self.fleet.database["programs"].find_one({"_id": program}) or {}
        spots = row["spots"]
        is_right = len(set(spots)) == len(spots) == row["class_rep_count"] == taken
        return list(_unless(is_right, f"spots {spots}, counted {row}"))

    async def _sessions_named(self, purchases: set[str]) -> list[str]:
        path = "/v1/checkout/sessions?limit=100"
        _, sessions, _ = await self.fleet.stripe.call("GET", path)
        return [
            each["id"]
            for each in sessions["data"]
            if each["client_reference_id"] in purchases
        ]

    async def _event_of(self, session: str) -> str:
        path = "/v1/events?type=checkout.session.completed&limit=1"
        _, events, _ = await self.fleet.stripe.call("GET", path)
        [event] = events["data"]
        assert event["data"]["object"]["id"] == session
        return json.dumps(event)

    async def _is_told(self, program: str) -> bool:
        """Say whether the mail that the one purchase owes was marked as sent."""
        [row] = await self._rows(program)
        confirm = row.get("effects", {}).get("confirm") or {}
        return bool(confirm.get("state") == "sent")


def _unless(is_right: bool, what: str) -> Iterator[str]:  # noqa: FBT001
    if not is_right:
        yield what


@asynccontextmanager
async def racers(fleet: Fleet, *, number: int) -> AsyncIterator[Races]:
    """Bring so many, each with a connection to itself."""
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2.0)
    async with httpx.AsyncClient(
        timeout=PATIENCE, limits=limits, trust_env=False
    ) as http:
        yield Races(fleet=fleet, http=http, racers=number)


async def race(
    shape: Shape, *, folder: Path, mongodb_uri: str, database: str, number: int
) -> list[str]:
    """Run all races on a fleet of this shape; return what is wrong."""
    async with (
        fleet_like(shape, folder, mongodb_uri=mongodb_uri, database=database) as fleet,
        racers(fleet, number=number) as races,
    ):
        return await races.run()
