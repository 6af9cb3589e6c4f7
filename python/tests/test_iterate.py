"""Matches are given as they are found, and are those of `scan`."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import t1053
from t1053 import _t1053

LOG = "Microsoft-Windows-TaskScheduler/Operational"
LINE = json.dumps({"EventID": 200, "Channel": LOG, "Computer": "ws1"}).encode() + b"\n"
PUBLISHED = t1053.Detector(enable="published")


def _same(found: t1053.MatchIterator, all: t1053.Matches) -> None:
    assert list(found) == list(all)
    assert found.counts == all.counts
    assert tuple(found.unreadable) == all.unreadable
    assert tuple(found.failures) == all.failures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for at in range(12):
        lines = LINE * (at * 700) + b"what is this\n"
        path = tmp_path / f"{at:02}.log"
        if at % 3:
            path.write_bytes(lines)
        else:
            path.with_suffix(".log.gz").write_bytes(gzip.compress(lines))
    return tmp_path


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("together", [False, True])
def test_matches_of_files_come_in_their_order(
    folder: Path, threads: int, together: bool
) -> None:
    of: dict[str, Any] = {"detector": PUBLISHED, "threads": threads, "together": together}
    _same(t1053.scan_iter(folder, **of), t1053.scan(folder, **of))


def test_every_source_gives_what_scan_finds() -> None:
    record = {"EventID": 200, "Channel": LOG}
    event = t1053.TaskScheduler(event_id="200")
    for source in (
        LINE * 3,
        gzip.compress(LINE * 3),
        [LINE.decode(), record, event],
        record,
        [],
        b"",
    ):
        _same(
            t1053.scan_iter(source, detector=PUBLISHED),
            t1053.scan(source, detector=PUBLISHED),
        )
    for kind in (io.BytesIO, gzip.open):
        plain = kind is io.BytesIO
        data = LINE * 9 if plain else gzip.compress(LINE * 9)
        opened: Any = (
            io.BytesIO(data) if plain else gzip.open(io.BytesIO(data))
        )
        found = list(t1053.scan_iter(opened, detector=PUBLISHED))
        assert len(found) == 9


def test_tables_give_what_scan_finds() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"EventID": [200] * 5, "Channel": [LOG] * 5})
    _same(
        t1053.scan_iter(frame, detector=PUBLISHED),
        t1053.scan(frame, detector=PUBLISHED),
    )


def test_batches_are_parts_of_all() -> None:
    matches = t1053.scan_iter(LINE * 10_000, detector=PUBLISHED)
    first = next(matches)
    parts = list(matches.batches())
    # What stood beside the first was taken with it.
    assert len(parts) > 1
    assert first.record == 0
    assert max(map(len, parts)) < 6000
    assert parts[-1][len(parts[-1]) - 1].record == 9999


def test_records_are_read_as_far_as_matches_are_taken() -> None:
    read = 0

    def records() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield LINE

    matches = t1053.scan_iter(records(), detector=PUBLISHED)
    assert next(matches).record == 0
    assert read < 100_000
    matches.close()
    assert list(matches) == []


def test_a_scan_that_is_closed_ends(folder: Path) -> None:
    with t1053.scan_iter(folder, detector=PUBLISHED) as matches:
        next(matches)
    assert list(matches) == []
    matches.close()
    # One that nobody takes ends, too.
    t1053.scan_iter(folder, detector=PUBLISHED)


def test_what_cannot_be_read_is_told_as_it_is_met(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(LINE * 1000)[:-20])
    (tmp_path / "z.log").write_bytes(LINE)
    with pytest.warns(t1053.ReadWarning):
        matches = t1053.scan_iter(tmp_path, detector=PUBLISHED)
        assert list(matches)[-1].path == str(tmp_path / "z.log")
    assert [Path(str(it.source)).name for it in matches.failures] == ["cut.gz"]
    with pytest.raises(t1053.SourceError):
        list(t1053.scan_iter(cut, detector=PUBLISHED, errors="raise"))
    with pytest.raises(t1053.SourceNotFoundError):
        t1053.scan_iter(tmp_path / "none")


def test_what_an_object_raises_comes_out() -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise ValueError("no more")

    matches = t1053.scan_iter(Broken(), detector=PUBLISHED)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no more"):
        list(matches)


def test_what_progress_raises_ends_the_scan() -> None:
    def refuse(done: int, total: int) -> None:
        raise RuntimeError("enough")

    how = ("auto", 1 << 20, True, True, (None, None), None, False, None, "")
    batches = _t1053.Batches(PUBLISHED._program, [LINE * 1000], how, 1, False)
    with pytest.raises(RuntimeError, match="enough"):
        while batches.next(refuse) is not None:
            pass
    assert batches.next(None) is None


def test_arguments_are_those_of_scan() -> None:
    with pytest.raises(TypeError):
        t1053.scan_iter(b"", detector=PUBLISHED, enable="published")
    with pytest.raises(TypeError, match="unexpected argument 'thread'"):
        t1053.scan_iter(b"", thread=1)  # type: ignore[call-arg]
    with pytest.raises(t1053.SettingError, match="errors is 'maybe'"):
        t1053.scan_iter(b"", errors="maybe")  # type: ignore[arg-type]
    matches = t1053.scan_iter(LINE * 3, detector=PUBLISHED)
    assert len([*matches]) == 3
    assert repr(matches) == "<MatchIterator: 3 records so far>"
    with pytest.raises(t1053.SettingError):
        t1053.scan_iter(b"", record_limit=0)


def test_the_command_lines_memory_does_not_grow_with_matches(
    tmp_path: Path,
) -> None:
    resource = pytest.importorskip("resource")
    run = (
        "import resource, sys\n"
        "from t1053.__main__ import main\n"
        "main(['scan', '--enable', 'published', '--output', 'ndjson', sys.argv[1]])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(peak, file=sys.stderr)\n"
    )
    assert resource

    def peak(lines: int) -> int:
        log = tmp_path / f"{lines}.log"
        log.write_bytes(LINE * lines)
        done = subprocess.run(
            [sys.executable, "-c", run, log], capture_output=True, check=True
        )
        assert done.stdout.count(b"\n") == lines
        return int(done.stderr.split()[-1])

    # 80,000 matches were 40 MB.
    assert peak(100_000) - peak(20_000) < 16_000
