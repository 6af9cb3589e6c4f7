"""Rules of the user's own."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
from pathlib import Path

import pytest
from test_cli import run

import t1053
from t1053.__main__ import main

OWN = """\
title: Task that the agent starts
id: 6f1c5f7e-0000-4000-8000-000000000001
logsource: {category: process_creation, product: windows}
detection:
    agent: {ParentImage|endswith: agent.exe}
    condition: agent
level: low
"""
BAD = OWN.replace("ParentImage", "ParentImag").replace("0001", "0002")
EVENT = t1053.ProcessCreation(parent_image=r"C:\agent.exe", image="x.exe")
SLUG = "task_that_the_agent_starts"
LOG = (
    b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational",'
    b'"ParentImage":"C:\\\\agent.exe"}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    (rules / "below").mkdir(parents=True)
    (rules / "bad.yaml").write_text(BAD)
    (rules / "below" / "own.yml").write_text(OWN)
    (rules / "README.md").write_text("no rules")
    return rules


def slugs(detector: t1053.Detector) -> list[str]:
    return [it.slug for it in detector.evaluate(EVENT)]


PORTAL = """\
title: Login
name: login
logsource: {product: portal}
detection: {a: {action: login}, condition: a}
---
title: Download
name: download
logsource: {product: portal}
detection: {a: {action: download}, condition: a}
---
"""
"""Rules that correlations below are about."""


def test_text_and_path_and_both_are_loaded(folder: Path) -> None:
    own = folder / "below" / "own.yml"
    for rules in (OWN, own, [OWN], [own], folder, f"{BAD}---\n{OWN}"):
        detector = t1053.Detector(rules=rules)
        assert slugs(detector) == [SLUG]
        assert len(detector.detections) == len(t1053.detections()) + 1
    both = t1053.Detector(rules=[folder, OWN])
    assert slugs(both) == [SLUG]
    assert {it.kind for it in both.problems} == {"unknown_field", "duplicate"}


def test_problem_has_place_kind_and_what_would_be_right(folder: Path) -> None:
    (problem,) = t1053.Detector(rules=folder).problems
    assert (problem.line, problem.column, problem.kind) == (5, 13, "unknown_field")
    assert problem.name == str(folder / "bad.yaml")
    assert str(problem) == (
        f"{folder}/bad.yaml:5:13: in detection > agent > ParentImag|endswith: there is"
        " no field `ParentImag`; did you mean `ParentImage`?"
    )
    names = [it.name for it in t1053.Detector(rules=[OWN, "a: b\n", "[\n"]).problems]
    assert names == ["rules[1]", "rules[2]"]


def test_strict_makes_a_problem_an_error(folder: Path) -> None:
    assert t1053.Detector(rules=OWN, strict=True).problems == ()
    with pytest.raises(t1053.DetectorError, match=r"bad\.yaml:5:13: "):
        t1053.Detector(rules=folder, strict=True)


def test_what_is_no_rule_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(t1053.DetectorError, match=r"pathlib\.Path\('rules/'\)"):
        t1053.Detector(rules="rules/")
    with pytest.raises(t1053.SourceNotFoundError, match="no-such"):
        t1053.Detector(rules=tmp_path / "no-such.yml")
    with pytest.raises(t1053.SourceError, match=r"\.yaml or \.t1053"):
        t1053.Detector(rules=tmp_path)
    (tmp_path / "a.yml").write_bytes(b"\xff")
    (problem,) = t1053.Detector(rules=tmp_path).problems
    assert problem.message == "the text is not UTF-8"
    (problem,) = t1053.Detector(rules="title: \udcff\n").problems
    assert problem.message == "the text is not UTF-8"


def test_own_rules_alone_are_chosen_and_excluded_as_others_are() -> None:
    alone = t1053.Detector(rules=OWN, builtin=False)
    assert [it.slug for it in alone.detections] == [SLUG]
    assert slugs(t1053.Detector(rules=OWN, disable=SLUG)) == []
    assert slugs(t1053.Detector(rules=OWN, enable=SLUG)) == [SLUG]
    exclude = [(SLUG, "Image", "x.exe")]
    assert slugs(t1053.Detector(rules=OWN, exclude=exclude)) == []
    builtin = t1053.Detector(rules=OWN.replace("Task that the agent starts", "At Task"))
    assert builtin.problems == ()
    taken = t1053.detections()[0]
    named = OWN.replace("title:", f"name: {taken.slug}\ntitle:")
    (problem,) = t1053.Detector(rules=named).problems
    assert problem.kind == "duplicate"
    assert t1053.Detector(rules=named, builtin=False).problems == ()


def test_detector_with_rules_is_a_value(folder: Path) -> None:
    detector = t1053.Detector(rules=folder, builtin=False)
    for other in (pickle.loads(pickle.dumps(detector)), copy.deepcopy(detector)):
        assert other == detector
        assert hash(other) == hash(detector)
        assert other.problems == detector.problems
        assert slugs(other) == [SLUG]
    assert detector != t1053.Detector(rules=folder)
    assert repr(detector).startswith("Detector(rules=[")
    # What was loaded counts, not what the files hold by now.
    pickled = pickle.dumps(detector)
    (folder / "below" / "own.yml").unlink()
    assert slugs(pickle.loads(pickled)) == [SLUG]


def test_command_line_loads_rules(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "x.json"
    log.write_bytes(LOG)
    arguments = ["--no-builtin", "--rules", str(folder), str(log)]
    assert main(["scan", *arguments]) == 0
    output = capsys.readouterr()
    assert f'"detection":"{SLUG}"' in output.out
    told = output.err.splitlines()
    assert told[0].startswith(f"t1053: {folder}/bad.yaml:5:13: in detection")
    assert told[1] == "t1053: 1 rule is loaded; 1 is not"
    assert main(["scan", "--strict", *arguments]) == 2
    assert main(["scan", "--rules", str(tmp_path / "none"), str(log)]) == 2
    capsys.readouterr()
    assert main(["explain", "--rules", str(folder), SLUG]) == 0
    assert "ParentImage|endswith: agent.exe" in capsys.readouterr().out
    rust = os.environ.get("T1053_SCAN")
    if rust is None:
        pytest.skip("the Rust example is not at hand")
    theirs = subprocess.run([rust, *arguments], capture_output=True, check=True)
    ours = run("scan", *arguments)
    assert ours.stdout == theirs.stdout
    assert ours.stderr.replace(b"t1053: ", b"scan: ") == theirs.stderr


def test_what_a_file_says_of_its_rule_is_kept() -> None:
    head = (
        "author: Ann\nlicense: MIT\nstatus: test\ndate: 2025-01-31\n"
        "modified: 2025-02-01\nrelated: [{id: abc, type: derived}]\nfields: [User]\n"
    )
    (own,) = t1053.Detector(rules=head + OWN, builtin=False).detections
    said = (own.author, own.license, own.status, own.date, own.modified)
    assert said == ("Ann", "MIT", "test", "2025-01-31", "2025-02-01")
    assert own.related == (t1053.Related("abc", "derived"),)
    assert own.message == "Task that the agent starts (User: {User})"
    (match,) = t1053.Detector(rules=head + OWN, builtin=False).evaluate(EVENT)
    assert match.detection.author == "Ann"
    assert match.message == "Task that the agent starts (User: (unknown))"


def test_pack_holds_what_its_texts_do(tmp_path: Path) -> None:
    pack = tmp_path / "own.t1053"
    pack.write_bytes(t1053.compile_rules(OWN))
    for rules in (pack, tmp_path):
        detector = t1053.Detector(rules=rules, strict=True)
        assert detector.detections == t1053.Detector(rules=OWN).detections
        assert slugs(detector) == [SLUG]
    assert t1053.compile_rules(pack) == pack.read_bytes()
    with pytest.raises(t1053.DetectorError, match="ParentImag"):
        t1053.compile_rules(BAD)
    assert t1053.compile_rules([OWN, BAD], strict=False) == pack.read_bytes()
    pack.write_bytes(pack.read_bytes()[:-1])
    (problem,) = t1053.Detector(rules=pack).problems
    assert str(problem) == f"{pack}: the pack is damaged: it is not as long as it was"


def test_command_line_compiles_packs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "own.t1053"
    assert main(["compile", str(folder), "-o", str(pack), "--strict"]) == 2
    assert not pack.exists()
    assert main(["compile", str(folder), "-o", str(pack)]) == 0
    assert "1 rule is loaded; 1 is not" in capsys.readouterr().err
    assert slugs(t1053.Detector(rules=pack)) == [SLUG]
    assert main(["compile", str(folder), "-o", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_explanation_tells_each_test_and_its_values() -> None:
    detector = t1053.Detector(rules=OWN, exclude=[(SLUG, "Image", "x.exe")])
    told = detector.explain(EVENT, SLUG).splitlines()
    assert told == [
        f"{SLUG} does not match",
        "  no   all of",
        "  yes    ParentImage|endswith: agent.exe",
        r"           ParentImage = C:\agent.exe",
        "  no     none of",
        "  yes      Image: x.exe",
        "             Image = x.exe",
    ]
    record = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational"}
    assert "ParentImage is absent" in detector.explain(record, SLUG)
    other = t1053.TaskDeleted(task_name="x\u202e\n")
    told = t1053.Detector().explain(other, "short_lived_scheduled_task").splitlines()
    assert any("it asks task_registered" in line for line in told)
    with pytest.raises(KeyError, match="no_such"):
        detector.explain(EVENT, "no_such")
    with pytest.raises(t1053.SourceError):
        detector.explain({"EventID": 4624}, SLUG)


def test_configuration_names_rules_and_counts_what_is_excluded(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(OWN)
    path = tmp_path / "t1053.yml"
    path.write_text(
        "rules: [own.yml]\nbuiltin: false\nhost: ws1\nexclusions:\n"
        "  - {name: tests, when: {User: tester}}\n"
    )
    detector = t1053.Detector(config=path)
    assert slugs(detector) == [SLUG]
    assert pickle.loads(pickle.dumps(detector)) == detector
    scanner = t1053.Scanner(detector)
    event = t1053.ProcessCreation(parent_image="agent.exe", user="tester")
    assert scanner.excluded == {"tests": 0}
    assert not scanner.push([event])
    assert scanner.excluded == {"tests": 1}
    assert scanner.counts.excluded == {"tests": 1}


def test_configuration_that_is_wrong_tells_each_line(tmp_path: Path) -> None:
    path = tmp_path / "t1053.yml"
    path.write_text("hosts: a\nstrict: 2\n")
    with pytest.raises(t1053.DetectorError) as error:
        t1053.Detector(config=path)
    lines = str(error.value).splitlines()
    assert lines[0] == f"{path}:1:1: there is no key `hosts`; did you mean `host`?"
    assert lines[1].startswith(f"{path}:2:9: in strict: ")
    with pytest.raises(t1053.DetectorError, match="1:1: there is no key"):
        t1053.Detector(config="hosts: a")
    with pytest.raises(t1053.SourceNotFoundError):
        t1053.Detector(config=tmp_path / "none")


def test_what_each_rule_calls_differently_agrees_and_numbers_add_up(tmp_path: Path) -> None:
    rules = PORTAL + """\
title: Took much
correlation:
    type: value_sum
    rules: download
    group-by: owner
    timespan: 10m
    condition: {field: bytes, gt: 1000, lte: 5000}
---
title: Login and download
correlation:
    type: temporal_ordered
    rules: [login, download]
    aliases:
        who: {login: account, download: owner}
    group-by: who
    timespan: 10m
"""
    (tmp_path / "own.yml").write_text(rules)
    path = tmp_path / "t1053.yml"
    path.write_text("rules: [own.yml]\nbuiltin: false\nlog_source: {product: portal}\n")
    detector = t1053.Detector(config=path)
    assert not detector.problems
    took_much, both = detector.detections
    sums = "within 600 s, a sum of bytes above 1000 and at most 5000 in\n"
    assert took_much.condition.startswith(sums)
    assert took_much.condition.endswith("with the same owner")
    assert both.condition.endswith("with the same who")
    log = (
        b'{"@timestamp":"2024-05-01T10:00:00Z","action":"login","account":"Ann"}\n'
        b'{"@timestamp":"2024-05-01T10:01:00Z","action":"download","owner":"ann","bytes":800}\n'
        b'{"@timestamp":"2024-05-01T10:02:00Z","action":"download","owner":"bob","bytes":800}\n'
        b'{"@timestamp":"2024-05-01T10:03:00Z","action":"download","owner":"ann","bytes":"300"}\n'
    )
    found = t1053.scan_bytes(log, detector=detector)
    assert [(it.slug, it.record) for it in found] == [("login_and_download", 1), ("took_much", 3)]


def test_correlations_of_correlations_are_loaded_and_shown(tmp_path: Path) -> None:
    rules = PORTAL + """\
title: Much
name: much
correlation:
    type: event_count
    rules: download
    group-by: who
    timespan: 10m
    condition: {gte: 2}
---
title: Login, then much
correlation:
    type: temporal_ordered
    rules: [login, much]
    group-by: who
    timespan: 10m
"""
    config = tmp_path / "t1053.yml"
    config.write_text("builtin: false\nlog_source: {product: portal}\n")
    detector = t1053.Detector(rules=rules, config=config)
    [only] = detector.detections
    assert only.condition.endswith(
        "correlation 2, in order within 600 s of\nwith the same who\n"
        "    1: event 1\n    2: correlation 1"
    )
    log = b"".join(
        b'{"@timestamp":"2024-05-01T10:0%d:00Z","action":"%s","who":"ann"}\n' % one
        for one in enumerate([b"download", b"login", b"download", b"download"])
    )
    found = t1053.scan_bytes(log, detector=detector)
    assert [it.record for it in found] == [2]


def test_what_a_rule_can_never_match_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert t1053.Detector(rules=OWN, builtin=False).detections[0].blind_spots == ()
    blind = OWN.replace("ParentImage", "ParentCommandLine")
    detector = t1053.Detector(rules=blind, builtin=False)
    spot = "Security 4688 has no ParentCommandLine"
    assert detector.detections[0].blind_spots == (spot,)
    (tmp_path / "own.yml").write_text(blind)
    config = tmp_path / "t1053.yml"
    config.write_text("rules: own.yml\n")
    assert main(["config", "check", str(config)]) == 0
    assert f"{SLUG}: can never match there: {spot}\n" in capsys.readouterr().err
    assert main(["explain", "--config", str(config), SLUG]) == 0
    assert f"It can never match where\n- {spot}\n" in capsys.readouterr().out
