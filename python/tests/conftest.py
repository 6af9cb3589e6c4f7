"""What the tests share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import t1053

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "testdata" / "cases").glob("*.record"))
LOGS = sorted((ROOT / "testdata" / "logs").iterdir())

# What a script starts in the background ignores this signal, and so does all
# that it starts: then the tests of interruption would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def logs() -> Path:
    """The directory of sample logs."""
    return ROOT / "testdata" / "logs"


@pytest.fixture(scope="session")
def detector() -> t1053.Detector:
    """A detector of all detections."""
    return t1053.Detector()


@pytest.fixture(scope="session")
def published() -> t1053.Detector:
    """A detector of the published detections, for tests that count what a
    record matches and are not about detections."""
    return t1053.Detector(enable="published")


def bare(matches: t1053.Matches) -> list[dict[str, object]]:
    """What was found, without where."""
    return [
        {key: value for key, value in it.items() if key not in ("path", "record")}
        for it in matches.to_dicts()
    ]
