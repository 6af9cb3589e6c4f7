"""Audit records, and parts of scripts, joined to the event that they make."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
import t1053
from t1053.__main__ import main

SLUG = "linux_add_files_in_known_crontab_directories"

RECORDS = (
    "type=SYSCALL msg=audit(1700000000.042:77): arch=c000003e syscall=257"
    " success=yes a0=ffffff9c a1=1 a2=241 items=1 ppid=1 pid=2 uid=0"
    ' exe="/bin/sh"\n',
    "type=LOGIN msg=audit(1700000000.042:76): pid=1\n",
    'type=CWD msg=audit(1700000000.042:77): cwd="/etc"\n',
    "type=PATH msg=audit(1700000000.042:77): item=0"
    ' name="./cron.d/x" nametype=CREATE\n',
)
LOG = "".join(RECORDS)


@pytest.mark.parametrize("filter", [True, False])
def test_records_make_one_event(filter: bool) -> None:
    matches = t1053.scan(LOG.encode(), enable=SLUG, filter=filter)
    assert [(it.record, it.joined) for it in matches] == [(0, (0, 2, 3))]
    (evidence,) = matches[0].evidence
    assert evidence.value == b"/etc/cron.d/x"
    assert matches.counts.joined == 1
    assert matches.counts.joins_incomplete == 0
    line = matches.to_ndjson()
    assert '"record":0,"joined":[0,2,3],' in line


def test_each_record_is_by_itself_where_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not t1053.scan(LOG.encode(), enable=SLUG, join=False)
    scanner = t1053.Scanner(t1053.Detector(enable=SLUG), join=False)
    assert not scanner.feed(LOG)
    assert not scanner.finish()
    assert scanner.counts.joined == 0
    path = tmp_path / "audit.log"
    path.write_text(LOG)
    for arguments, count in (([], 1), (["--no-join"], 0)):
        status = main(["scan", "--enable", SLUG, *arguments, str(path)])
        assert status in (None, 0)
        assert capsys.readouterr().out.count(SLUG) == count


def test_what_is_pending_is_flushed() -> None:
    scanner = t1053.Scanner(t1053.Detector(enable=SLUG))
    assert not scanner.push(RECORDS)
    when = datetime(2023, 11, 14, 22, 13, 20, 42_000, UTC)
    assert not scanner.flush_pending(when)
    (match,) = scanner.flush_pending(when.replace(microsecond=42_001))
    assert match.joined == (0, 2, 3)
    assert match.time == when
    assert not scanner.finish()
    scanner.feed(LOG)
    # Without a zone it is UTC.
    assert len(scanner.flush_pending(datetime(2024, 1, 1))) == 1
    scanner.feed(LOG)
    scanner.reset()
    assert not scanner.finish()


PARTS = tuple(
    '{"TimeCreated":"2026-03-04T05:06:07Z","EventID":4104,"Channel":'
    '"Microsoft-Windows-PowerShell/Operational","Computer":"w",'
    f'"ScriptBlockId":"0f3a","MessageNumber":{number},"MessageTotal":2,'
    f'"ScriptBlockText":"{text}"}}\n'
    for number, text in ((2, "uledTask -TaskName x"), (1, "Register-Sched"))
)


@pytest.mark.parametrize("filter", [True, False])
def test_parts_of_a_script_make_one_event(filter: bool) -> None:
    script = "".join(PARTS).encode()
    (match,) = t1053.scan(script, enable="powershell_task", filter=filter)
    assert match.joined == (0, 1)
    assert not t1053.scan(script, enable="powershell_task", join=False)


@pytest.mark.parametrize("records", [RECORDS, PARTS])
def test_scanner_that_waits_is_pickled(records: tuple[str, ...]) -> None:
    detector = t1053.Detector(enable=[SLUG, "powershell_task"])
    whole = t1053.scan("".join(records).encode(), detector=detector)
    for at in range(len(records) + 1):
        before = t1053.Scanner(detector)
        found = list(before.feed("".join(records[:at])))
        after = pickle.loads(pickle.dumps(before))
        found += [*after.feed("".join(records[at:])), *after.finish()]
        assert [match.joined for match in found] == [
            match.joined for match in whole
        ]
    assert whole[0].joined


def test_jobs_tell_the_records_that_their_event_was_joined_from() -> None:
    script = "".join(PARTS).encode()
    (job,) = t1053.jobs(script)
    assert (job.job.name, job.record, job.joined) == ("\\x", 0, (0, 1))
    assert not t1053.jobs(script, join=False)
