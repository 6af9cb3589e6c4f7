"""Every record is accounted for, whatever is wrong and whichever way it comes:
records = read + filtered + uninteresting + unreadable, exactly, and each
unreadable one is listed with its place and the reason."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import re
import signal
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import event_log
import pandas
import polars
import pyarrow
import pytest
from conftest import ROOT

import t1053

FAULTS = sorted((ROOT / "testdata" / "faults").glob("*.stream"))
LIMIT = 1024
GOOD = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\n'
BAD = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Oper\n'

Told = tuple[t1053.Counts, tuple[t1053.Unreadable, ...]]


def accounted(counts: t1053.Counts) -> None:
    assert counts.records == (
        counts.read + counts.filtered + counts.uninteresting + counts.not_understood + counts.unreadable
    )
    # Once more in other words: of the records that were read, each has events.
    assert counts.read <= sum(counts.events.values())


def told(scanned: t1053.Matches | t1053.Scanner) -> Told:
    """What a scan says of its records, after a look whether it adds up."""
    counts, unreadable = scanned.counts, scanned.unreadable
    accounted(counts)
    assert len(scanned.not_understood) == min(counts.not_understood, 16)
    assert all(it.record < counts.records for it in scanned.not_understood)
    assert len(unreadable) == counts.unreadable
    places = [it.record for it in unreadable]
    assert places == sorted(set(places))
    assert all(it.record < counts.records and it.reason for it in unreadable)
    if isinstance(scanned, t1053.Matches):
        assert len(scanned) == counts.matches
        assert all(it.record < counts.records for it in scanned)
    return counts, unreadable


def shown(name: str, it: Told) -> str:
    """The same as it is written beside the streams."""
    counts, unreadable = it
    lines = [
        f"{name} bytes={counts.bytes} records={counts.records} read={counts.read}"
        f" filtered={counts.filtered} uninteresting={counts.uninteresting + counts.not_understood}"
        f" unreadable={counts.unreadable} matches={counts.matches}\n"
    ]
    for bad in unreadable:
        reason = re.fullmatch(
            r"(?:JSON: |XML: |auditd: |event text: )?(.*) \(byte (\d+)\)", bad.reason
        )
        assert reason, bad
        lines.append(
            f"unreadable record={bad.record} offset={bad.offset}"
            f" byte={reason[2]} {reason[1]}\n"
        )
    return "".join(lines)


class Reader:
    """An object that gives few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int) -> bytes:
        now, self.rest = self.rest[:100], self.rest[100:]
        return now


def _zstd(data: bytes) -> bytes:
    return pyarrow.compress(data, codec="zstd", asbytes=True)


def _skipped(data: bytes) -> bytes:
    """A frame of Zstandard that decoders pass over."""
    return struct.pack("<II", 0x184D2A50, len(data)) + data


def _feed(
    data: bytes | str, detector: t1053.Detector, size: int, filter: bool
) -> t1053.Scanner:
    scanner = t1053.Scanner(detector, record_limit=LIMIT, filter=filter, join=False)
    found = 0
    for at in range(0, len(data), size):
        found += len(scanner.feed(data[at : at + size]))
        accounted(scanner.counts)
    found += len(scanner.finish())
    assert found == scanner.counts.matches
    return scanner


@pytest.mark.parametrize("stream", FAULTS, ids=[it.stem for it in FAULTS])
def test_faults_are_counted_as_in_rust_and_c(
    stream: Path, detector: t1053.Detector, tmp_path: Path
) -> None:
    data = stream.read_bytes()
    expected = stream.with_suffix(".counts").read_text(encoding="utf-8")
    copies = {
        "plain.log": data,
        "packed.gz": gzip.compress(data),
        "members.gz": gzip.compress(data[:99]) + gzip.compress(data[99:]),
        "packed.zst": _zstd(data),
        "frames.zst": _skipped(b"x" * 9) + _zstd(data[:99]) + _skipped(b"")
        + _zstd(b"") + _zstd(data[99:]) + _skipped(b"y"),
    }
    for name, content in copies.items():
        (tmp_path / name).write_bytes(content)

    def scan(source: Any, filter: bool) -> t1053.Matches:
        # What is written down is of each record by itself.
        return t1053.scan(
            source,
            detector=detector,
            record_limit=LIMIT,
            filter=filter,
            join=False,
            errors="raise",
        )

    # Each a way in, for bytes that are a stream.
    text = data.decode("utf-8", "surrogateescape")
    ways: list[Callable[[bool], t1053.Matches | t1053.Scanner]] = [
        lambda filter: scan(data, filter),
        lambda filter: scan(bytearray(data), filter),
        lambda filter: scan(memoryview(data), filter),
        lambda filter: scan(io.BytesIO(data), filter),
        lambda filter: scan(Reader(data), filter),
        lambda filter: scan(Reader(copies["frames.zst"]), filter),
        *(
            (lambda filter, path=tmp_path / it: scan(path, filter))
            for it in copies
        ),
        *(
            (lambda filter, size=it: _feed(data, detector, size, filter))
            for it in (7, 4096)
        ),
        lambda filter: _feed(text, detector, 1 << 20, filter),
    ]
    for way in ways:
        found = [shown(name, told(way(name == "filter"))) for name in ("filter", "no-filter")]
        assert expected.startswith("".join(found)), found
    # Several files at once: as many times as much.
    every = scan(tmp_path, False)
    assert told(scan(data, False))[0].records * len(copies) == every.counts.records
    assert len(every.unreadable) == every.counts.unreadable
    assert {it.path for it in every.unreadable} <= {str(tmp_path / it) for it in copies}

    # Lines of text in an iterable: the same with a line end at the end.
    ended = data if data.endswith(b"\n") or not data else data + b"\n"
    same = told(scan(ended, False))
    lines = ended.splitlines(keepends=True) if b"\r" not in ended else [
        it + b"\n" for it in ended.split(b"\n")[:-1]
    ]
    if not {b"\v", b"\f", b"\x1c"} & {bytes([it]) for it in ended}:
        for source in (
            lines,
            iter(lines),
            (it.decode("utf-8", "surrogateescape") for it in lines),
            [bytearray(it) for it in lines],
        ):
            assert told(scan(source, False)) == same
        scanner = t1053.Scanner(
            detector, record_limit=LIMIT, filter=False, join=False
        )
        for it in lines:
            scanner.push([it])
            accounted(scanner.counts)
        scanner.finish()
        assert told(scanner) == same

    # Lines that are whole records: in dictionaries, and in tables.
    whole = [it.removesuffix(b"\n") for it in lines] if data == ended else [
        it.removesuffix(b"\n") for it in (lines[:-1] + [lines[-1].removesuffix(b"\n")])
    ]
    if not whole:
        return
    table = pyarrow.table({"_raw": pyarrow.array(whole, pyarrow.binary())})
    for source in (
        [{"_raw": it} for it in whole],
        ({"event.original": it.decode("utf-8", "surrogateescape")} for it in whole),
        table,
        pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches(3)),
        polars.DataFrame({"_raw": whole}, schema={"_raw": polars.Binary}),
        pandas.DataFrame({"_raw": whole}),
    ):
        assert expected.endswith("\n" + shown("lines", told(scan(source, False))))
    filtered = t1053.Scanner(detector, record_limit=LIMIT)
    for it in whole:
        filtered.push([{"_raw": it}])
        accounted(filtered.counts)
    assert filtered.counts.records == len(whole)


def test_there_are_faults() -> None:
    assert len(FAULTS) > 40


def test_other_records(detector: t1053.Detector) -> None:
    """Events, dictionaries and tables that are records of their own."""
    deep: Any = 1
    for _ in range(70):
        deep = {"a": [deep]}
    rows: list[Any] = [
        {"EventID": 1, "CommandLine": None},
        {"EventID": "no number"},
        {"EventID": [], "CommandLine": {"a": b"\xff\0"}},
        {"EventID": 200, "deep": deep},
        {"EventID": 1, "text": "x" * 2 * LIMIT},
        {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"},
        t1053.TaskScheduler(event_id="200"),
        t1053.ProcessCreation(command_line="\0\ud800"),
        {"Image": "\ud800", "CommandLine": b"\xff"},
        {"nothing": "known"},
        {},
        "",
        "no record\n",
        b"\0\xff",
        ("{" * 2000),
    ]
    for filter in (True, False):
        matches = t1053.scan(rows, detector=detector, record_limit=LIMIT, filter=filter)
        counts, unreadable = told(matches)
        # An empty line is none.
        assert counts.records == len(rows) - 1
        reasons = {it.record: it.reason for it in unreadable}
        assert "nested deeper" in reasons[3]
        assert "over the size limit" in reasons[4]
        assert "over the size limit" in reasons[13]
        for at in range(len(rows)):
            scanner = t1053.Scanner(detector, record_limit=LIMIT, filter=filter)
            scanner.push(rows[at : at + 1])
            scanner.finish()
            assert told(scanner)[0].records == (rows[at] != "")
    many = detector.evaluate_many(it for it in rows[:11])
    assert told(many)[0].records == 11
    for at in (0, 1, 2, 5, 6, 7, 8, 9, 10):
        detector.evaluate(rows[at])
    with pytest.raises(t1053.SourceError, match="nested deeper"):
        detector.evaluate(rows[3])
    flat = [
        {"EventID": it % 9, "CommandLine": None if it % 3 else "schtasks\0" * (it * 20)}
        for it in range(20)
    ]
    expected = None
    for table in (
        polars.DataFrame(flat),
        polars.DataFrame(flat).to_arrow(),
        pandas.DataFrame(flat).astype(object),
    ):
        found = told(t1053.scan(table, detector=detector, record_limit=LIMIT))
        assert found[0].records == 20
        assert found[0].unreadable == sum(it % 3 == 0 and it > 5 for it in range(20))
        assert found == (expected or found)
        expected = found


def test_records_of_no_known_shape_are_told(
    detector: t1053.Detector, tmp_path: Path
) -> None:
    odd = b"Nov 25 10:00:00 h \xe9sshd[%d]: x\n"
    lines = [GOOD, *(odd % it for it in range(40)), BAD]
    log = b"".join(lines)
    path = tmp_path / "log"
    path.write_bytes(log)
    scanner = t1053.Scanner(detector, filter=False)
    for line in lines:
        scanner.feed(line)
    with t1053.scan_iter(log, detector=detector, filter=False) as matches:
        assert len(list(matches)) == 2
    scanned = t1053.scan(log, detector=detector, filter=False)
    of_file = t1053.scan(path, detector=detector, filter=False)
    twice = scanned + scanned
    assert len(twice.not_understood) == 32
    assert repr(scanned) == (
        "<Matches: 2 matches of 2 detections in 42 records, 40 not understood,"
        " 1 unreadable>"
    )
    assert "40 not understood, 1 unreadable" in scanned._repr_html_()
    assert {it.path for it in of_file.not_understood} == {str(path)}
    for it in (
        scanned, of_file, scanner, matches, t1053.jobs(log),
        pickle.loads(pickle.dumps(scanned)), pickle.loads(pickle.dumps(scanner)),
        scanned[:0],
    ):
        assert it.counts.not_understood == 40
        assert [bad.record for bad in it.unreadable] == [41]
        told = list(it.not_understood)
        assert [bad.record for bad in told] == list(range(1, 17))
        offset = 0
        for bad, line in zip(told, lines[1:]):
            offset = log.index(line, offset)
            assert bad.offset == offset
            assert bad.begins == line[:-1].decode("utf-8", "replace")


def test_more_unreadable_records_than_are_listed(detector: t1053.Detector) -> None:
    lines = [BAD] * 9000
    for matches in (
        t1053.scan(b"".join(lines), detector=detector),
        t1053.scan(lines, detector=detector),
    ):
        accounted(matches.counts)
        assert matches.counts.unreadable == 9000
        assert [it.record for it in matches.unreadable] == list(range(1000))
        assert matches.unreadable[999].offset == 999 * len(BAD)


@pytest.mark.parametrize("size", range(20, 2000, 90))
def test_gzip_that_is_cut(size: int, detector: t1053.Detector, tmp_path: Path) -> None:
    data = b"".join(it.read_bytes() + b"\n" for it in FAULTS)
    packed = gzip.compress(data)
    assert size < len(packed)
    cut = packed[:size]
    left = zlib.decompressobj(31).decompress(cut)
    path = tmp_path / "cut.gz"
    path.write_bytes(cut)
    for source in (cut, path, io.BytesIO(cut), Reader(cut)):
        matches = t1053.scan(source, detector=detector, errors="ignore", filter=False)  # type: ignore[arg-type]
        assert len(matches.failures) == 1
        counts, _ = told(matches)
        # All that can be unpacked is scanned, but for what a buffer may hold.
        assert counts.bytes <= len(left)
        whole = t1053.scan(left[: counts.bytes], detector=detector, filter=False)
        assert told(whole)[0] == counts
        assert len(left) - counts.bytes < 300


def _frame(data: bytes, checksum: int) -> bytes:
    """A frame of Zstandard of one block that is not compressed."""
    block = struct.pack("<I", 1 | len(data) << 3)[:3] + data
    head = b"\x28\xb5\x2f\xfd\x24" + bytes([len(data)])
    return head + block + struct.pack("<I", checksum)


def test_zstandard_that_is_cut_or_broken(detector: t1053.Detector) -> None:
    first, second = _zstd(GOOD), _zstd(GOOD * 3)
    packed = first + _skipped(b"abc") + second
    whole = t1053.scan(packed, detector=detector)
    assert told(whole)[0].records == 4
    assert not whole.failures
    ends = {len(first), len(first) + 11}
    for size in range(4, len(packed)):
        matches = t1053.scan(packed[:size], detector=detector, errors="ignore")
        assert len(matches.failures) == (size not in ends), size
        assert told(matches)[0].records == (size >= len(first))
    for more in (b"\0", b"not a frame", b"\x28\xb5\x2f\xfe" * 9):
        matches = t1053.scan(packed + more, detector=detector, errors="ignore")
        assert told(matches)[0].records == 4
        assert len(matches.failures) == 1
    empty = 0x51D8E999
    assert not t1053.scan(_frame(b"", empty) + first, errors="raise").failures
    matches = t1053.scan(_frame(GOOD, 0), detector=detector, errors="ignore")
    assert told(matches)[0].records == 1
    assert "checksum" in matches.failures[0].reason
    # Of several blocks, those before the cut are read.
    lines = b"".join(b'{"EventID":%d}\n' % it for it in range(400_000))
    large = _zstd(lines)
    half = t1053.scan(large[: len(large) // 2], detector=detector, errors="ignore")
    assert told(half)[0].records <= 400_000
    assert len(half.failures) == 1


def test_a_missing_file_among_several(tmp_path: Path, detector: t1053.Detector) -> None:
    here, there, gone = (tmp_path / it for it in ("a.log", "c.log", "b.log"))
    for path in (here, there):
        path.write_bytes(GOOD * 2)
    assert told(t1053.scan([here, there], detector=detector))[0].records == 4
    # Wherever it stands in the list.
    for paths in ([here, gone], [gone, here], [here, gone, there], (gone, here, there)):
        with pytest.raises(t1053.SourceNotFoundError, match=r"b\.log"):
            t1053.scan(paths, detector=detector)
    # Lines that name files are lines.
    assert t1053.scan([GOOD.decode(), str(here)], detector=detector).counts.records == 2
    # Gone between the look at the directory and the scan.
    os.symlink(gone, tmp_path / "link.log")
    with pytest.warns(t1053.ReadWarning, match=r"link\.log cannot be read"):
        matches = t1053.scan(tmp_path, detector=detector)
    assert told(matches)[0].records == 4
    assert [it.source for it in matches.failures] == [str(tmp_path / "link.log")]


def test_a_source_that_raises(published: t1053.Detector) -> None:
    batch = 4096

    def records(count: int) -> Iterator[Any]:
        for it in range(count):
            yield GOOD if it % 2 else {"EventID": 200, "Channel": "x"}
        raise KeyError("from the source")

    for count in (0, 1, batch, batch + 1, 3 * batch):
        scanner = t1053.Scanner(published)
        with pytest.raises(KeyError, match="from the source"):
            scanner.push_all(records(count))
        # Whole batches were scanned, and nothing of the one that failed.
        assert told(scanner)[0].records == count // batch * batch
        with pytest.raises(KeyError, match="from the source"):
            scanner.push(records(count))
        with pytest.raises(t1053.SourceError):
            scanner.push([GOOD, GOOD, 5])  # type: ignore[list-item]
        assert told(scanner)[0].records == count // batch * batch
        assert len(scanner.push([GOOD])) == 1
        scanner.finish()
        assert told(scanner)[0].records == count // batch * batch + 1
        with pytest.raises(KeyError, match="from the source"):
            t1053.scan(records(count), detector=published)

    class Text:
        def __str__(self) -> str:
            raise KeyError("from a value")

    scanner = t1053.Scanner(published)
    with pytest.raises(KeyError, match="from a value"):
        scanner.push([GOOD, {"EventID": 1, "CommandLine": Text()}])
    assert told(scanner)[0].records == 0


def test_a_table_that_raises(detector: t1053.Detector) -> None:
    schema = pyarrow.schema([("_raw", pyarrow.binary())])

    def batches() -> Iterator[pyarrow.RecordBatch]:
        for _ in range(3):
            yield pyarrow.record_batch([pyarrow.array([GOOD, BAD])], schema=schema)
        raise KeyError("from the source")

    reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(t1053.SourceError, match="from the source"):
        t1053.scan(reader, detector=detector)


def test_interrupted(published: t1053.Detector) -> None:
    """What was scanned before is counted, and the scanner goes on."""

    def records() -> Iterator[bytes]:
        for _ in range(10_000):
            yield GOOD
        signal.raise_signal(signal.SIGINT)
        while True:
            yield BAD

    scanner = t1053.Scanner(published)
    with pytest.raises(KeyboardInterrupt):
        scanner.push_all(records())
    counts, unreadable = told(scanner)
    assert counts.records == 8192 and not unreadable
    # Within a chunk.
    scanner.reset()
    main = threading.get_ident()
    data = BAD * (100_000_000 // len(BAD))
    timer = threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            scanner.feed(data)
    timer.join()
    accounted(scanner.counts)
    before = scanner.counts.records
    scanner.finish()
    accounted(scanner.counts)
    assert scanner.counts.records >= before > 0
    assert len(scanner.push([GOOD])) == 1


def test_broken_records_of_an_event_log(published: t1053.Detector) -> None:
    """A record that the log cannot give has a number of its own."""
    system = {"EventID": "200", "Channel": "Microsoft-Windows-TaskScheduler/Operational"}
    element = event_log.event(system, {"a": "b"}, "2024-05-01T10:00:00.5Z")
    log = event_log.log([element] * 9)
    assert len(t1053.scan(log, detector=published)) == 9
    seen = 0
    for at in range(4096 + 512, len(log) - (1 << 16) + 5000, 41):
        broken = bytearray(log)
        broken[at] ^= 0xFF
        matches = t1053.scan(bytes(broken), detector=published, errors="ignore")
        _, unreadable = told(matches)
        bad = {it.record for it in unreadable}
        seen += bool(bad)
        assert not bad & {it.record for it in matches}
    assert seen > 3
