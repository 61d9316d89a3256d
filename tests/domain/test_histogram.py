from chatapp.domain.histogram import Histogram


def test_durations_fall_into_buckets_and_prometheus_is_told_the_sums() -> None:
    histogram = Histogram(0.001, 0.01, 1.0)

    for seconds in (0.0005, 0.001, 0.002, 9.0):
        histogram.add(seconds)

    assert histogram.counts == [2, 1, 0, 1]
    samples = {
        (sample.name, sample.labels.get("le")): sample.value
        for sample in histogram.metric("commit_seconds", "How long.").samples
    }
    assert samples == {
        ("commit_seconds_bucket", "0.001"): 2,
        ("commit_seconds_bucket", "0.01"): 3,
        ("commit_seconds_bucket", "1.0"): 3,
        ("commit_seconds_bucket", "+Inf"): 4,
        ("commit_seconds_count", None): 4,
        ("commit_seconds_sum", None): 9.0035,
    }
