"""Every planted defect is found, in less than the walks of one commit."""

import pytest

from tests.conformance.mutants import MUTANTS
from tests.conformance.test_conformance import WALKS
from tests.conformance.walk import Walk


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_defect_is_found(name: str) -> None:
    walks = (Walk(seed=seed, parts=MUTANTS[name]) for seed in range(WALKS))
    assert any(walk.play().divergence for walk in walks)
