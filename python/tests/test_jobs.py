"""Jobs and verdicts: tables of the first, lines and OCSF of the second."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pandas
import polars
import pyarrow
import pytest

import t1053
from conftest import CASES, ROOT

VERDICTS = ROOT / "testdata" / "verdicts.ndjson"
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/schema/verdict-1.json").read_text())
TWO_ACTIONS = t1053.ProcessCreation(
    image="powershell.exe",
    command_line=r"powershell Register-ScheduledTask -TaskName Up -Action"
    r" (New-ScheduledTaskAction -Execute C:\Users\Public\a.exe -Argument one),"
    r" (New-ScheduledTaskAction -Execute C:\b.exe -Argument two)",
    host="WS-014",
    user="ann",
    time="2024-05-01T10:00:00Z",
)


SCAN = [sys.executable, "-m", "t1053", "scan", "--verdicts", "--output", "ndjson"]


def test_verdicts_of_all_cases_are_those_of_rust() -> None:
    ran = subprocess.run(
        [*SCAN, *(it.name for it in CASES)],
        cwd=CASES[0].parent, capture_output=True, check=False, timeout=60,
    )
    # 1: in some cases nothing can be read. A sequence stays a match.
    assert ran.returncode == 1
    found = [it for it in ran.stdout.decode().splitlines() if '"detection":' not in it]
    assert found == VERDICTS.read_text().splitlines()


def test_lines_are_of_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    seen: set[str] = set()
    severities: set[str] = set()
    record = b'{"EventID":4698,"Channel":"Security","TaskName":"a"}'
    ran = subprocess.run(
        [*SCAN, "--keep", "TaskName,Image,raw", "-"],
        input=record, capture_output=True, check=True, timeout=60,
    )
    lines = VERDICTS.read_text() + ran.stdout.decode()
    for line in map(json.loads, lines.splitlines()):
        validator.validate(line)
        seen.update(line)
        severities.add(line["severity"])
        changed = {**line, "severity": "loud"}
        assert not validator.is_valid(changed)
    # The schema knows every member, and none that does not occur.
    assert seen | {"item"} == set(SCHEMA["properties"])
    assert {"informational", "low", "medium", "high"} <= severities


def test_jobs_are_found_in_every_kind_of_source(tmp_path: Path) -> None:
    record = {"EventID": 4698, "Channel": "Security", "TaskName": "\\Up"}
    noise = {"EventID": 4624, "Channel": "Security"}
    log = "".join(json.dumps(it) + "\n" for it in (noise, record)).encode()
    (tmp_path / "a.jsonl").write_bytes(log)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(log))
    frame = pandas.DataFrame([noise, record])
    for source in (log, [noise, record], log.decode().splitlines(), frame,
                   polars.DataFrame(frame), tmp_path / "a.jsonl"):
        found = t1053.jobs(source)
        assert [(it.record, it.job.name) for it in found] == [(1, "\\Up")], source
        assert found[0].job.activity == "create"
        assert found.counts.records == 2
    found = t1053.jobs(tmp_path)
    assert [Path(it.path or "").name for it in found] == ["a.jsonl", "b.jsonl.gz"]
    with open(tmp_path / "a.jsonl", "rb") as file:
        assert len(t1053.jobs(file)) == 1
    event = t1053.TaskRegistered(task_name="\\Up", host="WS-014")
    assert t1053.jobs([event])[0].host == "WS-014"


def test_a_table_of_jobs_has_the_same_in_every_library() -> None:
    found = t1053.jobs([TWO_ACTIONS, t1053.TaskRegistered(task_name="\\Ä\udc80".encode("utf-8", "replace").decode())])
    assert len(found) == 2
    assert found[0].job.values("JobCommand") == (r"C:\Users\Public\a.exe", r"C:\b.exe")
    rows = found.to_dicts()
    assert rows[0]["host"] == "WS-014" and rows[0]["user"] == "ann"
    assert rows[0]["time"] == datetime(2024, 5, 1, 10, tzinfo=timezone.utc)
    assert rows[1]["time"] is None and rows[1]["host"] is None
    assert found.to_arrow().to_pylist() == rows
    assert found.to_polars().to_dicts() == rows
    frame = found.to_pandas()
    assert list(frame.columns) == list(rows[0])
    assert frame["command"][0] == r"C:\Users\Public\a.exe"
    assert list(frame["traits"][0]) == rows[0]["traits"]
    assert frame["item"].isna().all()
    # Nothing has the same columns and types.
    none = t1053.jobs([])
    assert none.to_arrow().schema == found.to_arrow().schema
    assert none.to_polars().schema == found.to_polars().schema
    assert list(none.to_pandas().columns) == list(frame.columns)
    assert found[:1] == t1053.jobs([TWO_ACTIONS]) and len(found[5:]) == 0
    assert pyarrow.types.is_timestamp(none.to_arrow().schema.field("time").type)


def test_what_cannot_be_read_is_told() -> None:
    found = t1053.jobs(b'{"EventID": 4698,\n{"EventID": 4624, "Channel": "Security"}\n')
    assert len(found) == 0 and len(found.unreadable) == found.counts.unreadable > 0
    with pytest.warns(t1053.ReadWarning):
        assert t1053.jobs(b"\x1f\x8bnot gzip").failures
    with pytest.raises(t1053.SourceNotFoundError):
        t1053.jobs("no/such/file")
    with pytest.raises(t1053.SettingError):
        t1053.jobs([], errors="shout")  # type: ignore[arg-type]


def test_a_verdict_is_an_ocsf_finding() -> None:
    verdict = t1053.Detector().verdict(TWO_ACTIONS)
    assert verdict is not None
    assert (verdict.host, verdict.user, verdict.event) == ("WS-014", "ann", "process_creation")
    finding = verdict.to_ocsf()
    json.dumps(finding)
    assert finding["class_uid"] == 2004 and finding["type_uid"] == 200401
    assert finding["time"] == 1714557600000
    assert finding["finding_info"]["uid"] == verdict.id
    assert finding["message"] == verdict.line
    assert finding["device"]["hostname"] == "WS-014"
    lines = [it["job"]["cmd_line"] for it in finding["evidences"]]
    assert lines == [r"C:\Users\Public\a.exe one", r"C:\b.exe two"]
    job = finding["evidences"][0]["job"]
    assert job["name"] == "\\Up" and job["file"]["name"] == "a.exe"
    assert job["user"] == {"name": "ann"}
    assert {it["uid"] for it in finding["finding_info"]["related_analytics"]} == {
        it.slug for it in verdict.matches
    }
    # What does not say when it happened was found now.
    bare = t1053.ProcessCreation(image="schtasks.exe", command_line="schtasks /query")
    told = t1053.Detector().verdict(bare)
    assert told is not None
    finding = told.to_ocsf()
    assert finding["time"] > 1714557600000
    assert "device" not in finding and "first_seen_time" not in finding["finding_info"]
    assert not finding["is_alert"] and finding["severity_id"] == 1


def test_command_lines_are_taken_apart_as_far_as_is_asked() -> None:
    event = t1053.ProcessCreation(
        image=r"C:\Windows\System32\cmd.exe",
        command_line="cmd /c s^chtasks /create /tn x /tr y",
    )
    told = {}
    for canonical in ("off", "argv", "full"):
        detector = t1053.Detector(enable="task_created", canonical=canonical)
        again = pickle.loads(pickle.dumps(detector))
        assert again == detector and f"canonical='{canonical}'" in repr(again)
        told[canonical] = [match.slug for match in again.evaluate(event)]
    assert told == {"off": [], "argv": [], "full": ["task_created"]}
    assert t1053.Detector(canonical="off") != t1053.Detector()
    off = t1053.Detector(enable="task_created", config="canonical: off")
    assert not off.evaluate(event)
    # What the call says comes before what the configuration does.
    full = t1053.Detector(
        enable="task_created", config="canonical: off", canonical="full"
    )
    assert full.evaluate(event)
    with pytest.raises(t1053.DetectorError, match="did you mean `full`"):
        t1053.Detector(canonical="ful")  # type: ignore[arg-type]


def test_an_id_is_the_same_in_every_language_and_counts_what_the_log_gives() -> None:
    def verdict(record_id: str | None) -> str:
        event = t1053.TaskDeleted(
            event_id="4699", channel="Security", host="ws1", user="ann",
            time="2024-02-03T04:05:06Z", task_name=r"\Up", subject_user_name="ann",
            record_id=record_id,
        )
        found = t1053.Detector().verdict(event)
        assert found is not None
        return found.id

    assert [verdict(it) for it in ("7", "8", None)] == [
        "8fd881263dc638347183a21a0bb583d5",
        "dd9e3e930bfd41967e78c432fe6a529b",
        "9f00d58eeb74f4a3e0e1351d97d741e3",
    ]
