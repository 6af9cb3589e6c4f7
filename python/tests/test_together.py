"""Files of one log, read as one stream."""

from __future__ import annotations

import gzip
import inspect
import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import t1053
from t1053._rotation import in_order

SLUG = "short_lived_scheduled_task"
DAY = "2024-05-01T10:"


def event(id: int, time: str, task: str = "Updater") -> bytes:
    """A task that is registered or deleted."""
    record = {
        "EventID": id,
        "Channel": "Security",
        "Computer": "WS-014",
        "TimeCreated": DAY + time,
        "TaskName": "\\\\" + task,
    }
    return json.dumps(record).encode() + b"\n"


CREATED, DELETED = 4698, 4699
NOISE = b'{"EventID": 4624}\n'


@pytest.fixture
def rotated(tmp_path: Path) -> Path:
    """A log of which each task was registered in one file and deleted in the
    next one."""
    (tmp_path / "x.log.10.gz").write_bytes(gzip.compress(NOISE + event(CREATED, "00:00Z", "a")))
    (tmp_path / "x.log.2.gz").write_bytes(
        # As a disk that was full leaves it: no end of its last line.
        gzip.compress(event(DELETED, "00:09Z", "a") + event(CREATED, "00:10Z", "b")[:-1])
    )
    (tmp_path / "x.log.1").write_bytes(
        NOISE * 2 + event(DELETED, "00:19Z", "b") + event(CREATED, "00:20Z", "c")
    )
    (tmp_path / "x.log").write_bytes(event(DELETED, "00:29Z", "c") + b"no record\n")
    return tmp_path


def test_sequences_are_kept_across_files_where_asked(rotated: Path) -> None:
    assert not t1053.scan(rotated, enable=SLUG)
    for source in (
        rotated,
        str(rotated / "x.log*"),
        sorted(rotated.iterdir(), reverse=True),
    ):
        matches = t1053.scan(source, enable=SLUG, together=True, filter=False)
        assert [(Path(it.path or "").name, it.record) for it in matches] == [
            ("x.log.2.gz", 0),
            ("x.log.1", 2),
            ("x.log", 0),
        ]
    counts = matches.counts
    assert (counts.records, counts.matches, counts.unreadable) == (10, 3, 1)
    assert counts.bytes == t1053.scan(rotated).counts.bytes
    bad = matches.unreadable[0]
    assert (Path(bad.path or "").name, bad.record) == ("x.log", 1)
    assert bad.offset == len(event(DELETED, "00:29Z", "c"))


def test_what_is_no_sequence_is_found_as_apart(logs: Path) -> None:
    apart = t1053.scan(logs, disable=SLUG)
    together = t1053.scan(logs, disable=SLUG, together=True)
    assert apart
    assert together.to_ndjson() == apart.to_ndjson()
    assert together.unreadable == apart.unreadable
    assert together.counts.records == apart.counts.records


def test_each_file_has_an_encoding_of_its_own(tmp_path: Path) -> None:
    created, deleted = event(CREATED, "00:00Z").decode(), event(DELETED, "00:09Z").decode()
    for old in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"):
        for new in ("utf-8", "utf-8-sig", "utf-16"):
            mark = "\ufeff" if old == "utf-16-be" else ""
            (tmp_path / "x.log.1").write_bytes((mark + created).encode(old))
            (tmp_path / "x.log").write_bytes((deleted + "no record").encode(new))
            matches = t1053.scan(tmp_path, enable=SLUG, together=True, filter=False)
            assert [it.record for it in matches] == [0], (old, new)
            assert matches.unreadable[0].record == 1


def test_a_broken_file_spoils_no_other(rotated: Path) -> None:
    packed = (rotated / "x.log.10.gz").read_bytes()
    (rotated / "x.log.10.gz").write_bytes(packed[:-12])
    (rotated / "x.log.20.gz").write_bytes(b"\x1f\x8bnot gzip")
    with pytest.warns(t1053.ReadWarning):
        matches = t1053.scan(rotated, enable=SLUG, together=True)
    assert {Path(it.source or "").name for it in matches.failures} == {
        "x.log.10.gz",
        "x.log.20.gz",
    }
    assert len(matches) >= 2


def test_other_sources_are_together_by_nature() -> None:
    data = event(CREATED, "00:00Z") + event(DELETED, "00:09Z")
    for source in (data, data.splitlines(), [json.loads(it) for it in data.splitlines()]):
        assert len(t1053.scan(source, enable=SLUG, together=True)) == 1
    assert not t1053.scan([], together=True)
    assert not t1053.scan(b"", together=True)


@pytest.mark.parametrize(
    "oldest_first",
    [
        ["x.log.10.gz", "x.log.9.gz", "x.log.2", "x.log.1", "x.log"],
        ["x.2.log", "x.1.log.gz", "x.log"],
        ["x.log-20231231.gz", "x.log-20240501.gz", "x.log-20240502", "x.log"],
        ["x.log-1714557600.zst", "x.log-1714600000", "x.log"],
        ["x-20240501.ndjson", "x-20240501-1.ndjson", "x-20240501-10.ndjson", "x.ndjson"],
        ["x.log.2024-05-01_09", "x.log.2024-05-01_10", "x.log"],
        ["x-20240501093000.log", "x-20240501100000.log", "x.log"],
        [
            "Archive-Security-2024-05-01-09-00-00-000.evtx",
            "Archive-Security-2024-05-02-10-00-00-000.evtx",
            "Security.evtx",
        ],
    ],
    ids=lambda names: names[0],
)
def test_order_of_rotation(oldest_first: list[str]) -> None:
    for given in (sorted(oldest_first), sorted(oldest_first, reverse=True)):
        assert in_order(given) == oldest_first


def test_logs_keep_their_order_and_directories_apart() -> None:
    given = ["b/x.log", "b/x.log.1", "a/x.log", "a/y-20240501.log", "b/y.log", "a/x.log.1"]
    assert in_order(given) == [
        "b/x.log.1", "b/x.log", "a/x.log.1", "a/x.log", "a/y-20240501.log", "b/y.log",
    ]


def test_memory_of_sequences_can_be_set() -> None:
    """Of tasks that are registered, and all deleted later on."""
    tasks = [f"t{number}" for number in range(40)]
    many = b"".join(event(CREATED, "00:00Z", it) for it in tasks)
    many += b"".join(event(DELETED, "00:09Z", it) for it in tasks)
    often = b"".join(event(CREATED, f"00:{number:02}Z") for number in range(29))
    often += event(DELETED, "00:01Z")
    for data, expected, small, enough in [
        (many, 40, {"sequence_capacity": 10}, {"sequence_capacity": 40}),
        (often, 1, {"sequence_depth": 2}, {"sequence_depth": 29}),
    ]:
        for source in (data, data.splitlines()):
            short = t1053.scan(source, enable=SLUG, **small)  # type: ignore[arg-type]
            assert len(short) < expected
            assert short.counts.forgotten > 0
            whole = t1053.scan(source, enable=SLUG, **enough)  # type: ignore[arg-type]
            assert (len(whole), whole.counts.forgotten) == (expected, 0)
        scanner = t1053.Scanner(t1053.Detector(enable=SLUG), **enough)  # type: ignore[arg-type]
        assert len(scanner.feed(data)) + len(scanner.finish()) == expected


def test_memory_that_only_old_events_need_is_told_apart() -> None:
    """A registration whose window has passed makes room for the next."""
    data = b"".join(event(CREATED, f"{minute:02}:00Z", f"t{minute}") for minute in range(5))
    counts = t1053.scan(data, enable=SLUG, sequence_capacity=1).counts
    assert (counts.forgotten, counts.expired) == (0, 4)
    lacking = event(CREATED, "00:00Z").replace(b"TaskName", b"TaskNames")
    assert t1053.scan(lacking, enable=SLUG).counts.ungrouped == 1


@pytest.mark.parametrize(
    "setting",
    [
        {"record_limit": 1},
        {"record_limit": -1},
        {"sequence_capacity": 0},
        {"sequence_capacity": 1 << 40},
        {"sequence_capacity": 1 << 64},
        {"sequence_depth": 0},
        {"sequence_depth": 1025},
    ],
    ids=str,
)
def test_settings_out_of_range_are_errors(setting: dict[str, int], logs: Path) -> None:
    (name,) = setting
    for source in (b"", [], logs, open(logs / "audit.log", "rb")):
        with pytest.raises(t1053.SettingError, match=name) as raised:
            t1053.scan(source, **setting)  # type: ignore[arg-type]
        assert isinstance(raised.value, ValueError)
        if hasattr(source, "close"):
            source.close()  # type: ignore[union-attr]
    with pytest.raises(t1053.SettingError, match=name):
        t1053.Scanner(**setting)  # type: ignore[arg-type]


def test_stream_goes_on_where_a_saved_one_is() -> None:
    data = event(CREATED, "00:00Z") + NOISE + b"no record\n" + event(DELETED, "00:09Z")
    whole = t1053.Scanner(path="x.log")
    expected = [*whole.feed(data), *whole.finish()]
    assert [it.slug for it in expected].count(SLUG) == 1
    for at in range(1, len(data)):
        before = t1053.Scanner(path="x.log")
        found = list(before.feed(data[:at]))
        after = t1053.Scanner(path="x.log")
        restored = after.load(before.save())
        assert not restored.dropped_keys and not restored.dropped_detections
        pickled: t1053.Scanner = pickle.loads(pickle.dumps(before))
        assert pickled.save() == before.save() == after.save()
        assert pickled.unreadable == before.unreadable
        for scanner in (after, pickled):
            both = [*found, *scanner.feed(data[at:]), *scanner.finish()]
            assert both == expected
            assert scanner.counts == whole.counts


def test_state_of_other_detections_is_dropped_and_told() -> None:
    before = t1053.Scanner()
    before.feed(event(CREATED, "00:00Z"))
    after = t1053.Scanner(t1053.Detector(disable=SLUG))
    restored = after.load(before.save())
    assert restored.dropped_keys >= 1
    assert restored.dropped_detections >= 1
    assert after.counts.records == 1


def test_state_that_is_refused_changes_nothing() -> None:
    before = t1053.Scanner()
    before.feed(event(CREATED, "00:00Z"))
    state = before.save()
    changed = bytes([*state[:-1], state[-1] ^ 1])
    for wrong in (b"", b"x" * 99, state[:-1], changed):
        with pytest.raises(t1053.StateError):
            before.load(wrong)
    assert before.save() == state


def test_scanner_is_pickled_with_its_settings() -> None:
    fields = {"cmd": "CommandLine", "exe": "Image"}
    scanner = t1053.Scanner(
        t1053.Detector(enable="kind:TTP"),
        path="y",
        format="json",
        record_limit=2048,
        sequence_capacity=3,
        sequence_depth=2,
        filter=False,
        host="h",
        fields=fields,
        kind="process_creation",
        platform="windows",
    )
    again: t1053.Scanner = pickle.loads(pickle.dumps(scanner))
    assert again.detector == scanner.detector
    assert again._arguments == scanner._arguments
    settings = {*inspect.signature(t1053.Scanner).parameters} - {"detector"}
    assert set(again._arguments) == settings
    rows = [{"cmd": "schtasks /run /tn x", "exe": "schtasks.exe"}]
    assert list(again.push(rows)) == list(scanner.push(rows))


def test_identical_matches_are_grouped() -> None:
    day = datetime(2024, 5, 1, tzinfo=UTC)
    times = [None if it is None else day + timedelta(seconds=it) for it in (0, 1, 299, 300, None)]
    events = [
        t1053.TaskScheduler(event_id="200", host=host, time=time)
        for host, time in zip("abaaa", times, strict=True)
    ]
    started = "winevent_windows_task_scheduler_event_action_started"
    matches = t1053.Detector(enable=started).evaluate_many(events)
    groups = matches.collapse()
    assert [(it.match.host, it.count) for it in groups] == [
        ("a", 2),
        ("b", 1),
        ("a", 1),
        ("a", 1),
    ]
    assert sum(it.count for it in groups) == len(matches)
    assert groups[-1].first is None
    assert [it.count for it in matches.collapse(299)] == [1, 1, 2, 1]
    lines = [json.loads(it) for it in matches.to_ndjson(group=300).splitlines()]
    assert sum(it.get("repeats", 1) for it in lines) == len(matches)
    for wrong in (0, -1, 1 << 32):
        with pytest.raises(t1053.SettingError):
            matches.collapse(wrong)


def test_what_is_identical_can_be_said_for_a_detection() -> None:
    started = "winevent_windows_task_scheduler_event_action_started"
    config = f"repeats: {{{started}: {{fields: [TaskName], seconds: 10}}}}"
    events = [
        t1053.TaskScheduler(
            event_id="200",
            task_name=name,
            user=user,
            time=datetime(2024, 5, 1, second=second, tzinfo=UTC),
        )
        for name, user, second in (
            ("\\A", "x", 0),
            ("\\B", "x", 1),
            ("\\A", "y", 9),
            ("\\A", "y", 10),
        )
    ]
    detector = t1053.Detector(enable=started, config=config)
    matches = detector.evaluate_many(events)
    again: t1053.Matches = pickle.loads(pickle.dumps(matches))
    for it in (matches, again, matches[:4], matches + matches[:0]):
        assert [group.count for group in it.collapse("1d")] == [2, 1, 1]
        lines = [json.loads(line) for line in it.to_ndjson(group=1).splitlines()]
        assert [line.get("repeats", 0) for line in lines] == [0, 0, 1, 0]
    plain = t1053.Detector(enable=started).evaluate_many(events)
    assert [group.count for group in plain.collapse(5)] == [1, 1, 2]
    with pytest.raises(t1053.DetectorError, match="there is no detection"):
        t1053.Detector(config="repeats: {x: {fields: [User], seconds: 1}}")


def test_risk_of_a_host_adds_up() -> None:
    data = event(CREATED, "00:00Z") + event(DELETED, "00:09Z")
    matches = t1053.scan(data, enable=SLUG)
    assert matches.risk(threshold=82) == ()
    [reached] = matches.risk(threshold=81)
    assert (reached.object, reached.name, reached.risk) == ("host", "WS-014", 81)
    assert [it.detection.slug for it in reached.parts] == [SLUG]
    assert reached.time == matches[-1].time
