"""The seed's protocol breaks what it must not, in as few steps as was claimed."""

import pytest

from tests.model.counterexamples import CLAIMS
from tests.model.exploration import Exploration
from tests.model.seed import Seed, SeedConfiguration


@pytest.mark.parametrize("name", list(CLAIMS))
def test_the_seed_breaks_an_invariant(name: str) -> None:
    claim = CLAIMS[name]
    found = Exploration(Seed(claim.setting)).run().counterexample
    assert found is not None
    assert (found.invariant, len(found.steps)) == (claim.invariant, claim.steps)


def test_the_seed_sells_one_spot_to_one_buyer_who_is_alone() -> None:
    alone = SeedConfiguration(workers=1)
    assert Exploration(Seed(alone)).run().counterexample is None
