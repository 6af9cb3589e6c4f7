"""Writes Windows event log files (.evtx) for tests: one chunk, elements
without templates, values as text."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

CHUNK = 1 << 16
Element = tuple[str, Mapping[str, str], "Sequence[Element] | str"]


def event(system: Mapping[str, str], data: Mapping[str, str], time: str) -> Element:
    """An event as Windows nests it."""
    return (
        "Event",
        {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        [
            (
                "System",
                {},
                [
                    *((name, {}, value) for name, value in system.items()),
                    ("TimeCreated", {"SystemTime": time}, ""),
                ],
            ),
            (
                "EventData",
                {},
                [("Data", {"Name": name}, value) for name, value in data.items()],
            ),
        ],
    )


def log(events: Sequence[Element]) -> bytes:
    """A log file of events."""
    chunk = bytearray(512)
    last = 512
    for number, it in enumerate(events, 1):
        last = len(chunk)
        chunk += b"\x2a\x2a\x00\x00" + bytes(4) + struct.pack("<QQ", number, 1 << 56)
        chunk += b"\x0f\x01\x01\x00"
        _element(chunk, it)
        chunk += b"\x00"
        size = len(chunk) - last + 4
        struct.pack_into("<I", chunk, last + 4, size)
        chunk += struct.pack("<I", size)
    count, free = len(events), len(chunk)
    assert free <= CHUNK
    struct.pack_into(
        "<8sQQQQIIII", chunk, 0, b"ElfChnk\0", 1, count, 1, count, 128, last, free,
        zlib.crc32(chunk[512:]),
    )
    struct.pack_into("<I", chunk, 124, zlib.crc32(chunk[:120] + chunk[128:512]))
    chunk += bytes(CHUNK - free)
    head = struct.pack(
        "<8sQQQIHHHH", b"ElfFile\0", 0, 0, count + 1, 128, 1, 3, 4096, 1
    )
    head = head.ljust(120, b"\0")
    head += struct.pack("<II", 0, zlib.crc32(head))
    return head.ljust(4096, b"\0") + bytes(chunk)


def _element(chunk: bytearray, element: Element) -> None:
    name, attributes, inside = element
    chunk += b"\x41" if attributes else b"\x01"
    start = len(chunk)
    chunk += bytes(4)
    _name(chunk, name)
    if attributes:
        before = len(chunk)
        chunk += bytes(4)
        left = len(attributes)
        for key, value in attributes.items():
            left -= 1
            chunk += b"\x46" if left else b"\x06"
            _name(chunk, key)
            _text(chunk, value)
        struct.pack_into("<I", chunk, before, len(chunk) - before - 4)
    if inside:
        chunk += b"\x02"
        if isinstance(inside, str):
            _text(chunk, inside)
        else:
            for it in inside:
                _element(chunk, it)
        chunk += b"\x04"
    else:
        chunk += b"\x03"
    struct.pack_into("<I", chunk, start, len(chunk) - start - 4)


def _name(chunk: bytearray, name: str) -> None:
    chunk += struct.pack("<I", len(chunk) + 4)
    chunk += struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"


def _text(chunk: bytearray, text: str) -> None:
    encoded = text.encode("utf-16-le")
    chunk += b"\x05\x01" + struct.pack("<H", len(encoded) // 2) + encoded
