"""What matches tell of their events, where that is asked for."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path
from typing import Any, cast

import pandas
import polars
import pyarrow
import pytest

import t1053

LINE = (
    b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","User":"u\xff",'
    b'"Image":"C:\\\\Windows\\\\System32\\\\schtasks.exe","CommandLine":'
    b'"schtasks /create /tn Up /tr a.exe /rp hunter2","ProcessId":77}'
)
LOG = b"{}\n" + LINE + b"\n" + LINE + b"\n"
KEEP = ["Image", "command_line", "ParentImage", "JobName", "User", "raw"]
COLUMNS = [
    "event", "offset", "length", "Image", "CommandLine", "ParentImage", "JobName",
    "event.User", "raw",
]
ONE = "task_created"


def test_a_match_tells_the_fields_that_are_kept_and_its_record(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(LOG))
    with path.open("rb") as opened:
        found = [
            t1053.scan(source, enable=ONE, keep=KEEP)
            for source in (LOG, path, str(path), opened)
        ]
    for matches in found:
        assert [match.record for match in matches] == [1, 2]
        for match in matches:
            assert match.event == "process_creation"
            assert LOG[match.offset : match.offset + match.length] == LINE
            assert match.raw == LINE
            assert match.fields == {
                "Image": r"C:\Windows\System32\schtasks.exe",
                "CommandLine": "schtasks /create /tn Up /tr a.exe /rp hunter2",
                "ParentImage": None,
                "JobName": r"\Up",
                "User": "u\ufffd",
            }
            assert pickle.loads(pickle.dumps(match)) == match and hash(match)


def test_nothing_is_kept_that_is_not_asked_for() -> None:
    matches = t1053.scan(LOG, enable=ONE)
    assert matches[0].fields == {} and matches[0].raw is None
    assert matches[0].offset == 3 and matches[0].length == len(LINE)
    assert "offset" not in matches.to_ndjson()
    assert "offset" not in matches.to_pandas().columns
    assert "offset" not in matches.to_arrow().column_names


def test_files_that_are_one_stream_each_begin_at_nothing(tmp_path: Path) -> None:
    for name in ("x.log.1", "x.log"):
        (tmp_path / name).write_bytes(LOG)
    matches = t1053.scan(tmp_path, enable=ONE, together=True, keep="raw")
    assert [match.offset for match in matches] == [3, 4 + len(LINE)] * 2


def test_columns_and_lines_say_the_same() -> None:
    matches = t1053.scan(LOG, enable=ONE, keep=KEEP)
    frame, table = matches.to_pandas(), matches.to_arrow()
    assert list(frame.columns)[-9:] == table.column_names[-9:] == COLUMNS
    assert matches.to_polars().columns[-9:] == COLUMNS
    assert table.schema == pyarrow.schema(cast(Any, matches))
    assert frame["offset"].dtype == "int64"
    for at, line in enumerate(matches.to_dicts()):
        members = line | line["fields"] | {"event.User": line["fields"]["User"]}
        for name in COLUMNS:
            there = frame[name][at]
            assert members[name] == (None if pandas.isna(there) else there)
            assert members[name] == table[name][at].as_py()
    none = t1053.scan(b"", keep=KEEP)
    assert none.to_arrow().schema == table.schema
    assert list(none.to_pandas().columns) == list(frame.columns)
    assert matches[:0].to_polars().equals(none.to_polars())
    assert none.to_polars().schema == polars.DataFrame(table).schema


def test_every_way_to_scan_keeps() -> None:
    scanned = t1053.scan(LOG, enable=ONE, keep=KEEP)
    scanner = t1053.Scanner(t1053.Detector(enable=ONE), keep=KEEP)
    again = pickle.loads(pickle.dumps(scanner))
    for one in (scanner, again):
        assert one.feed(LOG) == scanned
    with t1053.scan_iter(LOG, enable=ONE, keep=KEEP) as found:
        assert list(found) == list(scanned)
    records = [json.loads(LINE.replace(b"\xff", b""))] * 2
    for match in t1053.scan(iter(records), enable=ONE, keep="CommandLine,raw"):
        assert match.fields["CommandLine"] and json.loads(match.raw or b"") == records[0]
    frame = pandas.DataFrame({"Image": ["schtasks.exe"], "CommandLine": ["schtasks /create /tn x"]})
    match, = t1053.scan(frame, enable=ONE, keep=["CommandLine", "raw"])
    assert match.fields == {"CommandLine": "schtasks /create /tn x"}
    # It was no record.
    assert (match.offset, match.length, match.raw) == (0, 0, None)


@pytest.mark.parametrize("keep", ["Imge", ["Image", "Imge"], "Kind"])
def test_a_name_that_is_no_fields_is_an_error(keep: str | list[str]) -> None:
    for scan in (t1053.scan, t1053.scan_iter):
        with pytest.raises(t1053.FieldError, match="there is no field"):
            scan(b"", keep=keep)
    with pytest.raises(t1053.FieldError, match="there is no field"):
        t1053.Scanner(keep=keep)
