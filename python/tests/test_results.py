"""What one does with results: add, subtract, collapse, weigh, export, send
to another process; and how a scan is stopped, and what it tells."""

from __future__ import annotations

import csv
import io
import json
import logging
import multiprocessing
import pickle
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import t1053
from conftest import bare

KEEP = ["Image", "ParentImage", "CommandLine", "JobName", "raw"]


@pytest.fixture(scope="module")
def matches(logs: Path) -> t1053.Matches:
    return t1053.scan(logs, keep=KEEP)


def test_the_parts_of_a_scan_add_up_to_it(logs: Path) -> None:
    files = sorted(it for it in logs.iterdir() if it.is_file())
    whole = t1053.scan(logs)
    parts = [t1053.scan(it) for it in files]
    total = sum(parts[1:], parts[0])
    assert total == whole
    assert sum(parts) == whole
    assert total.counts == whole.counts
    assert total.unreadable == whole.unreadable
    assert list(total) == list(whole)


def test_matches_of_two_detectors_are_added() -> None:
    event = t1053.ProcessCreation(
        image="schtasks.exe", command_line="schtasks /create /tn x /tr a.exe /ru SYSTEM"
    )
    own = """
title: Mine
logsource: {category: process_creation, product: windows}
detection:
    own: {CommandLine|contains: a.exe}
    condition: own
level: low
"""
    every = t1053.scan([event])
    mine = t1053.scan([event], detector=t1053.Detector(builtin=False, rules=own))
    few = t1053.scan([event], enable="windows_schtasks_create_run_as_system")
    assert [it.slug for it in mine + few] == [it.slug for it in [*mine, *few]]
    assert [it.message for it in few + mine + every] == [
        it.message for it in [*few, *mine, *every]
    ]
    assert (mine + few).to_ndjson() == mine.to_ndjson() + few.to_ndjson()
    assert {it.detection.slug for it in (mine + few).summary()} == {
        "mine", "windows_schtasks_create_run_as_system",
    }
    other = t1053.Detector(builtin=False, rules=own.replace("low", "high"))
    with pytest.raises(t1053.DetectorError, match="mine, and they are not the same"):
        _ = mine + t1053.scan([event], detector=other)
    with pytest.raises(t1053.FieldError, match="keep the same fields"):
        _ = every + t1053.scan([event], keep="Image")
    with pytest.raises(TypeError):
        _ = every + 1  # type: ignore[operator]


def test_the_difference_is_what_is_new(logs: Path, tmp_path: Path) -> None:
    lines = (logs / "events.jsonl").read_bytes().splitlines(keepends=True)
    whole = t1053.scan(b"".join(lines))
    half = t1053.scan(b"".join(lines[::2]))
    new = whole - half
    assert not {it.id for it in new} & {it.id for it in half}
    assert {it.id for it in new} | {it.id for it in half} >= {it.id for it in whole}
    assert len(whole - whole) == 0
    assert whole - whole[:0] == whole
    # Where a record stood is nothing of a match. What a pair says is said by
    # the event that came last.
    shuffled = t1053.scan(b"".join(reversed(lines)))
    single, again = (
        {it.id for it in of if it.other_time is None} for of in (whole, shuffled)
    )
    assert single == again
    pairs, again = ({it.id for it in of if it.other_time} for of in (whole, shuffled))
    assert len(pairs & again) > len(pairs) / 2


def test_ids_tell_matches_apart(matches: t1053.Matches) -> None:
    known: dict[str, list[object]] = {}
    for it in matches:
        assert len(it.id) == 32
        said: list[object] = [
            it.slug, it.time, it.host and it.host.lower(), it.message,
        ]
        if it.other_time is None:
            said += [
                it.event, it.user and it.user.lower(),
                [(piece.field, piece.value) for piece in it.evidence],
            ]
        assert known.setdefault(it.id, said) == said
    assert len(known) > len(matches) / 2
    assert matches._found.ids() == [it.id for it in matches]


def test_an_id_never_changes() -> None:
    event = t1053.TaskScheduler(event_id="200", host="WS", time="2024-05-01T10:00:00Z")
    found = t1053.Detector(enable="task_ran").evaluate(event)
    assert [it.id for it in found] == ["154e7ab343685c8a8dfba4ca4c039bdc"]


def test_all_results_can_be_pickled(matches: t1053.Matches, logs: Path) -> None:
    event = matches[0]
    things: list[Any] = [
        matches, matches[5:9], matches[:0], matches.filter(kind="TTP"), matches[::-1],
        matches.collapse("5m"), matches.risk_by("host"), matches.counts,
        matches.summary(), matches.risk(threshold=50), t1053.detections(),
        t1053.jobs(logs / "audit.log"), event, event.evidence,
        t1053.jobs(logs / "audit.log").tree(), matches.browse(limit=9),
        matches.suggest_exclusions(event), t1053.Detector(enable="task_ran"),
        t1053.Detector().verdict(t1053.ProcessCreation(image="crontab", command_line="crontab -r",
                                                       platform="linux")),
    ]
    for thing in things:
        again = pickle.loads(pickle.dumps(thing))
        assert again == thing
        assert type(again) is type(thing)
    again = pickle.loads(pickle.dumps(matches))
    assert again.counts == matches.counts
    assert list(again) == list(matches)
    assert again.to_ndjson() == matches.to_ndjson()
    # What is not in it takes no room.
    assert len(pickle.dumps(matches[:1])) < len(pickle.dumps(matches)) / 4


def test_what_is_no_pickle_of_ours_is_refused(matches: t1053.Matches) -> None:
    program = t1053.Detector()._program
    saved = matches._found.save()
    few = t1053.Detector(enable="task_ran")._program
    for bytes_, of in [
        (b"", program), (saved[:-1], program), (b"\x01" + saved[1:], program),
        (b"\x02" + saved[2:], program), (saved, few),
    ]:
        with pytest.raises(t1053.StateError):
            type(matches._found).load(of, bytes_)


def _scanned(path: Path) -> t1053.Matches:
    return t1053.scan(path)


def test_processes_send_matches(logs: Path) -> None:
    path = logs / "events.jsonl"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        [found] = pool.map(_scanned, [path])
    assert found == t1053.scan(path)


def test_errors_can_be_pickled_and_say_what_is_wrong() -> None:
    def raised(work: Any) -> Any:
        with pytest.raises(t1053.Error) as error:
            work()
        again = pickle.loads(pickle.dumps(error.value))
        assert str(again) == str(error.value)
        assert (again.name, again.nearest) == (error.value.name, error.value.nearest)
        return again

    error = raised(lambda: t1053.Detector(enable="task_rann"))
    assert (error.name, error.nearest) == ("task_rann", ("task_ran",))
    error = raised(lambda: t1053.Detector(enable="kind:TT"))
    assert (error.name, error.nearest[0]) == ("kind:TT", "TTP")
    error = raised(lambda: t1053.scan("no-such.log"))
    assert error.name == error.filename == "no-such.log"
    error = raised(lambda: t1053.scan(b"", sequence_depth=0))
    assert error.name == "sequence_depth"
    error = raised(lambda: t1053.scan(b"", keep="Imag"))
    assert (error.name, error.nearest[0]) == ("Imag", "Image")
    error = raised(lambda: t1053.scan(b"").collapse("5 minutes"))
    assert error.name == "within"
    error = raised(lambda: t1053.scan(b"").filter(fields={"Image": "*"}))
    assert error.name == "Image"


def test_collapsed_counts_add_up(matches: t1053.Matches) -> None:
    for within in ("90s", "5m", "2h", "1d", 7, timedelta(hours=1)):
        groups = matches.collapse(within)
        assert sum(it.count for it in groups) == len(matches)
    assert len(matches.collapse("1d")) <= len(matches.collapse("1s"))
    frame = matches.collapse("1d").to_pandas()
    assert frame["count"].sum() == len(matches)
    assert matches.collapse("1d").to_polars().height == len(frame)
    assert "count" in matches.collapse("1d").to_csv().splitlines()[0]
    assert "<table" in matches.collapse("1d")._repr_html_()
    assert matches.collapse(300) == matches.collapse("5m")
    for wrong in ("", "5", "5w", "-5m", "0s", 0, -1, timedelta(0), 1 << 32):
        with pytest.raises(t1053.SettingError):
            matches.collapse(wrong)


def test_risk_is_that_of_what_was_found(matches: t1053.Matches) -> None:
    for by in ("host", "user", "path"):
        rows = matches.risk_by(by)
        assert sum(it.matches for it in rows) == len(matches)
        assert [it.risk for it in rows] == sorted((it.risk for it in rows), reverse=True)
        for row in rows[:5]:
            own = [it for it in matches if getattr(it, by) == row.name]
            assert len(own) == row.matches
            detections = {it.detection for it in own}
            assert set(row.detections) == detections
            assert row.risk == sum(it.risk_score or 0 for it in detections)
            times = [it.time for it in own if it.time]
            assert (row.first, row.last) == (
                min(times, default=None), max(times, default=None),
            )
        assert rows.to_arrow().num_rows == len(rows)


def test_suggested_exclusions_silence_what_they_say(
    matches: t1053.Matches, logs: Path
) -> None:
    """Each is tried: what is gone is what was told."""
    tried = 0
    for slug in ("schtasks_run_task_on_demand", "job_created_in_writable_path",
                 "windows_schtasks_create_run_as_system", "task_created", "cron_changed"):
        if not any(it.slug == slug for it in matches):
            continue
        first = next(it for it in matches if it.slug == slug and it.fields)
        for suggestion in matches.suggest_exclusions(first):
            assert first in list(suggestion.silences)
            assert suggestion.of == sum(it.slug == slug for it in matches)
            left = t1053.scan(logs, keep=KEEP, exclude=[suggestion.exclusion])
            gone = sorted((it.path or "", it.record) for it in suggestion.silences)
            before = sorted((it.path or "", it.record) for it in matches if it.slug == slug)
            after = sorted((it.path or "", it.record) for it in left if it.slug == slug)
            for it in gone:
                before.remove(it)
            assert before == after, suggestion
            text = "exclusions:\n" + suggestion.to_config("it's \"\todd\"")
            configured = t1053.Detector(config=text)
            assert configured._program.exclusions() == ["it's \"\todd\""]
            if tried % 4 == 0:
                assert t1053.scan(logs, keep=KEEP, detector=configured) == left
            tried += 1
    assert tried >= 8


def test_timesketch_has_what_it_asks_for(matches: t1053.Matches, tmp_path: Path) -> None:
    matches.to_timesketch(tmp_path / "a.jsonl")
    lines = [json.loads(it) for it in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert len(lines) == len(matches)
    for line, match in zip(lines, matches, strict=True):
        assert line["message"]
        moment = datetime.fromisoformat(line["datetime"])
        assert moment.tzinfo is not None
        assert line["timestamp"] == round(moment.timestamp() * 1_000_000)
        assert line["timestamp_desc"] == ("Event Logged" if match.time else "Not a time")
        assert isinstance(line["tag"], list)
        assert not any(isinstance(it, dict) for it in line.values())


def _leaves(document: dict[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{at}{name}.")
        else:
            yield at + name, value


KEYWORDS = {
    "ecs.version", "message", "event.kind", "event.module", "event.dataset", "event.id",
    "event.original", "event.code", "rule.name", "rule.ruleset", "rule.category",
    "rule.id", "rule.description", "rule.reference", "rule.license", "threat.framework",
    "host.name", "user.name", "user.domain", "user.id", "log.file.path", "process.executable",
    "process.command_line", "process.parent.executable", "@timestamp", "event.start",
    "event.end",
}
LISTS = {
    "event.category", "event.type", "rule.author", "threat.technique.id",
    "threat.technique.subtechnique.id", "threat.tactic.name", "tags",
}
NUMBERS = {"event.severity": int, "event.risk_score": float}


def test_ecs_has_its_own_names_and_types(matches: t1053.Matches) -> None:
    seen: set[str] = set()
    for line in matches.to_ecs().splitlines():
        for name, value in _leaves(json.loads(line)):
            if name.startswith("t1053."):
                continue
            seen.add(name)
            if name in KEYWORDS:
                assert isinstance(value, str), name
            elif name in LISTS:
                assert value and all(isinstance(it, str) for it in value), name
            else:
                assert isinstance(value, NUMBERS[name]), name
    assert {"process.command_line", "event.original", "host.name", "event.start"} <= seen


def test_findings_of_ocsf_are_complete(matches: t1053.Matches) -> None:
    required = {
        "activity_id", "category_uid", "class_uid", "finding_info", "metadata",
        "severity_id", "time", "type_uid",
    }
    for line in matches.to_ocsf().splitlines():
        event = json.loads(line)
        assert required <= set(event)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["finding_info"]["uid"]
        assert event["finding_info"]["title"]


def test_a_scan_can_be_stopped(tmp_path: Path, logs: Path) -> None:
    log = (logs / "events.jsonl").read_bytes()
    (tmp_path / "large.jsonl").write_bytes(log * 400)
    with (tmp_path / "large.jsonl").open("rb") as opened:
        for source in (tmp_path, opened):
            stop = threading.Event()
            threading.Timer(0.1, stop.set).start()
            began = time.monotonic()
            with pytest.raises(t1053.CancelledError):
                t1053.scan(source, cancel=stop, filter=False)
            assert time.monotonic() - began < 5
    stop = threading.Event()

    def records() -> Iterator[dict[str, int]]:
        while True:
            yield {"EventID": 4624}
            stop.set()

    with pytest.raises(t1053.CancelledError):
        t1053.scan_records(records(), cancel=stop)
    with pytest.raises(t1053.CancelledError):
        list(t1053.scan_iter(tmp_path, cancel=stop))
    assert len(t1053.scan(logs, cancel=threading.Event())) == len(t1053.scan(logs))


def test_the_logger_tells_what_was_scanned(
    logs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="t1053")
    t1053.scan(logs / "audit.log")
    t1053.scan(b"\x1f\x8bnot gzip", errors="ignore")
    told = [(it.levelname, it.getMessage()) for it in caplog.records if it.name == "t1053"]
    assert any(level == "INFO" and "scanned" in text for level, text in told)
    assert any(level == "WARNING" and "invalid gzip header" in text for level, text in told)


def test_warnings_name_the_line_of_the_caller() -> None:
    for scan in (t1053.scan, t1053.scan_bytes):
        with pytest.warns(t1053.ReadWarning) as warned:
            scan(b"\x1f\x8bnot gzip")
        assert warned[0].filename == __file__


def test_tables_of_parts_are_those_of_the_whole(logs: Path) -> None:
    files = sorted(logs.iterdir())
    total = sum((t1053.scan(it) for it in files[1:]), t1053.scan(files[0]))
    assert total.to_arrow().equals(t1053.scan(files).to_arrow())
    assert bare(total) == bare(t1053.scan(files))


def test_csv_is_what_a_writer_of_csv_makes_of_the_lines(matches: t1053.Matches) -> None:
    """Python's own writer, of the members of each line and what is kept."""
    hostile = [
        t1053.ProcessCreation(
            image="schtasks.exe", command_line=f"schtasks /run /tn {it}", user=it, host=it
        )
        for it in ('a,b "c"', "a\nb", "\ra", '"', "\x00\x1f\x7f\\", "=1,1", "\u2028ä", "")
    ]
    for found in (matches, t1053.scan(hostile), t1053.scan(hostile, keep=["User", "raw"])):
        columns = found.to_arrow().column_names
        kept = found._found.kept_columns()
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(columns)
        for at, row in enumerate(found.to_dicts()):
            row |= {name: values[at] for name, values in kept.items()}
            row["techniques"] = " ".join(row["techniques"])
            row["evidence"] = json.dumps(row["evidence"], ensure_ascii=False)
            writer.writerow([row.get(name) for name in columns])
        lines = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
        ours = found.to_csv(formulas=True)
        assert list(csv.reader(io.StringIO(ours, newline=""))) == lines
        assert ours.count("\n") == text.getvalue().count("\n")


def test_groups_are_a_sequence_and_a_table(matches: t1053.Matches) -> None:
    groups = matches.collapse("1d")
    assert groups[-1] == list(groups)[-1]
    assert list(groups[1:3]) == list(groups)[1:3]
    assert groups[::2].to_dicts() == groups.to_dicts()[::2]
    for group, row in zip(groups, groups.to_dicts(), strict=True):
        assert (row["detection"], row["count"]) == (group.match.slug, group.count)
        assert (row["first"], row["last"]) == (group.first, group.last)
        told = ("title", "kind", "risk_score", "host", "user", "message", "path", "record")
        assert [row[it] for it in told] == [getattr(group.match, it) for it in told]
    assert pickle.loads(pickle.dumps(groups)) == groups
    with pytest.raises(IndexError):
        groups[len(groups)]
