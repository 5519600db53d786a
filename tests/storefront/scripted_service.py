"""A service that says what a test told it to, so that pages meet every answer."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx

JsonObject = Mapping[str, object]

PROGRAM: JsonObject = {
    "id": "choir",
    "title": "Choir practice",
    "programType": "Webinar",
    "fullPrice": 10000,
    "currency": "usd",
    "isFree": False,
    "classRepLimit": 10,
    "classRepCount": 3,
    "spotsLeft": 7,
    "classRepDiscount": 4000,
    "earlyBirdDiscount": 1500,
    "earlyBirdDeadline": "2999-01-01T05:00:00Z",
    "timeZone": "America/New_York",
    "active": True,
}
QUOTE: JsonObject = {
    "fullPrice": 10000,
    "classRepDiscount": 4000,
    "earlyBirdDiscount": 1500,
    "total": 4500,
    "currency": "usd",
    "isClassRep": True,
    "isEarlyBird": True,
}
PURCHASE: JsonObject = {
    "id": "p1",
    "orderNumber": "ORD-20260101-ABCDEFGH12345678",
    "programId": "choir",
    "programTitle": "Choir practice",
    "isClassRep": True,
    "isEarlyBird": True,
    "quote": QUOTE,
    "status": "completed",
    "closedReason": None,
    "sessionUrl": None,
    "expiresAt": "2026-01-01T18:35:00Z",
    "createdAt": "2026-01-01T18:00:00Z",
    "purchaseDate": "2026-01-01T18:05:00Z",
    "refunds": [],
    "paymentMethod": {"type": "card", "brand": "visa", "last4": "4242"},
    "billingInfo": {"name": "Ada Lovelace", "email": "ada@example.org"},
}
RECEIPT: JsonObject = {
    "id": "p1",
    "orderNumber": "ORD-20260101-ABCDEFGH12345678",
    "purchaseDate": "2026-01-01T18:05:00Z",
    "programId": "choir",
    "programTitle": "Choir practice",
    "programType": "Webinar",
    "timeZone": "America/New_York",
    "buyer": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "quote": QUOTE,
    "status": "completed",
    "paymentMethod": {"type": "card", "brand": "visa", "last4": "4242"},
    "billingInfo": None,
    "refunds": [],
    "refundedAmount": 0,
}
ELIGIBLE: JsonObject = {
    "eligible": True,
    "amount": 4500,
    "currency": "usd",
    "deadline": "2026-01-31T18:05:00Z",
    "reason": None,
    "message": None,
}
PAY_HERE = "http://127.0.0.1:12111/c/pay/cs_test_1"
PENDING: JsonObject = {**PURCHASE, "status": "pending", "sessionUrl": PAY_HERE}


class ScriptedService:
    """Answers by method and path; what no test told it is a failure of the test."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self._answers: dict[str, httpx.Response | httpx.TransportError] = {}

    def will(self, call: str, data: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Succeed, for instance at `GET /api/programs/choir`."""
        body = {"success": True, "data": data}
        self._answers[call] = httpx.Response(status, json=body)

    def will_refuse(
        self,
        call: str,
        status: HTTPStatus,
        detail: str,
        *,
        code: str = "",
        retry_after: int | None = None,
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {"success": False, "detail": detail, "message": detail, "code": code}
        self._answers[call] = httpx.Response(status, json=body, headers=headers)

    def will_problem(self, call: str, status: HTTPStatus, problem: JsonObject) -> None:
        """Refuse with all that a problem may carry."""
        self._answers[call] = httpx.Response(status, json=problem)

    def will_answer(
        self, call: str, answer: httpx.Response | httpx.TransportError
    ) -> None:
        """Answer what no service should, or not at all."""
        self._answers[call] = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers[
            f"{request.method} {request.url.raw_path.decode().partition('?')[0]}"
        ]
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


def listed(*items: JsonObject) -> JsonObject:
    return {"items": list(items), "page": 1, "pageSize": 50, "total": len(items)}
