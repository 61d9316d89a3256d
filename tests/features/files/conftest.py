from collections.abc import Iterator

import pytest

from tests.support.files import Sender
from tests.support.server import Server


@pytest.fixture(scope="module")
def ana(house: Server) -> Iterator[Sender]:
    ana = Sender(house, "Ana")
    yield ana
    ana.close()


@pytest.fixture(scope="module")
def bo(house: Server) -> Iterator[Sender]:
    bo = Sender(house, "Bo")
    yield bo
    bo.close()
