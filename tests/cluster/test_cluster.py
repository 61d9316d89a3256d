"""What all processes of a chat have in common, and what each has for itself."""

from concurrent.futures import ThreadPoolExecutor

from chatapp.cluster.cluster import Cluster

OWN_KEY = "a secret of thirty-two characters, at least"


def test_all_processes_have_one_key_epoch_and_id_though_they_start_at_once(database):
    with ThreadPoolExecutor(8) as pool:
        clusters = list(pool.map(lambda _: Cluster.open(database), range(8)))

    assert len({(each.id, each.secret_key, each.epoch) for each in clusters}) == 1
    assert len({each.node for each in clusters}) == 8
    assert len(clusters[0].secret_key) == 64


def test_a_key_of_ones_own_wins_and_is_not_given_to_others(database):
    own = Cluster.open(database, secret_key=OWN_KEY)
    other = Cluster.open(database)

    assert own.secret_key == OWN_KEY
    assert other.secret_key != OWN_KEY
