/*!
Parts of scripts, which are read whatever is in them.

PowerShell logs a long script in several records, which are joined. Most scripts
are one record, and its `MessageTotal` says so: that one is judged by what is
in it.
*/

use memchr::memmem;

use crate::bytes;
use crate::event::{EventKind, EventKinds};
use crate::record::{self, Format};

/// What tells whether a record is one of several parts.
#[derive(Debug)]
pub(super) struct Parts {
    format: Format,
    /// Ids of events of script blocks.
    ids: Vec<u32>,
    total: memmem::Finder<'static>,
}

impl Parts {
    /// What tells it, if scripts are among the kinds of event that records are
    /// joined to, and records of the format say so.
    pub(super) fn new(joined: EventKinds, format: Format) -> Option<Parts> {
        let is_of_windows = matches!(format, Format::Json | Format::Xml);
        let is_asked = joined.contains(EventKind::ScriptBlock);
        (is_of_windows && is_asked).then(|| {
            let ids = record::ids_of(EventKind::ScriptBlock);
            debug_assert!(ids.is_some(), "script blocks have no ids");
            let ids = ids.unwrap_or_default().into_iter().collect();
            let total = memmem::Finder::new("MessageTotal");
            Parts { format, ids, total }
        })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.ids.iter().copied()
    }

    /// Whether an id among some is that of a script block.
    pub(super) fn have_id_of(&self, ids: &[u32]) -> bool {
        self.ids.iter().any(|id| ids.contains(id))
    }

    /// Whether a record, of an event with such an id, may be one of several
    /// parts: it is not if what is called so says 1.
    ///
    /// The text of a script is anyone's, and may quote another record. In JSON
    /// its quotes are escaped, so none of it is taken for a member; in XML no
    /// text has an opening tag, and what looks like the rest of one is taken
    /// for part of it only where it says anything but 1.
    pub(super) fn may_be(&self, record: &[u8]) -> bool {
        let length = self.total.needle().len();
        let mut is_single = false;
        for at in self.total.find_iter(record) {
            let end = at.saturating_add(length);
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            let (value, is_own) = match self.format {
                Format::Xml => (in_element(after), is_data(before)),
                _ => (of_member(after), true),
            };
            match value.map(is_one) {
                Some(true) => is_single |= is_own,
                Some(false) => return true,
                None => {}
            }
        }
        !is_single
    }
}

/// What follows a member's name, if it is one.
fn of_member(after: &[u8]) -> Option<&[u8]> {
    let value = after.strip_prefix(b"\"")?.trim_ascii_start();
    Some(value.strip_prefix(b":")?.trim_ascii_start())
}

/// What an element of a name holds, of which what follows the name is given.
fn in_element(after: &[u8]) -> Option<&[u8]> {
    let (quote, rest) = after.split_first()?;
    let value = rest.trim_ascii_start().strip_prefix(b">")?;
    matches!(quote, b'"' | b'\'').then(|| value.trim_ascii_start())
}

/// Whether what stands before a name begins an element of that name.
fn is_data(before: &[u8]) -> bool {
    let (_, tag) = before.split_last().unwrap_or((&0, b""));
    tag.ends_with(b"<Data Name=")
}

/// Whether a value is 1.
fn is_one(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let after = bytes::after(value, 0).first();
    value.first() == Some(&b'1')
        && matches!(after, Some(b'"' | b',' | b'}' | b'<'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_plainly_is_a_single_part() {
        let joined = EventKinds::NONE.with(EventKind::ScriptBlock);
        assert!(Parts::new(joined, Format::Auditd).is_none());
        assert!(Parts::new(EventKinds::NONE, Format::Json).is_none());
        for (format, record, may_be) in [
            (Format::Json, r#"{"MessageTotal":1,"x":2}"#, false),
            (Format::Json, r#"{"MessageTotal" : "1"}"#, false),
            (Format::Json, r#"{"MessageTotal":2}"#, true),
            (Format::Json, r#"{"MessageTotal":"12"}"#, true),
            (Format::Json, r#"{"MessageTotal":1.2e1}"#, true),
            (Format::Json, r#"{"x":"(1 of 1)"}"#, true),
            (Format::Json, r#"{"x":"\"MessageTotal\":\"1\","}"#, true),
            (Format::Json, r#"{"x":"MessageTotal","MessageTotal":1}"#, false),
            (
                Format::Json,
                r#"{"x":"\"MessageTotal\":9","MessageTotal":1}"#,
                false,
            ),
            (Format::Json, r#"[{"MessageTotal":1},{"MessageTotal":2}]"#, true),
            (Format::Json, r#"{"Name":"MessageTotal","Value":"2"}"#, true),
            (Format::Json, r#"{"MessageTotal":"#, true),
            (Format::Json, "", true),
            (Format::Xml, "<Data Name='MessageTotal'>1</Data>", false),
            (Format::Xml, "<Data Name=\"MessageTotal\">1</Data>", false),
            (Format::Xml, "<Data Name='MessageTotal'>2</Data>", true),
            (Format::Xml, "<Data Name='x'>Name='MessageTotal'>1</Data>", true),
            (
                Format::Xml,
                "<Data Name='MessageTotal'>2</Data>\
                 <Data Name='x'>Name='MessageTotal'>1&lt;</Data>",
                true,
            ),
            (Format::Xml, "<Data>2</Data>", true),
        ] {
            let parts = Parts::new(joined, format).unwrap();
            assert_eq!(parts.may_be(record.as_bytes()), may_be, "{record}");
        }
    }
}
