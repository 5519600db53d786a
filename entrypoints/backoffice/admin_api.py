"""The admin API, as the pages call it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

from entrypoints.backoffice.answers.locks import LocksAnswer
from entrypoints.backoffice.answers.programs import (
    AdminProgram,
    PricesAnswer,
    SpotAnswer,
)
from entrypoints.backoffice.answers.purchases import (
    PurchaseFile,
    PurchaseList,
    RefundPreview,
)
from entrypoints.backoffice.answers.shared import Listed
from entrypoints.backoffice.answers.stats import StatsAnswer
from entrypoints.backoffice.answers.troubles import (
    AuditAnswer,
    EventAnswer,
    FindingAnswer,
    MailAnswer,
    OrphanAnswer,
)
from entrypoints.storefront.service_api import ServiceApi, ServiceRefused, part, read

PAGE_SIZE: Final = 20
SEARCHED_SIZE: Final = 100  # the most that the API lists at once
SEARCHED_PAGES: Final = 10


class Row(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Row)
T = TypeVar("T")
Query = Mapping[str, str]
Outcome = Mapping[str, object]


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

    async def stats(self, days: int) -> StatsAnswer:
        path = f"/admin/purchases/stats?days={days}"
        return await self.service.get(path, StatsAnswer)

    async def purchases(self, query: Query) -> PurchaseList:
        path = f"/admin/purchases?{_query(query)}"
        return await self.service.get(path, PurchaseList)

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
    ) -> Outcome:
        path = f"/admin/purchases/{part(purchase_id)}/{part(act)}"
        return await self._post(path, asked, **more)

    async def programs(
        self, search: str, state: str, page: int
    ) -> Listed[AdminProgram]:
        query = {"search": search, "state": state, **_page(page)}
        return await self._listed("/admin/programs", query, AdminProgram)

    async def program(self, program_id: str) -> AdminProgram:
        return await self.service.get(
            f"/admin/programs/{part(program_id)}", AdminProgram
        )

    async def spots(self, program_id: str, page: int) -> Listed[SpotAnswer]:
        path = f"/admin/programs/{part(program_id)}/spots"
        return await self._listed(path, _page(page), SpotAnswer)

    async def prices(self, terms: dict[str, object]) -> PricesAnswer:
        path = "/admin/programs/price-preview"
        return read(await self.service.call("POST", path, json=terms), PricesAnswer)

    async def create_program(
        self, asked: Asked, program: Mapping[str, object]
    ) -> Outcome:
        return await self._post("/admin/programs", asked, **program)

    async def change_program(
        self, program_id: str, asked: Asked, changes: Mapping[str, object]
    ) -> None:
        body = {"reason": asked.reason, **changes}
        path = f"/admin/programs/{part(program_id)}"
        await self.service.call("PATCH", path, json=body)

    async def act_on_program(self, program_id: str, act: str, asked: Asked) -> Outcome:
        path = f"/admin/programs/{part(program_id)}/{part(act)}"
        return await self._post(path, asked)

    async def findings(self, page: int, size: int = PAGE_SIZE) -> Listed[FindingAnswer]:
        return await self._listed("/admin/findings", _page(page, size), FindingAnswer)

    async def finding(self, finding_id: str) -> FindingAnswer:
        return await _named(finding_id, lambda page: self.findings(page, SEARCHED_SIZE))

    async def repair(self, finding_id: str, plan: str, asked: Asked) -> Outcome:
        path = f"/admin/findings/{part(finding_id)}/repair"
        return await self._post(path, asked, plan=plan)

    async def orphans(self, state: str, page: int) -> Listed[OrphanAnswer]:
        query = {"state": state, **_page(page)}
        return await self._listed("/admin/orphans", query, OrphanAnswer)

    async def events(self, page: int, size: int = PAGE_SIZE) -> Listed[EventAnswer]:
        return await self._listed("/admin/events", _page(page, size), EventAnswer)

    async def event(self, event_id: str) -> EventAnswer:
        return await _named(event_id, lambda page: self.events(page, SEARCHED_SIZE))

    async def replay(self, event_id: str, asked: Asked, *, dry_run: bool) -> Outcome:
        path = f"/admin/events/{part(event_id)}/replay"
        return await self._post(path, asked, dryRun=dry_run)

    async def mails(
        self, state: str, page: int, size: int = PAGE_SIZE
    ) -> Listed[MailAnswer]:
        query = {"state": state, **_page(page, size)}
        return await self._listed("/admin/mails", query, MailAnswer)

    async def mail(self, mail_id: str) -> MailAnswer:
        return await _named(
            mail_id,
            lambda page: self.mails("dead", page, SEARCHED_SIZE),
            lambda page: self.mails("waiting", page, SEARCHED_SIZE),
        )

    async def resend(self, mail_id: str, asked: Asked) -> Outcome:
        return await self._post(f"/admin/mails/{part(mail_id)}/resend", asked)

    async def audit(self, subject: str, page: int) -> Listed[AuditAnswer]:
        query = {"subject": subject, **_page(page)}
        return await self._listed("/admin/audit", query, AuditAnswer)

    async def _post(self, path: str, asked: Asked, **more: object) -> Outcome:
        body = {"reason": asked.reason, **more}
        answer = await self.service.call("POST", path, json=body, headers=asked.headers)
        return read(answer, dict[str, object])

    async def _listed(self, path: str, query: Query, row: type[T]) -> Listed[T]:
        return await self.service.get(
            f"{path}?{_query(query)}",
            Listed[row],  # type: ignore[valid-type]
        )


def _query(asked: Query) -> str:
    """Write what is asked for; what is empty is not asked."""
    return urlencode({name: value for name, value in asked.items() if value})


def _page(page: int, size: int = PAGE_SIZE) -> Query:
    return {"page": str(page), "pageSize": str(size)}


async def _named(wanted: str, *lists: Callable[[int], Awaitable[Listed[N]]]) -> N:
    """Return the row of that id from lists that have no door to a single one.

    Raises:
        ServiceRefused: it is not, or no longer, among the first thousand.
    """
    for listed in lists:
        for page in range(1, SEARCHED_PAGES + 1):
            found = await listed(page)
            for row in found.items:
                if row.id == wanted:
                    return row
            if page >= found.pages:
                break
    raise ServiceRefused(HTTPStatus.NOT_FOUND, "It is not in this list any more.")


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
