/*!
Typed events from Python, kept in one piece of memory until a batch of them
is evaluated.
*/

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};
use serde::{Deserialize, Serialize};
use t1053::Timestamp;
use t1053::event::{Event, EventKind, Field, Platform};
use t1053::vocabulary::Member;

use crate::error::{FieldError, guarded};

/// A piece of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Span {
    start: usize,
    length: u32,
}

impl Span {
    /// Appends bytes to a buffer; anything beyond 4 GiB of one value is cut.
    pub(crate) fn push(buffer: &mut Vec<u8>, bytes: &[u8]) -> Span {
        let start = buffer.len();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let kept = bytes.get(..length as usize).unwrap_or(bytes);
        buffer.extend_from_slice(kept);
        Span { start, length }
    }

    /// What a buffer holds from `start` on.
    pub(crate) fn since(buffer: &[u8], start: usize) -> Span {
        let length = buffer.len().saturating_sub(start);
        Span { start, length: u32::try_from(length).unwrap_or(u32::MAX) }
    }

    pub(crate) fn of(self, buffer: &[u8]) -> &[u8] {
        let end = self.start.saturating_add(self.length as usize);
        buffer.get(self.start..end).unwrap_or_default()
    }
}

/// Events whose values stand in one buffer.
#[derive(Default)]
pub(crate) struct Events {
    events: Vec<Stored>,
    values: Vec<(Field, Span)>,
    buffer: Vec<u8>,
}

struct Stored {
    platform: Platform,
    kind: EventKind,
    time: Option<Timestamp>,
    /// Where its values end.
    end: usize,
}

impl Events {
    /// Ends the event whose values were pushed.
    pub(crate) fn end(
        &mut self,
        platform: Platform,
        kind: EventKind,
        time: Option<Timestamp>,
    ) {
        let end = self.values.len();
        self.events.push(Stored { platform, kind, time, end });
    }

    /// Adds a value to the event that is being built; where a field has
    /// several, the first that is given counts.
    pub(crate) fn value(&mut self, field: Field, bytes: &[u8]) {
        let from = self.events.last().map_or(0, |it| it.end);
        let mut given = self.values.iter().skip(from);
        if !given.any(|it| it.0 == field) {
            let span = Span::push(&mut self.buffer, bytes);
            self.values.push((field, span));
        }
    }

    /// A path in the event that is being built.
    pub(crate) fn path(&self) -> Option<&[u8]> {
        let from = self.events.last().map_or(0, |it| it.end);
        let mut given = self.values.iter().skip(from);
        let is_path =
            |field| matches!(field, Field::Image | Field::TargetFilename);
        let found = given.find(|it| is_path(it.0))?;
        Some(found.1.of(&self.buffer))
    }

    /// Lends each event.
    pub(crate) fn each(&self, mut take: impl FnMut(&Event<'_>)) {
        let mut from = 0;
        for stored in &self.events {
            let mut event = Event::new(stored.platform, stored.kind);
            event.time = stored.time;
            let values = self.values.get(from..stored.end);
            for (field, span) in values.into_iter().flatten() {
                // Fields of other kinds were refused when they were given.
                let _ = event.set(*field, span.of(&self.buffer));
            }
            take(&event);
            from = stored.end;
        }
    }

    /// Adds an event from an object of the package's `Event` classes.
    pub(crate) fn push(&mut self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = object.py();
        let names = Names::get(py)?;
        let kind = names.kind(object.getattr(&names.kind)?.cast()?)?;
        let platform: Bound<'_, PyString> =
            object.getattr(&names.platform)?.cast_into()?;
        let platform = platform_named(&platform.to_cow()?)?;
        let ticks: Option<i64> =
            object.call_method0(&names.ticks)?.extract()?;
        let own = names.kinds.get(kind as usize).into_iter().flatten();
        for (field, name) in names.common.iter().chain(own) {
            let value = object.getattr(name)?;
            if value.is_none() {
                continue;
            }
            if let Ok(text) = value.cast::<PyString>() {
                self.value(*field, text_bytes(text)?.as_bytes());
            } else if let Ok(bytes) = value.cast::<PyBytes>() {
                self.value(*field, bytes.as_bytes());
            } else {
                let text = value.str()?;
                self.value(*field, text_bytes(&text)?.as_bytes());
            }
        }
        self.end(platform, kind, ticks.map(Timestamp::from_ticks));
        Ok(())
    }
}

/// A string as UTF-8; lone surrogates as the three bytes they would be, or
/// as the bytes they stand for when they escape undecodable ones.
pub(crate) fn text_bytes<'py>(
    text: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = text.encode_utf8() {
        return Ok(bytes);
    }
    for handler in ["surrogateescape", "surrogatepass"] {
        let encoded = text.call_method1("encode", ("utf-8", handler));
        if let Ok(bytes) = encoded {
            return Ok(bytes.cast_into()?);
        }
    }
    Ok(PyBytes::new(text.py(), text.to_string_lossy().as_bytes()))
}

/// The platform of a name.
pub(crate) fn platform_named(name: &str) -> PyResult<Platform> {
    let mut all = Platform::ALL.iter().copied();
    all.find(|known| known.name() == name).ok_or_else(|| {
        let names: Vec<&str> =
            Platform::ALL.iter().map(|known| known.name()).collect();
        FieldError::new_err(format!(
            "there is no platform `{name}`, only {}",
            names.join(", ")
        ))
    })
}

/// The kind of event of a name.
pub(crate) fn kind_named(name: &str) -> PyResult<EventKind> {
    EventKind::from_name(name).ok_or_else(|| {
        let names: Vec<&str> =
            EventKind::ALL.iter().map(|it| it.name()).collect();
        FieldError::new_err(format!(
            "there is no kind of event `{name}`, only {}",
            names.join(", ")
        ))
    })
}

/// The platform of an event, from the name of its operating system or, where
/// that is not known, from its kind and a path in it.
pub(crate) fn guess(
    kind: EventKind,
    system: Option<&[u8]>,
    path: Option<&[u8]>,
) -> Platform {
    let system = system.unwrap_or_default().to_ascii_lowercase();
    match kind.platforms() {
        [only] => *only,
        _ if system.starts_with(b"win") => Platform::Windows,
        _ if !system.is_empty() => Platform::Linux,
        _ if path.is_some_and(|path| path.starts_with(b"/")) => {
            Platform::Linux
        }
        _ => Platform::Windows,
    }
}

/// [`guess`], for dictionaries.
#[pyfunction]
pub(crate) fn guess_platform(
    kind: &str,
    system: Option<&Bound<'_, PyAny>>,
    path: Option<&Bound<'_, PyAny>>,
) -> PyResult<&'static str> {
    guarded(|| {
        let bytes = |it: Option<&Bound<'_, PyAny>>| match it {
            None => PyResult::Ok(None),
            Some(it) => match it.cast::<PyBytes>() {
                Ok(bytes) => Ok(Some(bytes.as_bytes().to_vec())),
                Err(_) => {
                    let text = text_bytes(&it.str()?)?;
                    Ok(Some(text.as_bytes().to_vec()))
                }
            },
        };
        let (system, path) = (bytes(system)?, bytes(path)?);
        let kind = kind_named(kind)?;
        Ok(guess(kind, system.as_deref(), path.as_deref()).name())
    })
}

/// The ticks of a time as logs write it.
#[pyfunction]
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    Timestamp::parse(text.as_bytes()).map(Timestamp::ticks)
}

/// The ticks of a bare count since the epoch.
#[pyfunction]
pub(crate) fn epoch(number: f64) -> Option<i64> {
    time_of_count(number).map(Timestamp::ticks)
}

/// A time from a bare count since the epoch: seconds, or finer units when it
/// would be after the year 5000 in seconds.
pub(crate) fn time_of_count(number: f64) -> Option<Timestamp> {
    if !number.is_finite() {
        return None;
    }
    let mut ticks = number * 1e7;
    while ticks.abs() > 1e18 {
        ticks /= 1000.0;
    }
    // In range: below 10^18.
    Some(Timestamp::from_ticks(ticks as i64))
}

/// Attribute names, made once.
struct Names {
    kind: Py<PyString>,
    platform: Py<PyString>,
    ticks: Py<PyString>,
    /// Fields of every event.
    common: Vec<(Field, Py<PyString>)>,
    /// Fields by kind, in the kinds' order.
    kinds: Vec<Vec<(Field, Py<PyString>)>>,
}

impl Names {
    fn get(py: Python<'_>) -> PyResult<&'static Names> {
        static NAMES: PyOnceLock<Names> = PyOnceLock::new();
        NAMES.get_or_try_init(py, || {
            let intern = |name: &str| PyString::intern(py, name).unbind();
            let named = |members: &[Member]| {
                let members = members.iter();
                members.map(|of| (of.field, intern(of.name))).collect()
            };
            Ok(Names {
                kind: intern("kind"),
                platform: intern("platform"),
                ticks: intern("_ticks"),
                common: named(EventKind::HEAD),
                kinds: EventKind::ALL
                    .iter()
                    .map(|kind| named(kind.members()))
                    .collect(),
            })
        })
    }

    fn kind(&self, name: &Bound<'_, PyString>) -> PyResult<EventKind> {
        kind_named(&name.to_cow()?)
    }
}
