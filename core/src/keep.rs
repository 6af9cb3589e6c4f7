/*!
What lines tell of the event itself, as far as that is asked for.

A finding says what was found and why. Whoever triages it wants the whole
command line, the parent, the record: of these a line has what a [`Keep`]
names, and nothing where nothing is asked.
*/

use core::fmt::{self, Write};

use crate::event::{EventKind, Field, UnknownField, Value};
use crate::line::Line;
use crate::scanner::Source;

/// The word for the record itself in a list of what is kept.
const RAW: &str = "raw";

/// What is kept of an event that matches: fields, by the names that rules
/// have for them, and `raw` for the record as it was read. Case and
/// underscores make no difference: `command_line` is `CommandLine`.
///
/// Nothing is masked: these quote the record, with any password that stands
/// in it. The fields of jobs have none ([`Job`](crate::Job)), nor has the line
/// of a verdict.
///
/// # Example
///
/// ```
/// use t1053::Keep;
/// use t1053::event::Field;
///
/// let keep: Keep = "Image, command_line, raw".parse()?;
/// assert_eq!(keep.fields(), [Field::Image, Field::CommandLine]);
/// assert!(keep.raw());
///
/// let error = "Imge".parse::<Keep>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "there is no field `Imge`; did you mean `Image`?",
/// );
/// # Ok::<(), t1053::event::UnknownField>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    fields: Vec<Field>,
    raw: bool,
}

impl Keep {
    /// These fields, each once, in their order.
    pub fn of(fields: impl IntoIterator<Item = Field>) -> Keep {
        let mut keep = Keep::default();
        fields.into_iter().for_each(|field| keep.add(field));
        keep
    }

    /// The same, and the record itself or not.
    #[must_use]
    pub fn with_raw(mut self, raw: bool) -> Keep {
        self.raw = raw;
        self
    }

    fn add(&mut self, field: Field) {
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    /// The fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether the record itself is kept.
    pub fn raw(&self) -> bool {
        self.raw
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.raw
    }
}

impl core::str::FromStr for Keep {
    type Err = UnknownField;

    /// Reads names that commas separate; an empty text names nothing.
    fn from_str(names: &str) -> Result<Keep, UnknownField> {
        let mut keep = Keep::default();
        let names = names.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            match name {
                RAW => keep.raw = true,
                name => keep.add(named(name)?),
            }
        }
        Ok(keep)
    }
}

/// The field of a name, as rules have it or as members of structs do.
fn named(name: &str) -> Result<Field, UnknownField> {
    let letters = |name: &str| -> Vec<u8> {
        let letters = name.bytes().filter(|byte| *byte != b'_');
        letters.map(|byte| byte.to_ascii_lowercase()).collect()
    };
    let wanted = letters(name);
    let mut fields = Field::ALL.iter();
    let found = fields.find(|field| letters(field.name()) == wanted);
    match found {
        // What rules ask of an event is no value that it has.
        Some(field) if !field.is_asked_only() => Ok(*field),
        _ => Err(UnknownField::new(name)),
    }
}

/// What a line tells of its event: the members `event` (its kind, which a
/// line of a verdict has in any case), `offset`
/// and `length` of the record, `fields` (an object with each field that is
/// kept, `null` where the event lacks it), and `raw` where that is kept, which
/// is `null` of an event that the caller built.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use t1053::{Detector, Finding, Keep, Quote, Report, Scanner};
///
/// let log = br#"{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational","TaskName":"\\Patch"}"#;
/// let keep: Keep = "TaskName".parse()?;
/// let mut scanner = Scanner::new(&Detector::published());
/// let mut lines = Vec::new();
/// scanner.record(log, |report| {
///     if let Report::Match(matched) = report {
///         let quote = Quote::of(&keep, matched.source);
///         let (place, found) = (matched.place(None), &matched.found);
///         lines.push(Finding { place, found, quote }.to_string());
///     }
///     ControlFlow::Continue(())
/// });
/// assert!(lines[0].contains(
///     r#""event":"task_scheduler","offset":0,"length":92,"fields":{"TaskName":"\\Patch"}"#
/// ), "{}", lines[0]);
/// # Ok::<(), t1053::event::UnknownField>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quote<'a> {
    /// What is asked for.
    pub keep: &'a Keep,
    /// The record that the event was read from.
    pub source: Source<'a>,
}

impl<'a> Quote<'a> {
    /// What is to be told of a record; `None` where nothing is asked for.
    pub fn of(keep: &'a Keep, source: Source<'a>) -> Option<Quote<'a>> {
        (!keep.is_empty()).then_some(Quote { keep, source })
    }

    pub(crate) fn write<'v>(
        &self,
        line: &mut Line<'_, '_>,
        value: impl Fn(Field) -> Value<'v>,
    ) -> fmt::Result {
        let Source { offset, length, bytes } = self.source;
        let fields = self.keep.fields().iter();
        let fields = fields.map(|&field| (field, value(field)));
        let raw = self.keep.raw.then_some(bytes);
        write(line, (offset, length), fields, raw)
    }
}

/// The same of an event that has outlived its record, from values that the
/// caller has kept.
#[derive(Clone, Copy, Debug)]
pub struct KeptQuote<'a> {
    /// What kind of event it is.
    pub event: EventKind,
    /// [`Source::offset`].
    pub offset: u64,
    /// [`Source::length`].
    pub length: u64,
    /// Each field that is kept, with its value.
    pub fields: &'a [(Field, Value<'a>)],
    /// The record, where it is kept; empty of an event that the caller built.
    pub raw: Option<&'a [u8]>,
}

impl KeptQuote<'_> {
    pub(crate) fn write(&self, line: &mut Line<'_, '_>) -> fmt::Result {
        let KeptQuote { event, offset, length, fields, raw } = *self;
        write!(line, ",\"event\":\"{event}\"")?;
        write(line, (offset, length), fields.iter().copied(), raw)
    }
}

fn write<'v>(
    line: &mut Line<'_, '_>,
    (offset, length): (u64, u64),
    fields: impl Iterator<Item = (Field, Value<'v>)>,
    raw: Option<&[u8]>,
) -> fmt::Result {
    write!(line, ",\"offset\":{offset},\"length\":{length}")?;
    line.write_str(",\"fields\":{")?;
    for (index, (field, value)) in fields.enumerate() {
        line.write_str(if index == 0 { "" } else { "," })?;
        write!(line, "\"{field}\":")?;
        line.option(value)?;
    }
    line.write_str("}")?;
    if let Some(raw) = raw {
        line.write_str(",\"raw\":")?;
        line.option(Some(raw).filter(|raw| !raw.is_empty()))?;
    }
    Ok(())
}
