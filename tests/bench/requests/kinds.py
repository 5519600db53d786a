"""The requests of one round, each kind following from the ones before it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import stripe

from tests.bench.sides import Side
from tests.examples import CHOIR
from tests.servers.service import WEBHOOK_SECRET, bearer

CHECKOUT: Final = "/api/purchases/create-checkout-session"
WEBHOOK: Final = "/api/webhooks/stripe"
PAID: Final = "/v1/events?type=checkout.session.completed&limit=1"


class Kind(StrEnum):
    """In the order in which they are asked; each stands on those before it."""

    CLASS_REP = "class rep"
    CANCEL = "cancel"  # of a class rep, so that a spot goes back
    CHECKOUT = "checkout"
    REPEAT = "repeat"
    WEBHOOK = "webhook"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, signed and worded before any clock runs."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None


@dataclass(slots=True, kw_only=True)
class Round:
    """So many buyers of one side, and what they were told so far."""

    side: Side
    tag: str
    size: int
    reps: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    events: list[Asked] = field(default_factory=list)

    async def requests(self, kind: Kind) -> Sequence[Asked]:
        """Return the requests of a kind; those before it have been answered."""
        match kind:
            case Kind.CLASS_REP:
                return [check_out(it, as_class_rep=True) for it in self._buyers("rep")]
            case Kind.CHECKOUT | Kind.REPEAT:
                return [check_out(it, as_class_rep=False) for it in self._buyers("buy")]
            case Kind.CANCEL:
                pairs = zip(self._buyers("rep"), self.reps, strict=True)
                return [cancel(it, page["purchaseId"]) for it, page in pairs]
            case Kind.WEBHOOK:
                self.events = [await self._payment(page) for page in self.pages]
        return self.events

    def hear(self, kind: Kind, answers: Sequence[bytes]) -> None:
        """Remember what later kinds stand on."""
        if kind is Kind.CLASS_REP:
            self.reps = [json.loads(answer)["data"] for answer in answers]
        if kind is Kind.CHECKOUT:
            self.pages = [json.loads(answer)["data"] for answer in answers]

    def _buyers(self, what: str) -> list[str]:
        return [f"{self.tag}-{what}-{n}" for n in range(self.size)]

    async def _payment(self, page: dict[str, Any]) -> Asked:
        """Pay, and return the event as Stripe would send it."""
        session = page["sessionId"]
        await self.side.stripe.press(session, "pay")
        _, found, _ = await self.side.stripe.call("GET", PAID)
        [event] = found["data"]
        if event["data"]["object"]["id"] != session:
            raise RuntimeError("somebody else paid meanwhile")
        return tell(event)


def check_out(buyer: str, *, as_class_rep: bool) -> Asked:
    wanted = {"programId": CHOIR, "isClassRep": as_class_rep}
    return Asked(
        method="POST",
        path=CHECKOUT,
        headers={**bearer(buyer), "Content-Type": "application/json"},
        body=json.dumps(wanted).encode(),
    )


def cancel(buyer: str, purchase_id: str) -> Asked:
    return Asked(
        method="DELETE", path=f"/api/purchases/{purchase_id}", headers=bearer(buyer)
    )


def tell(event: object) -> Asked:
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    return Asked(
        method="POST",
        path=WEBHOOK,
        headers={"Stripe-Signature": header, "Content-Type": "application/json"},
        body=body.encode(),
    )
