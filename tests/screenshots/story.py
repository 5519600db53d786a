"""What happens in the demo before the pictures are taken."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tests.browser.shopper import Shopper


async def played(people: Mapping[str, Shopper]) -> Mapping[str, str]:
    """Buy, wait, change one's mind and give back; return the purchases by name."""
    ada, grace = people["ada"], people["grace"]
    await ada.choose("effective-communication", "class-rep")
    bought = await _paid(ada)
    await ada.choose("marketplace-incubator", "regular")
    await ada.press("pay-later")
    await ada.press("continue")
    waiting = await _purchase(ada)
    await ada.choose("emba-mentor-circles", "class-rep")
    await ada.press("back")
    await ada.is_at("/purchase/cancel")
    opened = parse_qs(urlsplit(ada.page.url).query)["purchase_id"][0]
    await grace.choose("emba-mentor-circles", "class-rep")
    refunded = await _paid(grace)
    await grace.open(f"/purchases/{refunded}/refund")
    await grace.press("confirm-refund")
    await grace.choose("effective-communication", "regular")
    await _paid(grace)
    return {
        "bought": bought,
        "waiting": waiting,
        "open": opened,
        "refunded": refunded,
    }


async def _paid(shopper: Shopper) -> str:
    await shopper.press("pay")
    await shopper.is_at("/purchase/success")
    await shopper.reads("status", "Completed")
    await shopper.press("receipt")
    await shopper.is_at("/dashboard/purchase-receipt/")
    return shopper.page.url.rpartition("/")[2]


async def _purchase(shopper: Shopper) -> str:
    """Return the purchase that the success page of a payment page is about."""
    await shopper.is_at("/purchase/success")
    order_number = await shopper.see("order-number").inner_text()
    await shopper.open("/purchases")
    card = shopper.page.locator("section.purchase", has_text=order_number)
    return (await card.get_attribute("id") or "").removeprefix("purchase-")
