"""Every planted fault still fits the code, and points to tests of its own room."""

import ast

import pytest

from tests.mutants.planted import PROJECT, Mutant, planted

MUTANTS = planted()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.room}: {mutant.name}")
def test_a_planted_fault_fits_the_code_and_its_room(mutant: Mutant) -> None:
    changed = mutant.text(PROJECT)
    assert mutant.replace != mutant.find
    ast.parse(changed)
    assert mutant.tests
    for test in mutant.tests:
        assert test.startswith(f"tests/{mutant.room}/")
        assert (PROJECT / test).is_file()


def test_a_fault_has_a_name_of_its_own() -> None:
    names = [(mutant.room, mutant.name) for mutant in MUTANTS]
    assert len(names) == len(set(names))
