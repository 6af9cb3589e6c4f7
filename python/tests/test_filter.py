"""Choosing among matches, and tables as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas
import pytest

import t1053

LINES = [
    f'{{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"{host}",'
    f'"User":"CORP\\\\{user}","Image":"C:\\\\{image}","CommandLine":"schtasks /create /tn {name}"}}'
    for host, user, image, name in [
        ("web-1", "ann", "schtasks.exe", "a"),
        ("WEB-2", "bob[1]", "schtasks.exe", "b,\\\"c\\\""),
        ("db", "ann", "cmd.exe", "=cmd"),
    ]
]
LOG = "\n".join(LINES).encode()


@pytest.fixture
def matches() -> t1053.Matches:
    chosen = ["task_created", "scheduled_task_deleted_or_created_via_cmd"]
    return t1053.scan(LOG, enable=chosen, keep=["Image", "CommandLine"])


def test_lists_patterns_and_negation_choose(matches: t1053.Matches) -> None:
    def hosts(**chosen: object) -> list[str]:
        found = matches.filter(**chosen)  # type: ignore[arg-type]
        return sorted({it.host for it in found if it.host})

    assert hosts() == ["WEB-2", "db", "web-1"]
    assert hosts(host="web-*") == ["WEB-2", "web-1"]
    assert hosts(host="web-?") == ["WEB-2", "web-1"]
    assert hosts(host=["DB", "web-1"]) == ["db", "web-1"]
    assert hosts(host="!web-*") == ["db"]
    assert hosts(host=["web-*", "!web-2"]) == ["web-1"]
    assert hosts(host=iter(["web-*"]), user="*\\ann") == ["web-1"]
    assert hosts(host=[]) == []
    # Only the two signs mean anything else than themselves.
    assert hosts(user="corp\\bob[1]") == ["WEB-2"]
    assert hosts(user="corp.bob*") == []
    assert hosts(fields={"Image": "*cmd.exe"}) == ["db"]
    assert hosts(fields={"Image": "!*cmd.exe", "CommandLine": "*/tn b*"}) == ["WEB-2"]
    assert {it.slug for it in matches.filter(detection=t1053.Like("!task_*"))} == {
        "scheduled_task_deleted_or_created_via_cmd"
    }
    assert {it.slug for it in matches.filter(kind=[t1053.Like("inventory")])} == {"task_created"}
    assert len(matches.filter(technique="T1053")) == len(matches)
    assert len(matches.filter(technique="!T1053.005")) == 0
    assert len(matches.filter(technique=t1053.Like("t1053.00?"))) == len(matches)
    # One that is not of this detector is still a detection.
    assert len(matches.filter(detection="short_lived_scheduled_task")) == 0


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({"detection": "task_creatd"}, "there is no detection `task_creatd`; did you mean `task_created`"),
        ({"detection": ["task_created", "!nope_*"]}, "there is no detection `nope_*`"),
        ({"kind": "TT"}, "there is no kind `TT`; did you mean `TTP`"),
        ({"technique": "T9999"}, "there is no technique `T9999`"),
    ],
)
def test_a_name_that_there_is_not_is_an_error(
    matches: t1053.Matches, chosen: dict[str, str], text: str
) -> None:
    with pytest.raises(t1053.DetectorError) as error:
        matches.filter(**chosen)  # type: ignore[arg-type]
    assert str(error.value).startswith(text)


def test_a_field_that_was_not_kept_is_an_error(matches: t1053.Matches) -> None:
    with pytest.raises(t1053.FieldError, match="ParentImage was not kept"):
        matches.filter(fields={"ParentImage": "*"})
    with pytest.raises(t1053.FieldError, match="there is no field .*did you mean") as error:
        matches.filter(fields={"ParentImag": "*"})
    assert error.value.nearest == ("ParentImage",)


def test_what_is_no_pattern_and_no_time_is_an_error(matches: t1053.Matches) -> None:
    chosen: Any
    for chosen, name in (
        ({"host": 42}, "host"),
        ({"user": ["ann", None]}, "user"),
        ({"fields": {"CommandLine": b"x"}}, "CommandLine"),
        ({"since": "yesterday"}, "since"),
        ({"until": 5}, "until"),
    ):
        with pytest.raises(t1053.SettingError) as error:
            matches.filter(**chosen)
        assert error.value.name == name


def test_a_time_may_be_text(logs: Path) -> None:
    matches = t1053.scan(logs / "events.xml")
    times = sorted(it.time for it in matches if it.time is not None)
    middle = times[len(times) // 2]
    for given in (middle, middle.isoformat(), middle.isoformat().replace("+00:00", "Z")):
        assert len(matches.filter(since=given)) == sum(it >= middle for it in times)
        assert len(matches.filter(until=given)) == sum(it < middle for it in times)


def test_a_spreadsheet_runs_nothing_of_a_csv() -> None:
    values = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1"]
    events = [
        t1053.ProcessCreation(image="schtasks.exe", command_line=f"{it} /run", user=it)
        for it in [*values, "ann"]
    ]
    matches = t1053.scan(events, enable="schtasks_run_task_on_demand", keep="CommandLine")
    rows = list(csv.DictReader(io.StringIO(matches.to_csv(), newline="")))
    assert [row["user"] for row in rows] == [*("'" + it for it in values), "ann"]
    assert all(row["CommandLine"].startswith("'") for row in rows[:-1])
    rows = list(csv.DictReader(io.StringIO(matches.to_csv(formulas=True), newline="")))
    assert [row["user"] for row in rows] == [*values, "ann"]
    groups = matches.collapse()
    assert "'=1+1" in groups.to_csv() and "'=1+1" not in groups.to_csv(formulas=True)


def test_csv_is_the_table(matches: t1053.Matches, tmp_path: Path) -> None:
    text = matches.to_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    frame = matches.to_pandas()
    assert list(rows[0]) == list(frame.columns)
    assert [row["CommandLine"] for row in rows] == list(frame["CommandLine"])
    assert [row["record"] for row in rows] == [str(it) for it in frame["record"]]
    assert {row["techniques"] for row in rows} == {
        " ".join(it) for it in frame["techniques"]
    }
    matches.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == text
    again = pandas.read_csv(tmp_path / "a.csv")
    assert list(again["host"]) == list(frame["host"])
    assert t1053.scan(b"").to_csv().count("\n") == 1
