//! The vocabulary's names in C and Python.

use std::collections::BTreeSet;
use std::fmt::Debug;

use t1053::event::{EventKind, Field, Platform};
use t1053::rule::Kind;
use t1053::vocabulary::Member;

use crate::generate::Built;

/// The enums of the `ffi` crate.
pub(crate) fn c() -> String {
    let platforms = Platform::ALL.iter().map(|platform| {
        let about = platform.description().to_owned();
        (about, shouted(platform), platform.number())
    });
    let kinds = EventKind::ALL.iter().map(|kind| {
        (kind.description().to_owned(), shouted(kind), kind.number())
    });
    let fields = Field::ALL.iter().map(|field| {
        let about = lower_first(field.description());
        let about = format!("`{}`: {about}", field.name());
        (about, shouted(field), field.number())
    });
    let mut source = String::from(
        "//! Numbers of platforms, kinds of event and fields. Written by \
         `cargo xtask\n\
         //! generate` from core/src/vocabulary; do not edit.\n",
    );
    c_enum(
        &mut source,
        "t1053_platform",
        "T1053_PLATFORM_",
        "Where an event was recorded.",
        platforms.collect(),
    );
    c_enum(
        &mut source,
        "t1053_event_kind",
        "T1053_EVENT_",
        "What kind of event it is. t1053_kind_has_field() tells which fields \
         events of a kind have.",
        kinds.collect(),
    );
    c_enum(
        &mut source,
        "t1053_field",
        "T1053_FIELD_",
        "A field of an event. Its name in rules and findings comes first; \
         names are compared exactly: auditd's `uid` (a number) and `UID` (a \
         name) are two.",
        fields.collect(),
    );
    source
}

/// Adds an enum, in the order of its numbers.
fn c_enum(
    source: &mut String,
    name: &str,
    prefix: &str,
    about: &str,
    mut variants: Vec<(String, String, u32)>,
) {
    variants.sort_by_key(|(.., number)| *number);
    source.push('\n');
    source.push_str(&wrapped(about, "/// ", 79));
    source.push_str("#[repr(u32)]\n");
    source.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n");
    source.push_str(&format!("pub enum {name} {{\n"));
    for (about, variant, number) in variants {
        source.push_str(&wrapped(&about, "    /// ", 79));
        source.push_str(&format!("    {prefix}{variant} = {number},\n"));
    }
    source.push_str("}\n");
}

/// The package's `__init__.py` with the names of its events at the end, where
/// type checkers only know them when they are written out.
pub(crate) fn python_exports(module: &str) -> Result<String, String> {
    let (before, _) = module
        .split_once(EXPORTS)
        .ok_or_else(|| format!("__init__.py lacks the line {EXPORTS}"))?;
    let names = python_names();
    Ok(format!("{before}{EXPORTS}\n__all__ += [\n{names}]\n"))
}

const EXPORTS: &str = "# The kinds of event; written from here on by `cargo \
                       xtask generate`.";

/// The package's classes of events, as items of a list.
fn python_names() -> String {
    let kinds = EventKind::ALL.iter().map(|kind| format!("{kind:?}"));
    let mut names: Vec<String> = kinds.chain(["Event".into()]).collect();
    names.sort_unstable();
    names.iter().map(|name| format!("    \"{name}\",\n")).collect()
}

/// The module `_events.py` of the Python package.
pub(crate) fn python() -> String {
    let (mut classes, mut entries) = (String::new(), String::new());
    for kind in EventKind::ALL {
        classes.push_str(&python_class(*kind));
        entries.push_str(&format!("    \"{kind}\": {kind:?},\n"));
    }
    let platforms: Vec<String> = Platform::ALL
        .iter()
        .map(|platform| format!("\"{platform}\""))
        .collect();
    PYTHON
        .replace("{exported}", &python_names())
        .replace("{platforms}", &platforms.join(", "))
        .replace("{head}", &python_members(EventKind::HEAD))
        .replace("{classes}", &classes)
        .replace("{entries}", &entries)
}

/// The module `_names.py` of the Python package: names that type checkers are
/// to know.
pub(crate) fn python_literals(built: &[Built]) -> String {
    let detections = built.iter().map(|built| &built.rule.detection);
    let slugs = detections.clone().map(|detection| detection.slug.to_string());
    let techniques = detections.flat_map(|detection| {
        detection.techniques.iter().flat_map(|technique| {
            let whole = technique.split('.').next().unwrap_or_default();
            [technique.to_string(), whole.to_owned()]
        })
    });
    let kinds = Kind::ALL.iter().map(ToString::to_string);
    let literal = |names: &mut dyn Iterator<Item = String>| {
        let names: BTreeSet<String> = names.collect();
        let signs =
            |name: &String| format!("    \"{name}\",\n    \"!{name}\",\n");
        names.iter().map(signs).collect::<String>()
    };
    format!(
        "{LITERALS}\n\
         DetectionName = Literal[\n{}]\n\
         \"\"\"A built-in detection; `!` before it where it is not meant.\"\"\"\n\n\
         KindName = Literal[\n{}]\n\
         \"\"\"How detections are meant to be used.\"\"\"\n\n\
         TechniqueName = Literal[\n{}]\n\
         \"\"\"An ATT&CK technique that a built-in detection is about.\"\"\"\n",
        literal(&mut { slugs }),
        literal(&mut { kinds }),
        literal(&mut { techniques }),
    )
}

const LITERALS: &str = r#""""Names that type checkers know. Written by `cargo xtask generate` from
core/detections; do not edit."""

from typing import Literal

__all__ = ["DetectionName", "KindName", "TechniqueName"]
"#;

fn python_class(kind: EventKind) -> String {
    let about = python_text(kind.description());
    let first = kind.members().first().map_or("", |member| member.name);
    let platform = match kind.platforms() {
        [Platform::Windows, ..] | [] => String::new(),
        [assumed, ..] => format!("    platform: Platform = \"{assumed}\"\n"),
    };
    format!(
        "\n\n@dataclass(frozen=True, slots=True, kw_only=True, repr=False)\n\
         class {kind:?}(Event):\n    \
         \"\"\"{}\n\n    \
         >>> import t1053\n    \
         >>> t1053.{kind:?}({first}=\"x\").kind\n    \
         '{kind}'\n    \
         \"\"\"\n\n    \
         kind: ClassVar[str] = \"{kind}\"\n\
         {platform}{}",
        about,
        python_members(kind.members()),
    )
}

/// Text inside of a documentation string.
fn python_text(text: &str) -> String {
    let text = text.replace('\\', r"\\");
    wrapped(&text, "    ", 79).trim().to_owned()
}

fn python_members(members: &[Member]) -> String {
    let mut source = String::new();
    for Member { name, description, .. } in members {
        let about = python_text(description);
        source.push_str(&format!(
            "    {name}: Value = None\n    \"\"\"{about}\"\"\"\n"
        ));
    }
    source
}

/// `CommandLine` to `COMMAND_LINE`.
fn shouted(name: &impl Debug) -> String {
    let mut shouted = String::new();
    for letter in format!("{name:?}").chars() {
        if letter.is_uppercase() && !shouted.is_empty() {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
    }
    shouted
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Text in lines that begin with `start` and are no longer than `width`.
fn wrapped(text: &str, start: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::from(start);
    for word in text.split_whitespace() {
        let blank = usize::from(line.len() > start.len());
        if line.len() + blank + word.len() > width && blank == 1 {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from(start);
        }
        if line.len() > start.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

const PYTHON: &str = r#""""Typed events. Written by `cargo xtask generate` from core/src/vocabulary;
do not edit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Literal

from . import _t1053
from ._time import to_ticks

__all__ = [
{exported}]

Platform = Literal[{platforms}]
"""Where an event is recorded."""

Value = str | bytes | None
"""A field's value; None where the record has none."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Event:
    """What happened on an endpoint. Its subclasses are the kinds of event.

    A value is text, or bytes where it may not be UTF-8; None where it is
    absent. An absent field matches nothing.

    >>> import t1053
    >>> event = t1053.ProcessCreation(image="crontab", platform="linux")
    >>> event
    ProcessCreation(platform='linux', image='crontab')
    >>> event == t1053.ProcessCreation(image="crontab", platform="linux")
    True
    """

    kind: ClassVar[str] = ""
    """The kind of event."""

    platform: Platform = "windows"
    """Where it was recorded."""
    time: datetime | str | None = None
    """When it happened; without a zone, in UTC."""
{head}
    def __repr__(self) -> str:
        given = {it.name: getattr(self, it.name) for it in fields(self)}
        shown = ", ".join(f"{k}={v!r}" for k, v in given.items() if v is not None)
        return f"{type(self).__name__}({shown})"

    def _ticks(self) -> int | None:
        if isinstance(self.time, str):
            return _t1053.parse_time(self.time)
        return to_ticks(self.time)
{classes}

EVENTS: dict[str, type[Event]] = {
{entries}}
"""The class of each kind."""
"#;
