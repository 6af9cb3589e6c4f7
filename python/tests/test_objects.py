"""Detectors, matches and what they are made of."""

from __future__ import annotations

import copy
import io
import json
import pickle
import re
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import polars
import pyarrow
import pytest

import t1053
from t1053 import _t1053


@pytest.fixture(scope="module")
def matches(logs: Path) -> t1053.Matches:
    return t1053.scan(logs / "events.jsonl")


def test_objects_are_values(matches: t1053.Matches) -> None:
    for match in matches[:50]:
        again: t1053.Match = pickle.loads(pickle.dumps(match))
        assert again == match
        assert hash(again) == hash(match)
        assert copy.deepcopy(match) == match
        with pytest.raises(FrozenInstanceError):
            match.host = "other"  # type: ignore[misc]
    detector = t1053.Detector(enable="platform:linux", disable=["kind:Hunting"])
    assert pickle.loads(pickle.dumps(detector)) == detector
    assert eval(repr(detector), dict(vars(t1053))) == detector
    event = t1053.ScriptBlock(script_block_text="x", time=datetime(2024, 5, 1, tzinfo=UTC))
    assert pickle.loads(pickle.dumps(event)) == event
    assert matches[3] == matches[3:4][0] == list(matches)[3]
    assert matches[-1] == matches[len(matches) - 1]
    assert matches[::-1][0] == matches[-1]
    with pytest.raises(IndexError):
        matches[len(matches)]


def test_a_match_agrees_with_its_json(matches: t1053.Matches) -> None:
    for match, known in zip(matches, matches.to_dicts(), strict=True):
        assert match.slug == known["detection"]
        assert match.record == known["record"]
        assert match.host == known["host"]
        assert match.user == known["user"]
        assert match.message == known["message"]
        assert list(match.techniques) == known["techniques"]
        assert match.risk_score == known["risk_score"]
        pieces = [
            {"field": it.field, "start": it.start, "end": it.end, "text": it.text,
             "pattern": it.pattern}
            for it in match.evidence
        ]
        assert pieces == known["evidence"]
        if match.time is not None:
            whole = known["time"].rstrip("Z").partition(".")[0]
            assert match.time.strftime("%Y-%m-%dT%H:%M:%S") == whole


def test_tables_agree(matches: t1053.Matches) -> None:
    arrow = matches.to_arrow()
    known = matches.to_dicts()
    for row in known:
        row.setdefault("item", None)
        # Tables tell the first record alone.
        assert row.pop("joined", [row["record"]])[0] == row["record"]
    rows = arrow.drop_columns(["time"]).to_pylist()
    for row in known:
        row.pop("time")
        assert row.pop("schema") == 1
    assert [dict(sorted(it.items())) for it in rows] == [
        dict(sorted(it.items())) for it in known
    ]
    assert matches.to_polars().equals(polars.DataFrame(arrow))
    frame = matches.to_pandas()
    assert list(frame.columns) == arrow.column_names
    assert frame["record"].tolist() == arrow["record"].to_pylist()
    assert frame["host"].fillna("").tolist() == [
        it or "" for it in arrow["host"].to_pylist()
    ]
    times = [None if it is None else it.to_pydatetime() for it in
             frame["time"].astype(object).where(frame["time"].notna(), None)]
    assert times == [it.time for it in matches] == arrow["time"].to_pylist()
    assert frame["evidence"].tolist() == arrow["evidence"].to_pylist()
    assert pyarrow.table(matches[3:9]).num_rows == 6
    empty = matches[:0]
    assert empty.to_arrow().schema == arrow.schema
    assert empty.to_polars().schema == matches.to_polars().schema
    assert dict(empty.to_pandas().dtypes) == dict(frame.dtypes)


def _types(kind: pyarrow.DataType) -> list[pyarrow.DataType]:
    """A type, and those in it."""
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    return [kind, *(below for it in inner for below in _types(it))]


def test_numbers_in_tables_are_signed(matches: t1053.Matches) -> None:
    """Spark refuses unsigned ones."""
    every = t1053.detections()
    for table in (
        matches.to_arrow(),
        matches[:0].to_arrow(),
        matches.to_polars().to_arrow(),
        pyarrow.Table.from_pandas(matches.to_pandas()),
        pyarrow.Table.from_pandas(matches[:0].to_pandas()),
        every.to_arrow(),
        every.to_polars().to_arrow(),
        pyarrow.Table.from_pandas(every.to_pandas()),
    ):
        types = [it for column in table.schema.types for it in _types(column)]
        numbers = {str(it) for it in types if pyarrow.types.is_integer(it)}
        assert numbers
        assert numbers <= {"int32", "int64"}, table.schema


@pytest.mark.parametrize(
    ("package", "extra", "use"),
    [
        ("pandas", "pandas", lambda of: of.to_pandas()),
        ("polars", "polars", lambda of: of.to_polars()),
        ("pyarrow", "arrow", lambda of: of.to_arrow()),
        ("matplotlib", "plot", lambda of: of.plot_timeline()),
        ("matplotlib", "plot", lambda of: of.plot_heatmap()),
        ("altair", "plot", lambda of: of.plot_timeline(library="altair")),
        ("altair", "plot", lambda of: of.plot_heatmap(library="altair")),
    ],
)
def test_what_is_missing_is_named_with_its_extra(
    package: str,
    extra: str,
    use: Callable[[Any], object],
    matches: t1053.Matches,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.pyplot", None)
    with pytest.raises(ImportError) as raised:
        use(matches)
    assert raised.value.name == package
    assert f"pip install 't1053[{extra}]'" in str(raised.value)
    if extra != "plot":
        with pytest.raises(ImportError, match=package):
            use(t1053.detections())


def test_what_is_unreadable_is_shown() -> None:
    assert repr(t1053.scan(b"no record\n", filter=False)) == (
        "<Matches: 0 matches of 0 detections in 1 record, 1 unreadable>"
    )


def test_many_batches(published: t1053.Detector) -> None:
    event = t1053.TaskScheduler(event_id="200", host="WS-014")
    many = published.evaluate_many([event] * 20_000)
    assert many.to_arrow().num_rows == len(many) == 20_000
    assert [it.record for it in many[::5000]] == [0, 5000, 10_000, 15_000]


def test_summary_and_filter(matches: t1053.Matches) -> None:
    summary = matches.summary()
    assert sum(it.count for it in summary) == len(matches)
    risks = [it.detection.risk_score or 0 for it in summary]
    assert risks == sorted(risks, reverse=True)
    for it in summary:
        chosen = matches.filter(detection=it.detection)
        assert len(chosen) == it.count
        times = [match.time for match in chosen if match.time]
        assert (it.first, it.last) == (min(times, default=None), max(times, default=None))
        assert set(it.hosts) == {match.host for match in chosen if match.host}
        assert it.examples == tuple(chosen[:3])
    cron = matches.filter(technique="T1053.003")
    assert all("T1053.003" in it.techniques for it in cron)
    assert len(matches.filter(technique="T1053")) == len(
        [it for it in matches if any(t.startswith("T1053") for t in it.techniques)]
    )
    risky = matches.filter(minimum_risk=50, kind=t1053.Like("ttp"))
    assert {(it.kind, (it.risk_score or 0) >= 50) for it in risky} == {("TTP", True)}
    middle = sorted(it.time for it in matches if it.time)[len(matches) // 2]
    assert len(matches.filter(since=middle)) + len(matches.filter(until=middle)) == len(
        [it for it in matches if it.time]
    )


NASTY = "<script>alert('x')</script>&\"\u202e\x1b[31m"


def test_hostile_text_is_escaped() -> None:
    event = t1053.ProcessCreation(
        image="schtasks.exe",
        command_line=f"schtasks /run {NASTY} /create /ru SYSTEM",
        host=NASTY,
        user=NASTY,
    )
    matches = t1053.Detector().evaluate_many([event])
    assert matches
    page = matches._repr_html_() + matches[0]._repr_html_()
    for raw in ("<script", "\u202e", "\x1b", "'x'"):
        assert raw not in page
    assert "&lt;script&gt;" in page
    assert "<mark>/run</mark>" in page
    for text in (repr(matches[0]), matches[0].explain()):
        assert "\x1b" not in text
        assert "\u202e" not in text
    # Every tag that is opened is closed: no text broke out of its place.
    tags = re.findall(r"<(/?)(\w+)", page)
    for name in {name for _, name in tags} - {"br", "wbr"}:
        opened = sum(1 for slash, it in tags if it == name and not slash)
        assert opened * 2 == sum(1 for _, it in tags if it == name), name


def test_long_values_are_cut_on_pages() -> None:
    text = "a" * 100_000 + " schtasks /create /ru system " + "b" * 100_000
    event = t1053.ProcessCreation(image="schtasks.exe", command_line=text)
    assert len(t1053.Detector().evaluate_many([event])._repr_html_()) < 20_000


def test_detections() -> None:
    every = t1053.detections()
    assert len({it.slug for it in every}) == len(every) >= 45
    assert every is t1053.detections()
    assert every.to_polars().height == every.to_arrow().num_rows == len(every)
    assert every[2:4] == (every[2], every[3])
    page = every._repr_html_().replace("<wbr>", "")
    assert all(it.slug in page for it in every)
    with pytest.raises(KeyError):
        every["no_such_thing"]
    for it in every:
        assert pickle.loads(pickle.dumps(it)) == it
        assert it.description and it.condition and it.events


def test_detectors_say_what_is_wrong() -> None:
    for arguments, text in [
        ({"enable": "schtasks_run_task_on_demnd"}, "did you mean"),
        ({"disable": ["risk:500"]}, "0 to 100"),
        ({"exclude": [("schtasks_run_task_on_demand", "Image|near", "x")]}, "startswith"),
        ({"exclude": [("schtasks_run_task_on_demand", "Imag", "x")]}, "Image"),
        ({"exclude": [("schtasks_run_task_on_demand", "Image|re", "(")]}, "regular"),
    ]:
        with pytest.raises(t1053.DetectorError, match=text):
            t1053.Detector(**arguments)  # type: ignore[arg-type]


def test_typed_events_are_those_of_rust() -> None:
    # That they are fresh is told by `cargo xtask generate --check`.
    import t1053._events

    for kind, fields in _t1053.event_kinds():
        event = t1053._events.EVENTS[kind]
        assert getattr(t1053, event.__name__) is event
        given = [*_t1053.common_fields(), *fields]
        names = ["platform", "time", *(attribute for attribute, _ in given)]
        assert [field.name for field in fields_of(event)] == names


def test_scanners(logs: Path) -> None:
    data = (logs / "events.jsonl").read_bytes()
    whole = t1053.scan(data)
    scanner = t1053.Scanner()
    found: list[dict[str, Any]] = []
    for start in range(0, len(data), 1000):
        found += scanner.feed(data[start : start + 1000]).to_dicts()
    found += scanner.finish().to_dicts()
    assert found == whole.to_dicts()
    assert scanner.counts == whole.counts
    assert scanner.unreadable == whole.unreadable
    scanner.reset()
    assert scanner.counts == t1053.Counts()
    named = t1053.Scanner(path="syslog")
    named.feed('{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}')
    assert named.finish()[0].path == "syslog"


def test_times_of_every_year() -> None:
    for year in ("0000", "0001", "1600", "9999"):
        event = t1053.TaskScheduler(event_id="200", time=f"{year}-05-01T00:00:00Z")
        matches = t1053.Detector().evaluate_many([event])
        assert matches.to_dicts()[0]["time"] == f"{year}-05-01T00:00:00Z"
        time = matches[0].time
        assert (time.year if time else 0) == int(year)
        matches.to_polars()
        matches.to_pandas()
        matches._repr_html_()


def test_a_panic_is_an_error() -> None:
    with pytest.raises(t1053.InternalError, match="a test's panic"):
        _t1053.panic()


def test_errors_are_of_one_family() -> None:
    for name in t1053.__all__:
        it = getattr(t1053, name)
        if isinstance(it, type) and issubclass(it, Exception):
            assert issubclass(it, t1053.Error | UserWarning)
            assert it.__module__ == "t1053"


def test_every_public_item_is_documented_with_an_example() -> None:
    import doctest

    finder = doctest.DocTestFinder()
    for name in t1053.__all__:
        it = getattr(t1053, name)
        # Of a type's alias type checkers alone know what is said of it.
        if name == "__version__" or not (isinstance(it, type) or callable(it)) or get_args(it):
            continue
        assert it.__doc__, name
        assert any(test.examples for test in finder.find(it, name)), name
        for method, value in vars(it).items() if isinstance(it, type) else ():
            if callable(value) and not method.startswith("_"):
                assert ">>>" in (value.__doc__ or ""), f"{name}.{method}"


def test_ndjson_goes_to_files(matches: t1053.Matches, tmp_path: Path) -> None:
    matches.to_ndjson(tmp_path / "a.ndjson")
    opened = io.BytesIO()
    matches.to_ndjson(opened)
    text = matches.to_ndjson()
    assert (tmp_path / "a.ndjson").read_text(encoding="utf-8") == text
    assert opened.getvalue().decode() == text
    assert all(json.loads(it) for it in text.splitlines())
