"""Charts are text made of points: whatever the points, it is well-formed, and nothing in it is markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from projections.dashboard.charts.bar import MAX_BARS, Bar, bar_chart
from projections.dashboard.charts.funnel import funnel
from projections.dashboard.charts.heatmap import heatmap, shade_of
from projections.dashboard.charts.line import MAX_MARKS, Point, line_chart
from projections.dashboard.charts.scale import lines_of
from projections.dashboard.figures import compact

HOSTILE = "<script>\"&'</script>"
DAY = date(2026, 3, 1)
BARS: dict[str, list[Bar]] = {
    "empty": [],
    "one": [Bar("a", 5.0)],
    "negative": [Bar("a", -5.0), Bar("b", 3.0)],
    "zero": [Bar("a", 0.0), Bar("b", 0.0)],
    "unknown": [Bar("a", None), Bar("b", 1.0)],
    "hostile": [Bar(HOSTILE, 1.0)],
    "long": [Bar("long " * 40, 1e12), Bar("b", 1e-9)],
}


def parsed(drawn: str) -> ET.Element:
    """Every coordinate is a finite number, and no size is negative."""
    root = ET.fromstring(drawn)  # noqa: S314  # made here
    for it in root.iter():
        for name in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"):
            if name in it.attrib:
                assert abs(float(it.attrib[name])) < 1e5, (name, it.attrib)
        assert float(it.attrib.get("width", 0)) >= 0 and float(it.attrib.get("height", 0)) >= 0
    return root


@pytest.mark.parametrize("bars", BARS.values(), ids=BARS)
def test_bars_lines_and_funnels_are_well_formed_for_any_points(bars: Sequence[Bar]) -> None:
    points = [Point(date(2026, 3, 1 + number), it.value) for number, it in enumerate(bars)]
    names = {it.label: points for it in bars}
    for drawn in (bar_chart("b", bars, compact), funnel("f", bars, compact), line_chart("l", names, compact)):
        root = parsed(drawn)
        assert root.attrib["role"] == "img" and root[0].tag == "title"
        assert "script" not in {it.tag for it in root.iter()}


def test_marks_that_lead_somewhere_are_links_with_names_in_a_group() -> None:
    address = "/sales?name=<a>&day=1"
    bars = [Bar("a", 5.0, address), Bar("b", 3.0), Bar("c", None, address)]
    points = [Point(DAY, it.value, it.href) for it in bars]
    cells = {("a", "0"): 1.0, ("b", "0"): 2.0}
    drawn = {
        "a: 5": bar_chart("b", bars, compact),
        "EUR 2026-03-01: 5": line_chart("l", {"EUR": points}, compact),
        "a": heatmap("h", ["a", "b"], ["0"], cells, compact, {"a": address}),
    }
    for name, chart in drawn.items():
        root = parsed(chart)
        assert root.attrib["role"] == "group"
        assert [it.attrib for it in root.iter("a")] == [{"href": address, "aria-label": name}]


def test_a_long_line_has_no_marks() -> None:
    points = [Point(date.fromordinal(DAY.toordinal() + it), 1.0, "/sales") for it in range(MAX_MARKS + 1)]
    assert "<a " not in line_chart("l", {"": points}, compact)
    assert line_chart("l", {"": points[1:]}, compact).count("<a ") == MAX_MARKS


def test_titles_are_escaped_too() -> None:
    root = parsed(bar_chart(HOSTILE, [], compact))
    assert (root.attrib["aria-label"], root[0].text) == (HOSTILE, HOSTILE)


def test_without_points_a_chart_says_so() -> None:
    empty = (
        bar_chart("b", [], compact),
        funnel("f", [], compact),
        line_chart("l", {}, compact),
        heatmap("h", [], [], {}, compact),
    )
    assert all("No data" in it for it in empty)


def test_a_negative_bar_hangs_from_the_zero_line() -> None:
    drawn = parsed(bar_chart("b", BARS["negative"], compact))
    negative, positive = (it for it in drawn.iter("rect"))
    zero = float(next(it for it in drawn.iter("line") if it.attrib.get("class") == "zero").attrib["y1"])
    assert float(negative.attrib["y"]) == pytest.approx(zero, abs=0.02)
    bottom = float(positive.attrib["y"]) + float(positive.attrib["height"])
    assert bottom == pytest.approx(zero, abs=0.02)


def test_only_as_many_bars_are_drawn_as_can_be_told_apart() -> None:
    drawn = bar_chart("b", [Bar(str(it), 1.0) for it in range(100)], compact)
    assert drawn.count("<rect") == MAX_BARS


def test_a_missing_value_interrupts_the_line() -> None:
    values = (1.0, 2.0, None, 3.0, 4.0, None, 5.0)
    points = [Point(date(2026, 3, 1 + number), it) for number, it in enumerate(values)]
    drawn = line_chart("l", {"": points}, compact)
    assert (drawn.count("<polyline"), drawn.count("<circle")) == (2, 1)


def test_a_heat_map_leaves_cells_without_a_value_empty() -> None:
    cells = {("a", "0"): 1.0, ("a", "1"): None, ("b", "0"): 0.25}
    root = parsed(heatmap("h", ["a", "b"], ["0", "1"], cells, compact))
    assert [it.attrib["class"] for it in root.iter("rect")] == ["shade4", "shade0"]


def test_shades_reach_from_the_least_to_the_greatest() -> None:
    assert [shade_of(it, 0.0, 1.0) for it in (0.0, 0.19, 0.2, 0.5, 1.0)] == [0, 0, 1, 2, 4]
    assert shade_of(7.0, 7.0, 7.0) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], [0, 0.5, 1]),
        ([7.0], [0, 2, 4, 6, 8]),
        ([-3.0, 3.0], [-4, -2, 0, 2, 4]),
        ([100.0, 390.0], [0, 100, 200, 300, 400]),
    ],
    ids=["none", "one", "negative", "hundreds"],
)
def test_an_axis_has_round_values_and_zero(values: list[float], expected: list[float]) -> None:
    assert list(lines_of(values)) == pytest.approx(expected)
