"""Pictures and layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import matplotlib
import pytest

import t1053

matplotlib.use("agg")

from matplotlib import pyplot  # noqa: E402

LAYER = json.loads((Path(__file__).parent / "layer-4.5.schema.json").read_text())


@pytest.fixture(scope="module")
def matches(logs: Path) -> t1053.Matches:
    return t1053.scan(logs / "events.jsonl")


def _check(layer: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(LAYER)
    jsonschema.validate(json.loads(json.dumps(layer)), LAYER)
    gradient = layer["gradient"]
    assert gradient["maxValue"] > gradient["minValue"]


def test_layers(matches: t1053.Matches) -> None:
    of_matches = t1053.navigator_layer(matches)
    _check(of_matches)
    expected: dict[str, int] = {}
    for match in matches:
        for technique in match.techniques:
            expected[technique] = expected.get(technique, 0) + 1
    scores = {it["techniqueID"]: it["score"] for it in of_matches["techniques"]}
    assert scores == expected
    of_detections = t1053.navigator_layer(t1053.detections(), name="Mine")
    _check(of_detections)
    assert of_detections["name"] == "Mine"
    covered = {it for detection in t1053.detections() for it in detection.techniques}
    assert {it["techniqueID"] for it in of_detections["techniques"]} == covered
    _check(t1053.navigator_layer(matches[:0]))
    _check(t1053.navigator_layer([]))
    with pytest.raises(jsonschema.ValidationError):
        _check(of_matches | {"sorting": "by score"})


@pytest.mark.parametrize("library", ["matplotlib", "altair"])
def test_pictures(matches: t1053.Matches, library: str) -> None:
    nasty = t1053.TaskScheduler(
        event_id="200", host="$x^$<b>\u202e", time="2024-05-01T10:00:00Z"
    )
    for chosen in (
        matches,
        matches[:0],
        matches[:1],
        t1053.Detector().evaluate_many([nasty]),
    ):
        for picture in (
            chosen.plot_timeline(library=library),
            chosen.plot_heatmap(library=library),
        ):
            if library == "altair":
                assert picture.to_dict()["data"]["values"] is not None
            else:
                picture.figure.canvas.draw()
                pyplot.close(picture.figure)


def test_pictures_on_given_axes(matches: t1053.Matches) -> None:
    from matplotlib.figure import Figure

    first, second = Figure().subplots(2)
    assert matches.plot_timeline(ax=first) is first
    assert matches.plot_heatmap(ax=second) is second
    labels = [it.get_text() for it in first.get_yticklabels()][::-1]
    risks = {it.name or "(unknown)": it.risk for it in matches.risk_by("host")}
    assert sorted(labels) == sorted(risks)
    assert [risks[it] for it in labels] == sorted(risks.values(), reverse=True)
    with pytest.raises(ValueError, match="altair"):
        matches.plot_timeline(ax=first, library="altair")
    with pytest.raises(ValueError, match="library"):
        matches.plot_timeline(library="crayon")


def _marks(chart: Any) -> list[dict[str, Any]]:
    return chart.to_dict()["data"]["values"]


def test_a_heatmap_counts_each_match_once(matches: t1053.Matches) -> None:
    """Most detections name both T1053 and a sub-technique of it."""
    cells = _marks(matches.plot_heatmap(library="altair"))
    assert sum(it["matches"] for it in cells) == len(matches)
    axes = matches.plot_heatmap()
    shown = [int(it.get_text().replace(",", "")) for it in axes.texts]
    pyplot.close(axes.figure)
    assert sorted(shown) == sorted(it["matches"] for it in cells)
    of = matches.filter(detection="windows_schtasks_create_run_as_system")
    [cell] = {it["technique"] for it in _marks(of.plot_heatmap(library="altair"))}
    assert cell == "T1053.005"


def test_a_timeline_has_each_match_in_a_mark(matches: t1053.Matches) -> None:
    timed = [it for it in matches if it.time is not None]
    marks = _marks(matches.plot_timeline(library="altair"))
    assert sum(it["matches"] for it in marks) == len(timed)
    by_severity: dict[str, int] = {}
    for it in timed:
        by_severity[it.detection.severity] = by_severity.get(it.detection.severity, 0) + 1
    told: dict[str, int] = {}
    for it in marks:
        told[it["severity"]] = told.get(it["severity"], 0) + it["matches"]
        assert it["stretch"] <= it["time"]
        # What a browser does not turn into its own zone.
        assert it["time"].startswith(it["first"].replace(" ", "T"))
        assert it["first"] <= it["last"]
    assert told == by_severity
    chart = matches.plot_timeline(library="altair").to_dict()
    overview, hosts = chart["vconcat"]
    # What is chosen in the one is what the other shows.
    assert hosts["encoding"]["x"]["scale"]["domain"] == {"param": "window"}
    assert {it["encoding"]["x"]["scale"]["type"] for it in (overview, hosts)} == {"utc"}
    assert any(it["name"] == "window" for it in chart["params"] + overview.get("params", []))


def test_many_matches_are_few_marks() -> None:
    """However many there are: a page of them stays small."""
    events = [
        t1053.TaskScheduler(
            event_id="200",
            host=f"h{at % 40}",
            time=f"2024-05-{1 + at % 28:02}T{at % 24:02}:{at % 60:02}:{at % 59:02}Z",
        )
        for at in range(20_000)
    ]
    matches = t1053.Detector().evaluate_many(events)
    chart = matches.plot_timeline(library="altair")
    marks = _marks(chart)
    assert 500 < len(marks) <= 4000
    assert sum(it["matches"] for it in marks) == 20 * len(matches) // 40
    assert "20 of 40 hosts" in str(chart.to_dict()["title"])
    assert len(chart.to_json()) < 2_000_000
    axes = matches.plot_timeline()
    assert sum(len(it.get_offsets()) for it in axes.collections) == len(marks)
    assert "20 of 40 hosts" in axes.get_title()
    pyplot.close(axes.figure)


KEEP = ["Image", "CommandLine", "ParentImage", "ProcessId", "ParentProcessId"]


def _started(number: str, by: str, image: str, parent: str, second: int) -> t1053.Event:
    return t1053.ProcessCreation(
        image=image,
        command_line=f"{image} /create /tn x /tr {number}",
        parent_image=parent,
        process_id=number,
        parent_process_id=by,
        host="WS",
        time=f"2024-05-01T10:00:{second:02}Z",
    )


def test_a_process_stands_below_the_one_that_started_it() -> None:
    events = [
        _started("3", "2", "schtasks.exe", r"C:\schtasks.exe", 9),
        _started("2", "1", "schtasks.exe", "cmd.exe", 5),
        # Another program had the number 2 by then.
        _started("4", "2", "schtasks.exe", "other.exe", 20),
        t1053.TaskScheduler(event_id="200", host="WS"),
    ]
    matches = t1053.scan(events, keep=KEEP, enable=["kind:TTP", "task_ran"])
    tree = matches.process_tree()
    [host] = tree.roots
    assert [it.label for it in host.children] == ["cmd.exe (1)", "other.exe (2)"]
    [second] = host.children[0].children
    assert second.label.endswith("/tr 2")
    assert [it.label for it in second.children] == ["schtasks.exe /create /tn x /tr 3"]
    assert second.severity == "high"
    assert "3 processes on 1 host; 1 match of other events not shown" in str(tree)
    with pytest.raises(t1053.FieldError, match="ParentImage") as raised:
        t1053.scan(events, keep="Image,CommandLine").process_tree()
    assert raised.value.name == "ParentImage"
    assert str(matches[:0].process_tree()) == "0 processes on 0 hosts"


def test_trees_show_what_is_in_the_log(logs: Path) -> None:
    matches = t1053.scan(logs, keep=KEEP)
    tree = matches.process_tree()
    events = {(it.path, it.record, it.item) for it in matches if it.event == "process_creation"}

    def count(nodes: tuple[t1053.Node, ...]) -> int:
        return sum(count(it.children) + (it.count if it.severity else 0) for it in nodes)

    assert count(tree.roots) == len(events)
    found = t1053.jobs(logs)

    def leaves(nodes: tuple[t1053.Node, ...]) -> int:
        return sum(leaves(it.children) if it.children else it.count for it in nodes)

    assert leaves(found.tree().roots) == len(found)
    page = t1053.Tree((t1053.Node("<b>\u202e", "<i>", "high", 1, ()),), "<u>")._repr_html_()
    for bad in ("<b>\u202e", "\u202e", "<i>&lt;i>", "<u>"):
        assert bad not in page
