"""The simulation finds what is wrong, or it would prove nothing when all is well."""

import pytest

from entrypoints.simulation.campaign import stories
from tests.simulation.mutants import MUTANTS

FIND_WITHIN = 700


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_mutant_is_found(name: str) -> None:
    mutant = MUTANTS[name]

    endings = stories(range(FIND_WITHIN), parts=mutant.parts)
    found = next((ending for ending in endings if ending.complaint), None)

    assert found is not None, f"{FIND_WITHIN} seeds did not find {name}"
    assert found.complaint is not None
    assert found.complaint.startswith(mutant.shows_as)
