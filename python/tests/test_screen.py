"""What a person sees: the command line of the package and the example of the
Rust library, run in a terminal, which must show the same."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import event_log
import pyte
import pytest

import t1053

PYTHON = [sys.executable, "-m", "t1053", "scan"]
RUST = os.environ.get("T1053_SCAN")
RECORD = '{"EventID":4698,"Channel":"Security","TaskName":"a"}\n'
PUBLISHED = ["--enable", "published"]
"""The detections of which one matches `RECORD`."""


@pytest.fixture(params=["python", "rust"])
def program(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "python":
        return PYTHON
    if RUST is None:
        pytest.skip("the Rust example is not at hand")
    return [RUST]


def run(
    program: list[str], *arguments: str | Path, data: bytes = b""
) -> subprocess.CompletedProcess[str]:
    command = [*program, *map(str, arguments)]
    ran = subprocess.run(
        command, input=data, capture_output=True, check=False, timeout=60
    )
    return subprocess.CompletedProcess(
        command, ran.returncode, ran.stdout.decode(), told(ran.stderr.decode())
    )


def told(text: str) -> str:
    """Standard error, without the name of the program."""
    return re.sub(r"(?m)^(scan|t1053): ", "", text)


def terminal(
    program: list[str], columns: int, *arguments: str | Path, rows: int = 50
) -> str:
    """What a program writes to a terminal of so many columns."""
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        # Given whole: readline, which pytest loads, sets COLUMNS where
        # `os.environ` does not see it.
        unset = ("COLUMNS", "LINES", "NO_COLOR")
        environment = {name: it for name, it in os.environ.items() if name not in unset}
        environment["TERM"] = "xterm-256color"
        os.execve(program[0], [*program, *map(str, arguments)], environment)
    written = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            # Linux tells the end of a terminal so.
            break
        if not piece:
            break
        written += piece
    os.close(master)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return written.decode()


def screen(text: str, columns: int) -> list[str]:
    """The lines that a terminal shows of what was written to it."""
    shown = pyte.Screen(columns, 400)
    pyte.Stream(shown).feed(text)
    lines = [it.rstrip() for it in shown.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


SEVERITIES = ["critical", "high", "medium", "low", "informational"]


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_table_of_verdicts_fits_the_terminal(
    program: list[str], columns: int, logs: Path
) -> None:
    log = logs / "events.jsonl"
    lines = screen(terminal(program, columns, log), columns)
    table = lines[: lines.index("")]
    assert table[0].startswith("SEVERITY  COUNT  VERDICT")
    rows = [it.split()[0] for it in table if it[:1] not in (" ", "S", "H", "")]
    assert rows == sorted(rows, key=SEVERITIES.index)
    assert {"high", "medium"} <= set(rows) <= {"critical", "high", "medium"}
    folds = 2 if columns == 80 else 1
    assert len(table) == (1 + len(rows)) * folds
    # The host and the record of the first event are always told.
    assert sum(bool(re.search(r"WS-.*l #\d+", it)) for it in table) > 10
    assert ("LAST SEEN" in table[0]) == (columns == 200)
    shown = re.match(
        r"verdicts: ([\d,]+) events of medium or more, ([\d,]+) below"
        r" \(--min-severity\)",
        " ".join(lines[lines.index("") + 1 :]),
    )
    assert shown
    every = run(program, "--output", "ndjson", "--verdicts", log).stdout
    verdicts = [json.loads(it) for it in every.splitlines()]
    levels = [it.get("severity", "high") for it in verdicts]
    assert int(shown[1].replace(",", "")) == sum(it in rows for it in levels)
    assert int(shown[2].replace(",", "")) == sum(it not in rows for it in levels)


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_table_of_detections_fits_the_terminal(
    program: list[str], columns: int, logs: Path
) -> None:
    log = logs / "events.jsonl"
    text = terminal(program, columns, "--output", "detections", log)
    lines = screen(text, columns)
    slugs = {it.slug for it in t1053.scan(log)}
    table = lines[: lines.index("")]
    assert table[0].startswith("RISK  COUNT  DETECTION")
    assert len(table) == (1 + len(slugs)) * (2 if columns == 80 else 1)
    rows = [re.match(r" *(?:\d+|-)  +[\d,]+  (\w+)", it) for it in table]
    assert {it[1] for it in rows if it} == slugs
    # The host and the record of the first match are always told.
    hits = [it for it in table if re.search(r"WS-0.*events\.jsonl #\d+", it)]
    assert len(hits) > 10
    assert ("EXAMPLE" in table[0]) == (columns == 200)


@pytest.mark.parametrize("columns", [80, 120, 200])
@pytest.mark.parametrize("output", ["table", "detections"])
def test_both_programs_show_the_same(columns: int, output: str, logs: Path) -> None:
    if RUST is None:
        pytest.skip("the Rust example is not at hand")
    ours = terminal(PYTHON, columns, "--output", output, logs)
    theirs = terminal([RUST], columns, "--output", output, logs)
    assert screen(told(ours), columns) == screen(told(theirs), columns)
    head = {"table": "\x1b[2mSEVERITY", "detections": "\x1b[2mRISK"}[output]
    table = [text[text.index(head) :] for text in (ours, theirs)]
    assert told(table[0]) == told(table[1])
    if output == "detections":
        assert "\x1b[1mshort_lived_scheduled_task\x1b[0m" in ours


def test_both_programs_write_the_same_verdicts(logs: Path) -> None:
    if RUST is None:
        pytest.skip("the Rust example is not at hand")
    for more in [], ["--min-severity", "high"], ["--enable", "published"]:
        arguments = ["--output", "ndjson", "--verdicts", *more, logs]
        ours, theirs = run(PYTHON, *arguments), run([RUST], *arguments)
        assert ours.stdout and ours.stdout == theirs.stdout
        assert ours.stderr == theirs.stderr


def test_a_verdict_is_a_line_an_event(program: list[str]) -> None:
    line = (
        '{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational",'
        '"Image":"C:\\\\Windows\\\\System32\\\\schtasks.exe","CommandLine":'
        '"schtasks /create /tn Up /tr C:\\\\Users\\\\Public\\\\p.exe /ru SYSTEM /sc minute"}\n'
    )
    data = (line + RECORD).encode()
    ran = run(program, "--output", "ndjson", "--verdicts", "-", data=data)
    found = [json.loads(it) for it in ran.stdout.splitlines()]
    assert [it["record"] for it in found] == [0, 1]
    assert found[0]["severity"] == "high" and len(found[0]["detections"]) > 3
    assert ran.stderr.startswith("verdicts: 2 events\n")
    ran = run(
        program, "--output", "ndjson", "--verdicts", "--min-severity", "high", "-",
        data=data,
    )
    assert ran.stdout.count("\n") == 1
    assert "verdicts: 1 event of high or more, 1 below (--min-severity)" in ran.stderr
    ran = run(program, "--output", "table", "-", data=data)
    assert "creates task \\Up, C:" in ran.stdout
    assert "verdicts: 1 event of medium or more, 1 below" in ran.stdout
    ran = run(program, "--output", "ndjson", "--min-severity", "low", "-", data=data)
    assert ran.returncode == 2
    assert "give --verdicts or --output table" in ran.stderr
    ran = run(program, "--verdicts", "--min-severity", "loud", "-", data=data)
    assert ran.returncode == 2 and "informational" in ran.stderr


def test_command_lines_are_taken_apart_as_far_as_is_asked(
    program: list[str], tmp_path: Path
) -> None:
    data = (
        b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":'
        b'"C:\\\\Windows\\\\System32\\\\cmd.exe","CommandLine":'
        b'"cmd /c s^chtasks /create /tn Up /tr a.exe"}\n'
    )
    config = tmp_path / "off.yml"
    config.write_text("canonical: off\n")
    base = ["--output", "ndjson", "--enable", "task_created"]
    for more, lines in [
        ([], 1),
        (["--canonical", "off"], 0),
        (["--canonical", "argv"], 0),
        (["--canonical", "full"], 1),
        (["--config", config], 0),
        (["--canonical", "full", "--config", config], 1),
    ]:
        ran = run(program, *base, *more, "-", data=data)
        assert (ran.returncode, ran.stdout.count("\n")) == (0, lines), more
    ran = run(program, "--canonical", "ful", "-", data=data)
    assert ran.returncode == 2 and "full" in ran.stderr


def test_lines_tell_of_events_what_is_kept(program: list[str], logs: Path) -> None:
    keep = ["--keep", "image,CommandLine,JobName,raw"]
    for more in [], ["--verdicts"], ["--group"], ["--together"]:
        arguments = ["--output", "ndjson", *more, *keep, logs]
        ran = run(program, *arguments)
        lines = [json.loads(line) for line in ran.stdout.splitlines()]
        assert len(lines) > 20
        for line in lines:
            assert list(line["fields"]) == ["Image", "CommandLine", "JobName"]
            # Of a joined event no one record is at hand.
            is_joined = "joined" in line
            assert bool(line["length"] and line["raw"]) != is_joined
            assert line["event"]
        assert any(line["fields"]["CommandLine"] for line in lines)
        if RUST is not None:
            assert run([RUST], *arguments).stdout == ran.stdout
    ran = run(program, "--output", "table", *keep, logs)
    assert ran.returncode == 2 and "--keep is of NDJSON" in ran.stderr
    ran = run(program, "--output", "ndjson", "--keep", "Imge", logs)
    assert ran.returncode == 2 and "did you mean `Image`?" in ran.stderr


def test_a_sequence_stands_beside_the_verdicts(
    program: list[str], tmp_path: Path
) -> None:
    lines = [
        {"EventID": it, "Channel": "Security", "Hostname": "a", "TaskName": "\\x",
         "EventTime": f"2024-05-01 10:00:0{at}"}
        for at, it in enumerate((4698, 4699))
    ]
    log = tmp_path / "a.jsonl"
    log.write_text("".join(json.dumps(it) + "\n" for it in lines))
    chosen = ["--enable", "short_lived_scheduled_task"]
    ran = run(program, "--output", "table", *chosen, log)
    assert "high          1  A task is created and deleted again" in ran.stdout
    ran = run(program, "--output", "ndjson", "--verdicts", *chosen, log)
    found = [json.loads(it) for it in ran.stdout.splitlines()]
    assert [it["detection"] for it in found] == ["short_lived_scheduled_task"]


def test_progress_leaves_nothing_behind(
    program: list[str], logs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "events.jsonl.gz"
    data = gzip.compress((logs / "events.jsonl").read_bytes())
    bar = re.compile(r"\d+(\.\d+)? ?[KM]i?B?/|B/s|█|it/s")
    # A bar shows after half a second: how much is read in that depends on the
    # machine and on how the program was built.
    for times in (6, 60, 600, 6000):
        log.write_bytes(data * times)
        text = terminal(program, 100, log)
        if bar.search(text):
            break
    else:
        pytest.fail("no bar was shown")
    lines = screen(text, 100)
    assert lines[0].startswith("SEVERITY")
    assert not any(map(bar.search, lines))


def test_a_terminal_without_rows_has_its_columns(program: list[str], logs: Path) -> None:
    """`script` makes such a one where it has none itself."""
    log = logs / "events.jsonl"
    shown = [screen(terminal(program, 80, log, rows=it), 80) for it in (0, 50)]
    assert shown[0] == shown[1]


def test_the_bundled_logs_lose_nothing(program: list[str], logs: Path) -> None:
    ran = run(program, "--output", "ndjson", logs)
    assert "0 events forgotten" in ran.stderr
    assert "want of room" not in ran.stderr


def test_the_readme_shows_what_a_newcomer_sees(
    program: list[str], logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which records they are, and how many, is other with every new sample."""
    root = logs.parent.parent
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "80")
    ran = run(program, "--output", "detections", "testdata/logs")
    readme = (root / "README.md").read_text()
    _, _, block = readme.partition("```text\n")
    shown, _, after = block.partition("```")
    lines = [re.sub(r"\d+", "N", it).split() for it in shown.splitlines()]
    assert len(lines) == 8
    printed = [re.sub(r"\d+", "N", it).split() for it in ran.stdout.splitlines()]
    assert printed[:8] == lines
    said = re.search(r"the first three of (\d+) detections", after)
    assert said
    assert re.search(rf" in 5 inputs\), of {said[1]} detections$", ran.stdout, re.M)


def test_ndjson_tells_the_totals_in_a_line(program: list[str]) -> None:
    data = (RECORD + '{"EventID":4624,"Channel":"Security"}\nodd\n').encode()
    ran = run(program, *PUBLISHED, "--output", "ndjson", "-", data=data)
    assert (
        "1 match in 3 records: 1 read, 1 filtered out unread, 0 of no interest,"
        " 1 unreadable; of sequences, 0 events forgotten, 0 expired, 1 untimed,"
        " 0 ungrouped\n" in ran.stderr
    )
    assert ran.stdout.count("\n") == 1
    assert ran.returncode == 0
    ran = run(program, *PUBLISHED, "--output", "table", "-", data=data)
    left_out = "sequences: 0 events forgotten, 0 expired, 1 untimed, 0 ungrouped"
    assert left_out in ran.stdout.splitlines()


def test_a_log_of_nothing_known_is_told(program: list[str]) -> None:
    data = b'{"topic":"Security","number":4698}\n' * 3
    ran = run(program, "-", data=data)
    assert "nothing in it is understood: 3 records of no shape" in ran.stderr
    assert "3 not understood" in ran.stderr
    assert ran.returncode == 1


def test_help_version_and_selections(program: list[str]) -> None:
    text = run(program, "--help").stdout
    for it in ["wineventlog", "audit.log", "it is no log of these formats", "141"]:
        assert it in text
    assert re.fullmatch(r"\w+ \d+\.\d+\.\d+\n", run(program, "--version").stdout)
    ran = run(program, "--enable", "risk:50", "--disable", "all", "-")
    assert ran.returncode == 2
    assert "leaves no detection" in ran.stderr


def test_what_is_no_log_is_told_once(program: list[str], tmp_path: Path) -> None:
    for name, content, what in [
        ("a.txt", b"Dear diary,\n" * 1000, r'(1,000 records)'),
        ("b.parquet", b"PAR1\x15\x04\x15\x00", "a Parquet table"),
        ("c.lz4", b"\x04\x22\x4d\x18\x64\x40", "lz4 -dc"),
        ("e.zip", b"PK\x03\x04\x14\x00", "a ZIP archive"),
        ("f.sqlite", b"SQLite format 3\x00", "an SQLite database"),
        ("g.gz", gzip.compress(b"SQLite format 3\x00"), "an SQLite database"),
    ]:
        path = tmp_path / name
        path.write_bytes(content)
        ran = run(program, "--output", "table", path)
        assert ran.returncode == 1, name
        assert ran.stderr.count("\n") == 1, ran.stderr
        assert ran.stderr.startswith(f"{path}: "), ran.stderr
        assert what in ran.stderr
    ran = run(program, tmp_path / "a.txt")
    assert r'begins with "Dear diary,\nDear diary,\n' in ran.stderr
    path.write_text(RECORD)
    ran = run(program, *PUBLISHED, tmp_path)
    assert ran.returncode == 1
    assert ran.stdout.count("\n") == 1


def test_unreadable_records_are_a_line_a_file(
    program: list[str], tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / name).write_text(RECORD + "odd\n" * 1000)
    ran = run(program, "--output", "table", tmp_path)
    lines = [it for it in ran.stderr.splitlines() if it.startswith("unreadable")]
    reason = "not a record of any format that is read here (byte 0)"
    assert lines == [
        f"unreadable: {tmp_path / name}: record 1 (byte {len(RECORD)}): {reason},"
        " and 999 more like it"
        for name in "ab"
    ]
    assert ran.returncode == 0


def test_an_event_log_is_read(program: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    system = {"EventID": "4698", "Channel": "Security"}
    event = event_log.event(system, {"TaskName": "a"}, "2024-05-01T10:00:00Z")
    path.write_bytes(event_log.log([event])[:-1])
    ran = run(program, *PUBLISHED, path)
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)


def test_directories_with_more_than_files(program: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(RECORD)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "twice.json").symlink_to("a.json")
    ran = run(program, *PUBLISHED, tmp_path)
    assert ran.stdout.count("\n") == 1
    assert f"{tmp_path / 'fifo'}: skipped, as it is a named pipe" in ran.stderr
    assert ran.returncode == 0
    (tmp_path / "gone").symlink_to("nowhere")
    ran = run(program, *PUBLISHED, tmp_path)
    assert ran.stdout.count("\n") == 1
    assert f"{tmp_path / 'gone'}: No such file" in ran.stderr
    assert ran.returncode == 2


def test_a_directory_that_cannot_be_listed(
    program: list[str], tmp_path: Path
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may list every directory")
    (tmp_path / "a.json").write_text(RECORD)
    (tmp_path / "closed").mkdir(mode=0)
    ran = run(program, *PUBLISHED, tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert ran.stdout.count("\n") == 1
    assert f"{tmp_path / 'closed'}: Permission denied" in ran.stderr
    assert ran.returncode == 2


def test_the_package_tells_what_it_skips(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(RECORD)
    (tmp_path / "gone").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    with pytest.warns(t1053.ReadWarning) as warned:
        assert len(t1053.scan(tmp_path, enable="published")) == 1
    texts = [str(it.message) for it in warned]
    assert any("fifo: skipped" in it for it in texts)
    assert any("gone cannot be read" in it for it in texts)


def test_a_named_pipe_that_is_named_is_read(
    program: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(RECORD)
    command = f"cat {tmp_path / 'a.json'} > {tmp_path / 'fifo'}"
    os.mkfifo(tmp_path / "fifo")
    with subprocess.Popen(command, shell=True):
        ran = run(program, *PUBLISHED, tmp_path / "fifo")
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_ends_is_told(
    program: list[str], logs: Path, unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    for output in "ndjson", "table":
        command = [*program, "--output", output, str(logs)]
        with open("/dev/full", "wb") as full:
            ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
        assert ran.returncode == 2
        assert b"cannot write the output" in ran.stderr
        assert b"No space left" in ran.stderr
        assert b"Traceback" not in ran.stderr
    command = [*program, "--output", "ndjson", *[str(logs)] * 3]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        assert ran.stdout is not None and ran.stderr is not None
        assert ran.stdout.read(1) == b"{"
        ran.stdout.close()
        text = ran.stderr.read()
    assert ran.returncode == 141
    assert b"the output was closed before all was written" in text
    assert b"Traceback" not in text


def test_an_output_that_is_closed_is_told(program: list[str], logs: Path) -> None:
    script = f"{' '.join(program)} {logs} >&-"
    ran = subprocess.run(script, shell=True, capture_output=True, check=False)
    assert ran.returncode == 2
    assert told(ran.stderr.decode()) == (
        "cannot write the output: standard output is closed\n"
    )


def test_an_output_that_cannot_write_all_characters_gets_escapes(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("COLUMNS", "120")
    ran = run(PYTHON, "--output", "table", logs)
    assert ran.returncode == 0
    assert r"\u2026" in ran.stdout


def test_an_input_that_is_closed_is_told(program: list[str]) -> None:
    script = f"{' '.join(program)} - <&-"
    ran = subprocess.run(script, shell=True, capture_output=True, check=False)
    assert ran.returncode == 2
    first, _, _ = told(ran.stderr.decode()).partition("\n")
    assert first == "-: standard input is closed"
