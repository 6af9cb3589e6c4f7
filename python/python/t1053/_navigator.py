"""Layers for the ATT&CK Navigator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ._detections import Detection
from ._html import printable

if TYPE_CHECKING:
    from ._matches import Matches

__all__ = ["navigator_layer"]

COLOURS = ("#fff3e0", "#ffb74d", "#d84315")


def navigator_layer(
    what: Matches | Iterable[Detection],
    *,
    name: str | None = None,
    description: str = "",
) -> dict[str, Any]:
    """A layer of the ATT&CK Navigator (format 4.5): of matches, coloured by
    how many there are of each technique; of detections, by how many cover
    it. `json.dump` writes it to a file that the Navigator opens.

    >>> import t1053
    >>> layer = t1053.navigator_layer(t1053.detections())
    >>> layer["versions"]["layer"], layer["domain"]
    ('4.5', 'enterprise-attack')
    >>> "T1053.005" in [it["techniqueID"] for it in layer["techniques"]]
    True
    """
    from ._matches import Matches

    if isinstance(what, Matches):
        counted = [(it.detection, it.count) for it in what.summary(0)]
        return layer_of_matches(counted, name, description)
    counted = [(it, 1) for it in what]
    name = name or "Scheduled-task abuse: coverage"
    return _layer(counted, name, description, ("detection", "detections"))


def layer_of_matches(
    counted: Iterable[tuple[Detection, int]],
    name: str | None = None,
    description: str = "",
) -> dict[str, Any]:
    """The same of detections and how often each matches."""
    name = name or "Scheduled-task abuse: matches"
    return _layer(counted, name, description, ("match", "matches"))


def _layer(
    counted: Iterable[tuple[Detection, int]],
    name: str,
    description: str,
    nouns: tuple[str, str],
) -> dict[str, Any]:
    one, many = nouns
    found: dict[str, dict[str, int]] = {}
    for detection, count in counted:
        for technique in detection.techniques:
            found.setdefault(technique, {})[detection.slug] = count
    techniques = [
        _technique(technique, slugs, one, many)
        for technique, slugs in sorted(found.items())
    ]
    most = max((it["score"] for it in techniques), default=1)
    return {
        "name": printable(name),
        "versions": {"attack": "17", "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": printable(description),
        "sorting": 3,
        "layout": {
            "layout": "side",
            "aggregateFunction": "average",
            "showID": True,
            "showName": True,
            "showAggregateScores": False,
            "countUnscored": False,
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": False,
        "techniques": techniques,
        "gradient": {"colors": list(COLOURS), "minValue": 0, "maxValue": most},
        "legendItems": [
            {"label": f"1 {one}", "color": COLOURS[0]},
            {"label": f"{most} {many}", "color": COLOURS[-1]},
        ],
        "metadata": [],
        "links": [],
        "showTacticRowBackground": False,
        "tacticRowBackground": "#dddddd",
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
        "selectVisibleTechniques": False,
    }


def _technique(
    technique: str, slugs: dict[str, int], one: str, many: str
) -> dict[str, Any]:
    total = sum(slugs.values())
    return {
        "techniqueID": technique,
        "score": total,
        "color": "",
        "comment": f"{total} {one if total == 1 else many}",
        "enabled": True,
        "metadata": [
            {"name": slug, "value": str(count)} for slug, count in sorted(slugs.items())
        ],
        "links": [],
        "showSubtechniques": True,
    }
