"""`python -m tests.mutations` still breaks what it says that it breaks."""

import pytest

from tests.mutations import MUTATIONS, Mutation
from tests.support.checkout import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_what_a_mutation_breaks_stands_once_in_its_file(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text().count(mutation.sound) == 1
    for tests in mutation.tests.split():
        assert (ROOT / tests).exists()
