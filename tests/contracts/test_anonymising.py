"""A buyer is taken out of the ledger, and the ledger stays."""

from dataclasses import replace
from typing import Any

import pytest

from application.ports.purchases import StuckPurchase
from domain.anonymity import Standing, anonymised, standing_of
from domain.checkout import Payer
from domain.ids import PurchaseId
from domain.orphans import Orphan, OrphanReason
from domain.purchase import Purchase, Status
from domain.refunding import ask_refund
from tests.contracts.examples import (
    ADA,
    NOON,
    complete,
    extra_payment,
    given_back,
    mail,
    open_session,
    paid_session,
    purchase,
)
from tests.contracts.storage import Storage

ONE = PurchaseId("one")
WHO = Payer(name="Ada Lovelace", email="ada@example.com", country="GB")


def bought(**changes: Any) -> Purchase:
    facts: dict[str, Any] = {
        "status": Status.COMPLETED,
        "session": open_session(),
        "paid": complete().payment,
        "payer": WHO,
        "confirmation": mail().sent(),
    }
    return purchase(**facts | changes)


async def test_the_person_goes_and_the_ledger_stays(storage: Storage) -> None:
    await storage.purchases.add(bought())

    assert await storage.purchases.anonymise(bought())

    stored = await storage.purchases.get(ONE)
    assert standing_of(stored) is Standing.ANONYMISED
    assert stored == anonymised(bought())
    assert stored.payer is None
    for gone in ("Lovelace", "ada@example.com", "GB"):
        assert gone not in repr(stored)
    ledger = (stored.order_number, stored.quote, stored.paid, stored.buyer.id)
    assert ledger == (bought().order_number, bought().quote, bought().paid, ADA)


async def test_once_more_changes_nothing(storage: Storage) -> None:
    await storage.purchases.add(bought())
    await storage.purchases.anonymise(bought())
    stored = await storage.purchases.get(ONE)

    assert not await storage.purchases.anonymise(stored)

    assert await storage.purchases.get(ONE) == stored


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.CLOSED, "paid": None},
        {"status": Status.REFUNDED, "refunds": (given_back(),)},
    ],
    ids=["closed", "refunded"],
)
async def test_what_is_over_is_anonymised_too(
    storage: Storage, changes: dict[str, Any]
) -> None:
    over = bought(**changes, confirmation=None)
    await storage.purchases.add(over)

    assert await storage.purchases.anonymise(over)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.CREATING, "confirmation": None},
        {"status": Status.PENDING, "confirmation": None},
        {"status": Status.CLOSING, "confirmation": None},
        {"confirmation": mail()},
        {"confirmation": mail().lease(by="one", until=NOON)},
        {"extra_payments": (extra_payment(),)},
    ],
)
async def test_whom_we_owe_money_or_word_is_not_forgotten(
    storage: Storage, changes: dict[str, Any]
) -> None:
    owing = bought(**changes)
    await storage.purchases.add(owing)

    assert not await storage.purchases.anonymise(owing)
    assert (await storage.purchases.get(ONE)).payer == WHO


async def test_what_moved_on_since_it_was_read_is_left_alone(storage: Storage) -> None:
    read = bought()
    await storage.purchases.add(read)
    asked = ask_refund(read, row_id="r", amount=None, reason="asked", by="buyer")
    await storage.purchases.swap_money(read, asked, at=NOON, by="buyer")

    assert not await storage.purchases.anonymise(read)


async def test_a_mail_asked_for_meanwhile_keeps_its_address(storage: Storage) -> None:
    read = bought()
    await storage.purchases.add(read)
    await storage.outbox.swap(ONE, mail().sent(), mail())

    assert not await storage.purchases.anonymise(read)
    assert (await storage.purchases.get(ONE)).buyer == read.buyer


async def test_what_nobody_knows_is_not_anonymised(storage: Storage) -> None:
    assert not await storage.purchases.anonymise(bought())


async def test_anonymised_money_can_still_be_driven(storage: Storage) -> None:
    """A refund that came back long after is owed to somebody without a name."""
    await storage.purchases.add(bought())
    await storage.purchases.anonymise(bought())
    nobody = await storage.purchases.get(ONE)
    asked = ask_refund(nobody, row_id="r", amount=None, reason="asked", by="admin")

    assert await storage.purchases.swap_money(nobody, asked, at=NOON, by="admin")
    claimed = StuckPurchase(id=ONE, status=Status.REFUNDING)
    assert await storage.purchases.claim_drive(claimed, at=NOON, until=NOON)


async def test_orphans_forget_who_paid_them(storage: Storage) -> None:
    session = replace(paid_session(), purchase_id=ONE, payer=WHO)
    lost = Orphan.found(session, reason=OrphanReason.NO_ROOM, event_id=None, at=NOON)
    await storage.orphans.record(lost)

    await storage.orphans.anonymise(ONE)
    await storage.orphans.anonymise(ONE)

    assert not await storage.orphans.record(lost)  # the money is still on record
