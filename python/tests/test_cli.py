"""The command line, run as users run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import t1053
from t1053.__main__ import main


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-m", "t1053", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False)


def test_scan_is_that_of_rust(logs: Path) -> None:
    rust = os.environ.get("T1053_SCAN")
    if rust is None:
        pytest.skip("the Rust example is not at hand")
    for paths, data in [
        ([logs], b""),
        ([logs / "events.xml", logs], b""),
        (["-"], (logs / "events.jsonl").read_bytes()),
        ([logs / "audit.log", "-", logs], (logs / "events.xml").read_bytes()),
    ]:
        names = [str(it) for it in paths]
        theirs = subprocess.run([rust, *names], input=data, capture_output=True, check=True)
        ours = run("scan", *names, data=data)
        assert ours.returncode == 0
        assert ours.stdout == theirs.stdout
        assert ours.stdout
    chosen = ["--enable", "platform:linux", "--disable", "kind:Hunting", str(logs)]
    theirs = subprocess.run([rust, *chosen], capture_output=True, check=True)
    assert run("scan", *chosen).stdout == theirs.stdout
    for more in (["--group"], ["--risk"], ["--group", "--risk", str(logs)]):
        both = [*more, str(logs)]
        theirs = subprocess.run([rust, *both], capture_output=True, check=True)
        assert run("scan", *both).stdout == theirs.stdout


def test_identical_findings_are_one_and_risk_is_told(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "--output", "ndjson", str(logs)]) == 0
    raw = capsys.readouterr().out.splitlines()
    twice = [str(logs), "--group", "--risk"]
    assert main(["scan", "--output", "ndjson", str(logs), *twice]) == 0
    lines = [json.loads(it) for it in capsys.readouterr().out.splitlines()]
    risk = [it for it in lines if "risk_object" in it]
    found = [it for it in lines if "risk_object" not in it]
    assert sum(it.get("repeats", 1) for it in found) == 2 * len(raw)
    assert len(found) < 2 * len(raw)
    assert risk and all(it["risk"] >= 100 for it in risk)
    for it in risk:
        assert sum(part["risk_score"] for part in it["detections"]) == it["risk"]
    assert main(["scan", "--output", "table", "--risk", str(logs)]) == 0
    assert "has reached a risk of 1" in capsys.readouterr().out


def test_scan_tables(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--output", "table", str(logs)]) == 0
    text = capsys.readouterr().out
    assert "creates task" in text and "verdicts: " in text
    assert "matches in" in text
    assert main(["scan", "--output", "detections", str(logs)]) == 0
    text = capsys.readouterr().out
    assert "short_lived_scheduled_task" in text and "verdicts: " not in text
    assert "matches in" in text
    assert main(["detections", "--output", "table"]) == 0
    assert f"{len(t1053.detections())} detections" in capsys.readouterr().out


def test_detections_as_ndjson(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detections", "--output", "ndjson", "--enable", "kind:TTP"]) == 0
    lines = [json.loads(it) for it in capsys.readouterr().out.splitlines()]
    assert {it["kind"] for it in lines} == {"TTP"}


def test_explain(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "short_lived_scheduled_task"]) == 0
    assert "then within 30 s" in capsys.readouterr().out
    assert main(["explain", str(logs / "events.jsonl")]) == 0
    assert "CommandLine: " in capsys.readouterr().out
    assert main(["explain", "short_lived_schedule_task"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_navigator(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["navigator"]) == 0
    assert json.loads(capsys.readouterr().out)["domain"] == "enterprise-attack"
    assert main(["navigator", str(logs), str(logs)]) == 0
    layer = json.loads(capsys.readouterr().out)
    assert sum(it["score"] for it in layer["techniques"]) >= 2 * len(t1053.scan(logs))


def test_exclusions_and_errors(logs: Path) -> None:
    slug = "schtasks_run_task_on_demand"
    one = ["scan", "--enable", slug, str(logs)]
    assert run(*one).stdout
    assert not run(*one, "--exclude", slug, "CommandLine|contains", "/run").stdout
    failed = run("scan", "no-such.log", str(logs / "events.jsonl"))
    assert failed.returncode == 2
    assert b"no-such.log" in failed.stderr
    assert failed.stdout
    wrong = run("scan", "--enable", "kind:nothing", str(logs))
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"t1053: selector")
    assert run("scan").returncode == 2
