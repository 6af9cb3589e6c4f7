/*!
The one walk over a JSON record: finds the values that any shape may ask for.

Nothing is known of the record's shape before it ends. So every value at a
node of the tree of names ([`names`](super::names)) is kept, in the order in
which the record has them; which shape the record is of and what its values
are for it is decided after that.
*/

use memchr::memmem;

use super::audit_json::AuditValues;
use super::decode::elements;
use super::error::{RecordError, RecordErrorKind};
use super::found::Found;
use super::keys::Key;
use super::names::{
    DOUBLED, HEAD, JSON, LIST, OBJECT, PAIR, Place, RECORDS, Shapes,
    Signature, Signs, TABLES, Use, VALUE, WINDOWS, use_in_windows, use_of,
};
use super::raw::{Encoding, Raw, Values};
use super::shape::{Form, Target, Tell};
use super::syntax::json::{Cursor, Value};
use super::windows::{Head, WindowsRecord};

/// Most objects and arrays that are looked into, one in the other, to get to
/// a value: more than any known shape needs.
const MOST_OPEN: usize = 16;

/// Most values of one record. No record of the public corpora has over a
/// hundred that any shape asks for.
const MOST_FOUND: usize = 1024;

/// An object or array that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) place: Place,
    pub(crate) array: bool,
}

/// What a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The end of what it walks over.
    End,
    /// A list of records, which was opened.
    Records,
    /// A list of tables, which was opened.
    Tables,
}

/// A walk over an object or array that was opened.
pub(crate) struct Walk<'w> {
    top: Open,
    below: [Open; MOST_OPEN],
    depth: usize,
    signs: Signs,
    /// How many values others had found before.
    base: usize,
    /// What the elements of the outermost array are, one by one; else they
    /// are all what that is.
    columns: Option<&'w [Place]>,
    /// Whether an object or a list whose members are known is a text here.
    is_folded: bool,
}

impl<'w> Walk<'w> {
    /// A walk whose values come after those that are there.
    pub(crate) fn new(top: Open, found: &[Found]) -> Walk<'w> {
        let below = [top; MOST_OPEN];
        let base = found.len();
        Walk {
            top,
            below,
            depth: 0,
            signs: Signs::NONE,
            base,
            columns: None,
            is_folded: false,
        }
    }

    /// A walk over a row of a table, an array that was opened.
    pub(crate) fn over_row(columns: &'w [Place], found: &[Found]) -> Walk<'w> {
        let row = Open { place: Place::UNKNOWN, array: true };
        Walk { columns: Some(columns), ..Walk::new(row, found) }
    }

    /// What it has gathered so far.
    pub(crate) fn gathered<'a, 'f>(
        &self,
        text: &'a [u8],
        found: &'f [Found],
    ) -> Gathered<'a, 'f> {
        let found = found.get(self.base..).unwrap_or_default();
        Gathered { text, found, signs: self.signs }
    }

    /// Whether an object or a list whose members are known was a text.
    pub(crate) fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// Forgets its values.
    pub(crate) fn end(&self, found: &mut Vec<Found>) {
        found.truncate(self.base);
    }

    /// Walks on, to the end or to what the caller has to read: then it is to
    /// be called again once that is done.
    pub(crate) fn run<'a>(
        &mut self,
        outer: &mut Cursor<'a>,
        text: &'a [u8],
        found: &mut Vec<Found>,
    ) -> Result<Stop, RecordError> {
        // Of its own, as that costs less than to go through the caller's.
        let mut cursor = outer.clone();
        let (mut top, mut depth) = (self.top, self.depth);
        let mut keeper =
            Keeper { text, found, base: self.base, signs: self.signs };
        let stop = loop {
            let place = if top.array {
                match (cursor.element()?, self.columns) {
                    (false, _) => None,
                    (true, Some(columns)) if depth == 0 => {
                        let column = columns.split_first();
                        let (&place, rest) =
                            column.unwrap_or((&Place::UNKNOWN, &[]));
                        self.columns = Some(rest);
                        place.note(&mut keeper.signs);
                        Some(place)
                    }
                    _ => Some(top.place),
                }
            } else {
                let signs = &mut keeper.signs;
                let name = cursor.member_at()?;
                name.map(|(text, length)| {
                    top.place.member_at(text, length, signs)
                })
            };
            let Some(place) = place else {
                let Some(above) = depth.checked_sub(1) else {
                    break Stop::End;
                };
                depth = above;
                top = self.below.get(above).copied().unwrap_or(top);
                continue;
            };
            if place.does == 0 {
                continue;
            }
            let start = if place.does(LIST) { cursor.offset() } else { 0 };
            let value = cursor.value()?;
            let array = match value {
                Value::Array
                    if place.does(LIST)
                        && !(place.does(OBJECT)
                            && cursor.clone().opens_object()) =>
                {
                    cursor = cursor.closed(value)?;
                    keeper.list(place, start, cursor.offset())?;
                    continue;
                }
                Value::Array
                    if place.does(RECORDS)
                        || place.does(OBJECT)
                            && !place.does(PAIR)
                            && place.object().node == Place::RECORD.node
                            && cursor.clone().opens_object() =>
                {
                    break Stop::Records;
                }
                Value::Array if place.does(TABLES) => break Stop::Tables,
                Value::Array => true,
                Value::Object if place.does(JSON) => {
                    cursor = cursor.closed(value)?;
                    keeper.list(place, start, cursor.offset())?;
                    continue;
                }
                Value::Object
                    if place.does(PAIR) && begins_pair(cursor.clone()) =>
                {
                    keeper.pair(place, MOST_OPEN, &mut cursor)?;
                    continue;
                }
                Value::Object if place.does(OBJECT) => false,
                Value::Object => {
                    cursor = cursor.closed(value)?;
                    continue;
                }
                _ => {
                    self.is_folded |= is_folded(place, value);
                    keeper.keep(place, value, top.array)?;
                    continue;
                }
            };
            let Some(open) = self.below.get_mut(depth) else {
                cursor = cursor.closed(value)?;
                continue;
            };
            *open = top;
            let place = if array { place } else { place.object() };
            top = Open { place, array };
            depth = depth.saturating_add(1);
        };
        self.signs = keeper.signs;
        (self.top, self.depth) = (top, depth);
        *outer = cursor;
        Ok(stop)
    }
}

/// Whether a value is the text of an object or a list, where its members or
/// elements are what counts.
fn is_folded(place: Place, value: Value<'_>) -> bool {
    match value {
        // Where one text or a list of them may stand.
        Value::String([b'[', b'\\', b'"', .., b'"', b']']) => place.does(LIST),
        Value::String([b'{' | b'[', .., b'}' | b']'])
            if !place.does(VALUE) =>
        {
            [OBJECT, PAIR, RECORDS].iter().any(|what| place.does(*what))
        }
        _ => false,
    }
}

/// Keeps what a walk finds.
struct Keeper<'k, 'a> {
    text: &'a [u8],
    found: &'k mut Vec<Found>,
    /// How many values others had found before.
    base: usize,
    signs: Signs,
}

impl<'a> Keeper<'_, 'a> {
    /// Keeps a plain value, if anything asks for it. Of the elements of an
    /// array the last one counts.
    #[inline]
    fn keep(
        &mut self,
        place: Place,
        value: Value<'a>,
        in_array: bool,
    ) -> Result<(), RecordError> {
        let raw = value.raw().filter(|_| place.does(VALUE));
        let Some(Raw { bytes, encoding }) = raw else { return Ok(()) };
        let is_doubled = place.does(DOUBLED) && encoding == Encoding::Json;
        let encoding =
            if is_doubled { Encoding::DoubledJson } else { encoding };
        let start = offset(bytes, self.text);
        let found = Found::new(
            place.node,
            start,
            bytes.len(),
            encoding,
            place.does(HEAD),
        );
        if in_array
            && self.found.len() > self.base
            && let Some(last) = self.found.last_mut()
            && last.node() == place.node
        {
            *last = found;
            return Ok(());
        }
        self.push(found)
    }

    /// Keeps a list, or an object as it is.
    fn list(
        &mut self,
        place: Place,
        start: usize,
        end: usize,
    ) -> Result<(), RecordError> {
        let length = end.saturating_sub(start);
        let is_head = place.does(HEAD);
        let list = Encoding::List;
        self.push(Found::new(place.node, start, length, list, is_head))
    }

    #[inline]
    fn push(&mut self, found: Found) -> Result<(), RecordError> {
        if self.found.len().saturating_sub(self.base) >= MOST_FOUND {
            return Err(RecordError::new(
                RecordErrorKind::Json("more values than are read"),
                found.start(),
            ));
        }
        self.found.push(found);
        Ok(())
    }

    /// Reads an object that is a name and a value: the member of that name in
    /// the object that the place is.
    fn pair(
        &mut self,
        place: Place,
        levels: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), RecordError> {
        let mut name = None;
        while let Some(member) = cursor.member()? {
            match member {
                b"@Name" | b"Name" | b"name" | b"key" | b"#attributes" => {
                    name = name_in(cursor)?.or(name);
                }
                b"#text" | b"Value" | b"value" | b"str" | b"strArray"
                | b"str_array" | b"int32" | b"uInt32" => {
                    // The name nearly always comes first.
                    name = name.or_else(|| name_ahead(cursor.clone()));
                    // Of values that have none, where these stand is known.
                    let name = name.unwrap_or(member).trim_ascii();
                    let member = place.object().member(name, &mut self.signs);
                    self.pair_value(member, levels, cursor)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the value of a pair: plain, a list, or as OpenTelemetry writes
    /// values, an object with one member that is named after its type.
    fn pair_value(
        &mut self,
        place: Place,
        levels: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), RecordError> {
        let start = cursor.offset();
        let value = cursor.value()?;
        match value {
            Value::Array if place.does(LIST) => {
                cursor.close(value)?;
                self.list(place, start, cursor.offset())
            }
            Value::Array => {
                while cursor.element()? {
                    let value = cursor.value()?;
                    if matches!(value, Value::Object | Value::Array) {
                        cursor.close(value)?;
                    }
                    self.keep(place, value, true)?;
                }
                Ok(())
            }
            Value::Object => {
                while let Some(kind) = cursor.member()? {
                    let start = cursor.offset();
                    let value = cursor.value()?;
                    match (value, levels.checked_sub(1)) {
                        // Tracee's lists of texts.
                        (Value::Array, _)
                            if kind == b"value" && place.does(LIST) =>
                        {
                            cursor.close(value)?;
                            self.list(place, start, cursor.offset())?;
                        }
                        (Value::Object, Some(levels))
                            if kind == b"kvlistValue" =>
                        {
                            self.pairs(place, levels, cursor)?;
                        }
                        (Value::Object, Some(levels))
                            if kind == b"arrayValue" =>
                        {
                            self.values(place, levels, cursor)?;
                        }
                        (Value::Object | Value::Array, _) => {
                            cursor.close(value)?;
                        }
                        _ if kind.ends_with(b"Value") => {
                            self.keep(place, value, false)?;
                        }
                        _ => {}
                    }
                }
                Ok(())
            }
            _ => self.keep(place, value, false),
        }
    }

    /// Reads OpenTelemetry's list of values, whose object was opened. Each
    /// stands at the place.
    fn values(
        &mut self,
        place: Place,
        levels: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), RecordError> {
        while let Some(member) = cursor.member()? {
            let value = cursor.value()?;
            match value {
                Value::Array if member == b"values" => {
                    while cursor.element()? {
                        self.pair_value(place, levels, cursor)?;
                    }
                }
                Value::Object | Value::Array => cursor.close(value)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads OpenTelemetry's list of pairs, whose object was opened.
    fn pairs(
        &mut self,
        place: Place,
        levels: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), RecordError> {
        while let Some(member) = cursor.member()? {
            let value = cursor.value()?;
            match value {
                Value::Array if member == b"values" => {
                    while cursor.element()? {
                        match cursor.value()? {
                            Value::Object => {
                                self.pair(place, levels, cursor)?;
                            }
                            array @ Value::Array => cursor.close(array)?,
                            _ => {}
                        }
                    }
                }
                Value::Object | Value::Array => cursor.close(value)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether the object last opened is a name and a value: it begins with one
/// of them.
fn begins_pair(mut cursor: Cursor<'_>) -> bool {
    matches!(
        cursor.member(),
        Ok(Some(
            b"@Name"
                | b"Name"
                | b"name"
                | b"key"
                | b"#attributes"
                | b"#text"
                | b"Value"
                | b"value"
        ))
    )
}

/// The name of a pair: a string, or the `Name` among the attributes of an
/// XML element.
fn name_in<'a>(
    cursor: &mut Cursor<'a>,
) -> Result<Option<&'a [u8]>, RecordError> {
    let mut name = None;
    match cursor.value()? {
        Value::String(text) => name = Some(text),
        Value::Object => {
            while let Some(member) = cursor.member()? {
                if matches!(member, b"Name" | b"@Name") {
                    name = name_in(cursor)?;
                }
            }
        }
        array @ Value::Array => cursor.close(array)?,
        _ => {}
    }
    Ok(name)
}

/// The name of a pair whose value comes next, before its name.
fn name_ahead<'a>(mut cursor: Cursor<'a>) -> Option<&'a [u8]> {
    while let Ok(Some(member)) = cursor.member() {
        if matches!(
            member,
            b"@Name" | b"Name" | b"name" | b"key" | b"#attributes"
        ) {
            return name_in(&mut cursor).ok()?;
        }
    }
    None
}

/// A value, if it is written in a form. Put together of parts that fit into
/// registers: what comes as one through memory takes as long as all else that
/// is done with a value.
#[inline]
fn in_form(raw: Raw<'_>, form: Form) -> Option<Raw<'_>> {
    // As nearly all are.
    if form == Form::Text && raw.encoding != Encoding::List {
        return Some(raw);
    }
    let encoding = encoding_in(form, raw.encoding)?;
    let bytes = bytes_in(form, raw.bytes)?;
    Some(Raw { bytes, encoding })
}

/// How a value is to be read that is written in an encoding, if that is one of
/// the form.
#[inline(never)]
fn encoding_in(form: Form, encoding: Encoding) -> Option<Encoding> {
    Some(match (form, encoding) {
        (Form::List | Form::ListOrText, Encoding::List) => Encoding::List,
        (Form::First, Encoding::List) => Encoding::First,
        (Form::Arguments | Form::ArgumentMembers, Encoding::List) => {
            Encoding::Arguments
        }
        (Form::Bytes, Encoding::List) => Encoding::Bytes,
        (Form::Base64Arguments, Encoding::List) => Encoding::Base64Arguments,
        (Form::Json, Encoding::List) => Encoding::List,
        (Form::LastPart, Encoding::Json) => Encoding::LastPart,
        (Form::List, _) | (_, Encoding::List) => return None,
        (_, encoding) => encoding,
    })
}

/// What counts of a value's bytes in a form.
#[inline(never)]
fn bytes_in(form: Form, bytes: &[u8]) -> Option<&[u8]> {
    match form {
        Form::Whole => Some(bytes.strip_suffix(b".0").unwrap_or(bytes)),
        Form::EventLog => {
            let after = bytes.strip_prefix(b"Xml").unwrap_or(bytes);
            after.strip_prefix(b"WinEventLog:")
        }
        _ => Some(bytes),
    }
}

/// Whether a value is Falco's word for what it does not know: another member
/// may have it.
fn is_unknown(tag: u8, raw: Raw<'_>) -> bool {
    tag != WINDOWS && raw.bytes == b"<NA>"
}

/// What was gathered from a record.
#[derive(Clone, Copy)]
pub(crate) struct Gathered<'a, 'f> {
    text: &'a [u8],
    found: &'f [Found],
    signs: Signs,
}

impl<'a> Gathered<'a, '_> {
    /// The values that tell what it is.
    #[inline]
    pub(crate) fn head(&self) -> Head<'a> {
        let mut head = Values::new();
        for found in self.found {
            if found.is_head()
                && let Some((key, rank, form)) = use_in_windows(found.node())
                && let Some(raw) = in_form(found.raw(self.text), form)
            {
                head.set(key as usize, raw, rank);
            }
        }
        head
    }

    /// Whether there is nothing but what tells a record of Windows' logs, and
    /// where and when it was: no value of the event's own.
    pub(crate) fn is_bare(&self) -> bool {
        self.found.iter().all(|found| {
            let known = use_in_windows(found.node());
            known.is_none_or(|(key, ..)| {
                (key as usize) < Key::Inserts as usize && key != Key::Image
                    || key == Key::RecordNumber
            })
        })
    }

    /// The values of one event, as the shapes of a tag have them.
    pub(crate) fn event(&self, tag: u8) -> WindowsRecord<'a> {
        let mut event = WindowsRecord::new();
        self.fill(tag, &mut event);
        event
    }

    /// Adds the values of an event, as the shapes of a tag have them.
    #[inline]
    pub(crate) fn fill(&self, tag: u8, event: &mut WindowsRecord<'a>) {
        for found in self.found {
            let usage = match tag {
                WINDOWS => use_in_windows(found.node()),
                _ => match use_of(found.node(), tag) {
                    Some(Use {
                        target: Target::Event(key),
                        rank,
                        form,
                        ..
                    }) => Some((*key, *rank, *form)),
                    _ => None,
                },
            };
            if let Some((key, rank, form)) = usage
                && let Some(raw) = in_form(found.raw(self.text), form)
                && !is_unknown(tag, raw)
            {
                event.offer(key, raw, rank);
            }
        }
    }

    /// A text that holds more of the event's values, and the object whose
    /// members those are.
    pub(crate) fn text(&self, tag: u8) -> Option<(Raw<'a>, Place)> {
        let mut found = self.found.iter().rev();
        found.find_map(|found| {
            let usage = use_of(found.node(), tag)?;
            let raw = in_form(found.raw(self.text), usage.form)?;
            let is_text = usage.target == Target::Event(Key::Text);
            is_text.then(|| (raw, Place::of_object(found.node())))
        })
    }

    /// The values of an audit event.
    pub(crate) fn audit(&self, tag: u8) -> AuditValues<'a> {
        let mut values = Values::new();
        for found in self.found {
            if let Some(usage) = use_of(found.node(), tag)
                && let Target::Audit(key) = usage.target
                && let Some(raw) = in_form(found.raw(self.text), usage.form)
            {
                values.set(key as usize, raw, usage.rank);
            }
        }
        values
    }

    /// The shapes that the record may be of, but for those that need no
    /// sign.
    #[inline]
    pub(crate) fn shapes(&self) -> Shapes {
        self.signs.shapes()
    }

    /// Whether a record with these signs may be of a shape.
    #[inline]
    pub(crate) fn may_be(&self, signature: &Signature) -> bool {
        let Signature { all, any, none, .. } = signature;
        self.signs.has_all(*all)
            && any.iter().all(|any| self.signs.has_any(*any))
            && self.signs.and(*none).is_empty()
    }

    /// Whether what tells something holds. Takes from the members that it is
    /// told by.
    pub(crate) fn holds(&self, tell: &Tell, members: &mut &[Place]) -> bool {
        match tell {
            Tell::All(tells) => {
                let mut holds = true;
                for tell in *tells {
                    holds &= self.holds(tell, members);
                }
                return holds;
            }
            Tell::Any(tells) => {
                let mut holds = false;
                for tell in *tells {
                    holds |= self.holds(tell, members);
                }
                return holds;
            }
            Tell::Not(tell) => return !self.holds(tell, members),
            _ => {}
        }
        debug_assert!(!members.is_empty(), "a tell without its member");
        let Some((&member, rest)) = members.split_first() else {
            return false;
        };
        *members = rest;
        let is_there = self.signs.has_that_of(member);
        if let Tell::Lacks(_) = tell {
            return !is_there;
        }
        is_there
            && match tell {
                Tell::Is(_, texts) | Tell::Among(_, texts) => self
                    .passes(member, |value| {
                        texts.iter().any(|text| text.as_bytes() == value)
                    }),
                Tell::Begins(_, texts) => self.passes(member, |value| {
                    texts.iter().any(|text| value.starts_with(text.as_bytes()))
                }),
                Tell::Ends(_, texts) => self.passes(member, |value| {
                    texts.iter().any(|text| value.ends_with(text.as_bytes()))
                }),
                Tell::Writes(_) => self.passes(member, opens_for_writing),
                Tell::Text(_) => self.last(member).is_some_and(|found| {
                    found.raw(self.text).encoding != Encoding::List
                }),
                _ => true,
            }
    }

    /// What was found of a member last.
    fn last(&self, member: Place) -> Option<&Found> {
        let mut found = self.found.iter().rev();
        found.find(|found| found.node() == member.node)
    }

    /// Whether the value of a member passes.
    fn passes(&self, member: Place, test: impl Fn(&[u8]) -> bool) -> bool {
        let scratch = &mut [0; 64];
        self.last(member).is_some_and(|found| match found.raw(self.text) {
            Raw { bytes, encoding: Encoding::List } => {
                elements(bytes).any(|element| test(element.short(scratch)))
            }
            raw => {
                let value = raw.short(scratch);
                // A number may have been through floating point.
                test(value)
                    || value.strip_suffix(b".0").is_some_and(|number| {
                        number.iter().all(u8::is_ascii_digit) && test(number)
                    })
            }
        })
    }
}

/// Whether flags of a file that is opened let it be written to.
fn opens_for_writing(flags: &[u8]) -> bool {
    // The lowest two bits: to read, to write, or both.
    let number = core::str::from_utf8(flags).ok();
    let number = number.and_then(|digits| digits.parse::<u64>().ok());
    match number {
        Some(number) => matches!(number & 3, 1 | 2),
        None => WRITING.iter().any(|flag| memmem::find(flags, flag).is_some()),
    }
}

/// Flags with which no file is opened only to be read.
const WRITING: [&[u8]; 5] =
    [b"O_WRONLY", b"O_RDWR", b"O_CREAT", b"O_TRUNC", b"O_APPEND"];

fn offset(part: &[u8], text: &[u8]) -> usize {
    let [part, text] = [part, text].map(|bytes| bytes.as_ptr().addr());
    part.saturating_sub(text)
}
