"""What buyers do in more than one test."""

from typing import Any

from tests.http.people import ADA
from tests.http.service import Http, Service

NOT_FOUND = (404, "purchase_not_found", "Purchase not found.")


async def bought(http: Http, service: Service, *, rep: bool = False) -> Any:
    """Let Ada buy the choir and come back from the payment page."""
    begun = await http.buy(ADA, rep=rep)
    service.pay(begun["sessionId"])
    path = f"/api/purchases/verify-session/{begun['sessionId']}"
    response = await http.get(path, by=ADA)
    assert response.status_code == 200
    return response.json()["data"]
