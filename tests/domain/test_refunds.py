from itertools import product

import pytest

from domain.refunds import Refund, RefundMovedBackwards, RefundState
from tests.examples import usd

# Protocol 3.2, REFUND, said here once more on purpose.
LEGAL = {
    ("due", "sent"),
    ("due", "done"),
    ("due", "failed"),
    ("due", "refused"),
    ("sent", "done"),
    ("sent", "failed"),
    ("sent", "refused"),
    ("done", "failed"),
    ("refused", "sent"),
    ("refused", "done"),
}


@pytest.mark.parametrize(("before", "after"), list(product(RefundState, RefundState)))
def test_a_refund_moves_along_its_table(
    before: RefundState, after: RefundState
) -> None:
    row = Refund(id="r", amount=usd(1), reason="asked", by="ada", state=before)

    if (before.value, after.value) in LEGAL:
        assert row.moved_to(after).state is after
    else:
        with pytest.raises(RefundMovedBackwards) as refusal:
            row.moved_to(after)
        assert (refusal.value.current, refusal.value.wanted) == (before, after)
        assert str(refusal.value) == f"A {before} refund cannot become {after}."


def test_a_refund_begins_due() -> None:
    row = Refund(id="r", amount=usd(1), reason="asked", by="ada")

    assert (row.state, row.stripe_id) == (RefundState.DUE, None)
