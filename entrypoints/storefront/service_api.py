"""The service, as one signed-in person reaches it over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from entrypoints.storefront.answers import (
    AccessAnswer,
    CheckoutAnswer,
    EligibilityAnswer,
    Envelope,
    Items,
    ProblemAnswer,
    ProgramAnswer,
    PurchaseAnswer,
    ReceiptAnswer,
)
from entrypoints.storefront.in_process import VISITOR

T = TypeVar("T")
PAGE_SIZE: Final = 50
BOUGHT_SIZE: Final = 10
NO_TIME_ZONE: Final = "UTC"
UNREACHABLE: Final = "The shop cannot reach the service at the moment."


class ServiceRefused(Exception):
    """The service said no, or nothing that can be understood.

    `detail` is the service's own sentence; `field` is the one that it is about.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        retry_after: int | None = None,
        purchase_id: str | None = None,
        field: str = "",
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.detail = detail
        self.code = code
        self.retry_after = retry_after
        self.purchase_id = purchase_id
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where a visitor asks, so that the service counts and refuses them itself.

    `address` is the visitor's or their proxy's, never the shop's: the service believes
    `headers` from the very proxies that it knows.
    """

    address: tuple[str, int] | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceApi:
    """The calls that the pages make.  Every one may raise `ServiceRefused`."""

    http: httpx.AsyncClient
    token: str | None = field(default=None, repr=False)
    origin: Origin = Origin()

    async def programs(self, page: int) -> Items[ProgramAnswer]:
        path = f"/programs?page={page}&pageSize={PAGE_SIZE}"
        return await self.get(path, Items[ProgramAnswer])

    async def program(self, program_id: str) -> ProgramAnswer:
        return await self.get(f"/programs/{part(program_id)}", ProgramAnswer)

    async def time_zone(self, program_id: str) -> str:
        """Say by which clock a program lives; one that was retired has no say."""
        try:
            return (await self.program(program_id)).time_zone
        except ServiceRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return NO_TIME_ZONE

    async def access(self, program_id: str) -> AccessAnswer:
        path = f"/purchases/check-access/{part(program_id)}"
        return await self.get(path, AccessAnswer)

    async def start_checkout(
        self, program_id: str, *, as_class_rep: bool
    ) -> CheckoutAnswer:
        body = {"programId": program_id, "isClassRep": as_class_rep}
        answer = await self.call(
            "POST", "/purchases/create-checkout-session", json=body
        )
        return read(answer, CheckoutAnswer)

    async def retry(self, purchase_id: str) -> CheckoutAnswer:
        answer = await self.call("POST", f"/purchases/retry/{part(purchase_id)}")
        return read(answer, CheckoutAnswer)

    async def verify(self, session_id: str) -> PurchaseAnswer:
        path = f"/purchases/verify-session/{part(session_id)}"
        return await self.get(path, PurchaseAnswer)

    async def purchase(self, purchase_id: str) -> PurchaseAnswer:
        return await self.get(f"/purchases/{part(purchase_id)}", PurchaseAnswer)

    async def receipt(self, purchase_id: str) -> ReceiptAnswer:
        path = f"/purchases/{part(purchase_id)}/receipt"
        return await self.get(path, ReceiptAnswer)

    async def bought(self, page: int) -> Items[PurchaseAnswer]:
        path = f"/purchases/my-purchases?page={page}&pageSize={BOUGHT_SIZE}"
        return await self.get(path, Items[PurchaseAnswer])

    async def pending(self) -> list[PurchaseAnswer]:
        path = f"/purchases/my-pending-purchases?pageSize={PAGE_SIZE}"
        return (await self.get(path, Items[PurchaseAnswer])).items

    async def open_for(self, program_id: str) -> PurchaseAnswer | None:
        """Return the visitor's checkout of a program, if one is open or settling."""
        pending = await self.pending()
        return next((each for each in pending if each.program_id == program_id), None)

    async def refund_eligibility(self, purchase_id: str) -> EligibilityAnswer:
        path = f"/purchases/refund-eligibility/{part(purchase_id)}"
        return await self.get(path, EligibilityAnswer)

    async def refund(self, purchase_id: str) -> None:
        """Give all of it back; how it goes is told by the receipt."""
        await self.call("POST", "/purchases/refund", json={"purchaseId": purchase_id})

    async def cancel(self, purchase_id: str) -> bool:
        """Cancel; say whether it is final already or Stripe has yet to confirm."""
        answer = await self.call("DELETE", f"/purchases/{part(purchase_id)}")
        return answer.status_code != HTTPStatus.ACCEPTED

    async def get(self, path: str, shape: type[T]) -> T:
        """Read what lies at a path, as that shape."""
        return read(await self.call("GET", path), shape)

    async def call(
        self,
        method: str,
        path: str,
        json: dict[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask in the visitor's name; an answer that is no success is raised."""
        sent = [*self.origin.headers, *(headers or {}).items()]
        if self.token:
            sent.append(("Authorization", f"Bearer {self.token}"))
        visitor = {VISITOR: self.origin.address}
        try:
            answer = await self.http.request(
                method, path, json=json, headers=sent, extensions=visitor
            )
        except httpx.TransportError as error:
            raise ServiceRefused(
                HTTPStatus.SERVICE_UNAVAILABLE, UNREACHABLE, code="unreachable"
            ) from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def part(identifier: str) -> str:
    """Keep an id from the address bar within its own part of the path."""
    if not identifier.strip("."):  # nothing, or a step upwards
        raise ServiceRefused(HTTPStatus.NOT_FOUND, "There is nothing of that name.")
    return quote(identifier, safe="")


def read(answer: httpx.Response, shape: type[T]) -> T:
    """Return what an answer carries; one that is no such thing counts as a refusal."""
    try:
        return msgspec.json.decode(answer.content, type=Envelope[shape]).data  # type: ignore[valid-type]
    except msgspec.MsgspecError as error:
        raise ServiceRefused(
            HTTPStatus.BAD_GATEWAY, "The service's answer could not be read."
        ) from error


def _refusal(answer: httpx.Response) -> ServiceRefused:
    try:
        problem = msgspec.json.decode(answer.content, type=ProblemAnswer)
    except msgspec.MsgspecError:
        problem = ProblemAnswer(detail=f"The service answered {answer.status_code}.")
    seconds = answer.headers.get("Retry-After", "")
    return ServiceRefused(
        answer.status_code,
        problem.detail,
        code=problem.code,
        retry_after=int(seconds) if seconds.isdecimal() else None,
        purchase_id=problem.purchase_id,
        field=problem.field or "",
    )
