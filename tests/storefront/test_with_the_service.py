"""The pages over the service itself, with tokens that somebody else signed."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar.testing import AsyncTestClient

from application.verify_session import LOOK_PAUSE
from domain.ids import BuyerId, ProgramId
from entrypoints.http.tokens import tokens_of
from entrypoints.shop import ReadByTheService
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.in_process import InProcess
from tests.http.conftest import service
from tests.http.people import ADA
from tests.http.service import Service
from tests.storefront.browsing import FIELD, Browser, text_of
from tests.storefront.worlds import in_production

__all__ = ("service",)


@pytest.fixture
async def ada(service: Service) -> AsyncIterator[Browser]:
    """Ada, whose provider has handed her token over."""
    reader = ReadByTheService(tokens=tokens_of(service.settings))
    config = in_production(read_token=reader)
    pages = create_storefront(config, transport=InProcess(service.app))
    async with AsyncTestClient(pages, base_url="https://shop.test") as client:
        client.follow_redirects = False
        await client.post(
            "/session",
            data={"token": ADA.token},
            headers={"Origin": "https://login.example"},
        )
        yield Browser(client)


async def submit(ada: Browser, path: str, **fields: str) -> httpx.Response:
    found = FIELD.search((await ada.open("/")).text)
    assert found is not None
    return await ada.client.post(path, data={**fields, "_csrf_token": found[1]})


async def test_a_choice_is_changed_paid_and_given_back(
    ada: Browser, service: Service
) -> None:
    service.sell()
    regular = await submit(ada, "/programs/choir/buy", choice="regular")
    assert regular.status_code == 303
    offer = text_of(await ada.open("/programs/choir"))
    assert "You have a checkout open Regular place for $100.00" in offer
    assert "Your open regular place is closed first." in offer

    await submit(ada, "/programs/choir/buy", choice="class-rep")
    mine = await service.purchases.find_live(
        buyer_id=BuyerId(ADA.id), program_id=ProgramId("choir")
    )
    assert mine is not None
    assert mine.session is not None
    assert mine.is_class_rep
    page = await ada.open(f"/purchase/success?session_id={mine.session.id}")
    assert "Thank you" not in text_of(page)
    service.pay(mine.session.id)
    service.clock.advance(LOOK_PAUSE)
    page = await ada.open(f"/purchase/success?session_id={mine.session.id}")
    assert "Thank you, the place is yours" in text_of(page)

    refund = f"/purchases/{mine.id}/refund"
    assert "You get back $80.00" in text_of(await ada.open(refund))
    assert (await submit(ada, refund)).headers["Location"] == refund
    assert "Your refund" in text_of(await ada.open(refund))
    assert service.purchase(mine.id).refunds


async def test_the_service_refuses_and_the_page_says_so(
    ada: Browser, service: Service
) -> None:
    service.sell(limit=0, price=0, rep_discount=0)
    page = await submit(ada, "/programs/choir/buy", choice="regular")
    assert page.status_code == 400
    assert "There is nothing to pay This program is free." in text_of(page)
