"""Windows event log files."""

from __future__ import annotations

import gzip
from pathlib import Path

import event_log

import t1053

TASK = r"""<Task><Actions><Exec><Command>powershell.exe</Command>
<Arguments>-nop "a & b"</Arguments></Exec></Actions></Task>"""


def _event(number: int, **data: str) -> event_log.Element:
    system = {"EventID": str(number), "Channel": "Security", "Computer": "WS-014"}
    return event_log.event(system, data, f"2024-05-01T10:00:{number % 60:02}.5Z")


LOG = event_log.log(
    [
        _event(4624, TargetUserName="ann"),
        _event(4698, TaskName=r"\Updater", TaskContent=TASK, SubjectUserName="ann"),
        _event(4699, TaskName=r"\Updater"),
    ]
)


def test_records_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "Security.evtx"
    path.write_bytes(LOG)
    matches = t1053.scan(path)
    assert matches.counts.records == 3
    assert not matches.failures
    slugs = {it.slug: it for it in matches}
    shell = slugs["winevent_scheduled_task_created_to_spawn_shell"]
    assert (shell.record, shell.host, shell.path) == (1, "WS-014", str(path))
    assert shell.evidence[0].text == "powershell.exe"
    assert slugs["short_lived_scheduled_task"].record == 2
    text = matches.to_ndjson().replace(str(path).join('""'), "null")
    for data in (LOG, gzip.compress(LOG)):
        assert t1053.scan(data).to_ndjson() == text


def test_broken_logs() -> None:
    whole = t1053.scan(LOG).counts
    assert whole.unreadable == 0
    for at in range(4096 + 512, 4096 + 1400, 7):
        broken = bytearray(LOG)
        broken[at] ^= 0xFF
        matches = t1053.scan(bytes(broken), errors="ignore")
        counts = matches.counts
        assert counts.records == (
            counts.read + counts.filtered + counts.uninteresting + counts.unreadable
        )
    for size in (8, 100, 4000):
        failed = t1053.scan(LOG[:size], errors="ignore").failures
        assert [it.source for it in failed] == [None]
