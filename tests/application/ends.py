"""In what state everything is, in one line that a reader can check."""

from collections.abc import Iterator

from domain.purchase import Purchase
from entrypoints.simulation.outside.refunds import CAME_TO_NOTHING
from tests.application.world import World


def end_of(world: World, *, is_sorted: bool = False) -> str:
    """Tell of each purchase, then of the money, the mails and the pages.

    The purchases come as they were begun; or sorted, where that is a matter of luck.

    Whose word it was, in which order rows were written, and what the buyer was told on
    the way is left out: that may differ, and nobody is better or worse off for it.
    """
    purchases = [_of_purchase(world, row) for row in world.rows]
    if is_sorted:
        purchases.sort()
    return "; ".join((*purchases, *_of_the_rest(world)))


def _of_purchase(world: World, row: Purchase) -> str:
    told = [row.status.value]
    if row.closed_reason is not None:
        told[0] += f" ({row.closed_reason})"
    told += sorted(f"refund {r.state} {r.amount.amount}" for r in row.refunds)
    told += sorted(f"extra {e.state} {e.amount}" for e in row.extra_payments)
    if row.dispute is not None:
        told.append(f"dispute {row.dispute.state}")
    if row.id in world.held():
        told.append("spot")
    return ", ".join(told)


def _of_the_rest(world: World) -> Iterator[str]:
    refunds = world.refunds.refunds.values()
    back = sum(r.amount for r in refunds if r.status not in CAME_TO_NOTHING)
    if back:
        yield f"back {back}"
    if letters := set(world.mailer.message_ids):
        yield f"mails {len(letters)}"
    for orphan in world.orphans.stored.values():
        state = "matched" if orphan.is_matched else orphan.money.state
        yield f"orphan {state} {orphan.money.amount}"
    if open_pages := sum(s.url is not None for s in world.sessions):
        yield f"open pages {open_pages}"
