"""Computes charts as SVG coordinates. They need no script, print well, and accompany a table."""

import msgspec

CHART_HEIGHT = 100
BAR_WIDTH = 10
LINE_STEP = 10


class BarChart(msgspec.Struct, frozen=True):
    """Numbers with their times, oldest first, and the rectangles that draw them. A time is a
    timestamp, or a day in UTC."""

    points: list[tuple[str, int]]
    bars: list[dict[str, float]]
    width: int
    height: int = CHART_HEIGHT


class LineChart(msgspec.Struct, frozen=True):
    """Two lines, such as a median and a high percentile, with their times, oldest first. A missing
    value is a gap."""

    points: list[tuple[str, tuple[float, float] | None]]
    low: list[str]
    high: list[str]
    most: float
    width: int
    height: int = CHART_HEIGHT


def bar_chart(points: list[tuple[str, int]]) -> BarChart:
    return BarChart(points, bars([count for _, count in points]), len(points) * BAR_WIDTH)


def bars(counts: list[int]) -> list[dict[str, float]]:
    """Rectangles for an SVG, one for each number; the largest has the height of the chart."""
    most = max(counts, default=0) or 1
    return [
        {
            "x": index * BAR_WIDTH + 1,
            "y": round(CHART_HEIGHT - height, 1),
            "width": BAR_WIDTH - 2,
            "height": round(height, 1),
        }
        for index, count in enumerate(counts)
        for height in [max(CHART_HEIGHT * count / most, 1 if count else 0)]
    ]


def line_chart(points: list[tuple[str, tuple[float, float] | None]]) -> LineChart:
    most = max((high for _, value in points if value for high in value), default=0.0) or 1.0
    low, high = (
        _pieces([None if value is None else value[which] for _, value in points], most)
        for which in (0, 1)
    )
    return LineChart(points, low, high, most, len(points) * LINE_STEP)


def _pieces(values: list[float | None], most: float) -> list[str]:
    """The points of each polyline; a missing value ends a line, and a single value is a dash."""
    pieces: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        x, y = index * LINE_STEP, round(CHART_HEIGHT - CHART_HEIGHT * value / most, 1)
        pieces[-1] += [f"{x + 2},{y}", f"{x + LINE_STEP - 2},{y}"]
    return [" ".join(piece) for piece in pieces if piece]
