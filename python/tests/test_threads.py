"""Threads that share everything; of most worth on a free-threaded
interpreter, where nothing else keeps them apart."""

from __future__ import annotations

import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import t1053

THREADS = 8
ROUNDS = 20


def test_no_lock_comes_back() -> None:
    """Importing the package does not switch the lock on again."""
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        assert not getattr(sys, "_is_gil_enabled", lambda: True)()


def test_one_detector_and_many_threads(logs: Path) -> None:
    # In which each of these events has one match.
    detector = t1053.Detector(enable="published")
    data = (logs / "events.jsonl").read_bytes()
    events = [t1053.TaskScheduler(event_id="200", host=f"h{it}") for it in range(50)]
    expected = t1053.scan(data, detector=detector)
    text = expected.to_ndjson()
    summary = expected.summary()

    def work(seed: int) -> None:
        for _ in range(ROUNDS // 4):
            match seed % 5:
                case 0:
                    assert t1053.scan(data, detector=detector).to_ndjson() == text
                case 1:
                    found = detector.evaluate_many(events)
                    assert [it.host for it in found] == [it.host for it in events]
                case 2:
                    assert expected.to_ndjson() == text
                    assert expected.summary() == summary
                case 3:
                    assert list(expected) == list(expected[:])
                    assert expected._repr_html_()
                case _:
                    assert t1053.Detector(enable="published") == detector
                    assert t1053.detections() is t1053.detections()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS * 5)))


def test_one_stream_and_many_threads() -> None:
    """Threads that share a stream take turns: nothing is lost or doubled."""
    # In which each of these records has one match.
    scanner = t1053.Scanner(t1053.Detector(enable="published"))
    event = t1053.TaskScheduler(event_id="200")
    record = {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"}

    def work(_: int) -> int:
        found = 0
        for _ in range(ROUNDS):
            found += len(scanner.push([event, record] * 10))
            assert scanner.counts.records >= 20
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        found = sum(pool.map(work, range(THREADS)))
    assert found == scanner.counts.matches == THREADS * ROUNDS * 20
    assert scanner.counts.records == THREADS * ROUNDS * 20
