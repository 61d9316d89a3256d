"""Photos in a chat of two servers: both tell and serve them."""

import pytest

from tests.cluster.test_files import Elsewhere
from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.files import Sender, picture
from tests.support.postgres import Postgres
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


def test_a_photo_of_one_server_is_shown_by_the_other(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
):
    with two_nodes(postgres.new_database("photos"), tmp_path_factory) as nodes:
        ana = Sender(nodes[0], "Ana")
        there = Elsewhere(nodes[1], ana)
        upload = ana.send(picture("PNG", (64, 64)))

        photo = call(ana.socket, "photo", {"file": upload["id"]})["profile"]["photo"]

        hear_of(there.socket, "profile", name="Ana", photo=photo)
        assert there.get(f"/photos/{photo}").status_code == 200
        assert call(there.socket, "people", {"names": ["Ana"]})["people"][0]["photo"] == photo
        assert call(there.socket, "photo", {"file": ""})["ok"]
        wait_until(lambda: not ana.get(f"/photos/{photo}").ok, what="it to be gone")
        told = hear_of(ana.socket, "profile", name="Ana")
        while "photo" in told:
            told = hear_of(ana.socket, "profile", name="Ana")
        there.close()
        ana.close()
