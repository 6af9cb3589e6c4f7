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
    labels = [it.get_text() for it in first.get_yticklabels()]
    assert labels == [it.detection.slug for it in reversed(matches.summary())]
    with pytest.raises(ValueError, match="altair"):
        matches.plot_timeline(ax=first, library="altair")
    with pytest.raises(ValueError, match="library"):
        matches.plot_timeline(library="crayon")
