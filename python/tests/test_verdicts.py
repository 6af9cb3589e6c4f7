"""Jobs and verdicts of single events and records."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

import t1053

IMAGE = r"C:\Windows\System32\schtasks.exe"
COMMAND_LINE = r"schtasks /create /tn Up /tr C:\Users\Public\p.exe /ru SYSTEM /sc minute"
CREATED = t1053.ProcessCreation(
    image=IMAGE,
    command_line=COMMAND_LINE,
    host="WS-014",
    time="2024-05-01T10:00:00.1234567Z",
)
RECORD = {
    "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Computer": "WS-014",
    "UtcTime": "2024-05-01 10:00:00.1234567",
    "Image": IMAGE,
    "CommandLine": COMMAND_LINE,
}
XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">'
    "<System><EventID>1</EventID>"
    '<TimeCreated SystemTime="2024-05-01T10:00:00.1234567Z"/>'
    "<Channel>Microsoft-Windows-Sysmon/Operational</Channel>"
    "<Computer>ws-014</Computer></System><EventData>"
    f'<Data Name="Image">{IMAGE}</Data>'
    f'<Data Name="CommandLine">{COMMAND_LINE}</Data></EventData></Event>'
)
DEFINITION = r"""<Task><Triggers><LogonTrigger/></Triggers>
<Principals><Principal><UserId>S-1-5-18</UserId>
<RunLevel>HighestAvailable</RunLevel></Principal></Principals>
<Settings><Hidden>true</Hidden></Settings>
<Actions><Exec><Command>C:\Users\Public\p.exe</Command><Arguments>-a</Arguments></Exec>
<Exec><Command>b.exe</Command></Exec></Actions></Task>"""


def asked(verb: str, name: str, image: str | None = None) -> dict[str, Any]:
    """A call of Kubernetes' API, as its audit log has it."""
    container = {"image": image, "securityContext": {"privileged": True}}
    pod = {"spec": {"hostPID": True, "containers": [container]}}
    job = {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": pod}}}}
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "stage": "ResponseComplete",
        "verb": verb,
        "user": {"username": "ann"},
        "objectRef": {"apiGroup": "batch", "resource": "cronjobs", "name": name},
        "responseStatus": {"code": 200},
        "stageTimestamp": "2024-05-01T10:00:00.000000Z",
        **({"requestObject": job} if image else {}),
    }


def listed(*calls: dict[str, Any]) -> dict[str, Any]:
    """A record of several events."""
    return {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [*calls]}


def siphash(parts: list[bytes]) -> str:
    """SipHash-1-3 with a key of zeros and 128 bits of output, of parts that
    each have their length before them; by the paper, for comparison."""
    data = b"".join(len(it).to_bytes(8, "little") + it for it in parts)
    mask = (1 << 64) - 1
    v = [0x736F6D6570736575, 0x646F72616E646F6D ^ 0xEE, 0x6C7967656E657261, 0x7465646279746573]

    def left(value: int, by: int) -> int:
        return (value << by | value >> (64 - by)) & mask

    def mix(rounds: int) -> None:
        for _ in range(rounds):
            v[0] = (v[0] + v[1]) & mask
            v[1] = left(v[1], 13) ^ v[0]
            v[0] = left(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = left(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = left(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = left(v[1], 17) ^ v[2]
            v[2] = left(v[2], 32)

    padded = data + b"\0" * (-(len(data) + 1) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        mix(1)
        v[0] ^= word
    halves: list[int] = []
    for place, byte in ((2, 0xEE), (1, 0xDD)):
        v[place] ^= byte
        mix(3)
        halves.append(v[0] ^ v[1] ^ v[2] ^ v[3])
    return b"".join(it.to_bytes(8, "little") for it in halves).hex()


def said(detector: t1053.Detector, event: Any) -> t1053.Verdict:
    verdict = detector.verdict(event)
    assert verdict is not None
    return verdict


def test_line_is_that_of_rust(detector: t1053.Detector) -> None:
    # The example of `Verdict` in the documentation of the Rust library.
    verdict = said(detector, CREATED)
    assert str(verdict) == verdict.line == (
        r"high: creates task \Up, C:\Users\Public\p.exe as SYSTEM every minute"
        " [writable path, runs as system, trigger persistent]"
    )
    assert verdict.severity == "high"
    assert verdict.traits == (
        "job_action_writable_path", "job_runs_as_system", "job_trigger_persistent",
    )
    assert not verdict.is_expected
    assert [it.command for it in verdict.jobs] == [r"C:\Users\Public\p.exe"]


def test_typed_event_and_record_have_the_same_verdict(detector: t1053.Detector) -> None:
    expected = said(detector, CREATED)
    assert said(detector, RECORD) == expected
    assert said(detector, json.dumps(RECORD).encode()) == expected
    # Whose writer has the host's name in lower case.
    assert said(detector, XML.encode()) == replace(expected, host="ws-014")
    assert t1053.jobs_of(CREATED) == t1053.jobs_of(RECORD) == t1053.jobs_of(XML.encode())


def test_id_is_the_hash_that_is_documented(detector: t1053.Detector) -> None:
    # So that no field has several values, of which the order would be lost.
    event = replace(CREATED, image="schtasks.exe")
    verdict = said(detector, event)
    (job,) = verdict.jobs
    assert all(len(values) == 1 for values in job.facts.values())
    facts = [it.encode() for name, values in job.facts.items() for it in (name, *values)]
    # 100 ns since 1970.
    ticks = 17_145_576_001_234_567
    kind = b"process_creation"
    assert verdict.id == siphash(
        [b"ws-014", ticks.to_bytes(8, "little"), kind, b"", *facts]
    )
    untimed = said(detector, replace(event, time=None, host=None))
    assert untimed.id == siphash([b"", b"", kind, b"", *facts])
    numbered = said(detector, replace(event, time=None, host=None, record_id="7"))
    assert numbered.id == siphash([b"", b"", kind, b"7", *facts])


def test_id_is_of_the_host_the_time_and_the_job(detector: t1053.Detector) -> None:
    changed: list[dict[str, Any]] = [
        {"host": "WS-015"},
        {"time": "2024-05-01T10:00:00.1234568Z"},
        {"time": None},
        {"command_line": COMMAND_LINE.replace("p.exe", "q.exe")},
        {"user": "ann"},
    ]
    ids = {said(detector, replace(CREATED, **it)).id for it in ({}, *changed)}
    assert len(ids) == 1 + len(changed)
    # What tells nothing else of a job changes nothing.
    for same in ({"host": "ws-014"}, {"command_line": COMMAND_LINE.replace(" /tn", "  /TN")}):
        assert said(detector, replace(CREATED, **same)).id == said(detector, CREATED).id


def test_matches_and_jobs_are_those_that_are_found(detector: t1053.Detector) -> None:
    verdict = said(detector, CREATED)
    found = detector.evaluate(CREATED)
    assert verdict.matches == tuple(it.detection for it in found)
    assert verdict.jobs == t1053.jobs_of(CREATED)
    assert set(verdict.traits) == {
        it.slug for it in verdict.matches if it.slug.startswith("job_")
    }


def test_event_that_nothing_matches_has_no_verdict(detector: t1053.Detector) -> None:
    nothing: list[Any] = [
        {"EventID": 4624, "Channel": "Security"},
        b'{"EventID":4624,"Channel":"Security"}',
        {},
        {"colour": "red"},
        t1053.ProcessCreation(image="notepad.exe", command_line="notepad"),
        t1053.ProcessCreation(),
    ]
    for event in nothing:
        assert detector.verdict(event) is None
        assert t1053.jobs_of(event) == ()
    # Jobs are told, matched or not.
    chosen = t1053.Detector(enable="platform:azure")
    assert chosen.verdict(CREATED) is None
    assert t1053.jobs_of(CREATED) != ()


def test_record_that_cannot_be_read_is_an_error(detector: t1053.Detector) -> None:
    deep: Any = 1
    for _ in range(70):
        deep = {"a": [deep]}
    broken: list[tuple[Any, str]] = [
        (b"", "not a record"),
        (b"no record", "not a record"),
        (b"\xff\xfe\0", "not a record"),
        (b'{"EventID":1,', r"JSON: .* \(byte 13\)"),
        ({"EventID": 1, "deep": deep}, "nested deeper"),
    ]
    for record, reason in broken:
        for ask in (detector.verdict, t1053.jobs_of):
            with pytest.raises(t1053.SourceError, match=reason):
                ask(record)


@pytest.mark.parametrize("thing", [5, None, "schtasks", [RECORD], iter([RECORD]), object])
def test_what_is_neither_event_nor_record_is_an_error(
    thing: Any, detector: t1053.Detector
) -> None:
    for ask in (detector.verdict, t1053.jobs_of):
        with pytest.raises(t1053.SourceError, match="give a dictionary, bytes, or an event"):
            ask(thing)


def test_highest_of_several_events_counts(detector: t1053.Detector) -> None:
    low, high, other = asked("get", "a"), asked("create", "b", "x"), asked("list", "c")
    alone = said(detector, high)
    assert alone.severity in ("high", "critical")
    assert said(detector, low).severity == "informational"
    for calls in ([low, high, other], [high, low], [other, high]):
        for record in (listed(*calls), json.dumps(listed(*calls)).encode()):
            assert said(detector, record) == alone
    assert [it.name for it in t1053.jobs_of(listed(low, high, other))] == ["a", "b", "c"]
    assert detector.verdict(listed()) is None


def test_events_before_the_break_of_a_record_count(detector: t1053.Detector) -> None:
    high = asked("create", "b", "x")
    record = json.dumps(listed(high, asked("get", "a"))).encode()[:-20]
    assert len(t1053.scan(record, filter=False).unreadable) == 1
    assert said(detector, record) == said(detector, high)


def test_published_detections_alone_count_at_their_own_severity(
    detector: t1053.Detector, published: t1053.Detector
) -> None:
    order = ["informational", "low", "medium", "high", "critical"]
    alone = said(published, CREATED)
    assert alone.matches
    assert alone.traits == () and not alone.is_expected
    assert {it.slug for it in alone.matches} < {it.slug for it in said(detector, CREATED).matches}
    assert alone.severity == max((it.severity for it in alone.matches), key=order.index)
    packs = {it.pack for it in published.detections}
    assert "behaviours" not in packs
    ours = t1053.Detector(enable="behaviours").detections
    assert {it.pack for it in ours} == {"behaviours"}
    assert {it.slug for it in ours} | {it.slug for it in published.detections} == {
        it.slug for it in t1053.detections()
    }


def test_what_is_weak_is_left_out_of_expected_jobs(detector: t1053.Detector) -> None:
    line = r'schtasks /create /tn Up /tr "\"{}\Vendor\up.exe\"" /sc onlogon /rl highest'
    places = {r"C:\Program Files": True, r"C:\Users\Public": False}
    for place, is_expected in places.items():
        event = t1053.ProcessCreation(image=IMAGE, command_line=line.format(place))
        verdict = said(detector, event)
        assert verdict.is_expected == is_expected
        assert (verdict.severity == "informational") == is_expected


def jobs() -> Iterator[tuple[t1053.Event, dict[str, tuple[str, ...]]]]:
    """An event by each interface, and what it says of a job."""
    yield CREATED, {
        "JobActivity": ("create",),
        "JobScheduler": ("task_scheduler",),
        "JobInterface": ("schtasks",),
        "JobName": (r"\Up",),
        "JobCommand": (r"C:\Users\Public\p.exe",),
        "JobUser": ("SYSTEM",),
        "JobTrigger": ("minute",),
        "JobWriter": (IMAGE,),
    }
    yield t1053.TaskRegistered(task_name=r"\Up", task_content=DEFINITION), {
        "JobActivity": ("create",),
        "JobScheduler": ("task_scheduler",),
        "JobInterface": ("task_log",),
        "JobName": (r"\Up",),
        "JobCommand": (r"C:\Users\Public\p.exe", "b.exe"),
        "JobArguments": ("-a", ""),
        "JobUser": ("SYSTEM",),
        "JobRunLevel": ("highest",),
        "JobTrigger": ("logon",),
        "JobHidden": ("true",),
    }
    yield t1053.FileCreation(
        target_filename="/etc/cron.d/up", image="/usr/bin/python3", platform="linux"
    ), {
        "JobActivity": ("create",),
        "JobScheduler": ("cron",),
        "JobInterface": ("file",),
        "JobName": ("up",),
        "JobFile": ("/etc/cron.d/up",),
        "JobWriter": ("/usr/bin/python3",),
    }
    tree = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree"
    yield t1053.RegistryEvent(
        target_object=rf"{tree}\Up\SD", event_type="DeleteValue", image="x.exe"
    ), {
        "JobActivity": ("update",),
        "JobScheduler": ("task_scheduler",),
        "JobInterface": ("registry",),
        "JobName": (r"\Up",),
        "JobHidden": ("true",),
        "JobWriter": ("x.exe",),
    }


@pytest.mark.parametrize(
    ("event", "facts"), [*jobs()], ids=["command_line", "definition", "cron_file", "registry"]
)
def test_job_by_each_interface(
    event: t1053.Event, facts: dict[str, tuple[str, ...]], detector: t1053.Detector
) -> None:
    (job,) = t1053.jobs_of(event)
    assert {name: job.facts[name] for name in facts} == facts
    attributes = {
        "activity": "JobActivity",
        "scheduler": "JobScheduler",
        "interface": "JobInterface",
        "name": "JobName",
        "command": "JobCommand",
        "arguments": "JobArguments",
        "user": "JobUser",
        "trigger": "JobTrigger",
        "target": "JobTarget",
    }
    for attribute, name in attributes.items():
        assert getattr(job, attribute) == job.facts.get(name, (None,))[0]
    verdict = said(detector, event)
    assert verdict.jobs == (job,)
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_text_of_a_log_is_kept_out_of_lines(detector: t1053.Detector) -> None:
    """Control characters and what turns text around are written out."""
    line = "schtasks /create /tn \"a\u202eb\x1b[31m\n\" /tr p.exe /sc minute"
    verdict = said(detector, t1053.ProcessCreation(image=IMAGE, command_line=line))
    assert not {"\u202e", "\x1b", "\n"} & set(verdict.line)
    odd = t1053.ProcessCreation(image=IMAGE, command_line=b"schtasks /run /tn \xff")
    assert t1053.jobs_of(odd)[0].name == "\\\ufffd"


def test_password_is_in_no_job_and_no_line(detector: t1053.Detector) -> None:
    line = COMMAND_LINE.replace("/sc", "/rp Geheim77 /s SRV /u ann /p Geheim77 /sc")
    verdict = said(detector, replace(CREATED, command_line=line))
    assert verdict.jobs[0].target == "srv"
    assert "Geheim77" not in verdict.line + repr(verdict.jobs)


def test_threads_share_a_detector(detector: t1053.Detector) -> None:
    events = [replace(CREATED, host=f"h{it}") for it in range(40)]
    expected = [said(detector, it) for it in events]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.verdict, events)) == expected
        assert len({it.id for it in expected}) == len(events)
