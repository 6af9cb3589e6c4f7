"""Scheduled-task abuse in logs of any size, with Apache Spark.

Each worker looks at the records that it has and hands over the few that may be
part of a match of several, by the host that they are of. Where all of a host
come together, sequences and counts are found: exactly those that one scan of
all records finds, however these are spread. Needs pyspark
(`pip install 't1053[spark]'`) and Java; `pip install t1053` on the workers.

>>> import t1053.spark
>>> def hunt(spark):
...     found = t1053.spark.scan(spark.read.text("logs/*.jsonl"), "value")
...     found.matches.write.parquet("matches")
"""

# What Spark and Arrow give has no types here, so that neither is needed.
# pyright: reportUnknownLambdaType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from os import PathLike
from typing import Any, cast

from . import _t1053
from ._detector import Detector, Format, Scanner, settings
from ._errors import SettingError, SourceError, needed
from ._jobs import Jobs
from ._jobs import jobs as jobs_in
from ._matches import Counts, Matches
from ._rows import Rows
from ._scan import scan_bytes

__all__ = ["Scanned", "jobs", "scan", "scan_files", "scan_stream", "schema"]

PART = "part_of_"
"""How the name of a detection begins that is part of another."""

BATCH = 10_000
"""Rows that are handed over at once."""

MATCH, EVENT, COUNTS, FAILURE = "match", "event", "counts", "failure"
"""What a row says that a worker hands over."""

SPREAD = 64
"""In how many groups the matches are that no other event matters to."""


@dataclass(frozen=True)
class _How:
    """All that a worker has to know; sent to it by pickle."""

    detector: Detector
    keep: tuple[str, ...]
    format: Format
    host: str | None
    column: str | None
    fields: Mapping[str, str] | None
    kind: str | None
    platform: str | None
    join: bool
    rows: bool
    """Whether a row is the record, by its columns."""
    jobs: bool = False
    """Whether jobs are listed, and nothing is detected."""

    @property
    def joins(self) -> bool:
        """Whether records are brought together into events. Rows of columns
        are events already."""
        return self.join and self.column is not None

    def schema(self) -> Any:
        """The columns of what is told."""
        return _jobs_schema() if self.jobs else _arrow_schema(self.keep)

    def scanner(
        self, detector: Detector, join: bool, capacity: int | None, host: str | None
    ) -> Scanner:
        return Scanner(
            detector, format=self.format, fields=self.fields, kind=self.kind,
            platform=cast(Any, self.platform), keep=self.keep, join=join,
            sequence_capacity=capacity, host=host,
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan of a data frame finds. Both frames are of one plan: `persist`
    it where both are wanted, or it is done twice.

    >>> import t1053.spark
    >>> t1053.spark.Scanned.__doc__.startswith("What a scan")
    True
    """

    _handed: Any
    _columns: tuple[str, ...]

    @property
    def matches(self) -> Any:
        """A row for each match, with the columns of `schema`."""
        rows = self._handed.where(f"handed_what = '{MATCH}'")
        return rows.select(*self._columns)

    @property
    def counts(self) -> Any:
        """One row: what the workers have seen together, with the members of
        `t1053.Counts`, `events` and `excluded` as maps."""
        functions = needed("pyspark.sql.functions", "spark")
        names = _count_names()
        types = ", ".join(f"{name}: bigint" for name in names)
        maps = ", ".join(f"{name}: map<string, bigint>" for name in COUNT_MAPS)
        given = self._handed.where(f"handed_what = '{COUNTS}'").select(
            functions.from_json("handed_counts", f"struct<{types}, {maps}>")
            .alias("counts")
        )
        sums = [
            functions.coalesce(functions.sum(f"counts.{name}"), functions.lit(0)).alias(name)
            for name in names
        ]
        merged = [_merged(functions, name) for name in COUNT_MAPS]
        return given.agg(*sums, *merged)

    @property
    def failures(self) -> Any:
        """A row for each file that was not read to its end: `path`, `reason`."""
        rows = self._handed.where(f"handed_what = '{FAILURE}'")
        return rows.selectExpr("path", "message AS reason")

    def persist(self) -> Scanned:
        """The same, kept by Spark once it was computed.

        >>> import t1053.spark
        >>> callable(t1053.spark.Scanned.persist)
        True
        """
        return Scanned(self._handed.persist(), self._columns)

    def unpersist(self) -> None:
        """Lets Spark forget it.

        >>> import t1053.spark
        >>> callable(t1053.spark.Scanned.unpersist)
        True
        """
        self._handed.unpersist()


def schema(keep: str | Iterable[str] = ()) -> Any:
    """The schema of matches: `id`, and the columns of `Matches.to_arrow`, whose
    `event.User` is `event_User`, as Spark has its own use for dots.

    >>> import t1053.spark
    >>> def empty(spark):
    ...     return spark.createDataFrame([], t1053.spark.schema(keep="Image"))
    """
    types = needed("pyspark.sql.pandas.types", "spark")
    return types.from_arrow_schema(_arrow_schema(_kept(keep)))


def scan(
    frame: Any,
    column: str | None = None,
    *,
    detector: Detector | None = None,
    keep: str | Iterable[str] = (),
    host: str | None = None,
    format: Format = "auto",
    fields: Mapping[str, str] | None = None,
    kind: str | None = None,
    platform: str | None = None,
    join: bool = True,
) -> Scanned:
    """Finds scheduled-task abuse in the rows of a data frame: `column` holds
    each row's record as text or bytes; without it the columns are the record,
    as `t1053.scan` has it of tables.

    Events of one host come together for sequences and counts. The record tells
    its host; `host` names a column that does where it does not (auditd's), and
    with it no event of a host is compared with one of another. `join` brings
    the records of an audit event together too, which are handed over whole:
    without auditd's it costs nothing.

    >>> import t1053.spark
    >>> def hunt(spark):
    ...     logs = spark.read.text("logs/*.jsonl")
    ...     found = t1053.spark.scan(logs, "value", keep=["Image"]).persist()
    ...     found.matches.groupBy("host").count().show()
    ...     found.counts.show()
    """
    how = _how(
        detector, keep, host, format=format, column=column, fields=fields, kind=kind,
        platform=platform, join=join, rows=column is None,
    )
    _check_columns(frame, column, host)
    chosen = frame if column is None else frame.select(column, *([host] if host else []))
    handed = chosen.mapInArrow(_Rows(how), _handed_schema(how))
    return Scanned(_together(handed, how), tuple(how.schema().names))


def scan_files(
    spark: Any,
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    detector: Detector | None = None,
    keep: str | Iterable[str] = (),
    format: Format = "auto",
    join: bool = True,
) -> Scanned:
    """Finds scheduled-task abuse in files that Spark can read, each by one
    worker: compressed, event logs, whatever `t1053.scan_files` takes. Sequences
    are found across all of them, the records of an audit event within one.
    A file is held in memory whole, so that it may have 2 GB at most.

    >>> import t1053.spark
    >>> def hunt(spark):
    ...     return t1053.spark.scan_files(spark, "s3a://logs/2024-05-01/").matches
    """
    how = _how(detector, keep, None, format=format, column=None, join=join)
    given = [paths] if isinstance(paths, str | PathLike) else list(paths)
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    frame = reader.load([str(path) for path in given]).select("path", "content")
    # A file has no lines to be split at: each is a task, and not all of the
    # smallest are one.
    handed = frame.mapInArrow(_Files(how), _handed_schema(how))
    return Scanned(_together(handed, how), tuple(how.schema().names))


def scan_stream(
    frame: Any,
    column: str,
    *,
    detector: Detector | None = None,
    keep: str | Iterable[str] = (),
    host: str | None = None,
    format: Format = "auto",
    join: bool = True,
    sequence_capacity: int = 1024,
) -> Any:
    """Finds scheduled-task abuse in a stream, as `scan` does in a frame: a
    streaming frame of matches. What sequences remember of a host is part of the
    query's state (`transformWithState`), so that they are found across
    micro-batches and restarts from a checkpoint, and none twice.
    `sequence_capacity` is that of each host.

    The session needs RocksDB for that state, which comes with Spark:
    `spark.conf.set("spark.sql.streaming.stateStore.providerClass",
    "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")`.
    An audit event ends with the next record of its host, so that what is
    joined of the last one is found with a later micro-batch.

    >>> import t1053.spark
    >>> def watch(spark, kafka):
    ...     records = kafka.selectExpr("CAST(value AS STRING) AS record")
    ...     matches = t1053.spark.scan_stream(records, "record")
    ...     return matches.writeStream.option("checkpointLocation", "..").format("delta")
    """
    provider = frame.sparkSession.conf.get(
        "spark.sql.streaming.stateStore.providerClass", ""
    )
    if "RocksDB" not in provider:
        raise SettingError(
            "the state of a stream needs RocksDB: spark.conf.set("
            '"spark.sql.streaming.stateStore.providerClass", '
            '"org.apache.spark.sql.execution.streaming.state.'
            'RocksDBStateStoreProvider")',
            name="spark.sql.streaming.stateStore.providerClass",
        )
    how = _how(detector, keep, host, format=format, column=column, join=join)
    _check_columns(frame, column, host)
    chosen = frame.select(column, *([host] if host else []))
    handed = chosen.mapInArrow(_Rows(how), _handed_schema(how))
    types = needed("pyspark.sql.pandas.types", "spark")
    out = types.from_arrow_schema(_arrow_schema(how.keep))
    return (
        handed.where(f"handed_what <> '{COUNTS}'")
        .groupBy("handed_key")
        .transformWithState(
            statefulProcessor=_watcher(how, sequence_capacity),
            outputStructType=out,
            outputMode="Append",
            timeMode="None",
        )
    )


def jobs(
    frame: Any,
    column: str | None = None,
    *,
    host: str | None = None,
    format: Format = "auto",
    fields: Mapping[str, str] | None = None,
    kind: str | None = None,
    platform: str | None = None,
    join: bool = True,
) -> Any:
    """A frame of everything that schedules anything in the rows of a data
    frame, matched or not, with the columns of `t1053.Jobs`, but for `path`,
    `record` and `item`, which a worker cannot tell. The records of an audit
    event, and the parts of a script, come together as in `scan`, by `host` if
    that is given.

    >>> import t1053.spark
    >>> def inventory(spark):
    ...     return t1053.spark.jobs(spark.read.text("logs/*.jsonl"), "value")
    """
    how = _how(
        None, (), host, format=format, column=column, fields=fields, kind=kind,
        platform=platform, join=join, rows=column is None, jobs=True,
    )
    _check_columns(frame, column, host)
    chosen = frame if column is None else frame.select(column, *([host] if host else []))
    handed = chosen.mapInArrow(_JobRows(how), _handed_schema(how))
    if how.joins:
        handed = _together(handed, how)
    return handed.where(f"handed_what = '{MATCH}'").select(*how.schema().names)


def _kept(keep: str | Iterable[str]) -> tuple[str, ...]:
    given = keep.split(",") if isinstance(keep, str) else keep
    return tuple(it.strip() for it in given if it.strip())


def _how(
    detector: Detector | None,
    keep: str | Iterable[str],
    host: str | None,
    *,
    format: Format,
    column: str | None,
    fields: Mapping[str, str] | None = None,
    kind: str | None = None,
    platform: str | None = None,
    join: bool,
    rows: bool = False,
    jobs: bool = False,
) -> _How:
    kept = _kept(keep)
    # What is wrong with a setting is said here, not by a worker.
    how = settings(format, 1 << 24, True, join, None, None, keep=kept)
    detector = Detector() if detector is None else detector
    _t1053.Stream(detector._program, None, how)
    Rows(fields, kind, platform)
    return _How(
        detector, kept, format, host, column, fields, kind, platform, join, rows, jobs
    )


def _check_columns(frame: Any, *names: str | None) -> None:
    for name in names:
        if name is not None and name not in frame.columns:
            raise SourceError(
                f"there is no column `{name}`, only {', '.join(frame.columns)}", name=name
            )


@cache
def _arrow_schema(keep: tuple[str, ...]) -> Any:
    """The columns of matches."""
    pyarrow = needed("pyarrow", "spark")
    from ._scan import scan as scan_any

    schema = scan_any(b"", keep=keep).to_arrow().schema
    # A match knows its id wherever its record stood.
    columns = [pyarrow.field("id", pyarrow.string()), *schema]
    # Spark takes a dot in a name for the member of a struct.
    named = [it.with_name(it.name.replace(".", "_")) for it in columns]
    return pyarrow.schema([it.with_nullable(True) for it in named])


def _jobs_schema() -> Any:
    """The columns of jobs, without what a worker cannot tell."""
    return jobs_in(b"").to_arrow().drop_columns(["path", "record", "item"]).schema


def _handed_arrow(how: _How) -> Any:
    pyarrow = needed("pyarrow", "spark")
    own = [
        pyarrow.field("handed_what", pyarrow.string()),
        pyarrow.field("handed_key", pyarrow.string()),
        pyarrow.field("handed_record", pyarrow.binary()),
        pyarrow.field("handed_counts", pyarrow.string()),
    ]
    return pyarrow.schema([*own, *how.schema()])


def _handed_schema(how: _How) -> Any:
    types = needed("pyspark.sql.pandas.types", "spark")
    return types.from_arrow_schema(_handed_arrow(how))


def _together(handed: Any, how: _How) -> Any:
    """What workers hand over, brought together by host in one plan: no record
    is read twice."""
    pyarrow = needed("pyarrow", "spark")
    groups = _JobGroups(how) if how.jobs else _Groups(how)

    def work(key: Any, table: Any) -> Any:
        return groups(key, table)

    # By these Spark tells what the function is given.
    keys: Any = tuple.__class_getitem__((pyarrow.Scalar, ...))
    work.__annotations__ = {"key": keys, "table": pyarrow.Table, "return": pyarrow.Table}
    return handed.groupBy("handed_key").applyInArrow(work, _handed_schema(how))


@cache
def _spread(detector: Detector) -> Detector:
    return detector._spread()


def _raw(table: Any, column: str) -> Any:
    """The records of a table that stand in one column."""
    return table.select([column]).rename_columns(["_raw"])


class _Found:
    """What one worker found, to be handed over."""

    def __init__(self, how: _How) -> None:
        pyarrow = needed("pyarrow", "spark")
        context = needed("pyspark", "spark").TaskContext.get()
        partition = context.partitionId() if context else 0
        self.how = how
        self.pyarrow = pyarrow
        self.schema = _handed_arrow(how)
        self.several = dict(how.detector._program.several())
        # What no other event matters to stays in as many groups.
        self.key = f"m{partition % SPREAD}"

    def matches(self, matches: Matches, path: str | None, told: bool) -> Iterator[Any]:
        """The matches as rows; `told` where the number of the record tells
        something."""
        if not len(matches):
            return
        table = matches.to_arrow()
        table = table.rename_columns([it.replace(".", "_") for it in table.column_names])
        count = table.num_rows
        columns: dict[str, Any] = {
            "id": self.pyarrow.array(matches._found.ids()),
            "path": self.pyarrow.array([path] * count, self.pyarrow.string()),
        }
        if not told:
            none = self.pyarrow.nulls(count, self.pyarrow.int64())
            columns |= {"record": none, "item": none}
        yield from self.table(table, columns)

    def jobs(self, jobs: Jobs) -> Iterator[Any]:
        """The jobs as rows."""
        if len(jobs):
            yield from self.table(jobs.to_arrow(), {})

    def table(self, table: Any, columns: dict[str, Any]) -> Iterator[Any]:
        """The rows of a table, with some of its columns replaced."""
        count = table.num_rows
        null = self.pyarrow.nulls
        columns = {
            "handed_what": self.pyarrow.array([MATCH] * count),
            "handed_key": self.pyarrow.array([self.key] * count),
            "handed_record": null(count, self.pyarrow.binary()),
            "handed_counts": null(count, self.pyarrow.string()),
            **columns,
        }
        for name in self.schema.names:
            if name not in columns:
                columns[name] = table[name].cast(self.schema.field(name).type)
        made = self.pyarrow.table(columns).select(self.schema.names)
        yield from made.cast(self.schema).to_batches(max_chunksize=BATCH)

    def rows(self, what: str, rows: list[dict[str, Any]]) -> Iterator[Any]:
        """Other rows."""
        for start in range(0, len(rows), BATCH):
            part = [{"handed_what": what, "handed_key": self.key, **it} for it in rows[start : start + BATCH]]
            yield self.pyarrow.RecordBatch.from_pylist(part, schema=self.schema)

    def counts(self, counts: Counts) -> Iterator[Any]:
        """What was seen."""
        yield from self.rows(COUNTS, [{"handed_counts": _as_json(counts)}])

    def keys(self, slug: str, host: str | None, named: bool) -> str:
        """Where an event belongs that is part of a match of several."""
        rule = slug.removeprefix(PART).rpartition("_")[0]
        # Without `host` as a column, events of several hosts may be one match.
        return "h" + (host or "").lower() if named or self.several[rule] else "g"


class _Rows:
    """Scans the rows of a partition."""

    def __init__(self, how: _How) -> None:
        self.how = how

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        how = self.how
        found = _Found(how)
        spread = _spread(how.detector)
        scanner = how.scanner(spread, join=False, capacity=1, host=None)
        told = 0
        for given, hosts in _given(how, batches):
            base = scanner.counts.records
            matches = _read(scanner, how, given)
            own, events = _split(matches, found.several)
            columns = matches._found.columns(["record", "detection", "host"])
            places = [it - base for it in columns["record"]]
            if hosts is not None:
                # Few records match, so that those which name no host are
                # scanned again.
                silent = [places[at] for at in own if columns["host"][at] is None]
                of_column = _by_host(hosts, set(silent))
                again = {place for some in of_column.values() for place in some}
                own = [at for at in own if places[at] not in again]
                for host, some in of_column.items():
                    named = self.named(given.take(some), host, found)
                    told += len(named)
                    yield from found.matches(named, None, told=False)
            told += len(own)
            yield from found.matches(matches._pick(own), None, told=False)
            wanted: set[tuple[int, str]] = set()
            for at in events:
                place = places[at]
                slug = matches._detections[columns["detection"][at]].slug
                host = columns["host"][at] if hosts is None else hosts[place]
                wanted.add((place, found.keys(slug, host, hosts is not None)))
            wanted |= _joinable(how, given, hosts)
            yield from found.rows(EVENT, _records(given, how, sorted(wanted), hosts))
        yield from found.counts(replace(scanner.counts, matches=told))

    def named(self, given: Any, host: str, found: _Found) -> Matches:
        """The matches of records that name no host, of a host."""
        how = self.how
        scanner = how.scanner(_spread(how.detector), join=False, capacity=1, host=host)
        matches = _read(scanner, how, given)
        return matches._pick(_split(matches, found.several)[0])


def _read(scanner: Scanner, how: _How, given: Any) -> Matches:
    """What a scanner finds in the records of a table."""
    read = _t1053.Table(given.__arrow_c_stream__())
    Rows(how.fields, how.kind, how.platform).prepare(read)
    return scanner._table(read)


def _by_host(hosts: list[str | None], places: set[int]) -> dict[str, list[int]]:
    """The places of records whose host a column tells, by host."""
    found: dict[str, list[int]] = {}
    for place in sorted(places):
        if host := hosts[place]:
            found.setdefault(host, []).append(place)
    return found


class _JobRows:
    """Lists the jobs in the rows of a partition."""

    def __init__(self, how: _How) -> None:
        self.how = how

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        how = self.how
        found = _Found(how)
        for given, hosts in _given(how, batches):
            jobs = _jobs_of(given, how, join=False, host=None)
            if hosts is not None:
                jobs = jobs._with(
                    [replace(it, host=it.host or hosts[it.record]) for it in jobs]
                )
            yield from found.jobs(jobs)
            wanted = _joinable(how, given, hosts)
            yield from found.rows(EVENT, _records(given, how, sorted(wanted), hosts))


def _jobs_of(source: Any, how: _How, join: bool, host: str | None) -> Jobs:
    return jobs_in(
        source, format=how.format, fields=how.fields, kind=how.kind,
        platform=how.platform, join=join, host=host, errors="ignore",
    )


def _given(
    how: _How, batches: Iterator[Any]
) -> Iterator[tuple[Any, list[str | None] | None]]:
    """The records of a partition, a table at a time, and the host of each where
    a column tells it."""
    pyarrow = needed("pyarrow", "spark")
    compute = needed("pyarrow.compute", "spark")
    for batch in batches:
        table = pyarrow.Table.from_batches([batch])
        if how.column is not None:
            # A row without a record is none.
            table = table.filter(compute.is_valid(table[how.column]))
        hosts: list[str | None] | None = None
        if how.host is not None:
            hosts = [None if it is None else str(it) for it in table[how.host].to_pylist()]
        given = table if how.column is None else _raw(table, how.column)
        if given.num_rows:
            yield given, hosts


def _joinable(
    how: _How, given: Any, hosts: list[str | None] | None
) -> set[tuple[int, str]]:
    """The places of records that may be part of a joined event, and where they
    belong."""
    if not how.joins:
        return set()
    parts = _parts(given["_raw"])
    return {(at, "h" + ((hosts[at] or "").lower() if hosts else "")) for at in parts}


def _split(matches: Matches, several: Mapping[str, bool]) -> tuple[list[int], list[int]]:
    """The places of matches of one event, and of parts of others."""
    own: list[int] = []
    events: list[int] = []
    slugs = [it.slug for it in matches._detections]
    for at, detection in enumerate(matches._found.columns(["detection"])["detection"]):
        slug = slugs[detection]
        if slug.startswith(PART):
            events.append(at)
        elif slug not in several:
            own.append(at)
    return own, events


PARTS = (
    r"audit\(|auditd|SYSCALL|EXECVE|AuditRecordType|\"messages\":"
    r"|MessageTotal\W{1,8}(?:[2-9]|[1-9][0-9])|\([0-9]+ of (?:[2-9]|[1-9][0-9])"
)
"""What stands in records of the kernel's audit (auditd's, behind syslog or in
the journal, Laurel's, auditbeat's, auoms', go-audit's), and in those of a
PowerShell script that has several parts."""


def _parts(records: Any) -> list[int]:
    """The places of records that may be part of a joined event, by whatever
    brings them."""
    compute = needed("pyarrow.compute", "spark")
    pyarrow = needed("pyarrow", "spark")
    is_part = compute.match_substring_regex(records.cast(pyarrow.large_binary()), PARTS)
    return cast("list[int]", compute.indices_nonzero(is_part).to_pylist())


def _records(
    table: Any, how: _How, wanted: list[tuple[int, str]], hosts: list[str | None] | None
) -> list[dict[str, Any]]:
    """Records to be handed over: as they stand, or a row as JSON; and the host
    that a column tells."""
    if not wanted:
        return []
    rows = table.take([place for place, _ in wanted])
    if how.column is not None:
        values = [it if isinstance(it, bytes) else it.encode() for it in rows["_raw"].to_pylist()]
    else:
        values = [
            json.dumps(
                {name: it for name, it in row.items() if it is not None}, default=_plain
            ).encode()
            for row in rows.to_pylist()
        ]
    return [
        {
            "handed_key": key, "handed_record": value,
            "host": None if hosts is None else hosts[place],
        }
        for (place, key), value in zip(wanted, values, strict=True)
    ]


def _plain(value: Any) -> Any:
    """What JSON has no type for."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class _Files:
    """Scans files, whole."""

    def __init__(self, how: _How) -> None:
        self.how = how

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        how = self.how
        found = _Found(how)
        keep = tuple(dict.fromkeys([*how.keep, "raw"]))
        spread = _spread(how.detector)
        total = Counts()
        for batch in batches:
            for row in batch.to_pylist():
                path: str = row["path"]
                matches = scan_bytes(
                    row["content"], detector=spread, keep=keep, format=how.format,
                    join=how.join, errors="ignore", threads=1,
                )
                own, events = _split(matches, found.several)
                joined = [
                    at for at in range(len(matches))
                    if matches._detections[matches._found.row(at)[3]].slug in found.several
                    and matches._found.row(at)[10]
                ]
                kept = matches._pick(sorted(own + joined))
                total += replace(matches.counts, matches=len(kept))
                yield from found.matches(kept, path, told=True)
                wanted: dict[tuple[int, str], bytes] = {}
                for at in events:
                    match = matches[at]
                    if match.raw is not None and not match.joined:
                        key = found.keys(match.slug, match.host, False)
                        wanted[match.record, key] = match.raw
                yield from found.rows(
                    EVENT,
                    [
                        {"handed_key": key, "handed_record": raw, "path": path, "record": record}
                        for (record, key), raw in wanted.items()
                    ],
                )
                yield from found.rows(
                    FAILURE,
                    [{"path": path, "message": it.reason} for it in matches.failures],
                )
        yield from found.counts(total)


class _Groups:
    """Finds what needs several events, where all of them are."""

    def __init__(self, how: _How) -> None:
        self.how = how

    def __call__(self, key: tuple[Any, ...], table: Any) -> Any:
        name: str = key[0].as_py() if hasattr(key[0], "as_py") else key[0]
        if name.startswith("m"):
            # Spark gives times in the zone of the session.
            return table.cast(_handed_arrow(self.how))
        found = _Found(self.how)
        batches = self.told(name, table, found)
        return found.pyarrow.Table.from_batches(batches, schema=found.schema)

    def told(self, name: str, table: Any, found: _Found) -> list[Any]:
        """What a group's records say together."""
        how = self.how
        # Of files, these records are read already.
        host = _host_of(table["host"].to_pylist())
        scanner = how.scanner(how.detector, how.joins, None, host)
        columns = (table[it].to_pylist() for it in ("handed_record", "path", "record"))
        events = sorted(zip(*columns, strict=True), key=_order)
        given = [*_push(scanner, how, [it for it, *_ in events]), scanner.finish()]
        matches = _several(given, found.several, name, how)
        batches: list[Any] = []
        for at, match in enumerate(matches):
            path, record = events[match.record][1:]
            for batch in found.matches(matches[at : at + 1], path, told=record is not None):
                told = {it: batch[it] for it in batch.schema.names}
                if record is not None:
                    told["record"] = found.pyarrow.array([record], found.pyarrow.int64())
                batches.append(
                    found.pyarrow.RecordBatch.from_pydict(told, schema=batch.schema)
                )
        seen = replace(_of_several(scanner.counts), matches=len(matches))
        batches += found.counts(seen)
        return batches


class _JobGroups(_Groups):
    """Finds the jobs that several records tell of together, where all of them
    are."""

    def told(self, name: str, table: Any, found: _Found) -> list[Any]:
        """The jobs of joined events. Those of a record were told where it is."""
        records = table["handed_record"].to_pylist()
        records.sort(key=lambda it: _order((it, None, None)))
        host = _host_of(table["host"].to_pylist())
        jobs = _jobs_of(records, self.how, join=True, host=host)
        return list(found.jobs(jobs._with([it for it in jobs if it.joined])))


def _host_of(hosts: Iterable[str | None]) -> str | None:
    """The host of a group, where a column tells it: of several spellings the
    same, whoever brought them."""
    return min(filter(None, hosts), default=None)


def _push(scanner: Scanner, how: _How, records: list[bytes]) -> list[Matches]:
    """Gives records to a scanner; what it finds."""
    items: list[Any] = [json.loads(it) if how.rows else bytes(it) for it in records]
    return [scanner.push(items[at : at + BATCH]) for at in range(0, len(items), BATCH)]


AUDIT = re.compile(rb"audit\((\d+\.\d+):(\d+)")


def _order(event: tuple[bytes, str | None, int | None]) -> tuple[Any, ...]:
    """An order that does not depend on who brought a record, in which the
    records of an audit event are near each other."""
    record, path, number = event
    stamp = AUDIT.search(record)
    time = (stamp[1], int(stamp[2])) if stamp else (b"", 0)
    return (*time, record, path or "", number or 0)


def _several(
    given: list[Matches], several: Mapping[str, bool], key: str, how: _How
) -> Matches:
    """The matches that are this group's to tell."""
    all_ = sum(given[1:], given[0])
    chosen: list[int] = []
    for at, detection in enumerate(all_._found.columns(["detection"])["detection"]):
        by_host = several.get(all_._detections[detection].slug)
        if by_host is None:
            # One of a single event was told where the event is.
            if all_._found.row(at)[10]:
                chosen.append(at)
        elif key.startswith("g") == (not by_host and how.host is None):
            chosen.append(at)
    return all_._pick(chosen)


def _of_several(counts: Counts) -> Counts:
    """What a scanner of events that were counted already has seen besides."""
    names = (
        "forgotten", "expired", "untimed", "ungrouped", "joined", "joins_incomplete",
        "joins_evicted", "joins_late", "joins_cut",
    )
    return Counts(**{name: getattr(counts, name) for name in names})


COUNT_MAPS = ("events", "excluded")
"""The members of `Counts` that are counts by name."""


def _merged(functions: Any, name: str) -> Any:
    """The sums of a member that is counts by name."""
    return functions.aggregate(
        functions.collect_list(f"counts.{name}"),
        functions.create_map().cast("map<string, bigint>"),
        lambda all_, one: functions.map_zip_with(
            all_, one,
            lambda _, a, b: functions.coalesce(a, functions.lit(0))
            + functions.coalesce(b, functions.lit(0)),
        ),
    ).alias(name)


def _count_names() -> list[str]:
    return [it.name for it in fields(Counts) if it.name not in COUNT_MAPS]


def _as_json(counts: Counts) -> str:
    known: dict[str, Any] = {name: getattr(counts, name) for name in _count_names()}
    return json.dumps({**known, **{name: dict(getattr(counts, name)) for name in COUNT_MAPS}})


def _watcher(how: _How, capacity: int) -> Any:
    """The processor of a stream: a scanner for each host, in the query's
    state."""
    streaming = needed("pyspark.sql.streaming", "spark")
    sql = needed("pyspark.sql", "spark")
    types = needed("pyspark.sql.types", "spark")

    processor: Any = streaming.StatefulProcessor

    class Watcher(processor):  # type: ignore[misc]
        def init(self, handle: Any) -> None:
            saved = types.StructType([types.StructField("saved", types.BinaryType())])
            self.state = handle.getValueState("scanner", saved)

        def handleInputRows(  # noqa: N802
            self, key: tuple[str], rows: Iterator[Any], timer: Any
        ) -> Iterator[Any]:
            names = list(_arrow_schema(how.keep).names)
            if key[0].startswith("m"):
                for row in rows:
                    yield sql.Row(**{name: row[name] for name in names})
                return
            given = list(rows)
            scanner = self._scanner(_host_of(row["host"] for row in given))
            records = [bytes(row["handed_record"]) for row in given]
            found = _push(scanner, how, records)
            yield from self._told(scanner, found, key[0])

        def close(self) -> None:
            pass

        def _scanner(self, host: str | None) -> Scanner:
            scanner = how.scanner(how.detector, how.join, capacity, host)
            if self.state.exists():
                scanner.load(bytes(self.state.get()[0]))
            return scanner

        def _told(self, scanner: Scanner, given: list[Matches], key: str) -> Iterator[Any]:
            self.state.update((scanner.save(),))
            found = _Found(how)
            matches = _several(given, found.several, key, how)
            for batch in found.matches(matches, None, told=False):
                for row in batch.select(_arrow_schema(how.keep).names).to_pylist():
                    yield sql.Row(**row)

    return Watcher()

