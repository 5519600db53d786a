"""Invariant I21 at the end of a story: what nobody else may notice."""

from dataclasses import replace

from domain.purchase import Purchase, Status
from entrypoints.simulation.money_invariants import books_that_differ
from entrypoints.simulation.story import Story
from entrypoints.simulation.world import World


def ended_with_a_sale() -> tuple[World, Purchase]:
    """Play calm stories until somebody has bought, and kept it."""
    for seed in range(40):
        story = Story(seed, faults=frozenset())
        assert story.play().complaint is None
        for row in story.world.store.rows.values():
            if row.status is Status.COMPLETED and row.paid and not row.refunds:
                return story.world, row
    raise AssertionError("nobody ever buys")


def test_a_payment_of_another_name_is_a_difference_on_both_sides() -> None:
    world, row = ended_with_a_sale()
    assert row.paid is not None
    assert list(books_that_differ(world)) == []

    paid = replace(row.paid, payment_intent="pi_other")
    world.store.rows[row.id] = replace(row, paid=paid)

    assert list(books_that_differ(world)) == [
        f"I21: unknown_to_us: payment of {row.paid.payment_intent}",
        "I21: unknown_to_stripe: payment of pi_other",
    ]
