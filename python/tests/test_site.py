"""The pages of the site, as Markdown: that none lacks anything, and that what
is shown on them works. `docs/build` makes the whole site."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

import t1053

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python" / "tools"))

from website import build, detections, gallery, headers, jobs, package  # noqa: E402

HEADINGS = [
    "What it finds, and why",
    "A record that matches",
    "A record that nearly does",
    "The condition",
    "What to switch on",
    "Harmless causes",
    "An exclusion to copy",
    "Response",
    "More",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[detections.Source]]:
    """All pages. That links lead somewhere is asked when they are written."""
    to = tmp_path_factory.mktemp("site") / "pages"
    return to, build.write(to)


Site = tuple[Path, list[detections.Source]]


def test_each_detection_has_a_page_without_gaps(site: Site) -> None:
    to, every = site
    assert [source.known.slug for source in every] != []
    assert {source.known.slug for source in every} == {it.slug for it in t1053.detections()}
    for source in every:
        text = (to / "detections" / f"{source.known.slug}.md").read_text(encoding="utf-8")
        parts = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n?)*)", text, re.MULTILINE))
        assert list(parts) == HEADINGS, source.known.slug
        assert all(len(part.strip()) > 5 for part in parts.values()), source.known.slug
        assert "None" not in text.partition("## ")[0], source.known.slug


def test_a_page_that_would_lack_something_is_an_error(site: Site) -> None:
    _, every = site
    source = every[0]
    known = {it: getattr(source.known, it) for it in source.known.__slots__}
    for what, value in (("needs", ""), ("response", ""), ("false_positives", ())):
        changed: dict[str, Any] = known | {what: value}
        lacking = t1053.Detection(**changed)
        with pytest.raises(detections.GapError, match=source.known.slug):
            detections.page(
                detections.Source(lacking, source.path, source.matching, source.nearly)
            )
    with pytest.raises(detections.GapError, match="does not match"):
        detections.page(
            detections.Source(source.known, source.path, source.nearly, source.nearly)
        )


def test_the_navigation_has_each_page_once(site: Site) -> None:
    to, every = site
    pages = {path.relative_to(to).as_posix() for path in to.rglob("*.md")}
    known = build.settings(to, to, every)
    assert build.listed(known["nav"]) == pages


def test_a_link_to_nothing_is_an_error(site: Site) -> None:
    to, _ = site
    made = build.Site(to)
    with pytest.raises(AssertionError, match="nowhere"):
        made.write("index.md", "[x](../nowhere.md)", "docs/rules.md")
    # What is code is no link; a folder is not a page.
    (to / "t").mkdir()
    made.write("t/x.md", "`a`\n```\n[x](nowhere.md)\n```\n[b](../core) [c](abi.md#x)\n", "docs/y.md")
    assert (to / "t/x.md").read_text().endswith("[x](nowhere.md)\n```\nb [c](../abi.md#x)\n")
    shutil.rmtree(to / "t")


def test_references_have_all_there_is(site: Site) -> None:
    to, _ = site
    c = (to / "c.md").read_text(encoding="utf-8")
    functions = headers.names()
    assert len(functions) > 100
    named = re.findall(r"^### (\w+)", c, re.MULTILINE)
    assert functions <= set(named)
    assert len(named) == len(set(named))
    python = (to / "python-reference.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^### t1053\.(\w+)$", python, re.MULTILINE))
    assert set(package.exported()) == told
    assert "### t1053.spark.scan\n" in python
    cpp = (to / "cpp.md").read_text(encoding="utf-8")
    for name in ("Detector", "Builder", "Event", "Evaluator", "Scanner", "Correlator"):
        assert f"\n## {name}\n" in cpp


def test_the_job_model_has_each_word(site: Site) -> None:
    to, _ = site
    text = (to / "jobs.md").read_text(encoding="utf-8")
    for field in jobs.WORDS:
        words = jobs.words(field)
        assert len(words) > 5, field
        assert all(f"| `{word}` |" in text for word in words), field
    # Words that rules ask for are words that there are.
    assert "[Task Opens an Elevated Console](detections/task_uac_bypass.md)" in text


def test_pictures_of_notebooks_are_there(site: Site) -> None:
    to, _ = site
    for path in gallery.notebooks():
        text = (to / "gallery" / f"{path.stem}.md").read_text(encoding="utf-8")
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text):
            assert (to / "gallery" / picture).read_bytes().startswith(b"\x89PNG")


RUN = ["jobs", "tuning", "recipes/duckdb", "recipes/kafka", "recipes/ocsf",
       "recipes/spark", "recipes/timesketch"]


@pytest.mark.parametrize("page", RUN)
@pytest.mark.filterwarnings("ignore")
def test_code_on_pages_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: Path
) -> None:
    shutil.copytree(logs, tmp_path / "logs")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "site" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    if page == "recipes/kafka":
        _worker_of_kafka(names["Worker"])
    if page == "recipes/timesketch":
        assert (tmp_path / "t1053.jsonl").stat().st_size > 1000


def _worker_of_kafka(worker: Any) -> None:
    """A pair whose halves come before and after a restart is found, once."""
    half = b'{"EventID":%d,"Channel":"Security","Computer":"A","TaskName":"x","TimeCreated":"2024-05-01T10:00:0%dZ"}'
    store: dict[str, bytes] = {}
    detector = t1053.Detector(enable="short_lived_scheduled_task")
    first = worker(detector, 0, store)
    assert len(first.take([half % (4698, 0)])) == 0
    first.commit()
    second = worker(detector, 0, store)
    assert [it.slug for it in second.take([half % (4699, 5)])] == ["short_lived_scheduled_task"]


def test_findings_go_from_topic_to_topic(logs: Path) -> None:
    """The recipe, at the cluster that librdkafka brings for tests."""
    text = (ROOT / "docs" / "site" / "recipes" / "kafka.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        exec(compile(block, "kafka", "exec"), names)
    quiet = {"log_level": 2}
    cluster = Producer({"test.mock.num.brokers": 1, **quiet})
    brokers = cluster.list_topics(timeout=10).brokers.values()
    at = {"bootstrap.servers": ",".join(f"{it.host}:{it.port}" for it in brokers), **quiet}
    reading = {**at, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    lines = (logs / "events.jsonl").read_bytes().splitlines()[:400]
    producer = Producer(at)
    for line in lines:
        producer.produce("windows", line, "host")
    producer.flush()
    detector, store = t1053.Detector(), dict[str, bytes]()

    class Stopped(Exception):
        """Ends the recipe, which has no end."""

    consumer = Consumer({**reading, "group.id": "hunt"})
    seen, ends = 0, monotonic() + 60

    class Counted:
        subscribe = consumer.subscribe
        commit = consumer.commit

        def consume(self, num_messages: int, timeout: float) -> list[Any]:
            nonlocal seen
            if seen >= len(lines) or monotonic() > ends:
                raise Stopped
            got = consumer.consume(min(num_messages, 150), timeout)
            seen += sum(it.error() is None for it in got)
            return got

    with pytest.raises(Stopped):
        names["run"](Counted(), producer, detector, store)
    consumer.close()
    assert seen == len(lines)
    found = Consumer({**reading, "group.id": "look"})
    parts = found.list_topics("findings").topics["findings"].partitions
    found.assign([TopicPartition("findings", it, OFFSET_BEGINNING) for it in parts])
    own = Counter(it.id for it in t1053.scan_records(lines, detector=detector))
    told: Counter[str] = Counter()
    while told.total() < own.total() and monotonic() < ends:
        got = found.consume(1000, 1.0)
        told.update(json.loads(it.value() or b"")["event"]["id"] for it in got if it.error() is None)
    found.close()
    assert told == own


@pytest.mark.parametrize(
    "wrapped",
    [
        # The file source of Vector, with its codec json.
        '{"file":"/var/log/audit/audit.log","host":"h","message":%s,'
        '"source_type":"file","timestamp":"2024-05-01T10:00:00Z"}',
        # Fluent Bit's in_tail, with format json_lines.
        '{"date":1714557600.0,"log":%s}',
    ],
)
def test_records_of_shippers_are_read(wrapped: str) -> None:
    record = (
        'type=EXECVE msg=audit(1714557600.042:77): argc=3 a0="crontab" a1="-u" a2="root"'
    )
    call = (
        "type=SYSCALL msg=audit(1714557600.042:77): arch=c000003e syscall=59 success=yes "
        'exit=0 items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 comm="crontab" exe="/usr/bin/crontab"'
    )
    end = "type=EOE msg=audit(1714557600.042:77):"
    lines = "".join(wrapped % json.dumps(it) + "\n" for it in (call, record, end))
    matches = t1053.scan(lines.encode())
    assert matches.counts.joined == 1
    assert "cron_table_replaced" in {it.slug for it in matches}
