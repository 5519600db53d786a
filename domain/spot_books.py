"""Who holds the spots of a program, beside who should."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.findings import Finding, FindingKind
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotBook:
    """The spots of one program as they are written down, and the counter beside them.

    Both were read in one; `holders` may name one purchase twice only if somebody wrote
    past the rules.
    """

    program_id: ProgramId
    holders: tuple[PurchaseId, ...]
    count: int


def in_counter(book: SpotBook) -> Iterator[Finding]:
    """Find a counter that is not the number of spots (invariant I5)."""
    spots = len(book.holders)
    if spots != book.count or len(set(book.holders)) != spots:
        yield Finding.of(
            FindingKind.COUNTER_DRIFT,
            book.program_id,
            program_id=book.program_id,
            counter=book.count,
            spots=spots,
            purchases=len(set(book.holders)),
        )


def in_holders(
    book: SpotBook, purchases: Mapping[PurchaseId, Purchase]
) -> Iterator[Finding]:
    """Find spots that their holders should not have.

    Args:
        book: the spots.
        purchases: the holders that exist, read after the book.
    """
    for holder in sorted(set(book.holders)):
        purchase = purchases.get(holder)
        is_theirs = (
            purchase is not None
            and purchase.is_class_rep
            and purchase.program.id == book.program_id
        )
        if purchase is None or not is_theirs:
            yield _spot(
                FindingKind.STRAY_SPOT, book.program_id, holder, exists=purchase
            )
        elif purchase.is_terminal:
            yield _spot(
                FindingKind.LEAKED_SPOT, book.program_id, holder, exists=purchase
            )


def missing_spot(purchase: Purchase) -> Finding:
    return _spot(
        FindingKind.MISSING_SPOT, purchase.program.id, purchase.id, exists=purchase
    )


def _spot(
    kind: FindingKind,
    program_id: ProgramId,
    holder: PurchaseId,
    *,
    exists: Purchase | None,
) -> Finding:
    return Finding.of(
        kind,
        f"{program_id}/{holder}",
        program_id=program_id,
        purchase_id=holder,
        status=None if exists is None else exists.status.value,
    )
