/*!
JSON records of every shape.

One walk over a record gathers the values that any shape may have in it
([`gather`](super::gather)); what was gathered tells what the record is
([`told`](super::told)). Whatever else it holds is passed over unread.
*/

use core::mem;

use crate::Timestamp;
use crate::event::Event;

use super::around::Around;
use super::audit_json::{AuditEvent, AuditValues};
use super::beginning::{
    MOST_BEGINNING, beginning, begins_in_base64, begins_text, may_be_record,
};
use super::columns::{self, Columns};
use super::context::{Context, Reading, Rows, Sink};
use super::decode::Decoded;
use super::detect::{begins_record, detect};
use super::error::{RecordError, RecordErrorKind};
use super::format::Format;
use super::found::MOST_TEXT;
use super::gather::{Open, Stop, Walk};
use super::journal_text::{self, journal_form};
use super::keys::{AuditKey, Key};
use super::member_names::MemberNames;
use super::members::Members;
use super::message::read_message;
use super::names::{Place, WINDOWS};
use super::plain::{self, Renaming};
use super::prefix::{BOM, begins_header, carried_object};
use super::raw::{Encoding, Raw};
use super::rewritten::{How, Rewritten};
use super::syntax::json::{Cursor, Value};
use super::told::{Told, What};
use super::windows::{Head, Made, WindowsRecord, is_known_channel};
use super::{
    audit_line, auditd, host_line, inserts, printed, summary, windows_text,
    windows_xml,
};

/// Most records in records: twice what any known chain of collectors makes.
/// What is inside a record that is nothing by itself is read once more for
/// each of them, so this also bounds the time.
pub(crate) const MOST_WRAPPED: usize = 8;

/// Reads one record.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    read_wrapped(record, 0, How::OUTERMOST, context, sink)
}

/// Reads a record that stands in so many others; whether it may be written
/// once more, and whether an event without values is one.
fn read_wrapped(
    record: &[u8],
    wrapped: usize,
    how: How,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    if record.len() > MOST_TEXT {
        return Err(RecordError::new(RecordErrorKind::TooLarge, MOST_TEXT));
    }
    if printed::is_printed(record)
        && let Some((text, mut context)) = context.inside()
    {
        printed::write(record, text);
        let wrapped = wrapped.saturating_add(1);
        let read = read_wrapped(text, wrapped, how, &mut context, sink);
        // Places in the object are none in the line.
        return read.map_err(|error| RecordError::new(error.kind(), 0));
    }
    if let Some(form) = journal_form(record)
        && let Some((text, mut context)) = context.inside()
    {
        journal_text::write(record, form, text);
        let wrapped = wrapped.saturating_add(1);
        return read_wrapped(text, wrapped, how, &mut context, sink);
    }
    let behind_header = carried_object(record);
    let mut reader = JsonReader {
        record,
        cursor: behind_header
            .map_or(Cursor::new(record), |at| Cursor::at(record, at)),
        context,
        sink,
        reading: Reading::default(),
        items: 0,
        wrapper_time: None,
        error: None,
        how,
    };
    reader.all(Position::Whole, wrapped)
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// It is the whole text.
    Whole,
    /// In a list.
    Item,
    /// It is a member of another.
    Member,
}

/// Reads one JSON text.
struct JsonReader<'r, 'a, 'c, 's> {
    record: &'a [u8],
    cursor: Cursor<'a>,
    context: &'r mut Context<'c>,
    sink: &'r mut Sink<'s>,
    reading: Reading,
    /// How many items came before.
    items: u32,
    /// When it was, according to what wraps the items.
    wrapper_time: Option<Timestamp>,
    /// The first error in an item that kept no other from being read.
    error: Option<RecordError>,
    how: How,
}

impl<'a> JsonReader<'_, 'a, '_, '_> {
    /// Reads the record, or the list of records, that comes next, and
    /// returns all that it held.
    fn all(
        &mut self,
        position: Position,
        wrapped: usize,
    ) -> Result<Reading, RecordError> {
        let found = self.context.found.len();
        let read = self.texts(position, wrapped);
        self.context.found.truncate(found);
        read?;
        self.error.map_or(Ok(self.reading), Err)
    }

    /// Reads the record, or the list of records, that comes next; of a whole
    /// text all that are joined on its line.
    fn texts(
        &mut self,
        position: Position,
        wrapped: usize,
    ) -> Result<(), RecordError> {
        self.item(position, wrapped)?;
        while position == Position::Whole && self.cursor.joined()? {
            self.item(Position::Item, wrapped)?;
        }
        Ok(())
    }

    /// Reads the record, or the list of records, that comes next.
    fn item(
        &mut self,
        position: Position,
        wrapped: usize,
    ) -> Result<(), RecordError> {
        let start = self.cursor.clone();
        let items = self.items;
        let record = Open { place: Place::RECORD, array: false };
        let mut walk = Walk::new(record, self.context.found);
        match self.cursor.value()? {
            Value::Object => self.walk(&mut walk, wrapped)?,
            Value::Array if wrapped < MOST_WRAPPED => self.items(wrapped)?,
            array @ Value::Array => self.cursor.close(array)?,
            _ => {}
        }
        // Of several on a line each is an item.
        let is_item = match position {
            // What follows and is none is told of once this is delivered.
            Position::Whole => self.cursor.clone().joined().unwrap_or(false),
            Position::Item => true,
            Position::Member => false,
        };
        self.deliver(&walk, start, None, items, is_item, wrapped);
        Ok(())
    }

    /// Reads the items of the array last opened.
    fn items(&mut self, wrapped: usize) -> Result<(), RecordError> {
        while self.cursor.element()? {
            self.item(Position::Item, wrapped.saturating_add(1))?;
        }
        Ok(())
    }

    /// Gathers the values of what was opened last.
    fn walk(
        &mut self,
        walk: &mut Walk<'_>,
        wrapped: usize,
    ) -> Result<(), RecordError> {
        loop {
            let found = &mut *self.context.found;
            let stop = walk.run(&mut self.cursor, self.record, found)?;
            if stop == Stop::End {
                return Ok(());
            }
            if wrapped >= MOST_WRAPPED {
                self.cursor.close(Value::Array)?;
                continue;
            }
            let gathered = walk.gathered(self.record, self.context.found);
            let windows = gathered.event(WINDOWS);
            self.wrapper_time = windows.time().or(self.wrapper_time);
            let around = Around::of(&windows);
            let cursor = self.cursor.clone();
            let read = self.within(cursor, &around, None, |inner| {
                let read = match stop {
                    Stop::Records => inner.items(wrapped),
                    _ => inner.tables(wrapped),
                };
                let cursor = inner.cursor.clone();
                read.map(|()| (cursor, inner.reading, inner.error))
            });
            let (cursor, reading, error) = read?;
            self.cursor = cursor;
            self.reading.add(reading);
            self.error = self.error.or(error);
        }
    }

    /// Reads what stands in another record: with a reader of its own, whose
    /// events get from the record around them what they do not say.
    fn within<R>(
        &mut self,
        at: Cursor<'a>,
        around: &Around<'a>,
        item: Option<u32>,
        read: impl FnOnce(&mut JsonReader<'_, 'a, '_, '_>) -> R,
    ) -> R {
        let outer = &mut *self.sink;
        let mut inner = JsonReader {
            record: self.record,
            cursor: at,
            context: &mut *self.context,
            sink: &mut |inner: Option<u32>, event: &Event<'_>| {
                outer(item.or(inner), &around.complete(event));
            },
            reading: Reading::default(),
            items: self.items,
            wrapper_time: self.wrapper_time,
            error: None,
            how: self.how,
        };
        let read = read(&mut inner);
        self.items = inner.items;
        read
    }

    /// Reads the tables in the array last opened.
    fn tables(&mut self, wrapped: usize) -> Result<(), RecordError> {
        while self.cursor.element()? {
            match self.cursor.value()? {
                Value::Object => self.table(wrapped)?,
                array @ Value::Array => self.cursor.close(array)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the table last opened: the names of its columns, and its rows,
    /// each of which is a record.
    fn table(&mut self, wrapped: usize) -> Result<(), RecordError> {
        let mut columns = Columns::new();
        let mut early = None;
        while let Some(name) = self.cursor.member()? {
            match name {
                _ if columns::are_columns(name) => {
                    columns.read(&mut self.cursor)?;
                }
                _ if !columns::are_rows(name) => {}
                _ if columns.is_empty() => {
                    // What is not read now is passed over.
                    early = Some(self.cursor.clone());
                }
                _ => self.rows(&columns, wrapped)?,
            }
        }
        if let Some(rows) = early {
            let end = mem::replace(&mut self.cursor, rows);
            self.rows(&columns, wrapped)?;
            self.cursor = end;
        }
        Ok(())
    }

    /// Reads the rows that come next.
    fn rows(
        &mut self,
        columns: &Columns<'a>,
        wrapped: usize,
    ) -> Result<(), RecordError> {
        let rows = self.cursor.value()?;
        if rows == Value::Object {
            return self.cursor.close(rows);
        }
        while rows == Value::Array && self.cursor.element()? {
            let start = self.cursor.clone();
            let items = self.items;
            let mut walk =
                Walk::over_row(columns.places(), self.context.found);
            match self.cursor.value()? {
                Value::Array => self.walk(&mut walk, wrapped)?,
                object @ Value::Object => self.cursor.close(object)?,
                _ => {}
            }
            let wrapped = wrapped.saturating_add(1);
            let columns = Some(columns);
            self.deliver(&walk, start, columns, items, true, wrapped);
        }
        Ok(())
    }

    /// Hands over what a record holds, and forgets its values. `start` is
    /// where it begins, `columns` what names its values if it is a row,
    /// `items` how many items there were before it.
    fn deliver(
        &mut self,
        walk: &Walk<'_>,
        start: Cursor<'a>,
        columns: Option<&Columns<'a>>,
        items: u32,
        is_item: bool,
        wrapped: usize,
    ) {
        let gathered = walk.gathered(self.record, self.context.found);
        let head = gathered.head();
        let told = Told::of(&gathered, &head);
        // What wraps others is rarely a record itself.
        let is_wrapper = self.items != items;
        if !is_wrapper || matches!(told.what, What::Log(_)) {
            let item = is_item.then_some(self.items);
            self.items = self.items.saturating_add(u32::from(is_item));
            let is_bare = matches!(told.what, What::Log(_))
                && gathered.is_bare()
                && is_silent(&head);
            let may_rewrite = self.how.may_rewrite && wrapped < MOST_WRAPPED;
            let is_folded = walk.is_folded();
            // Its members are those of a shape, each with the values of all.
            let is_by_columns = !matches!(told.what, What::Log(_))
                && may_rewrite
                && plain::is_by_columns(start.clone());
            let plain = (is_folded || is_bare || is_by_columns).then(|| {
                let start = start.clone();
                let renaming = match (is_bare, is_by_columns) {
                    (true, _) => Renaming::ForValues,
                    (_, true) => Renaming::Always,
                    _ => Renaming::Never,
                };
                self.in_plain(start, walk, columns, item, wrapped, renaming)
            });
            let plain = plain.flatten().filter(|read| read.events > 0);
            let mut read = match (plain, self.context.names) {
                (Some(read), _) => Ok(read),
                (None, _) if is_bare && !self.how.takes_bare => Ok(Reading {
                    not_understood: 1,
                    has_bare: true,
                    ..Reading::of(false)
                }),
                (None, Some(names)) => {
                    let start = start.clone();
                    self.with_members(names, start, &head, |reader| {
                        reader.read_told(told, walk, &head, item, wrapped)
                    })
                }
                (None, None) => {
                    self.read_told(told, walk, &head, item, wrapped)
                }
            };
            if let Ok(read) = &mut read {
                read.is_folded |= is_folded && !may_rewrite;
            }
            // What a record of a known shape holds is its own affair.
            let is_known = told.is_understood || says_its_id(&head);
            if matches!(read, Ok(read) if read.is_to_be_rewritten()) {
                // A known shape's members may be spelled otherwise.
                let renaming = match says_its_id(&head) {
                    true => Renaming::Never,
                    false if is_known => Renaming::OfKnown,
                    false => Renaming::Always,
                };
                let looks_inside = self.how.looks_inside && !is_known;
                let inside = |reader: &mut Self, takes_bare| {
                    if !looks_inside {
                        return (None, false);
                    }
                    let outer =
                        mem::replace(&mut reader.how.takes_bare, takes_bare);
                    let start = start.clone();
                    let read = reader.inside(start, walk, item, wrapped);
                    reader.how.takes_bare = outer;
                    match read {
                        Ok((read, has_bare)) => (read.map(Ok), has_bare),
                        Err(error) => (Some(Err(error)), false),
                    }
                };
                // What stands in another is looked into once, in the way
                // that the outermost is.
                let takes_bare = self.how.takes_bare && !self.how.may_rewrite;
                let (first, has_bare) = inside(self, takes_bare);
                let is_read = first.is_some_and(|read| {
                    read.is_ok_and(|read| !read.is_to_be_rewritten())
                        || read.is_err()
                });
                let better = match is_read {
                    true => first,
                    false => self
                        .in_plain(
                            start.clone(),
                            walk,
                            columns,
                            item,
                            wrapped,
                            renaming,
                        )
                        .map(Ok)
                        .or(first)
                        .or_else(|| match has_bare && self.how.may_rewrite {
                            true => inside(self, self.how.takes_bare).0,
                            false => None,
                        }),
                };
                // The outermost may take them.
                if let Ok(read) = &mut read {
                    read.has_bare |= has_bare;
                }
                read = better.unwrap_or(match read {
                    Ok(read) if told.is_of_shape && !is_known => {
                        Ok(Reading { not_understood: 0, ..read })
                    }
                    read => read,
                });
            }
            match read {
                Ok(reading) => self.reading.add(reading),
                Err(error) => self.error = self.error.or(Some(error)),
            }
        }
        walk.end(self.context.found);
    }

    /// Reads a record whose events have members besides their fields.
    #[inline(never)]
    fn with_members(
        &mut self,
        names: &MemberNames,
        start: Cursor<'a>,
        head: &Head<'a>,
        read: impl FnOnce(
            &mut JsonReader<'_, 'a, '_, '_>,
        ) -> Result<Reading, RecordError>,
    ) -> Result<Reading, RecordError> {
        let buffer = self.context.members.pop().unwrap_or_default();
        let mut members = Members::new(names, buffer);
        members.provider(head.get(Key::Provider as usize));
        // What is broken was or will be told.
        let _ = members.read_json(start);
        if let Err(error) = members.check() {
            self.error = self.error.or(Some(error));
        }
        let mut result = Ok(Reading::default());
        let outer = &mut *self.sink;
        let JsonReader { record, context, items, wrapper_time, .. } = self;
        let buffer = members.give(outer, |sink| {
            let mut inner = JsonReader {
                record,
                cursor: Cursor::new(b""),
                context,
                sink,
                reading: Reading::default(),
                items: *items,
                wrapper_time: *wrapper_time,
                error: None,
                how: How {
                    may_rewrite: false,
                    looks_inside: true,
                    ..self.how
                },
            };
            result = read(&mut inner);
        });
        self.context.members.push(buffer);
        result
    }

    /// Hands over what a record was told to be.
    fn read_told(
        &mut self,
        told: Told,
        walk: &Walk<'_>,
        head: &Head<'a>,
        item: Option<u32>,
        wrapped: usize,
    ) -> Result<Reading, RecordError> {
        let is_told = told.what != What::Nothing;
        if let Some(original) = head.get(Key::Original as usize) {
            // Of a record that says itself what it is this may be a text,
            // and whom it quotes may have put another record in there.
            let whole = is_told || says_its_id(head);
            match self.embedded(original, walk, item, wrapped, whole) {
                Some(Ok(reading)) if reading.events > 0 || !is_told => {
                    return Ok(reading);
                }
                Some(Err(error)) if !is_told => return Err(error),
                _ => {}
            }
        }
        let gathered = walk.gathered(self.record, self.context.found);
        match told.what {
            What::Log(kind) if !self.context.wanted.contains(kind) => {
                Ok(Reading::of(false))
            }
            What::Log(_) => self.log(walk, item),
            What::Event { kind, .. }
                if !self.context.wanted.contains(kind) =>
            {
                Ok(Reading::of(false))
            }
            What::Event { tag, kind, platform, words } => {
                let made = Made { kind, platform, words };
                let text = gathered.text(tag);
                self.event(walk, tag, text, made, item)
            }
            What::Audit { tag } => {
                let event = AuditEvent(gathered.audit(tag));
                let time = self.wrapper_time;
                let sink = &mut *self.sink;
                Ok(event.read(self.context, &mut |event: &Event<'_>| {
                    let time = event.time.or(time);
                    sink(item, &Event { time, ..*event });
                }))
            }
            What::AuditLine { tag } => {
                self.audit_line(&gathered.audit(tag), item)
            }
            What::HostLine { tag } => Ok(self.host_line(walk, tag, item)),
            What::Nothing => {
                let read = self.nothing(told, walk, head, item, wrapped);
                if read.events > 0 {
                    return Ok(read);
                }
                let is_told = self.context.log_source.is_some();
                // Of a log that is none of Windows' the caller knows more.
                let is_log = |channel| !is_told || is_known_channel(channel);
                let channel = head.get(Key::Channel as usize);
                if self.context.wants_generic()
                    && says_its_id(head)
                    && channel.is_some_and(is_log)
                {
                    return self.log(walk, item);
                }
                if !is_told {
                    return Ok(read);
                }
                let gathered = walk.gathered(self.record, self.context.found);
                let windows = gathered.event(WINDOWS);
                Ok(windows.read_told(read, item, self.context, self.sink))
            }
        }
    }

    /// Reads what stands in a record that is nothing by itself.
    fn nothing(
        &mut self,
        told: Told,
        walk: &Walk<'_>,
        head: &Head<'a>,
        item: Option<u32>,
        wrapped: usize,
    ) -> Reading {
        // An event that has an id says itself what it is.
        let has_id = says_its_id(head);
        let message = head
            .get(Key::Message as usize)
            .filter(|message| !has_id && may_be_record(message.bytes));
        let embedded = message.and_then(|message| {
            self.embedded(message, walk, item, wrapped, false)
        });
        // A message need not be a record, however it begins.
        if let Some(Ok(reading)) = embedded {
            return reading;
        }
        let not_understood = u32::from(!told.is_understood);
        Reading { not_understood, ..Reading::of(false) }
    }

    /// Reads what stands in the members of a record that is nothing by
    /// itself, whatever their names are: objects, lists, and strings that are
    /// records. `None` when none of them is anything either. Tells also
    /// whether an event was passed over that holds no value of its own.
    fn inside(
        &mut self,
        start: Cursor<'a>,
        walk: &Walk<'_>,
        item: Option<u32>,
        wrapped: usize,
    ) -> Result<(Option<Reading>, bool), RecordError> {
        let mut cursor = start;
        let (mut inside, mut has_bare) = (None, false);
        let mut add = |read: Option<Reading>| {
            has_bare |= read.is_some_and(|read| read.has_bare);
            if let Some(read) = read.filter(Reading::is_understood) {
                inside.get_or_insert(Reading::default()).add(read);
            }
        };
        match cursor.value()? {
            _ if wrapped >= MOST_WRAPPED => {}
            Value::String(text) => {
                add(self.string(text, walk, item, wrapped));
            }
            Value::Object if columns::is_table(cursor.clone()) => {
                let gathered = walk.gathered(self.record, self.context.found);
                let around = Around::of(&gathered.event(WINDOWS));
                let wrapped = wrapped.saturating_add(1);
                let read = self.within(cursor, &around, item, |inner| {
                    inner.table(wrapped)?;
                    inner.error.map_or(Ok(inner.reading), Err)
                });
                add(Some(read?));
            }
            // The array is a row of a table: of any other the elements are
            // read one by one.
            opened @ (Value::Object | Value::Array) => {
                while match opened {
                    Value::Object => cursor.member()?.is_some(),
                    _ => cursor.element()?,
                } {
                    let at = cursor.clone();
                    let value = cursor.value()?;
                    match value {
                        Value::Object | Value::Array => {
                            cursor.close(value)?;
                            add(Some(self.member(at, walk, item, wrapped)?));
                        }
                        Value::String(text) => {
                            add(self.string(text, walk, item, wrapped));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok((inside, has_bare))
    }

    /// Reads a record that is nothing as it stands once it is written in other
    /// ways. `None` when it is nothing then either.
    fn in_plain(
        &mut self,
        mut start: Cursor<'a>,
        walk: &Walk<'_>,
        columns: Option<&Columns<'a>>,
        item: Option<u32>,
        wrapped: usize,
        renaming: Renaming,
    ) -> Option<Reading> {
        if !self.how.may_rewrite || wrapped >= MOST_WRAPPED {
            return None;
        }
        let mut end = start.clone();
        end.skip().ok()?;
        let [from, to] = [start.offset(), end.offset()];
        let record = self.record.get(from..to)?;
        let gathered = walk.gathered(self.record, self.context.found);
        let around = Around::of(&gathered.event(WINDOWS));
        let time = self.wrapper_time;
        let outer = &mut *self.sink;
        let mut sink = |inner: Option<u32>, event: &Event<'_>| {
            outer(item.or(inner), &around.complete(event));
        };
        let mut names = columns.map(Columns::names);
        let columns = names.as_mut().map(|names| names as _);
        let rewritten = Rewritten { record, start, columns, renaming };
        let mut read = |text: &[u8], how: How, context: &mut Context<'_>| {
            // The log source was told of the record as it stands.
            let log_source = context.log_source.take();
            let mut reader = JsonReader {
                record: text,
                cursor: Cursor::new(text),
                context,
                sink: &mut sink,
                reading: Reading::default(),
                items: 0,
                wrapper_time: time,
                error: None,
                how,
            };
            let read =
                reader.item(Position::Member, wrapped.saturating_add(1));
            let reading = reader.reading;
            context.log_source = log_source;
            (read.is_ok() && reading.is_understood()).then_some(reading)
        };
        rewritten.read(self.context, &mut read)
    }

    /// Reads a string that may be a record, all of it: what quotes one is
    /// none. Text need not be a record either, however it begins.
    fn string(
        &mut self,
        text: &'a [u8],
        walk: &Walk<'_>,
        item: Option<u32>,
        wrapped: usize,
    ) -> Option<Reading> {
        let scratch = &mut [0; MOST_BEGINNING];
        let start = beginning(text, scratch);
        if begins_in_base64(start) {
            let raw = Raw { bytes: text, encoding: Encoding::Base64 };
            let read = self.embedded(raw, walk, item, wrapped, true)?.ok()?;
            return Some(Reading { is_disguised: true, ..read });
        }
        let has_header = begins_header(start);
        if !has_header && !begins_record(start) && !begins_text(start) {
            return None;
        }
        let raw = Raw { bytes: text, encoding: Encoding::Json };
        self.embedded(raw, walk, item, wrapped, !has_header)?.ok()
    }

    /// Reads an object or a list that is a member of a record.
    fn member(
        &mut self,
        at: Cursor<'a>,
        walk: &Walk<'_>,
        item: Option<u32>,
        wrapped: usize,
    ) -> Result<Reading, RecordError> {
        let gathered = walk.gathered(self.record, self.context.found);
        let around = Around::of(&gathered.event(WINDOWS));
        let wrapped = wrapped.saturating_add(1);
        self.within(at, &around, item, |inner| {
            inner.how.may_rewrite = false;
            inner.all(Position::Member, wrapped)
        })
    }

    /// Hands over a Windows event, whose data may be an XML element in a
    /// string.
    fn log(
        &mut self,
        walk: &Walk<'_>,
        item: Option<u32>,
    ) -> Result<Reading, RecordError> {
        let gathered = walk.gathered(self.record, self.context.found);
        let mut windows = gathered.event(WINDOWS);
        if is_repeated(&windows, self.context.rows) {
            return Ok(Reading::of(false));
        }
        inserts::name(&mut windows);
        let data = windows.get(Key::DataText);
        let data = data.filter(|data| data.encoding != Encoding::List);
        if data.is_none() && !windows.is_hollow() {
            let is_event = windows.emit(item, self.context, self.sink);
            return Ok(Reading::of(is_event));
        }
        let mut data_buffer = mem::take(self.context.scratch);
        let mut message_buffer = self.take_inner();
        let read = self.completed(
            windows,
            data,
            [&mut data_buffer, &mut message_buffer],
            item,
        );
        self.give_back_inner(message_buffer);
        *self.context.scratch = data_buffer;
        read.map(Reading::of)
    }

    /// Hands over another event, some of whose values may stand in an object
    /// that is a text.
    fn event(
        &mut self,
        walk: &Walk<'_>,
        tag: u8,
        text: Option<(Raw<'a>, Place)>,
        made: Made,
        item: Option<u32>,
    ) -> Result<Reading, RecordError> {
        let mut decoded = mem::take(self.context.scratch);
        decoded.clear();
        let gathered = walk.gathered(self.record, self.context.found);
        let mut values = gathered.event(tag);
        if let Some((raw, object)) = text {
            let text = Decoded::from_raw(raw, &mut decoded).resolve(&decoded);
            let found = &mut *self.context.found;
            let object = Open { place: object, array: false };
            let mut inner = Walk::new(object, found);
            let mut cursor = Cursor::new(text);
            // A text need not be an object; what is read of a broken one is
            // better than nothing.
            if matches!(cursor.value(), Ok(Value::Object)) {
                let _ = inner.run(&mut cursor, text, found);
            }
            inner.gathered(text, found).fill(tag, &mut values);
            inner.end(found);
        }
        let reading = values.emit_made(made, item, self.context, self.sink);
        *self.context.scratch = decoded;
        Ok(reading)
    }

    /// Hands over a Windows event with what its data says as a text, or else
    /// its message.
    fn completed<'t>(
        &mut self,
        mut windows: WindowsRecord<'t>,
        data: Option<Raw<'a>>,
        [data_buffer, message_buffer]: [&'t mut Vec<u8>; 2],
        item: Option<u32>,
    ) -> Result<bool, RecordError>
    where
        'a: 't,
    {
        if let Some(raw) = data {
            let text = decoded(raw, data_buffer);
            self.data(text, &mut windows)
                .map_err(|error| self.error_at(raw, error))?;
        }
        let message = windows.get(Key::Message);
        if let Some(message) = message.filter(|_| windows.is_hollow()) {
            let message = decoded(message, message_buffer);
            if let Some((_, kind)) = windows.kind() {
                read_message(kind, message, &mut windows);
            }
        }
        summary::read(&mut windows);
        Ok(windows.emit(item, self.context, self.sink))
    }

    /// Reads an event's data that is a text: an XML element, or a JSON object.
    fn data<'t>(
        &mut self,
        text: &'t [u8],
        windows: &mut WindowsRecord<'t>,
    ) -> Result<(), RecordError> {
        match text.trim_ascii_start().first() {
            Some(b'<') => windows_xml::read_event_data(text, windows),
            Some(b'{') => {
                let record = Open { place: Place::RECORD, array: false };
                let found = &mut *self.context.found;
                let mut walk = Walk::new(record, found);
                let mut cursor = Cursor::new(text);
                cursor.value()?;
                while walk.run(&mut cursor, text, found)? != Stop::End {
                    cursor.close(Value::Array)?;
                }
                windows.fill(&walk.gathered(text, found).event(WINDOWS));
                walk.end(found);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reads an auditd line that stands without its head: puts one before
    /// it.
    fn audit_line(
        &mut self,
        values: &AuditValues<'a>,
        item: Option<u32>,
    ) -> Result<Reading, RecordError> {
        let Some((line, mut context)) = self.context.inside() else {
            return Ok(Reading::of(false));
        };
        if !audit_line::write(values, line) {
            return Ok(Reading { not_understood: 1, ..Reading::of(false) });
        }
        let outer = &mut *self.sink;
        let mut sink = |inner: Option<u32>, event: &Event<'_>| {
            outer(item.or(inner), event);
        };
        auditd::read(line, &mut context, &mut sink).map_err(|error| {
            let raw = values.get(AuditKey::Line as usize);
            raw.map_or(error, |raw| self.error_at(raw, error))
        })
    }

    /// Hands over what a line tells whose program stands beside it.
    fn host_line(
        &mut self,
        walk: &Walk<'_>,
        tag: u8,
        item: Option<u32>,
    ) -> Reading {
        let gathered = walk.gathered(self.record, self.context.found);
        let values = gathered.event(tag);
        let mut buffer = self.take_inner();
        let message = values.get(Key::Message);
        let message =
            message.map_or(&b""[..], |raw| decoded(raw, &mut buffer));
        let scratch = &mut [0; 64];
        let program = values.get(Key::Program);
        let program =
            program.as_ref().map_or(&b""[..], |raw| raw.short(scratch));
        let outer = &mut *self.sink;
        let mut sink = |inner: Option<u32>, event: &Event<'_>| {
            outer(item.or(inner), event);
        };
        let read = host_line::read_message(
            program,
            message,
            values,
            self.context,
            &mut sink,
        );
        self.give_back_inner(buffer);
        debug_assert!(read.is_some(), "a program that is none of those");
        read.unwrap_or(Reading::of(false))
    }

    /// The buffer of the record inside this one, which is not read now.
    fn take_inner(&mut self) -> Vec<u8> {
        self.context.inner.first_mut().map(mem::take).unwrap_or_default()
    }

    fn give_back_inner(&mut self, buffer: Vec<u8>) {
        if let Some(inner) = self.context.inner.first_mut() {
            *inner = buffer;
        }
    }

    /// The error of what is a string in this record. An offset in the string
    /// has no counterpart out here, its beginning has.
    fn error_at(&self, raw: Raw<'a>, error: RecordError) -> RecordError {
        let [start, from] =
            [raw.bytes, self.record].map(|bytes| bytes.as_ptr().addr());
        RecordError::new(error.kind, start.saturating_sub(from))
    }

    /// Reads a record that is a string in this one, or the `whole` of it;
    /// `None` when it is none that is known.
    fn embedded(
        &mut self,
        raw: Raw<'a>,
        walk: &Walk<'_>,
        item: Option<u32>,
        wrapped: usize,
        whole: bool,
    ) -> Option<Result<Reading, RecordError>> {
        if wrapped >= MOST_WRAPPED {
            return None;
        }
        // What the string does not say, the record around it may.
        let gathered = walk.gathered(self.record, self.context.found);
        let around = Around::of(&gathered.event(WINDOWS));
        let (inner, mut context) = self.context.inside()?;
        let context = &mut context;
        let text = Decoded::from_raw(raw, inner);
        let text = text.resolve(inner);
        let text = text.strip_prefix(BOM).unwrap_or(text);
        let outer = &mut *self.sink;
        let mut sink = |inner: Option<u32>, event: &Event<'_>| {
            outer(item.or(inner), &around.complete(event));
        };
        let Some(format) = detect(text) else {
            let host_line::Written::Known(line) = host_line::split(text)?
            else {
                return None;
            };
            let read = host_line::read(&line, text, context, &mut sink);
            return Some(Ok(read));
        };
        if whole && !begins_record(text) {
            return None;
        }
        let read = match format {
            Format::Xml => windows_xml::read(text, context, &mut sink),
            Format::WinEventLog => {
                windows_text::read(text, context, &mut sink)
            }
            Format::Auditd => auditd::read(text, context, &mut sink),
            Format::Json | Format::Auto => {
                let wrapped = wrapped.saturating_add(1);
                // What was encoded stands nowhere else, so that it is written
                // in other ways only once, too.
                let may_rewrite =
                    self.how.may_rewrite && raw.encoding == Encoding::Base64;
                let how = How { may_rewrite, looks_inside: true, ..self.how };
                read_wrapped(text, wrapped, how, context, &mut sink)
            }
        };
        Some(read.map_err(|error| self.error_at(raw, error)))
    }
}

/// Whether a row is one of several for an event, one of which was read.
fn is_repeated(windows: &WindowsRecord<'_>, rows: &mut Rows) -> bool {
    if windows.get(Key::RuleTitle).is_none() {
        return false;
    }
    let of = [Key::Computer, Key::Channel, Key::RecordNumber];
    let [host, log, number] =
        of.map(|key| windows.get(key).map_or(&b""[..], |raw| raw.bytes));
    !number.is_empty() && rows.has_read([host, log, number])
}

/// Whether a record's head holds nothing that would say more.
fn is_silent(head: &Head<'_>) -> bool {
    let texts = [Key::Message, Key::Original];
    texts.iter().all(|key| head.get(*key as usize).is_none())
}

/// Whether a record has the id of an event: a number. Members that are called
/// like one may be others' ids.
fn says_its_id(head: &Head<'_>) -> bool {
    let scratch = &mut [0; 64];
    let id = head.get(Key::EventId as usize);
    let id = id.as_ref().map_or(&b""[..], |id| id.short(scratch));
    id.first().is_some_and(u8::is_ascii_digit)
        && id.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
}

/// The text of a value, in the buffer if it cannot be borrowed.
fn decoded<'b>(raw: Raw<'b>, buffer: &'b mut Vec<u8>) -> &'b [u8] {
    buffer.clear();
    Decoded::from_raw(raw, buffer).resolve(buffer)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::{EventKind, EventKinds, Field};
    use crate::record::Reader;

    /// Each event of a record on a line: item, time, and `name=value` of the
    /// fields that are present.
    pub(crate) fn events(record: &str) -> (Vec<String>, Reading) {
        let (events, reading) = try_events(record.as_bytes());
        (events, reading.unwrap())
    }

    pub(crate) fn event(record: &str) -> String {
        let (mut events, reading) = events(record);
        let Reading { events: read, others, .. } = reading;
        assert_eq!((read, others, events.len()), (1, 0, 1), "{record}");
        events.remove(0)
    }

    fn try_events(
        record: &[u8],
    ) -> (Vec<String>, Result<Reading, RecordError>) {
        read_as(Format::Json, record)
    }

    pub(crate) fn read_as(
        format: Format,
        record: &[u8],
    ) -> (Vec<String>, Result<Reading, RecordError>) {
        let mut events = Vec::new();
        let read = Reader::new().read(format, record, |item, event| {
            let mut line = String::new();
            if let Some(item) = item {
                line += &format!("{item}: ");
            }
            line += &format!("{}/{}", event.platform, event.kind());
            if let Some(time) = event.time {
                line += &format!(" {time}");
            }
            for &field in Field::ALL {
                if let Some(value) = event.get(field) {
                    let value = String::from_utf8_lossy(value);
                    line += &format!(" {field}={value}");
                }
            }
            events.push(line);
        });
        if let Ok(reading) = read {
            assert_eq!(reading.events as usize, events.len());
        }
        (events, read)
    }

    const SYSMON: &str = r#""SourceName":"Microsoft-Windows-Sysmon""#;

    /// Its names would be those of nothing known if they were spelled as
    /// other shapes spell them, and what is nothing is looked into.
    #[test]
    fn what_a_value_of_a_known_shape_quotes_is_no_event_of_its_own() {
        let quoted = r#""type=CWD msg=audit(1.1:1): cwd=\"/\"""#;
        let members = format!(r#""DeviceName":{quoted},"FileName":null"#);
        let known = r#""ActionType":"ProcessCreated","Timestamp":null"#;
        assert_eq!(events(&format!("{{{known},{members}}}")).0.len(), 0);
        assert_eq!(events(&format!("{{{members}}}")).0.len(), 1);
    }

    #[test]
    fn flat() {
        let record = r#"{"EventTime":"2024-02-03 04:05:06","Hostname":"ws1.example","Keywords":-9223372036854775808,"EventType":"INFO","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","ProcessID":2928,"Channel":"Microsoft-Windows-Sysmon\/Operational","Domain":"NT AUTHORITY","AccountName":"SYSTEM","UserID":"S-1-5-18","Message":"Process Create:\r\nImage: C:\\x.exe","UtcTime":"2024-02-03 04:05:05.1","Image":"C:\\Windows\\System32\\schtasks.exe","OriginalFileName":"schtasks.exe","CommandLine":"schtasks /create /tn \"a b\"","ProcessId":"77","User":"EXAMPLE\\ann","ParentImage":"C:\\Windows\\explorer.exe","ParentProcessId":12}"#;
        assert_eq!(
            event(record),
            r#"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=ws1.example User=EXAMPLE\ann UserSid=S-1-5-18 Image=C:\Windows\System32\schtasks.exe CommandLine=schtasks /create /tn "a b" OriginalFileName=schtasks.exe ProcessId=77 ParentImage=C:\Windows\explorer.exe ParentProcessId=12"#
        );
        // The collector's host and time stand back.
        let record = r#"{"host":"collector","port":1,"tags":["x"],"@timestamp":"2024-02-03T04:05:09Z","TimeCreated":"2024-02-03T04:05:06\u002B01:00","Hostname":"ws1","EventID":"4688","Channel":"Security","NewProcessId":"0x20","ProcessId":"0x10","NewProcessName":"C:\\a.exe","SubjectUserName":"bob","SubjectDomainName":"EXAMPLE","ParentProcessName":"C:\\b.exe","MandatoryLabel":"S-1-16-8192"}"#;
        assert_eq!(
            event(record),
            r"windows/process_creation 2024-02-03T03:05:06Z EventID=4688 Channel=Security Computer=ws1 User=EXAMPLE\bob Image=C:\a.exe ProcessId=0x20 IntegrityLevel=S-1-16-8192 ParentImage=C:\b.exe ParentProcessId=0x10 SubjectUserName=bob SubjectDomainName=EXAMPLE"
        );
        let record = r#"{"EventID":4698,"SourceName":"Microsoft-Windows-Security-Auditing","host":"h","EventType":"AUDIT_SUCCESS","TaskName":"\\x","TaskContent":"&lt;Task&gt;\r\n&lt;/Task&gt;"}"#;
        assert_eq!(
            event(record),
            "windows/task_registered EventID=4698 Computer=h TaskName=\\x TaskContent=<Task>\r\n</Task>"
        );
    }

    #[test]
    fn what_a_text_quotes_hides_no_event() {
        for quoted in [
            "type=PATH msg=audit(1.2:3): name=x",
            "<Event><System><EventID>1</EventID></System></Event>",
            r#"x: {\"EventID\":1,\"Channel\":\"Security\"}"#,
        ] {
            for shape in [
                r#""event":{"code":"4699","original":"TEXT"},"winlog":{"channel":"Security"}"#,
                r#""EventID":4699,"Channel":"Security","_raw":"TEXT""#,
                r#""class_uid":1006,"activity_id":3,"raw_data":"TEXT""#,
            ] {
                let text = format!("A task was deleted: {quoted}");
                let record = format!("{{{}}}", shape.replace("TEXT", &text));
                let read = event(&record);
                assert!(read.starts_with("windows/task_deleted"), "{read}");
            }
        }
    }

    #[test]
    fn registry_event_type() {
        for (fields, expected) in [
            (r#""EventID":12,"EventType":"DeleteKey""#, "DeleteKey"),
            (
                r#""EventID":12,"EventType":"INFO","Message":"Registry object added or deleted:\r\nRuleName: \r\nEventType: CreateKey\r\nUtcTime: x""#,
                "CreateKey",
            ),
            (
                r#""EventID":12,"EventType":"INFO","Message":"Registry object added or deleted:\r\n\u0045ventType: CreateKey\r\nUtcTime: x""#,
                "CreateKey",
            ),
            (r#""EventID":13,"EventType":"INFO""#, "SetValue"),
        ] {
            let record = format!("{{{SYSMON},{fields}}}");
            let expected = format!("EventType={expected}");
            assert!(event(&record).contains(&expected), "{record}");
        }
        let record =
            format!(r#"{{{SYSMON},"EventID":12,"EventType":"INFO"}}"#);
        assert!(!event(&record).contains("EventType"));
    }

    #[test]
    fn kinds_of_windows_events() {
        let security = "Microsoft-Windows-Security-Auditing";
        for (provider, id, kind) in [
            ("Microsoft-Windows-Sysmon", 1, "windows/process_creation"),
            ("Microsoft-Windows-Sysmon", 11, "windows/file_creation"),
            ("Microsoft-Windows-Sysmon", 12, "windows/registry_event"),
            ("Microsoft-Windows-Sysmon", 13, "windows/registry_event"),
            ("Microsoft-Windows-Sysmon", 14, "windows/registry_event"),
            ("Linux-Sysmon", 1, "linux/process_creation"),
            ("Linux-Sysmon", 11, "linux/file_creation"),
            (security, 4688, "windows/process_creation"),
            (security, 4698, "windows/task_registered"),
            (security, 4699, "windows/task_deleted"),
            (security, 4700, "windows/task_enabled"),
            (security, 4701, "windows/task_disabled"),
            (security, 4702, "windows/task_updated"),
            ("Microsoft-Windows-PowerShell", 4104, "windows/script_block"),
            ("Microsoft-Windows-TaskScheduler", 7, "windows/task_scheduler"),
        ] {
            let record =
                format!(r#"{{"SourceName":"{provider}","EventID":{id}}}"#);
            let found = event(&record);
            assert_eq!(found.split(' ').next(), Some(kind), "{record}");
        }
        for (provider, id) in [("Linux-Sysmon", 13), (security, 4703)] {
            let record =
                format!(r#"{{"SourceName":"{provider}","EventID":{id}}}"#);
            assert_eq!(events(&record).1.others, 1, "{record}");
        }
    }

    /// Of two accounts that a record names, the kind of event says which.
    #[test]
    fn accounts() {
        let accounts = r#""AccountName":"writer","SubjectUserName":"subject""#;
        for (provider, id, user) in [
            ("Microsoft-Windows-Sysmon", 11, "writer"),
            ("Microsoft-Windows-Sysmon", 13, "writer"),
            ("Microsoft-Windows-PowerShell", 4104, "writer"),
            ("Microsoft-Windows-Security-Auditing", 4698, "subject"),
        ] {
            let record = format!(
                r#"{{"SourceName":"{provider}","EventID":{id},{accounts}}}"#
            );
            let found = event(&record);
            assert!(found.contains(&format!(" User={user}")), "{found}");
        }
    }

    #[test]
    fn from_evtx() {
        let expected = r"windows/task_scheduler 2024-02-03T04:05:06.5Z EventID=106 Channel=Microsoft-Windows-TaskScheduler/Operational Computer=h User=E\a UserSid=S-1-5-18 TaskName=\x";
        let system = r##""Channel":"Microsoft-Windows-TaskScheduler/Operational","Computer":"h","Correlation":null,"Execution":{"#attributes":{"ProcessID":4}}"##;
        let data = r#"{"TaskName":"\\x","UserContext":"E\\a"}"#;
        for (head, data) in [
            (r##""Provider":{"#attributes":{"Name":"Microsoft-Windows-TaskScheduler","Guid":"{0}"}},"EventID":106,"TimeCreated":{"#attributes":{"SystemTime":"2024-02-03T04:05:06.5Z"}},"Security":{"#attributes":{"UserID":"S-1-5-18"}}"##, r##""EventData":{"#attributes":{"Name":"TaskRegisteredEvent"},"TaskName":"\\x","UserContext":"E\\a"}"##.into()),
            (r##""Provider_attributes":{"Name":"Microsoft-Windows-TaskScheduler"},"EventID_attributes":{"Qualifiers":0},"EventID":"106","TimeCreated_attributes":{"SystemTime":"2024-02-03T04:05:06.5Z"},"Security_attributes":{"UserID":"S-1-5-18"}"##, format!(r#""EventData":{data}"#)),
            (r##""Provider":{"@Name":"Microsoft-Windows-TaskScheduler"},"EventID":{"#attributes":{"Qualifiers":0},"#text":106},"TimeCreated":{"@SystemTime":"2024-02-03T04:05:06.5Z"},"Security":{"@UserID":"S-1-5-18"}"##, r##""EventData":{"Data":[{"@Name":"Other"},{"#text":"nameless"},{"@Name":"TaskName","#text":"\\x"},{"#text":"E\\a","@Name":"UserContext"},{"@Name":"Path"}]}"##.into()),
            (r##""Provider":{"Name":"Microsoft-Windows-TaskScheduler"},"EventID":{"Value":106},"TimeCreated":{"SystemTime":"2024-02-03T04:05:06.5Z"},"Security":{"UserID":"S-1-5-18"}"##, r##""EventData":{"Data":[{"#attributes":{"Name":"TaskName"},"#text":"\\x"},{"#text":"E\\a","#attributes":{"Name":"UserContext"}}]}"##.into()),
            (r##""Provider":{"#attributes":{"Name":"Microsoft-Windows-TaskScheduler"}},"EventID":{"#text":"106"},"TimeCreated":{"#attributes":{"SystemTime":"2024-02-03T04:05:06.5Z"}},"Security":{"#attributes":{"UserID":"S-1-5-18"}}"##, format!(r##""EventData":null,"UserData":{{"#attributes":{{"TaskName":"no"}},"Whatever":{data}}}"##)),
            (r##""Provider":{"#attributes":{"Name":"Microsoft-Windows-TaskScheduler"}},"EventID":{"#text":"106"},"TimeCreated":{"#attributes":{"SystemTime":"2024-02-03T04:05:06.5Z"}},"Security":{"#attributes":{"UserID":"S-1-5-18"}}"##, format!(r##""EventData":null,"UserData":{{"Whatever":{data},"#attributes":{{"TaskName":"no"}}}}"##)),
        ] {
            let inside = format!(r#""System":{{{head},{system}}},{data}"#);
            let record = format!(r##"{{"Event":{{"#attributes":{{"xmlns":"x"}},{inside}}}}}"##);
            assert_eq!(event(&record), expected, "{record}");
            assert_eq!(event(&format!("{{{inside}}}")), expected);
        }
        let unnamed = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1},"EventData":{"Data":{"#text":["Image","x"]}}}}"##;
        assert_eq!(event(unnamed), "windows/process_creation EventID=1");
    }

    #[test]
    fn winlogbeat() {
        let six = r#"{"@timestamp":"2024-02-03T04:05:06.000Z","event_id":4104,"log_name":"Microsoft-Windows-PowerShell/Operational","source_name":"Microsoft-Windows-PowerShell","computer_name":"h","user":{"identifier":"S-1-5-21-1","name":"ann","domain":"E"},"message":"Creating Scriptblock text","beat":{"name":"b"},"event_data":{"ScriptBlockText":"Get-Date","ScriptBlockId":"id","MessageNumber":"1","MessageTotal":2,"Path":"C:\\s.ps1"}}"#;
        let expected = r"windows/script_block 2024-02-03T04:05:06Z EventID=4104 Channel=Microsoft-Windows-PowerShell/Operational Computer=h User=E\ann UserSid=S-1-5-21-1 ScriptBlockText=Get-Date ScriptBlockId=id MessageNumber=1 MessageTotal=2 Path=C:\s.ps1";
        assert_eq!(event(six), expected);

        let common = r#""@timestamp":"2024-02-03T04:05:06Z","host":{"name":"h"},"event":{"code":"CODE","provider":"PROVIDER","kind":"event","category":["process"],"module":"sysmon"}"#;
        let ecs = |code: &str, provider: &str, rest: &str| {
            let common =
                common.replace("CODE", code).replace("PROVIDER", provider);
            format!("{{{common},{rest}}}")
        };
        let moved = ecs(
            "4104",
            "Microsoft-Windows-PowerShell",
            r#""powershell":{"file":{"script_block_text":"Get-Date","script_block_id":"id"},"sequence":1,"total":2},"file":{"path":"C:\\s.ps1"},"user":{"id":"S-1-5-21-1","name":"ann","domain":"E"},"winlog":{"channel":"Microsoft-Windows-PowerShell/Operational","computer_name":"h","event_id":"4104","user":{"identifier":"S-1-5-21-1"}}"#,
        );
        assert_eq!(event(&moved), expected);

        let expected = r#"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=h.example User=E\ann UserSid=S-1-5-18 Image=C:\a.exe CommandLine=a "b" OriginalFileName=a.exe CurrentDirectory=C:\ ProcessId=5 IntegrityLevel=High ParentImage=C:\p.exe ParentCommandLine=p ParentProcessId=4"#;
        let moved = ecs(
            "1",
            "Microsoft-Windows-Sysmon",
            r#""process":{"args":["a","b"],"executable":"C:\\a.exe","name":"a.exe","command_line":"a \"b\"","pid":5,"working_directory":"C:\\","pe":{"original_file_name":"a.exe","company":"x"},"parent":{"executable":"C:\\p.exe","command_line":"p","pid":4}},"user":{"name":"ann","domain":"E","id":"S-1-5-18"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"h.example","event_id":1,"event_data":{"IntegrityLevel":"High"},"user":{"identifier":"S-1-5-18"},"process":{"pid":9}}"#,
        );
        assert_eq!(event(&moved), expected);
        let dotted = r#"{"@timestamp":"2024-02-03T04:05:06Z","host.name":"h","event.code":"1","event.provider":"Microsoft-Windows-Sysmon","process.executable":"C:\\a.exe","process.command_line":"a \"b\"","process.pid":5,"process.working_directory":"C:\\","process.pe.original_file_name":"a.exe","process":{"parent.executable":"C:\\p.exe","parent":{"command_line":"p"}},"process.parent.pid":4,"user.name":"ann","user.domain":"E","winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.computer_name":"h.example","winlog":{"event_data.IntegrityLevel":"High","user.identifier":"S-1-5-18"},"unknown.name":1,"process.unknown.name":2,".":3,"winlog.":4}"#;
        assert_eq!(event(dotted), expected);
        let in_place = ecs(
            "1",
            "Microsoft-Windows-Sysmon",
            r#""winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"h.example","user":{"name":"SYSTEM","domain":"NT AUTHORITY","identifier":"S-1-5-18"},"event_data":{"Image":"C:\\a.exe","CommandLine":"a \"b\"","OriginalFileName":"a.exe","CurrentDirectory":"C:\\","ProcessId":"5","IntegrityLevel":"High","ParentImage":"C:\\p.exe","ParentCommandLine":"p","ParentProcessId":"4","User":"E\\ann"}}"#,
        );
        assert_eq!(event(&in_place), expected);

        let process = ecs(
            "4688",
            "Microsoft-Windows-Security-Auditing",
            r#""process":{"executable":"C:\\a.exe","command_line":"a","pid":5,"parent":{"executable":"C:\\p.exe"}},"winlog":{"channel":"Security","event_data":{"ProcessId":"0x4","SubjectUserName":"ann","SubjectDomainName":"E"}}"#,
        );
        assert_eq!(
            event(&process),
            r"windows/process_creation 2024-02-03T04:05:06Z EventID=4688 Channel=Security Computer=h User=E\ann Image=C:\a.exe CommandLine=a ProcessId=5 ParentImage=C:\p.exe ParentProcessId=0x4 SubjectUserName=ann SubjectDomainName=E"
        );
        let registry = ecs(
            "13",
            "Microsoft-Windows-Sysmon",
            r#""registry":{"path":"HKLM\\copy","data":{"strings":["one"],"type":"SZ"}},"process":{"executable":"C:\\a.exe","pid":5},"winlog":{"event_data":{"TargetObject":"HKLM\\own","EventType":"SetValue"},"user":{"identifier":"S-1-5-18"}}"#,
        );
        assert_eq!(
            event(&registry),
            r"windows/registry_event 2024-02-03T04:05:06Z EventID=13 Computer=h UserSid=S-1-5-18 Image=C:\a.exe ProcessId=5 EventType=SetValue TargetObject=HKLM\own Details=one"
        );
        let task = ecs(
            "4702",
            "Microsoft-Windows-Security-Auditing",
            r#""winlog":{"event_data":{"TaskName":"\\x","TaskContentNew":"<?xml version=\"1.0\"?>\n<Task/>"}}"#,
        );
        assert_eq!(
            event(&task),
            "windows/task_updated 2024-02-03T04:05:06Z EventID=4702 Computer=h TaskName=\\x TaskContent=<?xml version=\"1.0\"?>\n<Task/>"
        );
        let linux = ecs(
            "11",
            "Linux-Sysmon",
            r#""file":{"path":"/etc/cron.d/x"},"process":{"executable":"/bin/sh"},"winlog":{"channel":"Linux-Sysmon/Operational"}"#,
        );
        assert_eq!(
            event(&linux),
            "linux/file_creation 2024-02-03T04:05:06Z EventID=11 Channel=Linux-Sysmon/Operational Computer=h Image=/bin/sh TargetFilename=/etc/cron.d/x"
        );
    }

    #[test]
    fn wazuh() {
        let record = r#"{"win":{"system":{"providerName":"Microsoft-Windows-Sysmon","eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational","computer":"h","systemTime":"2024-02-03T04:05:06.1234567Z","message":"\"Process Create:"},"eventdata":{"image":"C:\\\\Windows\\\\a.exe","originalFileName":"a.exe","commandLine":"a \\\\\\\\srv\\\\share","user":"E\\\\ann","":"x","aNameThatIsLongerThanAnyOfWindowsOwn":"x"}}}"#;
        let expected = r"windows/process_creation 2024-02-03T04:05:06.1234567Z EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=h User=E\ann Image=C:\Windows\a.exe CommandLine=a \\srv\share OriginalFileName=a.exe";
        assert_eq!(event(record), expected);
        let alert = format!(r#"{{"rule":{{"id":"1"}},"data":{record}}}"#);
        assert_eq!(event(&alert), expected);
    }

    #[test]
    fn lists_of_records() {
        let one = format!(r#"{{{SYSMON},"EventID":1,"Image":"a"}}"#);
        let other = r#"{"level":"info","msg":"an application's"}"#;
        let expected = "windows/process_creation EventID=1 Image=a";
        let numbered = [format!("0: {expected}"), format!("2: {expected}")];
        for record in [
            format!("[{one},{other},{one}]"),
            format!(r#"{{"records":[{one},{other},{one}],"x":1}}"#),
            format!(r#"{{"x":[],"items":[{one},{other},{one}]}}"#),
            format!(r#"{{"value":[{one},{other},{one}]}}"#),
            format!(
                r#"[{{"records":[{one}]}},{{"records":[{other},{one}]}}]"#
            ),
            format!("[[{one},3,{one}]]"),
        ] {
            let (events, reading) = events(&record);
            assert_eq!(events, numbered, "{record}");
            assert_eq!(
                reading,
                Reading {
                    events: 2,
                    others: 1,
                    not_understood: 1,
                    ..Reading::default()
                }
            );
        }
        let deep = format!("[[[[[[[[[{one}]]]]]]]]]");
        assert_eq!(events(&deep).1.others, 1);
        for record in [
            format!(r#"{{"_index":"i","_source":{one}}}"#),
            format!(r#"{{"preview":false,"result":{one}}}"#),
            format!(" {one}\r\n"),
        ] {
            assert_eq!(event(&record), expected);
        }
        // Several on a line.
        for record in [
            format!("{one}{other} {one}"),
            format!("{one},{other}\r,\t{one},"),
            format!("{one}[{other},{one}]"),
        ] {
            let (events, reading) = events(&record);
            assert_eq!(events, numbered, "{record}");
            assert_eq!((reading.events, reading.others), (2, 1));
        }
        // What comes before the break is handed over.
        let (events, read) =
            try_events(format!("[{one},{one},{{}}").as_bytes());
        assert_eq!(events.len(), 2);
        let error = read.unwrap_err();
        assert_eq!(error.reason(), "expected a comma or the array's end");
        assert_eq!(error.offset(), 2 * one.len() + 5);
        for record in [format!("{one}}}"), format!("{one},x")] {
            let (events, read) = try_events(record.as_bytes());
            assert_eq!(events, [expected]);
            let error = read.unwrap_err();
            assert_eq!(error.reason(), "text after the end of the value");
        }
    }

    #[test]
    fn others() {
        for (record, not_understood) in [
            ("{}", 1),
            ("[]", 1),
            (r#""text""#, 1),
            (r#"{"level":"info","message":"started"}"#, 1),
            (r#"{"message":"{name} logged in","time":"x"}"#, 1),
            (r#"{"EventID":4624,"Channel":"Security"}"#, 0),
            (r#"{"EventID":1,"Channel":"Application"}"#, 0),
            (r#"{"EventID":1}"#, 1),
            (r#"{"test_name":"x","event":{"sequence":1}}"#, 1),
            (r#"{"class_uid":1001,"activity_id":1}"#, 1),
            (r#"{"RecordType":"AUOMS_EXECVE"}"#, 0),
        ] {
            let (events, reading) = events(record);
            assert!(events.is_empty());
            let others = 1;
            let expected =
                Reading { others, not_understood, ..Reading::default() };
            assert_eq!(reading, expected, "{record}");
        }
        let wanted = EventKinds::NONE.with(EventKind::ScriptBlock);
        let record = format!(r#"{{{SYSMON},"EventID":1}}"#);
        let reading = Reader::wanting(wanted)
            .read(Format::Json, record.as_bytes(), |_, _| {})
            .unwrap();
        assert_eq!(reading, Reading::of(false));
    }

    #[test]
    fn records_in_strings() {
        let inner = r#"{\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"Image\":\"C:\\\\a.exe\"}"#;
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Computer=h Image=C:\a.exe";
        for record in [
            format!(
                r#"{{"result":{{"_raw":"{inner}","host":"h","_time":"1706933106.000"}}}}"#
            ),
            format!(
                r#"{{"message":"{inner}","host":{{"name":"h"}},"@timestamp":"2024-02-03T04:05:06Z"}}"#
            ),
            format!(
                r#"{{"event":{{"original":"{inner}"}},"host.hostname":"h","@timestamp":"2024-02-03T04:05:06Z"}}"#
            ),
        ] {
            assert_eq!(event(&record), expected, "{record}");
        }
        // A broken original is told of, unless its fields stand around it.
        let broken = r#""_raw":"{\"EventID\":""#;
        let (_, read) = try_events(format!("{{{broken}}}").as_bytes());
        assert_eq!(read.unwrap_err().offset(), 9);
        let record = format!(r#"{{{broken},{SYSMON},"EventID":1}}"#);
        assert_eq!(event(&record), "windows/process_creation EventID=1");
        // One that is read counts more than what was made of it.
        let record = format!(
            r#"{{"_raw":"{inner}",{SYSMON},"EventID":1,"Image":"x"}}"#
        );
        assert!(event(&record).ends_with(r" Image=C:\a.exe"), "{record}");
        // One that is no event leaves it to the fields around it, too.
        let other = r#""_raw":"{\"level\":\"info\"}""#;
        let record = format!(r#"{{{other},{SYSMON},"EventID":1}}"#);
        assert_eq!(event(&record), "windows/process_creation EventID=1");
        // Strings in strings end somewhere.
        let mut nested = format!(r#"{{{SYSMON},"EventID":1}}"#);
        for depth in 1..12 {
            let escaped = nested.replace('\\', r"\\").replace('"', r#"\""#);
            nested = format!(r#"{{"_raw":"{escaped}"}}"#);
            let found = usize::from(depth <= MOST_WRAPPED);
            assert_eq!(events(&nested).0.len(), found, "{depth}");
        }
    }

    #[test]
    fn xml_in_strings() {
        let data = r#"<EventData xmlns=\"x\">\r\n<Data Name=\"Image\">C:\\a.exe</Data>\r\n<Data Name=\"CommandLine\">a &lt;b&gt; \u0026amp; c</Data><Data Name=\"User\" /></EventData>"#;
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=h Image=C:\a.exe CommandLine=a <b> & c";
        for record in [
            format!(
                r#"{{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"h","EventData":"{data}","TimeGenerated":"2024-02-03T04:05:06Z"}}"#
            ),
            format!(
                r#"{{"Source":"Microsoft-Windows-Sysmon","EventLog":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"h","EventData":"<DataItem type=\"System.XmlData\">{data}</DataItem>","TimeGenerated":"2024-02-03T04:05:06Z","RenderedDescription":"Process Create:"}}"#
            ),
        ] {
            assert_eq!(event(&record), expected, "{record}");
            let (_, read) =
                try_events(record.replace("</Event", "</").as_bytes());
            let error = read.unwrap_err();
            assert_eq!(record.as_bytes().get(error.offset()), Some(&b'<'));
            assert!(error.to_string().starts_with("XML: "));
        }

        let linux = r#"<Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>11</EventID><Channel>Linux-Sysmon/Operational</Channel></System><EventData><Data Name=\"TargetFilename\">/etc/cron.d/x</Data></EventData></Event>"#;
        let expected = "linux/file_creation 2024-02-03T04:05:06Z EventID=11 Channel=Linux-Sysmon/Operational Computer=h TargetFilename=/etc/cron.d/x";
        for record in [
            format!(
                r#"{{"TimeGenerated":"2024-02-03T04:05:06Z","Computer":"h","ProcessName":"sysmon","SyslogMessage":"{linux}"}}"#
            ),
            format!(
                r#"{{"@timestamp":"2024-02-03T04:05:06Z","host":{{"name":"h"}},"message":"Feb  3 04:05:06 h sysmon: {linux}"}}"#
            ),
            format!(
                r#"{{"class_uid":1001,"activity_id":1,"device":{{"hostname":"h"}},"time":1706933106000,"raw_data":"{linux}"}}"#
            ),
        ] {
            assert_eq!(event(&record), expected, "{record}");
        }
        let banner = r#"{"Computer":"h","ProcessName":"sysmon","SyslogMessage":"Sysmon v1.0.0 - Monitors system events"}"#;
        assert_eq!(events(banner).1.others, 1);
        // Several in one string, in a list.
        let record = format!(r#"[{{"x":1}},{{"_raw":"{linux}\n{linux}"}}]"#);
        let (events, reading) = events(&record);
        assert_eq!(
            reading,
            Reading {
                events: 2,
                others: 1,
                not_understood: 1,
                ..Reading::default()
            }
        );
        assert!(events.iter().all(|event| event.starts_with("1: linux")));
    }

    #[test]
    fn audit_events() {
        for record in [
            r#"{"ID":"1706933106.000:1","SYSCALL":{"comm":"crontab","exe":"/usr/bin/crontab"}}"#,
            r#"{"ID":"1706933106.000:1","PATH":[{"name":"/etc/cron.d/x","nametype":"CREATE"}]}"#,
            r#"{"@timestamp":"2024-02-03T04:05:06Z","event":{"module":"auditd","action":"executed"},"process":{"title":"crontab -e"}}"#,
            r#"{"@timestamp":"2024-02-03T04:05:06Z","auditd":{"message_type":"syscall"},"process":{"title":"crontab -e"}}"#,
            r#"{"@timestamp":"2024-02-03T04:05:06Z","auditd.message_type":"syscall","process.title":"crontab -e"}"#,
            r#"{"RecordType":"AUOMS_EXECVE","comm":"crontab"}"#,
        ] {
            let (events, read) = try_events(record.as_bytes());
            assert!(read.is_ok() && events.len() <= 1, "{record}");
            // An offset counts from the beginning of all of it.
            let record = format!("[1, {record}]");
            let (events, listed) = try_events(record.as_bytes());
            assert!(events.iter().all(|event| event.starts_with("1: ")));
            let read = read.map(|reading| reading.events);
            let listed = listed.map(|reading| reading.events);
            assert_eq!(
                listed,
                read.map_err(|RecordError { kind, offset }| {
                    RecordError::new(kind, offset + 4)
                })
            );
        }
        // Capitals alone, or an id alone, make no audit event.
        for record in [r#"{"ID":"1"}"#, r#"{"SYSCALL":1}"#] {
            assert_eq!(events(record).1.others, 1);
        }
    }

    #[test]
    fn names() {
        // Escaped names, and the last of several.
        let record = r#"{"Event\u0049D":4698,"Chann\u0065l":"Security","TaskName":"a","TaskName":"b","winlog\u002eevent_data.TaskContent":"c","TaskContent":null}"#;
        assert_eq!(
            event(record),
            "windows/task_registered EventID=4698 Channel=Security TaskName=b TaskContent=c"
        );
        let long = "a.".repeat(500);
        let record = format!(r#"{{"{long}":1,"\u0061{long}":{{"b":2}}}}"#);
        assert_eq!(events(&record).1.others, 1);
    }

    #[test]
    fn values() {
        // A lone surrogate, a raw control character, bytes that are no text.
        let record = b"{\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"Image\":\"\\ud800\t\xFF\",\"CommandLine\":[\"x\"],\"User\":{\"deep\":[[{}]]},\"ParentImage\":true}";
        let (events, read) = try_events(record);
        assert!(read.is_ok());
        assert_eq!(
            events,
            [
                "windows/process_creation EventID=1 Image=\u{fffd}\t\u{fffd} CommandLine=x ParentImage=true"
            ]
        );
    }

    #[test]
    fn hostile_records_never_panic() {
        let nested = r#"{"result":"#.repeat(40) + "1" + &"}".repeat(40);
        assert_eq!(events(&nested).1.others, 1);
        let records = [
            r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":{"#text":13}},"EventData":{"Data":[{"@Name":"Image","#text":"\u0041\\"}],"EventType":"INFO"}}}"##.as_bytes(),
            br#"[{"win":{"system":{"eventID":"1","channel":"Linux-Sysmon/Operational"},"eventdata":{"image":"C:\\\\a"}}},{"records":[{"ID":"1.0:2","SYSCALL":{}}]},{"_raw":"{\"x\":\"<Event>\"}"}]"#,
            br#"{"operationName":{"value":"A.B/c/write"},"status.value":"Succeeded","time":1,"class_uid":1007,"activity_id":1,"EventData":"<EventData>"}"#,
        ];
        for record in records {
            for at in 0..record.len() {
                let (_, read) = try_events(&record[..at]);
                assert!(read.is_err(), "cut at {at}");
                for byte in *b"\"\\{}[],:0n\x00\xFF\n<" {
                    let mut changed = record.to_vec();
                    changed[at] = byte;
                    let _ = try_events(&changed);
                }
            }
        }
    }

    #[test]
    fn too_many_values_are_an_error_and_no_part_of_a_record() {
        let values = |count: usize| {
            let one = r#""Image":"a","CommandLine":"b","#.repeat(count);
            format!(r#"{{{one}{SYSMON},"EventID":1}}"#)
        };
        assert!(event(&values(500)).ends_with("CommandLine=b"));
        let (events, read) = try_events(values(600).as_bytes());
        assert!(events.is_empty());
        assert_eq!(read.unwrap_err().reason(), "more values than are read");
        // The elements of a list are one value, and each record has its own.
        let list = format!("[{}\"x\"]", "\"y\",".repeat(5000));
        let record = format!(r#"{{{SYSMON},"EventID":1,"Image":{list}}}"#);
        assert!(event(&record).ends_with("Image=x"));
        let records = vec![values(400); 5].join(",");
        assert_eq!(try_events(format!("[{records}]").as_bytes()).0.len(), 5);
    }

    #[test]
    fn what_is_inside_takes_linear_time() {
        let time = |record: &str| {
            let start = std::time::Instant::now();
            let _ = try_events(record.as_bytes());
            start.elapsed()
        };
        let record = |size: usize| {
            let deep = r#"{"a":"#.repeat(500) + "1" + &"}".repeat(500);
            let text = format!("\"{}\"", "[{x ".repeat(100));
            let inside = format!(r#""b":{deep},"c":{text},"#).repeat(size);
            format!(r#"{{{inside}"d":[{{}}{}]}}"#, ",{}".repeat(size))
        };
        let (short, long) = (record(20), record(200));
        time(&short);
        let (short, long) = (time(&short), time(&long));
        assert!(long < short * 40, "{short:?} and ten times as much {long:?}");
    }
}
