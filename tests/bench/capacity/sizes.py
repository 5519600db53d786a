"""How many bytes a purchase and a program take, in documents and in index entries.

Documents go through the repositories and come back as BSON.  An entry is reckoned as
WiredTiger keeps it (`KeyString`): a byte for each value's type, the value, and the
number of a record, before it leaves out what neighbours share and before pages are part
empty.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import bson

from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.indexes import INDEXES
from adapters.stripe.requests import Wording
from adapters.system.randomness import SystemRandomness
from domain.checkout import Payer
from domain.ids import BuyerId, SessionId
from domain.outbox import OutgoingMail
from domain.purchase import Buyer, OpenSession, Payment, Purchase
from domain.transitions import Complete, MarkReserved, OpenForPayment, Transition
from tests.bench.capacity.tables import Table
from tests.contracts.examples import NOON
from tests.contracts.storage import Storage, mongomock
from tests.examples import BOUGHT_CHOIR, HOLD, a_program, a_quote

MIB: Final = 1024 * 1024
SALES: Final = 100_000
SPOTS: Final = (0, 10, 1_000, 10_000, 50_000)
DOCUMENT_MAX_MIB: Final = 16  # https://www.mongodb.com/docs/manual/reference/limits/
RECORD_NUMBER: Final = 4  # bytes
ID_LENGTH: Final = 32  # of a purchase
MINUTE: Final = timedelta(minutes=1)

Row = Mapping[str, Any]
Entry = tuple[str, int, str]


def a_sale() -> Purchase:
    """Return a class-rep purchase as it is asked for in production."""
    random = SystemRandomness()
    purchase_id = random.purchase_id()
    buyer = Buyer(
        id=BuyerId("u" * 24), email="ada.lovelace@example.org", name="Ada Lovelace"
    )
    offer = a_quote(as_class_rep=True)
    wording = Wording(
        environment="production",
        success_url="https://shop.example.org/done?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://shop.example.org/back?purchase={PURCHASE_ID}",
    )
    request = wording.request(
        purchase_id=purchase_id,
        buyer=buyer,
        program=BOUGHT_CHOIR,
        quote=offer,
        expires_at=NOON + HOLD,
    )
    return Purchase.begin(
        id=purchase_id,
        order_number=random.order_number(at=NOON),
        buyer=buyer,
        program=BOUGHT_CHOIR,
        quote=offer,
        request=request,
        at=NOON,
    )


def steps_of(sale: Purchase, mail: OutgoingMail) -> Mapping[str, Transition]:
    """Return its changes; names and addresses are as long as Stripe's are."""
    session = SessionId("cs_live_" + "a" * 58)
    url = f"https://checkout.stripe.com/c/pay/{session}#{'d' * 300}"
    payment = Payment(
        session_id=session,
        payment_intent="pi_" + "b" * 24,
        amount=sale.quote.total,
        event_id="evt_" + "c" * 24,
    )
    payer = Payer(name=sale.buyer.name, email=sale.buyer.email, country="GB")
    page = OpenSession(id=session, url=url, expires_at=NOON + HOLD)
    return {
        "its spot is held": MarkReserved(),
        "its page is open": OpenForPayment(session=page),
        "paid": Complete(payment=payment, payer=payer, confirmation=mail, at=NOON),
    }


async def life(storage: Storage) -> AsyncIterator[tuple[str, Row]]:
    """Yield the purchase as it is stored after each write of a sale."""
    sale, at = a_sale(), NOON
    mail = OutgoingMail(message_id=f"<confirm.{sale.id}@example.org>", until=NOON)
    leased = mail.lease(by="worker-" + "e" * 12, until=NOON + MINUTE)
    await storage.purchases.add(sale)
    yield "asked", await _row(sale)
    for name, step in steps_of(sale, mail).items():
        at += MINUTE
        await storage.purchases.change(sale.id, step, at=at, by="evt_" + "c" * 24)
        yield name, await _row(sale)
    await storage.outbox.swap(sale.id, mail, leased)
    yield "its mail is leased", await _row(sale)
    await storage.outbox.swap(sale.id, leased, leased.sent())
    yield "its mail is sent", await _row(sale)


async def _row(purchase: Purchase) -> Row:
    rows = PurchaseDocument.get_pymongo_collection()
    found: list[Row] = await rows.find({"_id": purchase.id}).to_list()
    return found[0]


async def stages() -> Mapping[str, Row]:
    async with mongomock() as storage:
        return {name: row async for name, row in life(storage)}


def entries(row: Row) -> set[Entry]:
    """Return the index entries of a row: which index, how many bytes, which values."""
    found = {("_id_", size_of(row["_id"]) + RECORD_NUMBER, repr(row["_id"]))}
    for index in INDEXES[PurchaseDocument.Settings.name]:
        spec = index.document
        if _is_in(row, spec.get("partialFilterExpression", {})):
            values = [at_path(row, path) for path in spec["key"]]
            size = sum(map(size_of, values)) + RECORD_NUMBER
            found.add((spec["name"], size, repr(values)))
    return found


def at_path(row: Any, path: str) -> Any:
    """Return what an index sees there; of an array, its first element."""
    for field in path.split("."):
        if isinstance(row, list):
            row = row[0] if row else None
        row = row.get(field) if isinstance(row, Mapping) else None
    return row


def _is_in(row: Row, only_if: Mapping[str, Any]) -> bool:
    return all(at_path(row, path) is not None for path in only_if)


def size_of(value: Any) -> int:
    match value:
        case str():
            return 2 + len(value.encode())
        case datetime() | int() if not isinstance(value, bool):
            return 9
    return 1


def writes_table(rows: Mapping[str, Row]) -> Table:
    """What each write of a sale stores, and how many index entries it moves."""
    lines: list[tuple[str | float, ...]] = []
    before: set[Entry] = set()
    for name, row in rows.items():
        after = entries(row)
        moved = len(after - before) + len(before - after)
        lines.append((name, len(bson.encode(row)), moved))
        before = after
    return Table(
        title="A class-rep purchase after each write",
        basis="documents encoded, entries counted from the indexes",
        head=("it is", "document, bytes", "index entries written or removed"),
        rows=lines,
    )


def sales_table(rows: Mapping[str, Row]) -> Table:
    """What a hundred thousand finished sales take."""
    sold = rows["its mail is sent"]
    of_indexes = {name: size for name, size, _ in entries(sold)}
    lines: list[tuple[str | float, ...]] = [
        ("documents", len(bson.encode(sold)), _mib_of_sales(len(bson.encode(sold)))),
        (
            f"all {len(of_indexes)} indexes",
            sum(of_indexes.values()),
            _mib_of_sales(sum(of_indexes.values())),
        ),
    ]
    largest = sorted(of_indexes.items(), key=lambda each: (-each[1], each[0]))[:6]
    lines += [(name, size, _mib_of_sales(size)) for name, size in largest]
    return Table(
        title=f"What {SALES:,} sales take",
        basis="computed from one, before compression",
        head=("what", "bytes each", "MiB"),
        rows=lines,
    )


def _mib_of_sales(size: int) -> float:
    return size * SALES / MIB


async def program_at_rest() -> Row:
    async with mongomock() as storage:
        await storage.programs.add(a_program())
        rows = ProgramDocument.get_pymongo_collection()
        found: list[Row] = await rows.find({}).to_list()
        return found[0]


def spots_table(program: Row) -> Table:
    """How large a program is with so many purchases in its spots."""
    lines = []
    for spots in SPOTS:
        held = ["0" * ID_LENGTH] * spots
        size = len(bson.encode({**program, "spots": held, "class_rep_count": spots}))
        share = size / MIB / DOCUMENT_MAX_MIB
        lines.append((spots, size / 1024, f"{share:.2%}"))
    return Table(
        title="A program and the spots in it",
        basis="documents encoded",
        head=(
            "spots",
            "KiB",
            f"of a document's {DOCUMENT_MAX_MIB} MiB",
        ),
        rows=lines,
    )
