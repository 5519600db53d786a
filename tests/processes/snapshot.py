"""What the database, Stripe and the mail server hold, and what is wrong with it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final

from domain.purchase import LIVE, OWNED, TERMINAL
from tests.processes.fleet import Fleet
from tests.processes.load import Ledger, Page, Wish
from tests.servers.stripe_simulator import RunningSimulator

Row = Mapping[str, Any]
SETTLED: Final = frozenset({"pending", "completed", "refunded", "closed"})
SOLD: Final = OWNED | {"refunded"}
PAGE_SIZE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Taken when nothing moves any more."""

    purchases: Mapping[str, Row]
    programs: Sequence[Row]
    orphans: Sequence[Row]
    events: Sequence[Row]
    sessions: Sequence[Row]
    refunds: Sequence[Row]
    mails: Counter[str]  # copies by Message-ID

    def in_status(self, statuses: Collection[str]) -> set[str]:
        rows = self.purchases.values()
        return {row["_id"] for row in rows if row["status"] in statuses}

    @property
    def copies_too_many(self) -> int:
        return sum(self.mails.values()) - len(self.mails)


async def snapshot_of(fleet: Fleet) -> Snapshot:
    database = fleet.database
    purchases = await database["purchases"].find({}).to_list()
    return Snapshot(
        purchases={row["_id"]: row for row in purchases},
        programs=await database["programs"].find({}).to_list(),
        orphans=await database["orphans"].find({}).to_list(),
        events=await database["events"].find({}).to_list(),
        sessions=await sessions_of(fleet.stripe),
        refunds=await _listed(fleet.stripe, "/v1/refunds"),
        mails=Counter(_id_of(mail) for mail in fleet.mail.messages()),
    )


def _id_of(mail: Message) -> str:
    """Return its id, which stands on a line of its own where it is long."""
    return str(mail["Message-ID"]).strip()


async def sessions_of(stripe: RunningSimulator) -> list[Row]:
    """List every session there is."""
    return await _listed(stripe, "/v1/checkout/sessions")


async def _listed(stripe: RunningSimulator, path: str) -> list[Row]:
    """List all there is, page by page."""
    found: list[Row] = []
    path = f"{path}?limit={PAGE_SIZE}"
    has_more = True
    while has_more:
        after = f"&starting_after={found[-1]['id']}" if found else ""
        _, page, _ = await stripe.call("GET", f"{path}{after}")
        found += page["data"]
        has_more = page["has_more"]
    return found


def violations(seen: Snapshot, ledger: Ledger, *, kills: int) -> list[str]:
    """Say everything that is wrong; the numbers are the invariants' (protocol, 2)."""
    return [
        *ledger.surprises,
        *_of_the_ledger(seen, ledger),
        *_of_purchases(seen),
        *_of_spots(seen),
        *_of_sessions(seen),
        *_of_refunds(seen),
        *_of_mails(seen, kills),
        *_of_events(seen),
    ]


def _of_events(seen: Snapshot) -> Iterator[str]:
    """Every payment here is known, so whatever is held is a bug of ours."""
    for event in seen.events:
        yield f"held: {event}"


def _of_the_ledger(seen: Snapshot, ledger: Ledger) -> Iterator[str]:
    """Nothing acknowledged is lost."""
    for page in ledger.pages.values():
        if _page_in(seen, page.purchase) != page:
            yield f"lost: {page} is {seen.purchases.get(page.purchase)}"
    for told, statuses, wrong in (
        (ledger.completed, SOLD, "completed and no longer"),
        (ledger.regretted, {"refunded"}, "to be refunded and not"),
        (ledger.cancelled, TERMINAL, "cancelled and not closed"),
    ):
        for purchase in told - seen.in_status(statuses):
            yield f"{wrong}: {seen.purchases.get(purchase)}"
    paid = {each["id"] for each in seen.sessions if each["payment_status"] == "paid"}
    for session in ledger.paid - paid:
        yield f"paid, and Stripe does not know: {session}"


def _page_in(seen: Snapshot, purchase: str) -> Page | None:
    row = seen.purchases.get(purchase)
    return None if row is None else page_of(row)


def page_of(row: Row) -> Page:
    """Return the page that the buyer of this row should have been led to."""
    wish = Wish(
        buyer=row["user_id"],
        program=row["program_id"],
        as_class_rep=row["quote"]["class_rep"],
    )
    session = row.get("session") or {}
    return Page(wish=wish, purchase=row["_id"], session=session.get("id", ""))


def _of_purchases(seen: Snapshot) -> Iterator[str]:
    """I2, I13."""
    rows = seen.purchases.values()
    live = Counter(
        (row["user_id"], row["program_id"]) for row in rows if row["status"] in LIVE
    )
    for pair, number in live.items():
        if number > 1:
            yield f"{number} live purchases of {pair}"
    for row in rows:
        if row["status"] not in SETTLED:
            yield f"not settled: {row}"
        if row.get("live", False) is not (row["status"] in LIVE):
            yield f"live or not: {row}"


def _of_spots(seen: Snapshot) -> Iterator[str]:
    """I1, I5, I11."""
    for program in seen.programs:
        spots = program.get("spots", [])
        holders = {
            row["_id"]
            for row in seen.purchases.values()
            if row["program_id"] == program["_id"]
            and row["quote"]["class_rep"]
            and row["status"] in LIVE
        }
        if not len(spots) == program["class_rep_count"] <= program["class_rep_limit"]:
            yield f"wrong number of spots: {program}"
        if len(spots) != len(set(spots)) or set(spots) != holders:
            yield f"spots of others: {program}, not {holders}"


def _of_sessions(seen: Snapshot) -> Iterator[str]:
    """I3, I10, I12, I16."""
    named = Counter(session["client_reference_id"] for session in seen.sessions)
    for purchase, number in named.items():
        if number > 1:
            yield f"{number} sessions of {purchase}"
    for purchase in seen.in_status(SOLD) - named.keys():
        yield f"completed without a session: {seen.purchases[purchase]}"
    for session in seen.sessions:
        yield from _of_session(session, seen)


def _of_session(session: Row, seen: Snapshot) -> Iterator[str]:
    row = seen.purchases.get(session["client_reference_id"])
    if row is None:
        yield f"a session of nothing: {session['id']}"
    elif session["payment_status"] == "paid":
        yield from _of_payment(session, row, seen)
    else:
        yield from _of_no_payment(session, row)


def _of_no_payment(session: Row, row: Row) -> Iterator[str]:
    if row["status"] in SOLD:
        yield f"completed without money: {row}"
    if session["status"] == "open" and row["status"] != "pending":
        yield f"payable: {session['id']} of {row}"


def _of_payment(session: Row, row: Row, seen: Snapshot) -> Iterator[str]:
    paid = row.get("paid") or {}
    extra = [each["session_id"] for each in row.get("extra_payments", [])]
    orphans = [each["session_id"] for each in seen.orphans]
    if session["id"] in [*extra, *orphans]:
        return
    if row["status"] not in SOLD or paid.get("session_id") != session["id"]:
        yield f"money without a record: {session['id']} of {row}"
    elif paid["amount"] != session["amount_total"] or (
        paid["amount"] != row["quote"]["amount"]
    ):
        yield f"another amount: {session['id']} of {row}"


def _of_refunds(seen: Snapshot) -> Iterator[str]:
    """I4, I6: one refund for each intent, never without one, and nothing kept."""
    made = {refund["id"] for refund in seen.refunds}
    rows = [row for each in seen.purchases.values() for row in money_rows(each)]
    refunded = Counter(refund["payment_intent"] for refund in seen.refunds)
    for payment, number in refunded.items():
        if number > 1:
            yield f"{number} refunds of {payment}"
    for refund in made - {row.get("stripe_id") for row in rows}:
        yield f"a refund without a row: {refund}"
    for row in rows:
        if row["state"] != "done" or row["stripe_id"] not in made:
            yield f"not given back: {row}"


def money_rows(purchase: Row) -> list[Row]:
    """Return what must go back of its payments, or went."""
    return [*purchase.get("refunds", ()), *purchase.get("extra_payments", ())]


def _owed_by(row: Row) -> Iterator[Row]:
    effects = row["effects"]
    if row["status"] in SOLD:
        yield effects["confirm"]
    yield from effects.get("notices", ())


def _of_mails(seen: Snapshot, kills: int) -> Iterator[str]:
    """I14: a second copy only where a worker died between sending and marking."""
    owed = {
        mail["message_id"]: (mail, row)
        for row in seen.purchases.values()
        for mail in _owed_by(row)
    }
    for message_id in seen.mails.keys() - owed.keys():
        yield f"a mail for nothing: {message_id}"
    for message_id, (mail, row) in owed.items():
        copies = seen.mails[message_id]
        if not copies or mail["state"] != "sent":
            yield f"not told: {message_id} of {row}"
        if copies > mail["tries"]:
            yield f"{copies} copies in {mail['tries']} tries: {row}"
    if seen.copies_too_many > kills:
        yield f"{seen.copies_too_many} copies too many after {kills} kills"
