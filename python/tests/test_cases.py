"""The sample cases that Rust and C run too."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from conftest import CASES

import t1053


@pytest.mark.parametrize("record", CASES, ids=[it.stem for it in CASES])
def test_ndjson_is_that_of_rust(record: Path, detector: t1053.Detector) -> None:
    data = record.read_bytes()
    expected = record.with_suffix(".ndjson").read_bytes().decode()
    # What is written down is of each record by itself.
    for source in (data, io.BytesIO(data)):
        matches = t1053.scan(source, detector=detector, join=False)
        assert matches.to_ndjson() == expected
    scanner = t1053.Scanner(detector, join=False)
    middle = len(data) // 2
    parts = [scanner.feed(data[:middle]), scanner.feed(data[middle:]), scanner.finish()]
    assert "".join(it.to_ndjson() for it in parts) == expected


def test_there_are_cases() -> None:
    slugs = {it.stem.partition("--")[0] for it in CASES}
    assert slugs == {it.slug for it in t1053.detections()}


def test_compressed_is_the_same(detector: t1053.Detector) -> None:
    for record in CASES[::10]:
        data = record.read_bytes()
        expected = record.with_suffix(".ndjson").read_bytes().decode()
        # Members one after another, as logs that grow have them.
        packed = gzip.compress(data[:50]) + gzip.compress(data[50:])
        matches = t1053.scan(packed, detector=detector, join=False)
        assert matches.to_ndjson() == expected
