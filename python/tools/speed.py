"""Measures the package beside the Rust example, on the same files.

    cargo build --release -p t1053 --example scan
    python tools/speed.py ../target/release/examples/scan [FILE OR DIRECTORY]
    python tools/speed.py findings

Without a file, the sample logs over and over: 256 MB in one file and in
eight. Both sides write NDJSON; the best of several runs counts. Fails when
one file takes the package over 10 % longer. With `findings`, how long 300,000
findings take to become a frame, a picture or a page; fails where that is over
a second, or the page over 5 MB.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib

import t1053

matplotlib.use("agg")

from matplotlib import pyplot  # noqa: E402

SAMPLE = Path(__file__).resolve().parents[2] / "testdata" / "logs" / "events.jsonl"
RUNS = 9
SLOWEST = 1.1
FINDINGS = 300_000
LONGEST = 1.0
"""Seconds that a person waits for a frame or a picture."""
LARGEST = 5_000_000
"""Bytes of a page that a notebook keeps."""


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    times: list[float] = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def size(path: Path) -> int:
    """Bytes of all files."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(it.stat().st_size for it in files if it.is_file())


def compare(example: str, path: Path) -> float:
    """Prints both speeds; returns how much longer the package takes."""
    detector = t1053.Detector()

    def rust() -> None:
        subprocess.run(
            [example, "--output", "ndjson", str(path)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def python() -> None:
        matches = t1053.scan(path, detector=detector, progress=False)
        matches.to_ndjson("/dev/null")

    theirs, ours = best(rust), best(python)
    total = size(path) / 1e9
    print(
        f"{path.name}: {total:.2f} GB, Rust {total / theirs:.2f} GB/s,"
        f" Python {total / ours:.2f} GB/s"
    )
    return ours / theirs


def findings() -> int:
    """Measures what is made of many findings; 1 where it takes too long."""
    matches = t1053.scan(SAMPLE)
    matches = t1053.scan(SAMPLE.read_bytes() * (FINDINGS // len(matches) + 1))
    print(f"{len(matches):,} findings")

    def drawn() -> object:
        axes = matches.plot_timeline()
        axes.figure.canvas.draw()
        pyplot.close(axes.figure)
        return axes

    made: list[tuple[str, Callable[[], object]]] = [
        ("to_pandas", matches.to_pandas),
        ("to_polars", matches.to_polars),
        ("to_arrow", matches.to_arrow),
        ("to_csv", matches.to_csv),
        ("collapse", lambda: matches.collapse("1s")),
        ("plot_timeline, matplotlib", drawn),
        ("plot_timeline, altair", lambda: matches.plot_timeline(library="altair")),
        ("plot_heatmap, altair", lambda: matches.plot_heatmap(library="altair")),
        ("browse", matches.browse),
        ("_repr_html_", matches._repr_html_),
    ]
    slow = 0
    for name, work in made:
        seconds = best(work)
        slow |= seconds > LONGEST
        print(f"{name:<26} {seconds:.2f} s")
    pages = {
        "altair's timeline": matches.plot_timeline(library="altair").to_json(),
        "browse": matches.browse().html,
        "_repr_html_": matches._repr_html_(),
    }
    for name, page in pages.items():
        slow |= len(page) > LARGEST
        print(f"{name:<26} {len(page) / 1e6:.2f} MB")
    return int(slow)


def main() -> int:
    """Measures; 1 when one file takes too long."""
    example, *given = sys.argv[1:]
    if example == "findings":
        return findings()
    if given:
        return int(max(compare(example, Path(it)) for it in given) > SLOWEST)
    text = SAMPLE.read_bytes()
    with tempfile.TemporaryDirectory() as directory:
        one = Path(directory, "one.jsonl")
        one.write_bytes(text * ((256 << 20) // len(text)))
        many = Path(directory, "eight")
        many.mkdir()
        for number in range(8):
            Path(many, f"{number}.jsonl").write_bytes(text * ((32 << 20) // len(text)))
        compare(example, many)
        return int(compare(example, one) > SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
