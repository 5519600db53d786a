"""Every planted defect is found."""

import pytest

from tests.model import mutants, mutants_of_refunds, mutants_of_terms
from tests.model.planted import MUTANTS
from tests.model.protocol import Protocol
from tests.model.running import check_mutant


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_defect_is_found(name: str) -> None:
    found = check_mutant(name).findings.counterexample
    assert found is not None
    assert found.invariant.startswith(MUTANTS[name].breaks)


def test_every_defect_is_planted() -> None:
    defects = {
        defect
        for module in (mutants, mutants_of_refunds, mutants_of_terms)
        for defect in vars(module).values()
        if isinstance(defect, type) and Protocol in defect.__bases__
    }
    assert {planted.protocol for planted in MUTANTS.values()} == defects
