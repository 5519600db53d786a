"""The admin API, as the pages call it."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

from entrypoints.backoffice.answers.locks import LocksAnswer
from entrypoints.backoffice.answers.purchases import (
    PurchaseFile,
    PurchaseRow,
    RefundPreview,
)
from entrypoints.backoffice.answers.shared import Listed
from entrypoints.storefront.service_api import ServiceApi, ServiceRefused, part

T = TypeVar("T")
Query = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every act carries: why, and a name of its own.

    The name makes a form that was sent twice do its work once.
    """

    reason: str
    once: str

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Idempotency-Key": self.once} if self.once else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminApi:
    """The calls that the pages make.  Every one may raise `ServiceRefused`."""

    service: ServiceApi

    async def locks(self) -> LocksAnswer:
        return await self.service.get("/system/locks", LocksAnswer)

    async def purchases(self, query: Query) -> Listed[PurchaseRow]:
        return await self._listed("/admin/purchases", query, PurchaseRow)

    async def purchase(self, purchase_id: str) -> PurchaseFile:
        return await self.service.get(
            f"/admin/purchases/{part(purchase_id)}", PurchaseFile
        )

    async def refund_preview(
        self, purchase_id: str, amount: int | None
    ) -> RefundPreview:
        query = "" if amount is None else f"?amount={amount}"
        path = f"/admin/purchases/{part(purchase_id)}/refund-preview{query}"
        return await self.service.get(path, RefundPreview)

    async def act(
        self, purchase_id: str, act: str, asked: Asked, **more: object
    ) -> None:
        path = f"/admin/purchases/{part(purchase_id)}/{part(act)}"
        await self._post(path, asked, **more)

    async def _post(self, path: str, asked: Asked, **more: object) -> None:
        body = {"reason": asked.reason, **more}
        await self.service.call("POST", path, json=body, headers=asked.headers)

    async def _listed(self, path: str, query: Query, row: type[T]) -> Listed[T]:
        asked = {name: value for name, value in query.items() if value}
        return await self.service.get(
            f"{path}?{urlencode(asked)}",
            Listed[row],  # type: ignore[valid-type]
        )


async def attempt(call: Awaitable[T]) -> T | ServiceRefused:
    """Return a refusal instead of raising it, for a form that keeps what was typed.

    Whom the service does not know any more has to sign in whatever they typed.
    """
    try:
        return await call
    except ServiceRefused as refused:
        if refused.status == HTTPStatus.UNAUTHORIZED:
            raise
        return refused
