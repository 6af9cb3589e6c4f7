"""Every kind of source, and that all agree."""

from __future__ import annotations

import gzip
import json
import mmap
import pathlib
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from conftest import LOGS, bare

import t1053


@pytest.fixture(scope="module")
def events(logs: Path) -> Path:
    return logs / "events.jsonl"


@pytest.fixture(scope="module")
def expected(events: Path, detector: t1053.Detector) -> t1053.Matches:
    return t1053.scan(events, detector=detector)


@pytest.fixture(scope="module")
def rows(events: Path) -> list[Any]:
    lines = events.read_text(encoding="utf-8").splitlines()
    return [json.loads(it) for it in lines if it]


def test_the_expected_is_much(expected: t1053.Matches) -> None:
    assert len(expected) > 100
    assert len({it.slug for it in expected}) > 20


def test_paths(events: Path, logs: Path, expected: t1053.Matches) -> None:
    text = expected.to_ndjson()
    assert t1053.scan(str(events)).to_ndjson() == text
    assert t1053.scan([events]).to_ndjson() == text
    assert t1053.scan(iter([events])).to_ndjson() == text
    assert t1053.scan(pandas.Series([events])).to_ndjson() == text
    assert t1053.scan(str(logs / "*.jsonl")).to_ndjson() == text
    whole = t1053.scan(logs)
    assert whole.filter().to_ndjson() == whole.to_ndjson()
    paths = [it.path for it in whole]
    assert paths == sorted(paths, key=lambda it: it or "")
    assert {Path(it).name for it in paths if it} == {it.name for it in LOGS}
    for threads in (1, 2, 7):
        assert t1053.scan(LOGS, threads=threads).to_ndjson() == whole.to_ndjson()


def test_one_large_file(events: Path, tmp_path: Path) -> None:
    """On any number of cores, and beside other files, the same is found."""
    quiet = b'{"EventID":4624,"Channel":"Security","Computer":"a"}\n' * 20_000
    large = tmp_path / "large.jsonl"
    large.write_bytes((quiet + events.read_bytes() + b"x\n") * 5 + quiet.strip())
    small = tmp_path / "small.jsonl"
    small.write_bytes(events.read_bytes())
    for sources in ([large], [small, large, small]):
        one = t1053.scan(sources, threads=1)
        assert len(one) > 500
        for threads in (2, 4):
            many = t1053.scan(sources, threads=threads)
            assert many.to_ndjson() == one.to_ndjson()
            assert many.counts == one.counts
            assert many.unreadable == one.unreadable
            with t1053.scan_iter(sources, threads=threads) as matches:
                told = [(it.path, it.record, it.slug, it.message) for it in matches]
                assert told == [(it.path, it.record, it.slug, it.message) for it in one]
                assert matches.counts == one.counts


def test_bytes(events: Path, expected: t1053.Matches) -> None:
    data = events.read_bytes()
    for source in (data, bytearray(data), memoryview(data), gzip.compress(data)):
        assert bare(t1053.scan(source)) == bare(expected)
    with events.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        assert t1053.scan(mapped).to_dicts()[0]["record"] == expected[0].record
        mapped.close()


def test_open_files(events: Path, expected: t1053.Matches) -> None:
    with events.open("rb") as opened:
        assert t1053.scan(opened).to_ndjson() == expected.to_ndjson()
    with events.open(encoding="utf-8") as opened:
        assert t1053.scan(opened).to_ndjson() == expected.to_ndjson()


def test_compressed_files(
    events: Path, expected: t1053.Matches, tmp_path: Path
) -> None:
    packed = tmp_path / "events.gz"
    packed.write_bytes(gzip.compress(events.read_bytes()))
    assert bare(t1053.scan(packed)) == bare(expected)
    table = pyarrow.compress(events.read_bytes(), codec="zstd", asbytes=True)
    packed = tmp_path / "events.zst"
    packed.write_bytes(table)
    assert bare(t1053.scan(packed)) == bare(expected)


def test_records(rows: list[Any], expected: t1053.Matches) -> None:
    lines = [json.dumps(it, ensure_ascii=False) for it in rows]
    for source in (
        [it for it in rows if isinstance(it, dict)],
        iter([it for it in rows if isinstance(it, dict)]),
    ):
        assert bare(t1053.scan(source)) == bare(t1053.scan("\n".join(
            json.dumps(it) for it in rows if isinstance(it, dict)).encode()))
    assert bare(t1053.scan(lines)) == bare(expected)
    assert bare(t1053.scan(it.encode() for it in lines)) == bare(expected)
    assert t1053.scan(rows[0]).counts.records == 1


def _flat(rows: list[Any]) -> list[dict[str, Any]]:
    """Records of one level, of which a table can be made without a loss."""
    return [
        {k: str(v) for k, v in it.items()}
        for it in rows
        if isinstance(it, dict)
        and "EventID" in it
        and all(isinstance(v, str | int | float) for v in it.values())
    ]


def test_tables_agree_with_records(rows: list[Any]) -> None:
    flat = _flat(rows)
    expected = t1053.scan(flat)
    assert len(expected) > 20
    text = expected.to_ndjson()
    polar = polars.DataFrame(flat, infer_schema_length=None)
    arrow = polar.to_arrow()
    for table in (
        polar,
        polar.lazy(),
        arrow,
        arrow.to_batches(max_chunksize=7)[0:1] and arrow,
        pyarrow.RecordBatchReader.from_batches(
            arrow.schema, arrow.to_batches(max_chunksize=7)
        ),
        pandas.DataFrame(flat),
        pandas.DataFrame(flat).astype(object),
        pandas.DataFrame(flat, index=range(5, 5 + len(flat))),
    ):
        assert t1053.scan(table).to_ndjson() == text  # type: ignore[arg-type]
    one = arrow.combine_chunks().to_batches()[0]
    assert t1053.scan(one).to_ndjson() == text


def test_nested_tables_agree_with_records(rows: list[Any]) -> None:
    nested = [it for it in rows if isinstance(it, dict) and "winlog" in it]
    assert nested
    expected = bare(t1053.scan(nested))
    lines = "\n".join(map(json.dumps, nested)).encode()
    assert bare(t1053.scan(lines)) == expected
    assert bare(t1053.scan(pandas.DataFrame(nested))) == expected


def test_a_column_of_records(events: Path, expected: t1053.Matches) -> None:
    lines = [it for it in events.read_text(encoding="utf-8").splitlines() if it]
    for name in ("_raw", "event.original"):
        assert bare(t1053.scan(polars.DataFrame({name: lines}))) == bare(expected)
        assert bare(t1053.scan({name: it} for it in lines)) == bare(expected)
    for series in (pandas.Series(lines), polars.Series(lines), pyarrow.array(lines)):
        assert bare(t1053.scan(map(str, series))) == bare(expected)


CIM: dict[str, Any] = {
    "dest": "WS-014",
    "user": "ann",
    "process_path": r"C:\Windows\System32\schtasks.exe",
    "process": "schtasks /create /tn x /tr a.exe /ru SYSTEM",
    "_time": 1714557600,
}
ECS = {
    "host.name": "WS-014",
    "user.name": "ann",
    "process.executable": CIM["process_path"],
    "process.command_line": CIM["process"],
    "@timestamp": "2024-05-01T10:00:00Z",
}
SIGMA: dict[str, str] = {
    "Computer": "WS-014",
    "User": "ann",
    "Image": CIM["process_path"],
    "CommandLine": CIM["process"],
    "UtcTime": "2024-05-01 10:00:00",
}


@pytest.mark.parametrize("row", [CIM, ECS, SIGMA], ids=["cim", "ecs", "sigma"])
def test_known_columns(row: dict[str, Any]) -> None:
    event = t1053.ProcessCreation(
        host="WS-014",
        user="ann",
        image=SIGMA["Image"],
        command_line=SIGMA["CommandLine"],
        time="2024-05-01T10:00:00Z",
    )
    expected = t1053.Detector().evaluate_many([event]).to_ndjson()
    assert expected
    assert t1053.scan([row]).to_ndjson() == expected
    assert t1053.scan(polars.DataFrame([row])).to_ndjson() == expected
    assert t1053.scan(pandas.DataFrame([row])).to_ndjson() == expected
    if "host.name" in row:
        nested = {
            "host": {"name": "WS-014"},
            "user": {"name": "ann"},
            "process": {
                "executable": row["process.executable"],
                "command_line": row["process.command_line"],
            },
            "@timestamp": row["@timestamp"],
        }
        assert t1053.scan([nested]).to_ndjson() == expected
        assert t1053.scan(polars.DataFrame([nested])).to_ndjson() == expected


def test_linux_is_told_by_paths_or_the_system(published: t1053.Detector) -> None:
    row = {"process.executable": "/usr/bin/crontab", "process.command_line": "crontab -l"}
    for source in ([row], polars.DataFrame([row])):
        matches = t1053.scan(source, detector=published)
        slugs = {it.slug for it in matches}
        assert slugs, "nothing was found on Linux"
        assert all(it.detection.platform == "linux" for it in matches)
    named = {"host.os.type": "linux", "process.executable": "crontab",
             "process.command_line": "crontab -l"}
    assert {it.slug for it in t1053.scan([named], detector=published)} == slugs
    frame = polars.DataFrame([named])
    assert {it.slug for it in t1053.scan(frame, detector=published)} == slugs
    assert not t1053.scan([row], platform="windows")


def test_explicit_columns(published: t1053.Detector) -> None:
    row = {"what": "schtasks /run /tn x", "exe": "schtasks.exe", "where": "WS-1"}
    fields = {"what": "CommandLine", "exe": "Image", "where": "Computer"}
    for source in ([row], polars.DataFrame([row]), pandas.DataFrame([row])):
        matches = t1053.scan(
            source, detector=published, fields=fields, kind="process_creation"
        )
        assert {it.slug for it in matches} == {"schtasks_run_task_on_demand"}
        assert matches[0].host == "WS-1"


@pytest.mark.parametrize("columns", [["colour", "size"], ["host", "user"], []])
def test_columns_that_cannot_be_mapped(columns: list[str]) -> None:
    frame = polars.DataFrame({it: ["x"] for it in columns})
    with pytest.raises(t1053.FieldError, match="CommandLine / .*process.command_line"):
        t1053.scan(frame)
    with pytest.raises(t1053.FieldError):
        t1053.scan(frame, fields={"colour": "NoSuchField"}, kind="process_creation")


def test_what_cannot_be_scanned(tmp_path: Path) -> None:
    for source in (42, object(), None):
        with pytest.raises(t1053.SourceError):
            t1053.scan(source)  # type: ignore[arg-type]
    for path in ("no-such", [Path("no-such/*.log")], tmp_path / "none", "no*such"):
        with pytest.raises(t1053.SourceNotFoundError):
            t1053.scan(path)
    with pytest.raises(t1053.SourceNotFoundError, match="too long"):
        t1053.scan("*/" * 5000)
    with pytest.raises(t1053.SourceError, match="no format `yaml`"):
        t1053.scan(b"", format="yaml")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        t1053.scan("no-such.log")


# Of an administrator's log, whose text someone else has chosen.
AZURE = json.dumps(
    {
        "operationName": "Microsoft.Automation/automationAccounts/runbooks/write",
        "properties": {"path": "/*" * 3000, "text": "[a-z]/**/**/?"},
    }
)


@pytest.mark.parametrize("series", [list, tuple, iter, pandas.Series, polars.Series])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_data_is_never_a_path(
    series: Any,
    as_bytes: bool,
    logs: Path,
    tmp_path: Path,
    published: t1053.Detector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "secret.log").write_bytes((logs / "events.jsonl").read_bytes())
    monkeypatch.chdir(tmp_path)
    lines = [AZURE, "secret.log", "*.log", str(tmp_path), str(tmp_path / "secret.log"), "\0"]
    for first in range(len(lines)):
        given = lines[first:] + lines[:first]
        source = series([it.encode() for it in given] if as_bytes else given)
        matches = t1053.scan(source, detector=published, errors="ignore")
        assert matches.counts.records == len(lines)
        assert not matches


def test_text_of_a_record_is_no_path(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(logs)
    for text in (AZURE, '[{"a": "*"}]', " <Event>*</Event>", "audit.log\nevents.jsonl"):
        with pytest.raises(t1053.SourceError, match="as bytes"):
            t1053.scan(text)


def test_paths_as_text_in_a_list_are_told_from_files(logs: Path) -> None:
    names = [str(it) for it in LOGS]
    with pytest.warns(t1053.ReadWarning, match=r"give them as pathlib\.Path") as warned:
        assert not t1053.scan(names)
    assert warned[0].filename == __file__
    with pytest.raises(t1053.SourceError, match=r"pathlib\.Path"):
        t1053.scan(names, errors="raise")
    with pytest.raises(t1053.SourceError, match="a str in a list of paths"):
        t1053.scan([LOGS[0], names[1]])  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="record of type PosixPath"):
        t1053.scan([names[0], LOGS[1]])  # type: ignore[arg-type]


def test_no_item_is_lost() -> None:
    record = {"EventID": 4624}
    for source in ([], iter([]), (), [""], ["\n"]):
        assert t1053.scan(source).counts.records == 0
    with pytest.raises(t1053.SourceError, match="NoneType"):
        t1053.scan([None, record])  # type: ignore[arg-type]


def test_a_broken_source_spoils_no_other(events: Path, tmp_path: Path) -> None:
    broken = tmp_path / "a.gz"
    broken.write_bytes(gzip.compress(events.read_bytes())[:-100])
    sound = tmp_path / "b.jsonl"
    sound.write_bytes(events.read_bytes())
    with pytest.warns(t1053.ReadWarning, match=r"a\.gz cannot be read"):
        matches = t1053.scan(tmp_path)
    assert [it.source for it in matches.failures] == [str(broken)]
    alone = t1053.scan(sound)
    assert bare(matches.filter(since=None))[-len(alone) :] == bare(alone)
    with pytest.raises(t1053.SourceError):
        t1053.scan(tmp_path, errors="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t1053.scan(tmp_path, errors="ignore")


def test_a_reader_that_fails() -> None:
    class Reader:
        def read(self, size: int) -> bytes:
            raise KeyError("from the reader")

    with pytest.raises(KeyError, match="from the reader"):
        t1053.scan(Reader())  # type: ignore[arg-type]


def test_every_record_is_counted(detector: t1053.Detector) -> None:
    for log in LOGS:
        counts = t1053.scan(log, detector=detector).counts
        assert counts.records == (
            counts.read + counts.filtered + counts.uninteresting + counts.not_understood + counts.unreadable
        )
        assert counts.bytes == log.stat().st_size


def test_values_that_json_has_not() -> None:
    import datetime

    row = {
        "EventID": 4698.0,
        "Channel": "Security",
        "TimeCreated": datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC),
        "Computer": b"WS-\xff",
        "TaskName": "\\x\ud800",
        "TaskContent": pathlib.Path("powershell.exe"),
        "nothing": float("nan"),
        "missing": pandas.NaT,
        "list": (1, 2.5, True, None),
    }
    match = t1053.scan([row])[0]
    assert match.host == "WS-\ufffd"
    assert match.time == row["TimeCreated"]


def test_records_that_refer_to_themselves(published: t1053.Detector) -> None:
    row: dict[str, Any] = {"EventID": 1}
    row["row"] = [(row,)]
    good = {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"}
    matches = t1053.scan([good, row, good], detector=published)
    assert [it.record for it in matches] == [0, 2]
    assert [it.record for it in matches.unreadable] == [1]
    assert "nested deeper" in matches.unreadable[0].reason
    assert matches.counts.records == 3
    with pytest.raises(t1053.SourceError, match="nested deeper"):
        t1053.Detector().evaluate(row)


def test_interrupted_at_once(tmp_path: Path) -> None:
    """Ctrl-C stops a scan of files, bytes and records within a moment."""
    script = """
import sys, threading, _thread, time, itertools, t1053
line = b'{"EventID":1,"CommandLine":"schtasks /create"}\\n'
def endless():
    while True: yield {"EventID": 1}
class Reader:
    def read(self, size): return line * 1000
big = line * 40_000_000 if sys.argv[1] == "bytes" else None
source = {"bytes": big, "rows": endless(), "reader": Reader()}[sys.argv[1]]
print("ready", flush=True)
try:
    t1053.scan([source] if isinstance(source, str) else source, threads=1, format="xml" if big else "auto")
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    for what in ("rows", "reader"):
        running = subprocess.Popen(
            [sys.executable, "-c", script, what], stdout=subprocess.PIPE, text=True
        )
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        time.sleep(0.3)
        sent = time.monotonic()
        running.send_signal(signal.SIGINT)
        assert running.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < 1
        running.wait(10)
        running.stdout.close()


def test_an_endless_file_is_interrupted(tmp_path: Path) -> None:
    script = """
import t1053
print("ready", flush=True)
try:
    t1053.scan("/dev/zero", record_limit=1024)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    running = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.5)
    sent = time.monotonic()
    running.send_signal(signal.SIGINT)
    assert running.stdout.readline() == "interrupted\n"
    assert time.monotonic() - sent < 1
    running.wait(10)
    running.stdout.close()


def test_other_threads_run_meanwhile(logs: Path) -> None:
    """The interpreter is not held while a batch is scanned."""
    data = (logs / "events.jsonl").read_bytes() * 100
    ticks = 0
    done = threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    t1053.Scanner().feed(data)
    done.set()
    thread.join()
    assert ticks > 5


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    from t1053 import _t1053
    from t1053._detector import settings

    program = t1053.Detector()._program
    data = b'{"EventID":1}\n' * 1000
    how = settings("auto", 1 << 20, True, True, None, None)

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    _t1053.scan_inputs(program, [data], how, 1, False, tell)
    assert told[-1] == (len(data), len(data))

    def refuse(done: int, total: int) -> None:
        raise KeyError("from the bar")

    with pytest.raises(KeyError, match="from the bar"):
        _t1053.scan_inputs(program, [data], how, 1, False, refuse)


def test_a_bar_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    t1053.scan(b"a line\n", progress=True)
    assert "100%" in capsys.readouterr().err
    t1053.scan(b"a line\n")
    assert capsys.readouterr().err == ""


def test_generators_are_read_in_batches() -> None:
    asked = 0

    def rows() -> Iterator[dict[str, int]]:
        nonlocal asked
        for _ in range(10_000):
            asked += 1
            yield {"EventID": 1}

    assert t1053.scan(rows()).counts.records == asked == 10_000


def test_tables_of_nothing_known_and_columns_of_nothing() -> None:
    row = {**CIM, "empty": None, "nested": {"empty": None}}
    expected = t1053.scan([CIM]).to_ndjson()
    assert t1053.scan(polars.DataFrame([row])).to_ndjson() == expected
    assert t1053.scan(pandas.DataFrame([row])).to_ndjson() == expected
    assert t1053.scan(pyarrow.Table.from_pylist([row])).to_ndjson() == expected
    wrapped = {"line": 1, "inner": {"EventID": 1}}
    with pytest.raises(t1053.FieldError):
        t1053.scan(pyarrow.Table.from_pylist([{"line": 1, "inner": {"colour": 1}}]))
    assert t1053.scan([{"EventID": 4624}, wrapped]).counts.records == 2


def test_long_tables_and_chunks(published: t1053.Detector) -> None:
    frame = polars.DataFrame([CIM] * 20_000)
    matches = t1053.scan(frame, detector=published)
    each = len(t1053.scan([CIM], detector=published))
    assert matches.counts.records == 20_000
    assert len(matches) == 20_000 * each
    assert matches[-1].record == 19_999
    line = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\n'
    log = line * 150_000
    scanner = t1053.Scanner(published)
    found = scanner.feed(log)
    assert [found[0].record, found[-1].record] == [0, 149_999]
    assert len(found) + len(scanner.finish()) == scanner.counts.matches == 150_000


def test_dictionaries_of_sensors_are_read_as_their_lines(
    detector: t1053.Detector,
) -> None:
    """Members of many sensors have names that columns of tables have, too."""
    records = sorted((LOGS[0].parents[1] / "sources").rglob("*.json*"))
    dictionaries = 0
    for path in records:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if not isinstance(record, dict):
                continue
            of_line = t1053.scan_bytes(line.encode(), detector=detector)
            try:
                found = t1053.scan_records([record], detector=detector)
            except t1053.FieldError:
                # A line of a container, say, that is no event's.
                assert not of_line, line
                continue
            slugs = [it.slug for it in found]
            assert slugs == [it.slug for it in of_line], line
            dictionaries += 1
    assert dictionaries > 100, dictionaries
