"""The compiled half of the package; only the package itself uses it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, final

__all__ = [
    "Table",
    "Program",
    "common_fields",
    "config_rules",
    "event_kinds",
    "fields",
    "formats",
    "operations",
    "platforms",
    "rule_files",
    "rule_pack",
    "rules_summary",
    "panic",
    "epoch",
    "guess_platform",
    "in_order",
    "jobs_of",
    "parse_time",
    "Batches",
    "Tally",
    "Found",
    "scan_inputs",
    "scan_reader",
    "Stream",
    "explain",
    "table",
    "totals",
    "walk",
    "__version__",
]

__version__: str

_How: TypeAlias = tuple[
    str,
    int,
    bool,
    bool,
    tuple[int | None, int | None],
    tuple[str, bool] | None,
    bool,
    str | None,
    str,
]
_Bad: TypeAlias = tuple[str | None, int, int, str]
_Given: TypeAlias = tuple[Found, list[_Bad]]
_Ended: TypeAlias = tuple[int, str | None, list[str], int]
_Batch: TypeAlias = tuple[Found, list[_Bad], _Ended | None]
_Reached: TypeAlias = tuple[
    str, str, int, int, list[tuple[int, int, int]], str, str
]
_Scanned: TypeAlias = tuple[
    Found,
    dict[str, Any],
    list[_Bad],
    list[tuple[int, str]],
    tuple[list[str], int],
]

@final
class Program:
    def __new__(
        cls,
        enable: list[str],
        disable: list[str],
        exclude: list[tuple[str, str, str, str]],
        rules: list[tuple[str, bytes]],
        builtin: bool,
        strict: bool,
        config: str,
        canonical: str | None,
    ) -> Program: ...
    def sigma(self) -> tuple[list[str], list[tuple[str, str]]]: ...
    def exclusions(self) -> list[str]: ...
    def loaded(self) -> int: ...
    def problems(self) -> list[tuple[str, int | None, int | None, str, str]]: ...
    def detections(self) -> list[dict[str, Any]]: ...
    def verdicts(self, item: Any) -> tuple[list[dict[str, Any]], str | None]: ...
    def memory_usage(self) -> int: ...

@final
class Found:
    def __len__(self) -> int: ...
    def pick(self, places: list[int]) -> Found: ...
    @staticmethod
    def concat(all: list[Found], none: Found) -> Found: ...
    def row(self, at: int) -> tuple[
        str | None,
        int,
        int | None,
        int,
        int | None,
        int | None,
        str | None,
        str | None,
        str,
        tuple[tuple[str, int, int, str, bytes], ...],
        tuple[int, ...],
    ]: ...
    def quote(
        self, at: int
    ) -> tuple[str, int, int, dict[str, str | None], bytes | None]: ...
    def kept_columns(self) -> dict[str, list[Any]]: ...
    def kept_values(self, name: str) -> list[str | None] | None: ...
    def ndjson(self) -> bytes: ...
    def grouped(self, seconds: int) -> list[tuple[int, int, int | None, int | None]]: ...
    def ndjson_grouped(self, seconds: int) -> bytes: ...
    def risk(self, points: int, seconds: int) -> list[_Reached]: ...
    def summary(
        self, examples: int
    ) -> list[
        tuple[int, int, int | None, int | None, tuple[str, ...], list[int]]
    ]: ...
    def jobs(self) -> list[tuple[
        str | None,
        int,
        int | None,
        str,
        int | None,
        str | None,
        str | None,
        dict[str, list[str]],
    ]]: ...
    def verdict_lines(self) -> list[bytes]: ...
    def columns(self) -> dict[str, list[Any]]: ...
    def evidence(self) -> list[list[dict[str, Any]]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class Batches:
    def __new__(
        cls,
        program: Program,
        inputs: Sequence[str | bytes | None],
        how: _How,
        threads: int,
        together: bool,
    ) -> Batches: ...
    @staticmethod
    def of_reader(
        program: Program, reader: object, path: str | None, how: _How
    ) -> Batches: ...
    def next(
        self, progress: Callable[[int, int], object] | None = None
    ) -> _Batch | None: ...
    def counts(self) -> dict[str, Any]: ...
    def close(self) -> None: ...

@final
class Tally:
    def __new__(
        cls,
        program: Program,
        least: str,
        group: int | None,
        risk: tuple[int, int] | None,
    ) -> Tally: ...
    def add(self, found: Found) -> bytes: ...
    def finish(self) -> bytes: ...
    def reached(self) -> list[_Reached]: ...
    def table(self, width: int, colour: bool) -> tuple[str, int]: ...
    def verdict_table(
        self, width: int, colour: bool
    ) -> tuple[str, str, str]: ...

@final
class Stream:
    def __new__(
        cls,
        program: Program,
        path: str | None,
        how: _How,
    ) -> Stream: ...
    def feed(self, bytes: bytes | bytearray) -> _Given: ...
    def record(self, bytes: bytes | bytearray) -> _Given: ...
    def take(self, items: list[Any]) -> _Given: ...
    def table(self, table: Table) -> _Given | None: ...
    def flush(self, before: int) -> _Given: ...
    def finish(self) -> _Given: ...
    def reset(self) -> None: ...
    def save(self) -> bytes: ...
    def restore(self, state: bytes) -> tuple[int, int, int, int]: ...
    def counts(self) -> dict[str, Any]: ...
    def excluded(self) -> list[int]: ...

@final
class Table:
    def __new__(cls, capsule: object) -> Table: ...
    @staticmethod
    def of_batch(schema: object, array: object) -> Table: ...
    def names(self) -> list[str]: ...
    def as_records(self) -> None: ...
    def as_raw(self, column: str) -> None: ...
    def as_events(
        self,
        platform: str | None,
        kind: str,
        time: str | None,
        system: str | None,
        fields: list[tuple[str, str]],
    ) -> None: ...

def scan_inputs(
    program: Program,
    inputs: Sequence[str | bytes],
    how: _How,
    threads: int,
    together: bool,
    progress: Callable[[int, int], object] | None,
) -> _Scanned: ...
def scan_reader(
    program: Program,
    reader: object,
    path: str | None,
    how: _How,
) -> _Scanned: ...
def explain(
    program: Program, slug: str, item: object
) -> tuple[list[str], str | None]: ...
def walk(directory: str) -> tuple[list[str], list[str]]: ...
def in_order(paths: list[str]) -> list[int]: ...
def totals(
    counts: object,
    events: list[tuple[str, int]],
    detections: int,
    inputs: int,
    width: int,
) -> tuple[str, str, list[str]]: ...
def table(
    columns: list[tuple[str, int, int, int, str]],
    rows: list[list[str]],
    width: int,
    colour: bool,
) -> str: ...
def event_kinds() -> list[tuple[str, list[tuple[str, str]]]]: ...
def common_fields() -> list[tuple[str, str]]: ...
def fields() -> list[str]: ...
def formats() -> list[str]: ...
def platforms() -> list[str]: ...
def config_rules(text: str) -> list[str]: ...

def operations() -> list[str]: ...
def rule_files(path: str | bytes) -> list[tuple[str, bytes]]: ...
def rule_pack(
    files: list[tuple[str, bytes]], builtin: bool, strict: bool
) -> tuple[bytes, int, list[tuple[str, int | None, int | None, str, str]]]: ...
def rules_summary(loaded: int, problems: int) -> str: ...
def guess_platform(
    kind: str, system: str | bytes | None, path: str | bytes | None
) -> str: ...
def parse_time(text: str) -> int | None: ...
def epoch(number: float) -> int | None: ...
def panic() -> None: ...

def jobs_of(item: Any) -> tuple[list[dict[str, list[str]]], str | None]: ...
