"""Output is of the form that docs/schema writes down."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pyarrow
import pytest

import t1053
from conftest import CASES, ROOT

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/schema/finding-1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def lines() -> list[dict[str, Any]]:
    """Every line of NDJSON that the cases give, one with all unknown, one of a
    group, one of an event that was joined, and some that tell of the event."""
    files = [it.with_suffix(".ndjson").read_text() for it in CASES]
    bare = t1053.scan([b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}'])
    again = [t1053.TaskScheduler(event_id="200", time="2024-05-01T10:00:00Z")] * 2
    grouped = t1053.scan(again).to_ndjson(group=60)
    record = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational","TaskName":"a"}'
    kept = t1053.scan([record], keep="TaskName,Image,raw").to_ndjson()
    joined = t1053.scan(
        b"type=PATH msg=audit(1700000000.042:77): item=0"
        b' name="/etc/cron.d/x" nametype=CREATE\n',
        keep="TargetFilename,raw",
    ).to_ndjson()
    text = "".join(files) + bare.to_ndjson() + grouped + kept + joined
    return [json.loads(line) for line in text.splitlines()]


def test_lines_are_of_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    seen: set[str] = set()
    pieces: set[str] = set()
    for line in lines():
        VALIDATOR.validate(line)
        seen.update(line)
        for piece in line["evidence"]:
            pieces.update(piece)
    # The schema knows every member, and none that does not occur.
    properties = SCHEMA["properties"]
    assert seen == set(properties)
    assert pieces == set(properties["evidence"]["items"]["properties"])


@pytest.mark.parametrize(
    ("member", "value"),
    [("schema", 2), ("record", -1), ("kind", "Other"), ("time", "yesterday"), ("evidence", {})],
)
def test_schema_refuses_another_form(member: str, value: object) -> None:
    line = copy.deepcopy(lines()[0])
    line[member] = value
    assert not VALIDATOR.is_valid(line)
    del line[member]
    assert not VALIDATOR.is_valid(line)


def test_tables_bear_the_version_of_the_schema() -> None:
    table = pyarrow.table(t1053.scan([b"{}"]))
    version = SCHEMA["properties"]["schema"]["const"]
    assert table.schema.metadata == {b"t1053.schema": str(version).encode()}
