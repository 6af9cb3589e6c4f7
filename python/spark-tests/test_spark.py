"""What Spark's workers find together is what one scan finds, however the
records are spread, and whenever a stream is stopped."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

import t1053
import t1053.spark

LOGS = Path(__file__).resolve().parents[2] / "testdata" / "logs"
SEQUENCE = "short_lived_scheduled_task"
ROCKSDB = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
PAIRS = 1000


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    builder: Any = SparkSession.builder
    session: SparkSession = (
        builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.sql.streaming.stateStore.providerClass", ROCKSDB)
        # Where Debian's musl is installed, Spark's snappy takes the wrong library.
        .config("spark.sql.parquet.compression.codec", "uncompressed")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def pairs() -> list[str]:
    """Tasks that are registered and soon deleted, of 50 hosts, in no order."""
    day = datetime(2024, 5, 1, tzinfo=UTC)
    lines: list[str] = []
    for at in range(PAIRS):
        for event, after in ((4698, 0), (4699, 9)):
            time = day + timedelta(minutes=at, seconds=after)
            record = {
                "EventID": event, "Channel": "Security", "Computer": f"WS-{at % 50}",
                "TaskName": f"\\task{at}", "TimeCreated": time.isoformat(),
            }
            lines.append(json.dumps(record))
    random.Random(7).shuffle(lines)
    return lines


def found(frame: DataFrame, loose: Iterable[str] = ()) -> Counter[tuple[str, str]]:
    rows = frame.select("id", "detection").collect()
    return Counter(("" if it.detection in loose else it.id, it.detection) for it in rows)


def expected(
    matches: t1053.Matches, loose: Iterable[str] = ()
) -> Counter[tuple[str, str]]:
    return Counter(("" if it.slug in loose else it.id, it.slug) for it in matches)


def several(matches: t1053.Matches) -> set[str]:
    """Detections of several events, of which the one that came last tells:
    where the order differs, they are compared by their number alone."""
    return {it.slug for it in matches if it.other_time is not None}


def test_sequences_are_exact_whatever_the_partitions(spark: SparkSession) -> None:
    lines = pairs()
    whole = t1053.scan_records(lines)
    assert sum(it.slug == SEQUENCE for it in whole) == PAIRS
    frame = spark.createDataFrame([(it,) for it in lines], "line string")
    for partitions in (1, 7):
        scanned = t1053.spark.scan(frame.repartition(partitions), "line")
        assert found(scanned.matches) == expected(whole)
    by_column = frame.selectExpr("line", "get_json_object(line, '$.Computer') AS host")
    scanned = t1053.spark.scan(by_column.repartition(5), "line", host="host")
    assert found(scanned.matches) == expected(whole)


def test_real_logs_give_what_one_scan_gives(spark: SparkSession) -> None:
    lines = [
        line
        for name in ("events.jsonl", "audit.log")
        for line in (LOGS / name).read_text("utf-8", "replace").splitlines()
        if line.strip()
    ]
    keep = ["Image", "User", "raw"]
    whole = t1053.scan_records(lines, keep=keep)
    frame = spark.createDataFrame([(it,) for it in lines], "line string").repartition(4)
    scanned = t1053.spark.scan(frame, "line", keep=keep).persist()
    loose = several(whole)
    assert found(scanned.matches, loose) == expected(whole, loose)
    assert scanned.matches.schema == t1053.spark.schema(keep)
    rows: dict[str, list[dict[str, Any]]] = {}
    for it in scanned.matches.collect():
        row = it.asDict(recursive=True)
        row["time"] = row["time"] and row["time"].astimezone(UTC)
        rows.setdefault(row["id"], []).append(row)
    table = whole.to_arrow().to_pylist()
    for match, own in zip(whole, table, strict=True):
        if match.slug in loose:
            continue
        for name in ("record", "path", "item", "offset", "length", "raw"):
            del own[name]
        own = {name.replace(".", "_"): value for name, value in own.items()}
        assert any({name: row[name] for name in own} == own for row in rows[match.id])
    [counts] = scanned.counts.collect()
    assert counts.records == whole.counts.records
    assert counts.matches == len(whole)
    assert counts.read + counts.filtered + counts.uninteresting == (
        counts.records - counts.unreadable - counts.not_understood
    )
    assert counts.joined == whole.counts.joined
    assert counts.events["process_creation"] > 0
    scanned.unpersist()


def test_rows_that_are_records_and_rules_of_ones_own(spark: SparkSession) -> None:
    rules = """
title: Opened and closed
name: opened
logsource: {category: process_creation, product: windows}
detection: {own: {CommandLine|contains: opened}, condition: own}
---
title: Closed
name: closed
logsource: {category: process_creation, product: windows}
detection: {own: {CommandLine|contains: closed}, condition: own}
---
title: Both by one user
correlation:
    type: temporal_ordered
    rules: [opened, closed]
    group-by: [User]
    timespan: 1m
level: high
"""
    rows = [
        (host, f"user{at}", command, f"2024-05-01T10:{at:02}:{second:02}Z")
        for at in range(20)
        for host, command, second in (("a", "opened", 0), ("b", "closed", 9))
    ]
    names = ["Computer", "User", "CommandLine", "UtcTime"]
    detector = t1053.Detector(rules=rules, builtin=False)
    own = [dict(zip(names, row, strict=True)) for row in rows]
    whole = t1053.scan_records(own, detector=detector, kind="process_creation", platform="windows")
    pairs = [it for it in whole if it.other_time is not None]
    # Of two hosts each: what groups by host alone would lose them all.
    assert len(pairs) == 20
    frame = spark.createDataFrame(rows, names).repartition(3)
    scanned = t1053.spark.scan(
        frame, detector=detector, kind="process_creation", platform="windows"
    )
    assert found(scanned.matches, several(whole)) == expected(whole, several(whole))
    users = Counter(row.user for row in scanned.matches.collect() if row.detection in several(whole))
    assert users == Counter(it.user for it in pairs)
    with pytest.raises(t1053.SourceError, match="there is no column `nope`"):
        t1053.spark.scan(frame, "nope")
    with pytest.raises(t1053.FieldError, match="Imag"):
        t1053.spark.scan(frame, keep="Imag")


def test_files_are_scanned_whole_and_sequences_across_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    lines = pairs()
    for at in range(4):
        data = "".join(it + "\n" for it in lines[at::4]).encode()
        name = f"{at}.jsonl.gz" if at % 2 else f"{at}.jsonl"
        (tmp_path / name).write_bytes(gzip.compress(data) if at % 2 else data)
    shutil.copy(LOGS / "audit.log", tmp_path)
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8bno")
    scanned = t1053.spark.scan_files(spark, tmp_path).persist()
    audit = t1053.scan(LOGS / "audit.log")
    loose = several(audit) - {SEQUENCE, "task_short_lived"}
    whole = expected(t1053.scan_records(lines)) + expected(audit, loose)
    assert found(scanned.matches, loose) == whole
    rows = scanned.matches.select("detection", "path", "record", "message").collect()
    assert all(Path(row.path).parent.name == tmp_path.name for row in rows)
    in_audit = Counter(row.record for row in rows if row.path.endswith("audit.log"))
    assert in_audit == Counter(it.record for it in audit)
    sequences = [row for row in rows if row.detection == SEQUENCE]
    assert len(sequences) == PAIRS
    for row in sequences[:20]:
        opener = gzip.open if row.path.endswith(".gz") else open
        with opener(tmp_path / Path(row.path).name, "rt") as file:
            record = json.loads(file.read().splitlines()[row.record])
        assert record["TaskName"] in row.message
    [failure] = scanned.failures.collect()
    assert Path(str(failure.path)).name == "broken.gz"
    assert "end of file" in failure.reason
    scanned.unpersist()


def test_jobs_are_those_of_one_scan_whatever_the_partitions(spark: SparkSession) -> None:
    lines = [
        line
        for name in ("events.jsonl", "audit.log")
        for line in (LOGS / name).read_text("utf-8", "replace").splitlines()
        if line.strip()
    ]
    own = t1053.jobs(lines)
    expected = Counter(
        (it.host, it.event, it.time and it.time.timestamp(), it.job.name, it.job.command)
        for it in own
    )
    # Of a script in parts, and of auditd's records: none of them says all of it.
    assert {it.event for it in own if it.joined} >= {"script_block", "process_creation"}
    assert len(own) > len(t1053.jobs(lines, join=False))
    frame = spark.createDataFrame([(it,) for it in lines], "line string")
    by_column = frame.selectExpr("line", "get_json_object(line, '$.Computer') AS host")
    for listed in (
        t1053.spark.jobs(frame.repartition(7), "line"),
        t1053.spark.jobs(by_column.repartition(3), "line", host="host"),
    ):
        assert listed.columns == own.to_arrow().column_names[3:]
        assert expected == Counter(
            (it.host, it.event, it.time and it.time.timestamp(), it["name"], it.command)
            for it in listed.collect()
        )


def test_a_column_tells_the_host_of_records_that_name_none(spark: SparkSession) -> None:
    audit = (LOGS / "audit.log").read_text("utf-8", "replace").splitlines()
    named = [it for it in (LOGS / "events.jsonl").read_text("utf-8").splitlines()][:50]
    rows = [(line, host) for host in ("web-A", "web-b") for line in audit if line.strip()]
    rows += [(line, "collector") for line in named]
    whole = Counter[tuple[str, str]]()
    listed = Counter[tuple[str | None, str]]()
    for host in ("web-A", "web-b", "collector"):
        own = [line for line, of in rows if of == host]
        matches = t1053.scan_records(own, host=host)
        whole += Counter((it.slug, it.host or "") for it in matches)
        listed += Counter((it.host, it.event) for it in t1053.jobs(own, host=host))
    frame = spark.createDataFrame(rows, "line string, of string").repartition(5)
    scanned = t1053.spark.scan(frame, "line", host="of")
    assert whole == Counter(
        (it.detection, it.host or "") for it in scanned.matches.collect()
    )
    assert {"web-A", "web-b"} <= {host for _, host in whole}
    jobs = t1053.spark.jobs(frame, "line", host="of")
    assert listed == Counter((it.host, it.event) for it in jobs.collect())


def test_a_stream_finds_each_match_once_over_restarts(
    spark: SparkSession, tmp_path: Path
) -> None:
    lines = pairs()[:400]
    audit = (LOGS / "audit.log").read_text("utf-8", "replace").splitlines()[:60]
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    parts = [lines[at::4] for at in range(4)]
    parts[2] = parts[2] + audit

    def run(query: DataFrame) -> None:
        started = (
            query.writeStream.format("parquet")
            .option("path", str(out))
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        started.awaitTermination()

    frame = spark.readStream.schema("value string").option("maxFilesPerTrigger", 1).text(
        str(source)
    )
    for at, part in enumerate(parts):
        (source / f"{at}.txt").write_text("".join(it + "\n" for it in part))
        if at == 0:
            # Nothing at all is left of it but the checkpoint.
            continue
        run(t1053.spark.scan_stream(frame, "value"))
    every = spark.read.parquet(str(out))
    whole = t1053.scan_records([it for part in parts for it in part], join=False)
    counted = found(every)
    for key, count in expected(whole).items():
        assert counted[key] == count
    joined = expected(t1053.scan_records(audit)) - expected(t1053.scan_records(audit, join=False))
    times = {it.id: it.time and it.time.timestamp() for it in whole if not it.other_time}
    for row in every.select("id", "time").collect():
        if row.id in times:
            assert (row.time and row.time.timestamp()) == times[row.id]
    # What was joined may be waiting still: none of it is there twice.
    assert not counted - expected(whole) - joined
    spark.conf.set("spark.sql.streaming.stateStore.providerClass", "x.HDFSBacked")
    with pytest.raises(t1053.SettingError, match="RocksDB"):
        t1053.spark.scan_stream(frame, "value")
    spark.conf.set("spark.sql.streaming.stateStore.providerClass", ROCKSDB)
