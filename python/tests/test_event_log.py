"""Windows event log files."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import event_log
import pytest

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
            counts.read + counts.filtered + counts.uninteresting + counts.not_understood + counts.unreadable
        )
    for size in (8, 100, 4000):
        failed = t1053.scan(LOG[:size], errors="ignore").failures
        assert [it.source for it in failed] == [None]


FREE = 4096 + struct.unpack_from("<I", LOG, 4096 + 48)[0]
"""Where the last record ends."""


@pytest.mark.parametrize(
    ("size", "read", "lost"),
    [
        (FREE, 3, 0),
        (len(LOG) - 1, 3, 0),
        (FREE - 1, 2, 1),
        (4096 + 513, 0, 3),
        # Of a chunk without its header, nothing is known.
        (4096 + 511, 0, 1),
        (4096, 0, 1),
    ],
)
def test_a_log_that_is_cut_gives_what_is_there(size: int, read: int, lost: int) -> None:
    matches = t1053.scan(LOG[:size], errors="ignore")
    counts = matches.counts
    assert (counts.records - counts.unreadable, counts.unreadable) == (read, lost)
    assert len(matches.unreadable) == lost
    assert all("the file ends before" in it.reason for it in matches.unreadable)
    whole = t1053.scan(LOG)
    assert matches.to_dicts() == [it for it in whole.to_dicts() if it["record"] < read]


def test_of_several_chunks_the_last_may_be_cut() -> None:
    # The header tells of two chunks; both have the same records.
    log = bytearray(LOG + LOG[4096:])
    struct.pack_into("<H", log, 42, 2)
    struct.pack_into("<I", log, 124, zlib.crc32(log[:120]))
    assert t1053.scan(bytes(log)).counts.records == 6
    cut = t1053.scan(bytes(log[: len(LOG) + FREE - 4096 - 1]), errors="ignore")
    assert (cut.counts.records, cut.counts.unreadable) == (6, 1)
    gone = t1053.scan(bytes(log[: len(LOG)]), errors="ignore")
    assert (gone.counts.records, gone.counts.unreadable) == (4, 1)


def test_zeros_at_the_end_are_no_records() -> None:
    assert t1053.scan(LOG + bytes(1000)).counts == t1053.scan(LOG).counts


def broken_header(rest: bytes) -> bytes:
    """A log with a header of which nothing is right but its first bytes."""
    return b"ElfFile\0" + b"\xa5" * 4088 + rest


def test_a_broken_header_hides_no_record() -> None:
    matches = t1053.scan(broken_header(LOG[4096:]), errors="ignore")
    assert (matches.counts.records, matches.counts.unreadable) == (3, 0)
    assert matches.to_dicts() == t1053.scan(LOG).to_dicts()


@pytest.mark.parametrize("size", [0, 600, 65536, 65536 + 600, 131072])
def test_what_only_begins_like_a_log_is_unreadable(size: int) -> None:
    matches = t1053.scan(broken_header(b"\x5a" * size), errors="ignore")
    lost = max(1, -(-size // 65536))
    assert (matches.counts.records, matches.counts.unreadable) == (lost, lost)
