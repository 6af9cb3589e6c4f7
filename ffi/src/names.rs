/*!
The numbers that stand for platforms, kinds of event, fields, formats and
comparisons. A number never changes and is never used again. Those of
platforms, kinds and fields stand in the core's vocabulary.

Functions take them as `uint32_t`, not as these enums: a number that is none
of them is an error then, not undefined behaviour.
*/

use core::ffi::c_char;

use t1053::Format;
use t1053::event::{Event, EventKind, Field, Platform};
use t1053::rule::Operation;

use crate::guard::{guard, status};
use crate::pointer::{self, t1053_text};
use crate::status::t1053_status;

/// The shape of raw records.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_format {
    /// Each record tells its own.
    T1053_FORMAT_AUTO = 0,
    /// JSON: NXLog, Winlogbeat, ECS, evtx_dump, Wazuh, Sentinel, OCSF,
    /// Laurel, auditbeat, auoms, Azure activity; an object may stand behind
    /// a syslog prefix.
    T1053_FORMAT_JSON = 1,
    /// Windows event XML, also of Sysmon for Linux, with or without a
    /// syslog prefix.
    T1053_FORMAT_XML = 2,
    /// Windows events as blocks of text: classic `LogName=`/`EventCode=`,
    /// what wevtutil and the Event Viewer write, `Format-List`. Lines of
    /// Snare, CEF and their kin, and tables, are told by
    /// `T1053_FORMAT_AUTO` alone.
    T1053_FORMAT_WINEVENTLOG = 3,
    /// auditd lines, raw, enriched or interpreted.
    T1053_FORMAT_AUDITD = 4,
}

const FORMATS: &[(t1053_format, Format)] = &[
    (t1053_format::T1053_FORMAT_AUTO, Format::Auto),
    (t1053_format::T1053_FORMAT_JSON, Format::Json),
    (t1053_format::T1053_FORMAT_XML, Format::Xml),
    (t1053_format::T1053_FORMAT_WINEVENTLOG, Format::WinEventLog),
    (t1053_format::T1053_FORMAT_AUDITD, Format::Auditd),
];

/// How an exclusion compares a value with its pattern, ignoring ASCII case.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_operation {
    /// The value is the pattern.
    T1053_OPERATION_EQUALS = 1,
    /// The value begins with the pattern.
    T1053_OPERATION_STARTS_WITH = 2,
    /// The value ends with the pattern.
    T1053_OPERATION_ENDS_WITH = 3,
    /// The pattern occurs in the value.
    T1053_OPERATION_CONTAINS = 4,
    /// The value's last path component, split at `/` and `\`, is the pattern.
    T1053_OPERATION_NAME = 5,
    /// The pattern is a wildcard expression for the whole value: `*` is any
    /// run of bytes, `?` any one byte, `\` makes the next of these plain.
    T1053_OPERATION_LIKE = 6,
    /// The pattern occurs, and is no part of a longer word.
    T1053_OPERATION_TOKEN = 7,
}

const OPERATIONS: &[(t1053_operation, Operation)] = &[
    (t1053_operation::T1053_OPERATION_EQUALS, Operation::Equals),
    (t1053_operation::T1053_OPERATION_STARTS_WITH, Operation::StartsWith),
    (t1053_operation::T1053_OPERATION_ENDS_WITH, Operation::EndsWith),
    (t1053_operation::T1053_OPERATION_CONTAINS, Operation::Contains),
    (t1053_operation::T1053_OPERATION_NAME, Operation::Name),
    (t1053_operation::T1053_OPERATION_LIKE, Operation::Like),
    (t1053_operation::T1053_OPERATION_TOKEN, Operation::Token),
];

pub(crate) fn platform(number: u32) -> Result<Platform, t1053_status> {
    let found = Platform::from_number(number);
    found.ok_or(t1053_status::T1053_UNKNOWN_PLATFORM)
}

pub(crate) fn format(number: u32) -> Result<Format, t1053_status> {
    let found = FORMATS.iter().find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_FORMAT)
}

pub(crate) fn operation(number: u32) -> Result<Operation, t1053_status> {
    let mut all = OPERATIONS.iter();
    let found = all.find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_OPERATION)
}

pub(crate) fn kind(number: u32) -> Result<EventKind, t1053_status> {
    let found = EventKind::from_number(number);
    found.ok_or(t1053_status::T1053_UNKNOWN_EVENT_KIND)
}

pub(crate) fn field(number: u32) -> Result<Field, t1053_status> {
    let found = Field::from_number(number);
    found.ok_or(t1053_status::T1053_UNKNOWN_FIELD)
}

/// Finds the number of a field from its name in rules, such as `Image`:
/// for callers whose names come from a configuration.
///
/// Writes `*field` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_field_from_name(
    name: *const c_char,
    name_len: usize,
    field: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let field = unsafe { pointer::place(field) }?;
        let mut all = Field::ALL.iter();
        let found = all.find(|field| field.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        field.write(found.number());
        Ok(())
    })
}

/// The name of a field in rules and findings; `data` is NULL when there is no
/// such field.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_field_name(field: u32) -> t1053_text {
    guard(t1053_text::NONE, || {
        let name = self::field(field).map(Field::name);
        name.map_or(t1053_text::NONE, t1053_text::of)
    })
}

/// Finds the number of a kind of event from its name in findings and
/// samples, such as `process_creation`.
///
/// Writes `*kind` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_kind_from_name(
    name: *const c_char,
    name_len: usize,
    kind: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let kind = unsafe { pointer::place(kind) }?;
        let mut all = EventKind::ALL.iter();
        let found = all.find(|kind| kind.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        kind.write(found.number());
        Ok(())
    })
}

/// The name of a kind of event; `data` is NULL when there is no such kind.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_kind_name(kind: u32) -> t1053_text {
    guard(t1053_text::NONE, || {
        let name = self::kind(kind).map(EventKind::name);
        name.map_or(t1053_text::NONE, t1053_text::of)
    })
}

/// Whether events of a kind have a field: T1053_OK, else
/// T1053_FIELD_NOT_OF_KIND, or what is unknown of the two.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_kind_has_field(kind: u32, field: u32) -> t1053_status {
    status(|| {
        let (kind, field) = (self::kind(kind)?, self::field(field)?);
        // Whether it can be set: parts of a task definition cannot.
        let mut event = Event::new(Platform::Windows, kind);
        let set = event.set(field, b"");
        set.map_err(|_| t1053_status::T1053_FIELD_NOT_OF_KIND)
    })
}

/// Finds the number of a format from its name: `auto`, `json`, `xml`,
/// `wineventlog`, `auditd`.
///
/// Writes `*format` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_format_from_name(
    name: *const c_char,
    name_len: usize,
    format: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let format = unsafe { pointer::place(format) }?;
        let mut all = FORMATS.iter();
        let found = all.find(|it| it.1.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        format.write(found.0 as u32);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete() {
        let formats = FORMATS.iter().map(|row| row.1);
        assert_eq!(formats.collect::<Vec<_>>(), Format::ALL);
    }
}
