"""Inputs of every kind, made up by hypothesis."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import polars
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from conftest import CASES, bare

import t1053
from t1053 import _t1053
from t1053._events import EVENTS
from t1053._rows import COLUMNS

DETECTOR = t1053.Detector()
SOME = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

NAMES = st.sampled_from(
    sorted({*_t1053.fields(), *(it for names in COLUMNS.values() for it in names)})
) | st.text(max_size=8)
TELLING = st.sampled_from(
    ["schtasks.exe", "schtasks /create /ru system", "crontab", "/etc/cron.d/x",
     "4698", "200", "Microsoft-Windows-TaskScheduler/Operational", "<b>&\"'", "\x00\x1b"]
)
TEXT = TELLING | st.text(max_size=30)
SCALAR = TEXT | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
JSON = st.recursive(
    SCALAR,
    lambda it: st.lists(it, max_size=3) | st.dictionaries(NAMES, it, max_size=4),
    max_leaves=8,
)
RECORD = st.dictionaries(NAMES, JSON, max_size=8).map(lambda it: {"EventID": 1, **it})
PIECES = [it.read_bytes() for it in CASES[::15]]


def _adds_up(counts: t1053.Counts) -> bool:
    return counts.records == (
        counts.read + counts.filtered + counts.uninteresting + counts.not_understood + counts.unreadable
    )


@SOME
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=200), max_size=4), st.data())
def test_any_bytes_in_any_chunks(pieces: list[bytes], data: Any) -> None:
    log = b"\n".join(pieces)
    whole = t1053.scan(log, detector=DETECTOR, errors="ignore")
    assert _adds_up(whole.counts)
    if log[:2] == b"\x1f\x8b" or log[:4] == b"\x28\xb5\x2f\xfd" or log[:7] == b"ElfFile":
        return
    scanner = t1053.Scanner(DETECTOR)
    found: list[dict[str, Any]] = []
    at = 0
    while at < len(log):
        size = data.draw(st.integers(1, len(log)))
        found += scanner.feed(log[at : at + size]).to_dicts()
        at += size
    found += scanner.finish().to_dicts()
    assert found == whole.to_dicts()
    assert scanner.counts == whole.counts


@SOME
@given(st.lists(RECORD, max_size=5))
def test_dictionaries_are_read_as_lines(records: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(it) for it in records).encode()
    found = t1053.scan(records, detector=DETECTOR)
    assert found.to_ndjson() == t1053.scan(lines, detector=DETECTOR).to_ndjson()
    assert found.counts.records == len(records)
    assert _adds_up(found.counts)


ROW = st.dictionaries(
    st.sampled_from([*COLUMNS, *COLUMNS["Image"], *COLUMNS["CommandLine"]]), TEXT, min_size=1
)


@SOME
@given(st.lists(ROW, min_size=1, max_size=5), st.booleans())
def test_tables_are_read_as_rows(rows: list[dict[str, str]], record: bool) -> None:
    rows = [{k: v for k, v in it.items() if k != "EventID"} for it in rows]
    if record:
        rows = [{"EventID": "1", **it} for it in rows]
    names = {name for row in rows for name in row}
    whole = [{name: row.get(name) for name in sorted(names)} for row in rows]
    table = polars.DataFrame(whole, schema={it: polars.String for it in sorted(names)})
    kind = None if record else "process_creation"
    try:
        expected = t1053.scan(whole, detector=DETECTOR, kind=kind)
    except t1053.FieldError:
        expected = None
    try:
        found = t1053.scan(table, detector=DETECTOR, kind=kind)
    except t1053.FieldError:
        assert expected is None or expected.counts.matches == 0
        return
    assert expected is not None
    assert found.to_ndjson() == expected.to_ndjson()


@SOME
@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_any_event(kind: str, data: Any) -> None:
    fields = [it.name for it in dataclasses.fields(EVENTS[kind])]
    names = [it for it in fields if it not in ("platform", "time")]
    value = TEXT | st.binary(max_size=20) | st.none()
    values = data.draw(st.dictionaries(st.sampled_from(names), value))
    platform = data.draw(st.sampled_from(["windows", "linux", "azure"]))
    time = data.draw(st.none() | st.datetimes() | TEXT)
    event = EVENTS[kind](platform=platform, time=time, **values)
    matches = DETECTOR.evaluate_many([event])
    assert list(DETECTOR.evaluate(event)) == list(matches)
    assert bare(matches) == bare(matches[:])
    matches.to_arrow()
    page = matches._repr_html_()
    assert not re.search(r"[\x00-\x08\x1b\u202a-\u202e]", page)
    assert "<b>&" not in page


@SOME
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_any_selector(slug: str, field: str, pattern: str) -> None:
    for arguments in ({"enable": slug}, {"exclude": [(slug, field, pattern)]}):
        try:
            t1053.Detector(**arguments)  # type: ignore[arg-type] # pyright: ignore
        except t1053.DetectorError as error:
            assert str(error)


@SOME
@given(JSON)
def test_any_source(source: Any) -> None:
    try:
        t1053.scan(source, detector=DETECTOR, errors="ignore")
    except t1053.Error as error:
        assert str(error)
