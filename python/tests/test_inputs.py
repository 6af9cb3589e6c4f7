"""Inputs as they are found: packed in any way, in several files, without the
name of a host; and the small inputs that people had trouble with, where those
are at hand beside the repository."""

from __future__ import annotations

import bz2
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from test_screen import program as program
from test_screen import run
from test_together import CREATED, DELETED, SLUG, event

import t1053

CASES = ROOT.parent / "shared" / "cases"
AUDIT = b'type=PATH msg=audit(1700000000.1:1): name="/etc/cron.d/x" nametype=CREATE\n'


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_packed_files_are_read(
    pack: Callable[[bytes], bytes], program: list[str], tmp_path: Path
) -> None:
    packed = pack(AUDIT) + pack(AUDIT)
    assert len(t1053.scan(packed, enable="published", join=False)) == 4
    path = tmp_path / "audit.log"
    path.write_bytes(packed)
    ran = run(program, "--enable", "published", "--no-join", path)
    assert ran.stdout.count("\n") == 4
    cut = t1053.scan(packed[:-9], errors="ignore")
    assert cut.failures


def test_files_of_a_log_may_be_one_stream(program: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.log.1").write_bytes(event(CREATED, "00:00Z"))
    (tmp_path / "x.log").write_bytes(b"\n\n" + event(DELETED, "00:09Z"))
    ran = run(program, "--enable", SLUG, tmp_path)
    assert not ran.stdout
    ran = run(program, "--enable", SLUG, "--together", tmp_path)
    found = json.loads(ran.stdout)
    assert (Path(found["path"]).name, found["record"]) == ("x.log", 0)
    assert "2 records" in ran.stderr


def test_a_host_may_be_given(program: list[str], tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(AUDIT + b"node=own " + AUDIT)
    ran = run(program, "--enable", "published", "--host", "ws1", "--no-join", path)
    hosts = [json.loads(line)["host"] for line in ran.stdout.splitlines()]
    assert hosts == ["ws1", "ws1", "own", "own"]
    assert t1053.scan(path, host="ws1")[0].host == "ws1"
    assert t1053.scan(path)[0].host is None


@pytest.mark.parametrize(
    "case", sorted(CASES.glob("*/case.json")), ids=lambda case: case.parent.name
)
def test_cases_are_as_in_rust(case: Path) -> None:
    expected = json.loads(case.read_text())
    if expected["seen"] == "unsure" or "detections" not in expected:
        pytest.skip("nothing is said to be right")
    data = (case.parent / "input").read_bytes()
    matches = t1053.scan(data, enable="published", errors="ignore", join=False)
    assert sorted(it.slug for it in matches) == sorted(expected["detections"])
