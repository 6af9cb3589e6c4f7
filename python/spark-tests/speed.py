"""Measures `t1053.spark` beside plain PyArrow on the same records, on a Spark
of two cores; docs/site/sizing.md has what was measured.

    python spark-tests/speed.py [RECORDS]

Records are flat JSON of new processes, as NXLog writes them; one in a hundred
is a sample of the project. Each way runs three times, and the best counts: of
the time that it takes, and of the processor's time, which other work on the
machine changes less. Reads the latter from Linux's /proc.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.compute as compute
import pyarrow.dataset as dataset
import pyarrow.parquet as parquet
from pyspark.sql import SparkSession

import t1053
import t1053.spark

SAMPLE = Path(__file__).resolve().parents[2] / "testdata" / "logs" / "events.jsonl"
RECORDS = 1_000_000
FILES = 8
CORES = 2
RUNS = 3
WORDS = ["report", "sync", "update", "invoice", "build", "mail", "print", "backup", "chart"]
ORDINARY = (
    '{{"EventTime":"2024-05-{day:02} 10:{minute:02}:{second:02}","Hostname":"WS-{host:04}.corp.example",'
    '"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational",'
    '"RecordNumber":{number},"ProcessGuid":"{{{{C2D1F0E3-0000-0000-{host:04}-{number:012}}}}}",'
    '"Image":"C:\\\\Program Files\\\\Example\\\\{word}.exe","CommandLine":"\\"C:\\\\Program Files\\\\Example'
    '\\\\{word}.exe\\" --{other} C:\\\\Users\\\\ann\\\\Documents\\\\{other}{number}.docx",'
    '"CurrentDirectory":"C:\\\\Users\\\\ann\\\\","User":"CORP\\\\ann","IntegrityLevel":"Medium",'
    '"Hashes":"SHA256={number:064x}","ParentImage":"C:\\\\Windows\\\\explorer.exe",'
    '"ParentCommandLine":"C:\\\\Windows\\\\explorer.exe"}}'
)


def lines(count: int) -> list[str]:
    """The records, the same in each run."""
    chance = random.Random(1053)
    samples = SAMPLE.read_text("utf-8").splitlines()
    made: list[str] = []
    for number in range(count):
        if number % 100 == 0:
            # Each once a host: of events that are there twice, at the same time,
            # the order decides which are a pair, and Spark's is another.
            turn, at = divmod(number // 100, len(samples))
            made.append(samples[at].replace("WS-014.corp", f"S-{turn}.corp"))
            continue
        made.append(
            ORDINARY.format(
                day=1 + number % 28, minute=number % 60, second=number % 59,
                host=chance.randrange(1000), number=number,
                word=chance.choice(WORDS), other=chance.choice(WORDS),
            )
        )
    return made


def spent() -> float:
    """Seconds of a processor that this process took and all below it: Spark's
    Java, and its workers."""
    ticks: dict[int, int] = {}
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # A name may have blanks, and ends with the last bracket.
            told = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(entry.parent.name)
        parents[number] = int(told[1])
        # Its own, and that of children that have ended.
        ticks[number] = sum(map(int, told[11:15]))
    below = {os.getpid()}
    while more := {it for it, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(ticks[it] for it in below) / os.sysconf("SC_CLK_TCK")


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the fastest run, and of a processor in the cheapest."""
    times: list[float] = []
    costs: list[float] = []
    for _ in range(RUNS):
        start, before = time.perf_counter(), spent()
        work()
        times.append(time.perf_counter() - start)
        costs.append(spent() - before)
    return min(times), min(costs)


def main() -> int:
    """Measures."""
    count = int(sys.argv[1]) if sys.argv[1:] else RECORDS
    every = lines(count)
    total = sum(map(len, every))
    folder = tempfile.mkdtemp()
    step = -(-count // FILES)
    for at in range(FILES):
        part = pyarrow.table({"line": every[at * step : (at + 1) * step]})
        # Where Debian's musl is installed, Spark's snappy takes the wrong library.
        parquet.write_table(part, f"{folder}/{at}.parquet", compression="zstd")
    print(f"{count:,} records, {total / 1e6:,.0f} MB, {CORES} cores")
    table: Any = dataset.dataset(folder).to_table()
    detector = t1053.Detector(disable="kind:Inventory")

    def told(name: str, taken: tuple[float, float]) -> None:
        seconds, cost = taken
        print(
            f"| {name} | {seconds:.2f} s | {cost:.2f} s | {count / cost / 1e6:.3f} M"
            f" | {total / cost / 1e9:.2f} GB |"
        )

    load = ", ".join(f"{it:.1f}" for it in os.getloadavg())
    print(f"load of the last 1, 5 and 15 minutes: {load}")
    print("| | time | of a processor | records a second, a core | bytes a second, a core |")
    print("|---|---|---|---|---|")
    # What holds of a record if nothing more is done than to look for a word.
    pyarrow.set_cpu_count(1)

    def word() -> object:
        return compute.sum(
            compute.match_substring(table["line"], "schtasks", ignore_case=True)
        )

    told("PyArrow: one word in memory", best(word))
    told("PyArrow: read Parquet", best(lambda: dataset.dataset(folder).to_table()))

    def read() -> object:
        return [json_table(it) for it in table["line"].chunks]

    told("PyArrow: parse the JSON", best(read))
    raw = table.rename_columns(["_raw"])
    told(
        "t1053: scan_table in memory, one thread",
        best(lambda: t1053.scan_table(raw, detector=detector)),
    )
    # Not the first Python that the path has.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(f"local[{CORES}]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", str(CORES))
        .config("spark.driver.memory", "4g")
        .getOrCreate()
    )
    frame = spark.read.parquet(folder)
    told(
        "Spark: one word, its own operator",
        best(lambda: frame.where("lower(line) LIKE '%schtasks%'").count()),
    )

    def passed() -> object:
        same = frame.mapInArrow(lambda batches: batches, "line string")
        return same.where("line IS NULL").count()

    told("Spark: mapInArrow that does nothing", best(passed))
    found: list[int] = []

    def scanned() -> None:
        found.append(t1053.spark.scan(frame, "line", detector=detector).matches.count())

    told("Spark: t1053.spark.scan", best(scanned))
    whole = len(t1053.scan_table(raw, detector=detector))
    print(f"{found[0]:,} matches, {whole:,} by one scan")
    spark.stop()
    return 0 if set(found) == {whole} else 1


def json_table(lines: Any) -> Any:
    """Lines of JSON as a table, as PyArrow reads them."""
    import pyarrow.json as json

    text = pyarrow.py_buffer("\n".join(lines.to_pylist()).encode())
    options = json.ReadOptions(use_threads=False, block_size=1 << 24)
    parse = json.ParseOptions(
        explicit_schema=pyarrow.schema(
            [("Image", pyarrow.string()), ("CommandLine", pyarrow.string())]
        ),
        unexpected_field_behavior="ignore",
    )
    return json.read_json(pyarrow.BufferReader(text), options, parse)


if __name__ == "__main__":
    sys.exit(main())
