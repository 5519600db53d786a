"""Protocol 3.2, RETRY: the program and the choice of an earlier purchase."""

import pytest

from application.ports.purchases import PurchaseNotFound
from application.start_checkout import CheckoutAnswer, OtherChoiceOpen
from domain.ids import PurchaseId
from domain.purchase import AlreadyPurchased, Buyer, Purchase
from tests.application.world import World
from tests.examples import ADA, GRACE


async def retry(world: World, purchase: Purchase, buyer: Buyer = ADA) -> CheckoutAnswer:
    return await world.service.retry_checkout()(buyer, purchase.id)


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_an_open_purchase_is_carried_on(*, as_class_rep: bool) -> None:
    world = World()
    first = await world.check_out(as_class_rep=as_class_rep)

    again = await retry(world, first.purchase)

    assert again.existing
    assert again.purchase == first.purchase


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_a_closed_purchase_is_begun_anew_with_its_choice(
    *, as_class_rep: bool
) -> None:
    world = World()
    first = await world.check_out(as_class_rep=as_class_rep)
    await world.cancel(first.purchase)

    again = await retry(world, first.purchase)

    assert not again.existing
    assert again.purchase.id != first.purchase.id
    assert again.purchase.is_class_rep is as_class_rep


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_an_open_checkout_with_another_choice_stays_open(
    *, as_class_rep: bool
) -> None:
    world = World()
    first = await world.check_out(as_class_rep=as_class_rep)
    await world.cancel(first.purchase)
    other = await world.check_out(as_class_rep=not as_class_rep)

    with pytest.raises(OtherChoiceOpen) as refusal:
        await retry(world, first.purchase)

    assert refusal.value.purchase_id == other.purchase.id
    assert world.live == [other.purchase]
    assert world.session(other.purchase).url is not None


async def test_what_was_bought_is_not_tried_again() -> None:
    world = World()
    bought = await world.bought()

    with pytest.raises(AlreadyPurchased):
        await retry(world, bought)


async def test_another_buyers_purchase_looks_like_none() -> None:
    world = World()
    graces = await world.check_out(GRACE)

    for purchase_id in (graces.purchase.id, PurchaseId("unknown")):
        with pytest.raises(PurchaseNotFound):
            await world.service.retry_checkout()(ADA, purchase_id)

    assert len(world.rows) == 1
