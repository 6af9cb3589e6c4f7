"""What type checkers must refuse, and what happens where nobody asked them.

Each comment that silences a type checker stands where it must complain: one
that silences nothing is an error.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from pathlib import Path

import pandas
import polars
import pyarrow
import pytest

import t1053


def test_what_holds_no_logs_is_refused() -> None:
    with pytest.raises(t1053.SourceError, match="cannot scan an int"):
        t1053.scan(42)  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="cannot scan an int"):
        t1053.scan_iter(42)  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="cannot scan an int"):
        t1053.jobs(42)  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="an int is no path"):
        t1053.scan_files([42])  # type: ignore[list-item]
    with pytest.raises(t1053.SourceError, match="neither bytes nor an open file"):
        t1053.scan_bytes("a.log")  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="an int holds no records"):
        t1053.scan_records(42)  # type: ignore[arg-type]
    with pytest.raises(t1053.SourceError, match="a list is no table"):
        t1053.scan_table([])  # type: ignore[arg-type]


def test_names_that_there_are_not_are_refused() -> None:
    matches = t1053.scan(b"")
    with pytest.raises(t1053.DetectorError, match="there is no detection `nope`"):
        matches.filter(detection="nope")  # type: ignore[arg-type]
    with pytest.raises(t1053.DetectorError, match="there is no kind `nope`"):
        matches.filter(kind="nope")  # type: ignore[arg-type]
    with pytest.raises(t1053.DetectorError, match="there is no technique `T9`"):
        matches.filter(technique=["T1053", "T9"])  # type: ignore[list-item]
    with pytest.raises(t1053.SettingError, match="by is 'colour'"):
        matches.risk_by("colour")  # type: ignore[arg-type]
    with pytest.raises(t1053.SettingError, match="host is 42"):
        matches.filter(host=42)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        t1053.scan_records([], threads=2)  # type: ignore[call-arg]


def test_settings_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(t1053.SettingError, match="threads is -1; at least 0"):
        t1053.scan(b"", threads=-1)
    with pytest.raises(t1053.SettingError, match="threads is 'two'"):
        t1053.scan(b"", threads="two")  # type: ignore[arg-type]
    with pytest.raises(t1053.SettingError, match="detector is 'published'"):
        t1053.scan(b"", detector="published")  # type: ignore[arg-type]
    with pytest.raises(t1053.SettingError, match="cancel is 1"):
        t1053.scan(b"", cancel=1)  # type: ignore[arg-type]
    with pytest.raises(t1053.DetectorError, match="'task_ran' is no exclusion"):
        t1053.scan(b"", exclude=["task_ran"])  # type: ignore[list-item]
    with pytest.raises(t1053.SettingError, match="kind is for dictionaries and tables"):
        t1053.scan(b"", kind="process_creation")
    with pytest.raises(t1053.SettingError, match="platform is for dictionaries"):
        t1053.scan_iter(b"", platform="linux")
    matches = t1053.scan(b"")
    with pytest.raises(t1053.SettingError, match="limit is -1; at least 0"):
        matches.browse(limit=-1)
    with pytest.raises(t1053.SettingError, match="examples is -1; at least 0"):
        matches.summary(examples=-1)
    with pytest.raises(t1053.SettingError, match="threshold is 'a'; give a whole number"):
        matches.risk(threshold="a")  # type: ignore[arg-type]
    with pytest.raises(t1053.SettingError, match="threshold is 0; at least 1"):
        matches.risk(threshold=0)


def test_what_holds_logs_is_taken(tmp_path: Path) -> None:
    """And no type checker complains of any of it."""
    line = '{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}'
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    row = {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"}
    frame = pandas.DataFrame([row])
    event = t1053.TaskScheduler(event_id="200")
    detector = t1053.Detector(enable="task_ran")
    with path.open("rb") as opened, path.open("rb") as again:
        found = [
            t1053.scan(str(path), detector=detector),
            t1053.scan(path, detector=detector),
            t1053.scan([path], detector=detector),
            t1053.scan(line.encode(), detector=detector),
            t1053.scan(opened, detector=detector),
            t1053.scan([line], detector=detector),
            t1053.scan([row], detector=detector),
            t1053.scan(row, detector=detector),
            t1053.scan(event, detector=detector),
            t1053.scan([event, event][:1], detector=detector),
            t1053.scan(frame, detector=detector),
            t1053.scan(polars.DataFrame([row]), detector=detector),
            t1053.scan(pyarrow.Table.from_pylist([row]), detector=detector),
            t1053.scan_files(str(path), detector=detector),
            t1053.scan_files([str(path)], detector=detector),
            t1053.scan_files(tmp_path / "*.jsonl", detector=detector),
            t1053.scan_bytes(line.encode(), detector=detector),
            t1053.scan_bytes(again, detector=detector),
            t1053.scan_records(line, detector=detector),
            t1053.scan_records((it for it in [row]), detector=detector),
            t1053.scan_table(frame, detector=detector),
            t1053.scan_table(polars.DataFrame([row]).lazy(), detector=detector),
        ]
    assert [len(it) for it in found] == [1] * len(found)
    matches = found[0]
    assert len(matches.filter(detection="task_ran", kind="Inventory", technique="T1053")) == 1
    assert len(matches.filter(detection=["!task_ran", t1053.Like("task_*")])) == 0
    assert len(matches.filter(detection=matches[0].detection)) == 1
    assert len(matches.filter(detection=t1053.Like(matches[0].slug))) == 1
    # A record is never a path.
    assert t1053.scan_records([str(path)]).counts.records == 1
