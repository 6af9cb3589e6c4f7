/*!
Where records begin and end.

Most logs have a record a line. XML elements and classic text blocks may
spread over lines, and so may JSON that was printed for people. How a record
ends is decided by how it begins; what is broken ends at the next line that
begins a record, so one cut record never swallows those after it.
*/

use core::ops::Range;

use memchr::{memchr, memchr3, memmem};

use super::brackets::{Brackets, Stop};
use crate::bytes;
use crate::record::syntax::delimited::{Row, RowEnd};
use crate::record::{
    self, Format, Header, JournalForm, JournalPart, Opening, Table,
};
use crate::state::{Content, StateError, Writer, corrupt};

/// What stands next in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A record, what it opens with, and where to go on.
    Record(Range<usize>, Opening, usize),
    /// A record that is a row of the table at hand, and where to go on.
    Row(Range<usize>, usize),
    /// Nothing that counts: blank lines, the brackets around an array or a
    /// list of events. Go on there.
    Blank(usize),
    /// A record over the size limit that begins here and ends there.
    TooLarge(usize, usize),
    /// A record over the size limit, whose end has not come yet.
    TooLargeStill,
    /// Not enough bytes to tell.
    More,
}

/// Finds records in a buffer that begins with one.
#[derive(Debug)]
pub(super) struct Framer {
    format: Format,
    limit: usize,
    /// What the record at hand opens with.
    opening: Opening,
    /// Bytes from the record's beginning that hold no end of it, so that
    /// they are not searched again when more bytes come.
    searched: usize,
    /// How many of them are blanks that it begins with.
    blanks: usize,
    /// Where the line begins that comes next, in a record that is told by
    /// lines.
    line: usize,
    /// What is known of a JSON text that is not told by its first line.
    brackets: Option<Brackets>,
    /// Whether the next record begins within a line, behind another or the
    /// bracket of an array.
    is_within_line: bool,
    /// Length of the message that comes next, if it was counted before it.
    counted: usize,
    /// Whether a line end was found in the message that may come next.
    counted_has_lines: bool,
    /// Whether every record so far was a counted message.
    all_counted: bool,
    /// How often a record over the limit was given up for the records in it,
    /// and how many bytes were framed since.
    descents: u32,
    since_descent: usize,
    table: Heading,
    /// What is known of the row that comes next.
    row: Row,
}

/// What the stream's first line says of those after it.
#[derive(Debug)]
enum Heading {
    /// It has not come.
    Unknown,
    /// Nothing.
    None,
    /// It names the columns of a table.
    Table(Table),
}

impl Framer {
    pub(super) fn new(format: Format, limit: usize) -> Framer {
        Framer {
            format,
            limit,
            opening: Opening::Other,
            searched: 0,
            blanks: 0,
            line: 0,
            brackets: None,
            is_within_line: false,
            counted: 0,
            counted_has_lines: false,
            all_counted: true,
            descents: 0,
            since_descent: 0,
            table: match format {
                Format::Auto => Heading::Unknown,
                _ => Heading::None,
            },
            row: Row::default(),
        }
    }

    /// Writes down what the stream so far says of what comes next, but not
    /// what is known of the record that is cut.
    pub(super) fn save(&self, writer: &mut Writer) {
        writer.byte(u8::from(self.is_within_line));
        writer.byte(u8::from(self.all_counted));
        writer.number(self.counted as u64);
        writer.number(u64::from(self.descents));
        writer.number(self.since_descent as u64);
        writer.byte(match &self.table {
            Heading::Unknown => 0,
            Heading::None => 1,
            Heading::Table(_) => 2,
        });
        writer.text(self.table().map_or(b"", Table::header));
    }

    /// Takes over what was written down.
    pub(super) fn restore(
        &mut self,
        content: &mut Content<'_>,
    ) -> Result<(), StateError> {
        let size = |number: u64| usize::try_from(number);
        self.is_within_line = content.truth()?;
        self.all_counted = content.truth()?;
        self.counted = size(content.number()?).map_err(|_| corrupt())?;
        self.descents =
            u32::try_from(content.number()?).map_err(|_| corrupt())?;
        self.since_descent = size(content.number()?).map_err(|_| corrupt())?;
        let (heading, header) = (content.byte()?, content.text()?);
        self.table = match heading {
            0 => Heading::Unknown,
            1 => Heading::None,
            2 => Heading::Table(Table::of_header(header).ok_or_else(corrupt)?),
            _ => return Err(corrupt()),
        };
        Ok(())
    }

    /// The table whose rows are framed, if any are.
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.table {
            Heading::Table(table) => Some(table),
            Heading::Unknown | Heading::None => None,
        }
    }

    /// The frame at `from`; `at_end` says that no more bytes will come.
    pub(super) fn next(
        &mut self,
        buffer: &[u8],
        from: usize,
        at_end: bool,
    ) -> Frame {
        let rest = buffer.get(from..).unwrap_or_default();
        if rest.is_empty() {
            return Frame::More;
        }
        // No more is looked at than tells the end of the longest record, so
        // that the outcome does not depend on how much has come.
        let most = self.limit.saturating_add(1).saturating_add(LONGEST_NAME);
        let seen = rest.get(..most).unwrap_or(rest);
        let is_all = at_end && seen.len() == rest.len();
        let after = |length: usize| from.saturating_add(length);
        let is_over = seen.len() == most;
        let seen = Seen { bytes: seen, indent: 0, is_all, is_over };
        let frame = match self.end(seen) {
            End::Blank(length) => Frame::Blank(after(length)),
            End::At(length, next) if length <= self.limit => {
                let record = from..after(length);
                Frame::Record(record, self.opening, after(next))
            }
            End::Row(length, next) if length <= self.limit => {
                Frame::Row(from..after(length), after(next))
            }
            End::More if is_all && rest.len() <= self.limit => {
                let end = buffer.len();
                Frame::Record(from..end, self.opening, end)
            }
            End::More if !is_all && !is_over => return Frame::More,
            End::List(length) => Frame::TooLarge(from, after(length)),
            // Wherever its end is, or may be: what is over the limit ends
            // with the line in which it passes it.
            End::At(..) | End::Row(..) | End::More => {
                match line_end(rest, self.limit) {
                    Some((_, next)) => Frame::TooLarge(from, after(next)),
                    None if at_end => Frame::TooLarge(from, buffer.len()),
                    None => Frame::TooLargeStill,
                }
            }
        };
        if let Frame::Record(record, opening, _) = &frame {
            let record = buffer.get(record.clone()).unwrap_or_default();
            debug_assert_eq!(*opening, Opening::of(self.format, record));
        }
        self.done(buffer, from, &frame);
        frame
    }

    /// One that stands between two lines of a stream that holds no more than
    /// lines so far.
    pub(super) fn between_lines(format: Format, limit: usize) -> Framer {
        Framer {
            all_counted: false,
            table: Heading::None,
            ..Framer::new(format, limit)
        }
    }

    /// Whether it frames what comes next as one
    /// [between lines](Framer::between_lines) does.
    pub(super) fn is_between_lines(&self) -> bool {
        let is_begun = self.searched > 0 || self.line > 0 || self.blanks > 0;
        let is_known = self.brackets.is_some() || self.counted > 0;
        matches!(self.table, Heading::None)
            && !(is_begun || is_known || self.is_within_line)
            && !self.all_counted
            && self.descents == 0
    }

    /// Gives up the record at hand, whose line is passed over to its end.
    pub(super) fn give_up(&mut self) {
        self.done(b"", 0, &Frame::TooLargeStill);
    }

    /// Gets ready for what comes after a frame.
    fn done(&mut self, buffer: &[u8], from: usize, frame: &Frame) {
        (self.searched, self.blanks, self.line) = (0, 0, 0);
        self.brackets = None;
        self.counted_has_lines = false;
        self.row = Row::default();
        let next = match frame {
            Frame::Record(.., next)
            | Frame::Row(_, next)
            | Frame::Blank(next)
            | Frame::TooLarge(_, next) => *next,
            Frame::TooLargeStill | Frame::More => buffer.len(),
        };
        if !matches!(frame, Frame::Blank(_)) {
            self.all_counted &= self.counted > 0;
            self.counted = 0;
        }
        let last = next.checked_sub(1).and_then(|at| buffer.get(at));
        match frame {
            _ if last == Some(&b'\n') => self.is_within_line = false,
            // What is over the limit is passed over to the end of its line.
            Frame::TooLargeStill => self.is_within_line = false,
            Frame::Blank(_) => {}
            _ => self.is_within_line = true,
        }
        if self.descents == 0 {
            return;
        }
        let passed = next.saturating_sub(from);
        self.since_descent = self.since_descent.saturating_add(passed);
        if self.since_descent > self.limit {
            (self.descents, self.since_descent) = (0, 0);
        }
    }

    /// Where the record ends that comes next.
    fn end(&mut self, seen: Seen<'_>) -> End {
        if self.counted > 0 {
            let message = seen.bytes.get(..self.counted).unwrap_or(seen.bytes);
            self.opening = Opening::of(self.format, message);
            return End::At(message.trim_ascii_end().len(), message.len());
        }
        let indent = match self.indent(seen) {
            Ok(indent) => indent,
            Err(end) => return end,
        };
        let seen = Seen { indent, ..seen };
        let text = seen.text();
        if text.starts_with(BOM) {
            return End::Blank(indent.saturating_add(BOM.len()));
        }
        // A byte order mark, or a name that decides, may still be cut.
        if text.len() < LONGEST_NAME
            && !seen.is_all
            && memchr(b'\n', text).is_none()
        {
            return End::More;
        }
        self.opening = Opening::of(self.format, text);
        if let Some(end) = self.in_table(seen) {
            return end;
        }
        if let Some(form) = self.journal_form(text) {
            return self.journal(seen, form);
        }
        match self.opening {
            Opening::Object => return self.object(seen),
            Opening::Element => return self.xml(seen),
            Opening::Type | Opening::Named(Format::Auditd) => {
                return self.line(seen);
            }
            Opening::Named(Format::WinEventLog) => return self.text(seen),
            Opening::Named(_) | Opening::Other => {}
        }
        match (self.format, text.first()) {
            // What stands between the elements of an array, and before each
            // text of a JSON text sequence (RFC 7464).
            (Format::Auto | Format::Json, Some(b',' | b']' | b'\x1E')) => {
                End::Blank(indent.saturating_add(1))
            }
            // What stands behind each of GELF's messages.
            (Format::Auto | Format::Json, Some(b'\0'))
                if self.is_within_line =>
            {
                End::Blank(indent.saturating_add(1))
            }
            (Format::Auto | Format::Json, Some(b'[')) => self.array(seen),
            (Format::Auto | Format::Json | Format::Xml, Some(b'1'..=b'9'))
                if octet_count(text).is_some() =>
            {
                self.octets(seen)
            }
            (Format::Auto, _) if record::event_text(head(text)).is_some() => {
                self.text(seen)
            }
            (Format::Auto | Format::Xml, _) => self.line_of_event(seen),
            _ => self.line(seen),
        }
    }

    /// How many blanks stand before the first byte that is none, which
    /// decides what begins here. Those on its line belong to the record: they
    /// say how deep it is indented. Lines of nothing else are passed over.
    fn indent(&mut self, seen: Seen<'_>) -> Result<usize, End> {
        let known = self.blanks.min(seen.bytes.len());
        let unknown = seen.bytes.get(known..).unwrap_or_default();
        let first =
            unknown.iter().position(|byte| !byte.is_ascii_whitespace());
        let blanks = unknown.get(..first.unwrap_or(unknown.len()));
        if let Some(at) = memchr::memrchr(b'\n', blanks.unwrap_or_default()) {
            let next = bytes::after(unknown, at).len();
            return Err(End::Blank(seen.bytes.len().saturating_sub(next)));
        }
        match first {
            Some(first) => {
                self.blanks = known.saturating_add(first);
                Ok(self.blanks)
            }
            None if seen.is_all => Err(End::Blank(seen.bytes.len())),
            None => {
                self.blanks = seen.bytes.len();
                Err(End::More)
            }
        }
    }

    /// A record a line.
    fn line(&mut self, seen: Seen<'_>) -> End {
        match line_end(seen.bytes, self.searched) {
            Some((end, next)) => End::At(end, next),
            None => self.more(seen),
        }
    }

    /// A record a line, unless an event begins in it behind a header: this
    /// ends with the line that closes it. One that is cut ends before the
    /// next line that begins a record, and one that is never closed with its
    /// own line.
    fn line_of_event(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, is_all, .. } = seen;
        if self.line == 0 {
            let Some((end, next)) = line_end(rest, self.searched) else {
                return self.more(seen);
            };
            if !leaves_event_open(rest.get(..end).unwrap_or_default()) {
                return End::At(end, next);
            }
            (self.line, self.searched) = (next, next);
        }
        loop {
            let (end, next) = match line_end(rest, self.searched) {
                Some(line) => line,
                None if is_all => (rest.len(), rest.len()),
                None => return self.more(seen),
            };
            let line = rest.get(self.line..end).unwrap_or_default();
            let is_cut = self.line >= rest.len()
                || record::begins_line(line)
                || leaves_event_open(line);
            if is_cut {
                return before(rest, self.line);
            }
            if self.line > MOST_OPEN_EVENT {
                return match line_end(rest, 0) {
                    Some((end, next)) => End::At(end, next),
                    None => self.more(seen),
                };
            }
            if memmem::find(line, CLOSING).is_some() {
                return End::At(end, next);
            }
            (self.line, self.searched) = (next, next);
        }
    }

    /// The end is not in what there is.
    fn more(&mut self, seen: Seen<'_>) -> End {
        self.searched = seen.bytes.len();
        End::More
    }

    /// A message of syslog over TCP with its length before it, as octet
    /// counting has it (RFC 6587), or else a line.
    ///
    /// Only if another length, a line end or nothing follows; and within a
    /// line, unless all of the stream is counted so far and another length
    /// follows: a number at the beginning of a line hides no record after it.
    fn octets(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, is_all, is_over, .. } = seen;
        let Some((header, length)) = octet_count(seen.text()) else {
            return self.line(seen);
        };
        let start = seen.indent.saturating_add(header);
        let end = start.saturating_add(length);
        if end > self.limit {
            return self.line(seen);
        }
        let until = end.saturating_sub(1).min(rest.len());
        let from = self.searched.max(start).min(until);
        let message = rest.get(from..until).unwrap_or_default();
        self.counted_has_lines |= memchr(b'\n', message).is_some();
        let has_lines = self.counted_has_lines;
        if has_lines && !self.all_counted {
            return self.line(seen);
        }
        let next = rest.get(end..).unwrap_or_default();
        if next.len() < LONGEST_NAME && !is_all && !is_over {
            self.searched = until;
            return End::More;
        }
        let is_end = rest.len() == end && is_all
            || matches!(next, [b'\n' | b'\r', ..]) && !has_lines
            || octet_count(start_of(next).trim_ascii_start()).is_some();
        if !is_end {
            // The line ends in what was passed over.
            if has_lines {
                self.searched = 0;
            }
            return self.line(seen);
        }
        self.counted = length;
        End::Blank(start)
    }

    /// An array on a line is a record. Of any other the elements are: the
    /// bracket is passed over, as are the commas between them.
    fn array(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, indent, .. } = seen;
        let inside = bytes::after(seen.text(), 0);
        let mut inside = inside.iter().take(LONGEST_NAME).copied();
        let next =
            inside.find(|byte| *byte == b'\n' || !byte.is_ascii_whitespace());
        let bracket = End::Blank(indent.saturating_add(1));
        match next {
            Some(b'\n') => return bracket,
            None if seen.is_all => return bracket,
            Some(b'{') => {}
            _ => return self.line(seen),
        }
        if !self.is_within_line {
            let line = match line_end(rest, self.searched) {
                None if seen.is_all => Some((rest.len(), rest.len())),
                None if !seen.is_over => return self.more(seen),
                line => line,
            };
            if let Some(line) = line {
                let (length, next) = trimmed(rest, line);
                let text = rest.get(..length).unwrap_or_default();
                let end = Brackets::default().look(text, indent);
                if end == Stop::End(length) {
                    return End::At(length, next);
                }
            }
        }
        self.is_within_line = true;
        bracket
    }

    /// An object that ends where its line does, be it with others on that
    /// line, or else where its brackets do.
    fn object(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, indent, .. } = seen;
        if !self.is_within_line && self.brackets.is_none() {
            match line_end(rest, self.searched) {
                Some(line) => {
                    let (length, next) = trimmed(rest, line);
                    if is_whole_object(rest, indent, line, length) {
                        return End::At(length, next);
                    }
                }
                None if seen.is_all || seen.is_over => {}
                None => return self.more(seen),
            }
            self.searched = 0;
        }
        let mut brackets = self.brackets.take().unwrap_or_default();
        let end = match brackets.look(rest, indent) {
            Stop::End(length) => End::At(length, length),
            Stop::Restart(next) => before(rest, next),
            Stop::NoJson(at) => {
                self.searched = self.searched.max(at);
                self.line(seen)
            }
            Stop::NoJsonInside(at) => {
                self.searched = self.searched.max(at);
                self.margin(seen)
            }
            Stop::More => End::More,
        };
        let end = match (end, brackets.restart(), brackets.list()) {
            (End::More, Some(next), _) if seen.is_all || seen.is_over => {
                before(rest, next)
            }
            (End::More, None, Some(length))
                if seen.is_over && self.descents < MOST_DESCENTS =>
            {
                self.descents = self.descents.saturating_add(1);
                self.since_descent = 0;
                End::List(length)
            }
            (end, ..) => end,
        };
        self.brackets = Some(brackets);
        end
    }

    /// To the first line that is indented no deeper than the first.
    fn margin(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, indent, .. } = seen;
        loop {
            let from = self.searched.max(self.line);
            let (line_end, next) = match line_end(rest, from) {
                Some(found) => found,
                None if seen.is_all && self.line < rest.len() => {
                    (rest.len(), rest.len())
                }
                None => return self.more(seen),
            };
            let line = rest.get(self.line..line_end).unwrap_or_default();
            let text = line.trim_ascii_start();
            let depth = line.len().saturating_sub(text.len());
            if self.line > 0 && !text.is_empty() && depth <= indent {
                let closes = text.starts_with(b"}");
                let length = if closes { next } else { self.line };
                return End::At(length, length);
            }
            self.line = next;
        }
    }

    /// A row, if the stream is a table; its header is passed over.
    fn in_table(&mut self, seen: Seen<'_>) -> Option<End> {
        let text = seen.text();
        let begins_name = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || !byte.is_ascii()
                || b"\"_@#".contains(byte)
        };
        match self.table {
            Heading::None => return None,
            // What is counted by its bytes may have no line end to wait for.
            Heading::Unknown
                if !text.first().is_some_and(begins_name)
                    || octet_count(text).is_some()
                    || record::is_other_than_row(text) =>
            {
                self.table = Heading::None;
                return None;
            }
            Heading::Table(_) if record::is_other_than_row(text) => {
                return None;
            }
            Heading::Unknown | Heading::Table(_) => {}
        }
        match &self.table {
            Heading::Unknown => {
                let all = (seen.bytes.len(), seen.bytes.len());
                let (end, next) = match line_end(seen.bytes, self.searched) {
                    Some(line) => line,
                    None if seen.is_all => all,
                    None if !seen.is_over => return Some(self.more(seen)),
                    None => {
                        (self.table, self.searched) = (Heading::None, 0);
                        return None;
                    }
                };
                let line = seen.bytes.get(..end).unwrap_or_default();
                let line = line.trim_ascii();
                // What PowerShell and Excel put before a header.
                if line.starts_with(b"#TYPE ") || line.starts_with(b"sep=") {
                    return Some(End::Blank(next));
                }
                let is_text = record::event_text(head(text)).is_some();
                let table = Table::of_header(line).filter(|_| !is_text);
                self.table = table.map_or(Heading::None, Heading::Table);
                self.searched = 0;
                return self.table().map(|_| End::Blank(next));
            }
            Heading::Table(table) => {
                if let Some(length) = table.header_again(text, seen.is_all) {
                    return Some(End::Blank(
                        seen.indent.saturating_add(length),
                    ));
                }
            }
            Heading::None => {}
        }
        self.row(seen)
    }

    /// To the end of the row. One that is broken, or has another number of
    /// fields than there are columns, ends with its first line: a quote that
    /// is not closed swallows no more than that.
    fn row(&mut self, seen: Seen<'_>) -> Option<End> {
        let Heading::Table(table) = &self.table else { return None };
        let (delimiter, columns) = (table.delimiter(), table.columns());
        let Seen { bytes: rest, is_all, is_over, .. } = seen;
        Some(match self.row.look(rest, delimiter, is_all) {
            RowEnd::At(end, next) if self.row.fields() == columns => {
                End::Row(end, next)
            }
            RowEnd::More if !is_all && !is_over => End::More,
            _ => match line_end(rest, 0) {
                Some((end, next)) => End::Row(end, next),
                None if !is_all && !is_over => End::More,
                None => End::Row(rest.len(), rest.len()),
            },
        })
    }

    /// To the end of the element. An XML declaration, the tags around a list
    /// of events and comments are passed over.
    fn xml(&mut self, seen: Seen<'_>) -> End {
        let text = seen.text();
        let passed_over = [
            ("<?", "?>"),
            ("<Events", ">"),
            ("</Events", ">"),
            ("<!--", "-->"),
        ];
        for (opening, closing) in passed_over {
            if text.starts_with(opening.as_bytes()) {
                return match self.closing(seen, closing.as_bytes()) {
                    Closing::At(end) => End::Blank(end),
                    Closing::Cut(end) => End::At(end, end.saturating_add(1)),
                    Closing::None if seen.is_all => {
                        End::At(seen.bytes.len(), seen.bytes.len())
                    }
                    Closing::None => self.more(seen),
                };
            }
        }
        if !is_element(text) {
            return self.line_of_event(seen);
        }
        if let Some(end) = self.element_on_a_line(seen) {
            return end;
        }
        match self.closing(seen, CLOSING) {
            Closing::At(end) => End::At(end, end),
            Closing::Cut(end) => End::At(end, end.saturating_add(1)),
            Closing::None => self.more(seen),
        }
    }

    /// A whole line is the usual case, and cheap to tell: its only end is
    /// where it ends. Of several events on a line each is a record, as it is
    /// when the line's end has not come yet.
    fn element_on_a_line(&self, seen: Seen<'_>) -> Option<End> {
        if self.searched > 0 {
            return None;
        }
        let (end, next) = line_end(seen.bytes, 0)?;
        let line = seen.bytes.get(..end)?.trim_ascii_end();
        let closing = memmem::find(line, CLOSING)?;
        let is_last = line.get(closing..) == Some(CLOSING);
        is_last.then_some(End::At(line.len(), next))
    }

    /// Where what has begun is closed. The closing may begin in bytes that
    /// were searched before.
    fn closing(&self, seen: Seen<'_>, closing: &[u8]) -> Closing {
        let from = self.searched.saturating_sub(CLOSING.len());
        let from = from.max(seen.indent);
        let tail = seen.bytes.get(from..).unwrap_or_default();
        match end_of(tail, closing) {
            (Some(at), _) => Closing::Cut(from.saturating_add(at)),
            (None, Some(at)) => {
                let at = from.saturating_add(at);
                Closing::At(at.saturating_add(closing.len()))
            }
            (None, None) => Closing::None,
        }
    }

    /// The form of the journal's entry that begins here.
    fn journal_form(&self, text: &[u8]) -> Option<JournalForm> {
        let may_be = matches!(self.format, Format::Auto | Format::Json)
            && matches!(text.first(), Some(b'_' | b'A'..=b'Z'));
        let form = || record::journal_form(start_of(text));
        may_be.then(form).flatten()
    }

    /// To the end of an entry of the journal.
    fn journal(&mut self, seen: Seen<'_>, form: JournalForm) -> End {
        let Seen { bytes: rest, is_all, .. } = seen;
        if self.line == 0 {
            let Some((_, next)) = line_end(rest, self.searched) else {
                return self.more(seen);
            };
            self.line = next;
        }
        loop {
            let fields = rest.get(self.line..).unwrap_or_default();
            match form.part(fields, is_all) {
                JournalPart::Field { length, .. }
                | JournalPart::Line { length, .. } => {
                    self.line = self.line.saturating_add(length);
                }
                JournalPart::End => {
                    let length = self.line.saturating_sub(1);
                    return End::At(length, self.line);
                }
                JournalPart::More => return End::More,
            }
        }
    }

    /// To the next line that begins a block as this one began.
    fn text(&mut self, seen: Seen<'_>) -> End {
        let Seen { bytes: rest, is_all, .. } = seen;
        let text = seen.text();
        let is_dated = is_event_date(text);
        let is_classic = matches!(
            record::event_text(head(text)),
            None | Some(Header::Classic)
        );
        let mut from = self.searched;
        loop {
            let Some((end, next)) = line_end(rest, from) else {
                self.searched = rest.len();
                let block = rest.strip_suffix(b"\n").unwrap_or(rest);
                return if is_all {
                    End::At(block.len(), rest.len())
                } else {
                    End::More
                };
            };
            let line = rest.get(next..).unwrap_or_default();
            let told = line.len() >= LONGEST_NAME
                || is_all
                || memchr(b'\n', line).is_some();
            if !told {
                self.searched = end;
                return End::More;
            }
            // A block whose beginning was cut off does not swallow the next
            // one that has its date.
            let begins = is_classic && is_event_date(line)
                || !is_dated
                    && record::event_text(head(line)).is_some()
                    && line.starts_with(first_label(text));
            if begins {
                return End::At(end, next);
            }
            from = next;
        }
    }
}

/// Where the line ends that `from` is in, and where the next one begins.
fn line_end(rest: &[u8], from: usize) -> Option<(usize, usize)> {
    let from = from.min(rest.len());
    let end = from.saturating_add(memchr(b'\n', rest.get(from..)?)?);
    Some((end, end.saturating_add(1)))
}

/// A record that is cut before the line that begins at `next`.
fn before(rest: &[u8], next: usize) -> End {
    let record = rest.get(..next).unwrap_or_default();
    End::At(record.trim_ascii_end().len(), next)
}

/// Whether a line holds a JSON object and ends with it. That it ends with a
/// brace will do, since all but a few lines do; only if a comma follows, the
/// object may be in the middle of another that goes on.
fn is_whole_object(
    rest: &[u8],
    indent: usize,
    (end, _): (usize, usize),
    length: usize,
) -> bool {
    let text = rest.get(..length).unwrap_or_default();
    let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
    text.ends_with(b"}")
        && (line.len() == length
            || Brackets::default().look(text, indent) == Stop::End(length))
}

/// A line without the blanks and the comma at its end.
fn trimmed(rest: &[u8], (end, next): (usize, usize)) -> (usize, usize) {
    let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
    let line = line.strip_suffix(b",").unwrap_or(line).trim_ascii_end();
    (line.len(), next)
}

/// How long the header of an octet-counted message is, and the message:
/// `123 <13>...`.
fn octet_count(text: &[u8]) -> Option<(usize, usize)> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = text.split_at_checked(digits)?;
    match after {
        [b' ', b'<', b'0'..=b'9', ..] if digits < 10 => {
            let length = core::str::from_utf8(number).ok()?.parse().ok()?;
            Some((digits.saturating_add(1), length))
        }
        _ => None,
    }
}

/// Whether a line begins with `MM/DD/YYYY ` or `MM/DD/YY `, as a dated block
/// does.
fn is_event_date(line: &[u8]) -> bool {
    [&b"00/00/0000 "[..], b"00/00/00 "].iter().any(|pattern| {
        line.len() >= pattern.len()
            && line.iter().zip(*pattern).all(|(byte, pattern)| match pattern {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    })
}

/// As much of what follows as tells what begins there.
fn start_of(text: &[u8]) -> &[u8] {
    text.get(..LONGEST_NAME).unwrap_or(text)
}

/// As much of a line as tells what begins there, however much of it has
/// come.
fn head(text: &[u8]) -> &[u8] {
    let head = text.get(..LONGEST_NAME).unwrap_or(text);
    let end = memchr(b'\n', head).unwrap_or(head.len());
    head.get(..end).unwrap_or_default()
}

/// Whether an `<Event>` element begins here, not one of a longer name.
fn is_element(text: &[u8]) -> bool {
    let after = text.strip_prefix(b"<Event").and_then(<[u8]>::first);
    after.is_some_and(|byte| *byte == b'>' || byte.is_ascii_whitespace())
}

/// Whether an event begins near the beginning of a line, behind a header,
/// and does not end in it.
fn leaves_event_open(line: &[u8]) -> bool {
    let head = line.get(..record::MOST_PREFIX).unwrap_or(line);
    let mut places = record::EVENT.each(head);
    let at = places.find(|&at| is_element(line.get(at..).unwrap_or_default()));
    at.is_some_and(|at| {
        let event = line.get(at..).unwrap_or_default();
        memmem::find(event, CLOSING).is_none()
    })
}

/// Where an element begins inside of what has begun, which only what is cut
/// has; and where its end stands.
///
/// Looks no further than a few times as far as the first of them: many cut
/// elements would take a look at all that follows each.
fn end_of(text: &[u8], closing: &[u8]) -> (Option<usize>, Option<usize>) {
    let mut length = 4096_usize;
    loop {
        let near = text.get(..length).unwrap_or(text);
        let closing = memmem::find(near, closing);
        let before = closing.and_then(|at| near.get(..at)).unwrap_or(near);
        let cut = memmem::find_iter(before, b"\n<Event")
            .find(|&at| is_element(bytes::after(near, at)));
        if cut.is_some() || closing.is_some() || near.len() == text.len() {
            return (cut, closing);
        }
        length = length.saturating_mul(4);
    }
}

/// The label that a block of text begins with, `LogName=`, `Log Name:` or
/// `Event[`; the same label begins the next one. Nothing where there is none:
/// any label may.
fn first_label(text: &[u8]) -> &[u8] {
    let head = head(text);
    let end = memchr3(b'=', b':', b'[', head).and_then(|at| head.get(..=at));
    end.unwrap_or_default()
}

/// What there is of a record and what follows it.
#[derive(Clone, Copy)]
struct Seen<'b> {
    bytes: &'b [u8],
    /// How many blanks they begin with.
    indent: usize,
    /// Whether no more bytes will come.
    is_all: bool,
    /// Whether there are more than a record may have.
    is_over: bool,
}

impl<'b> Seen<'b> {
    /// From the first byte that is not blank.
    fn text(&self) -> &'b [u8] {
        self.bytes.get(self.indent..).unwrap_or_default()
    }
}

/// Where an element, or what is passed over, is closed.
enum Closing {
    /// It ends there.
    At(usize),
    /// It is cut: another element begins after the line end there.
    Cut(usize),
    /// Not in these bytes.
    None,
}

/// Where a record ends, from where it begins.
enum End {
    /// Its length, and the length with what separates it from the next.
    At(usize, usize),
    /// The same of a row.
    Row(usize, usize),
    /// No record: as many bytes to pass over.
    Blank(usize),
    /// It is over the limit, and the elements of a list in it begin there.
    List(usize),
    /// Not in these bytes.
    More,
}

/// How often a record over the limit is given up for the records in it,
/// within as many bytes as a record may have. Each time, as much is looked at
/// once more.
const MOST_DESCENTS: u32 = 4;

/// How far the end of an event is looked for that begins behind a header:
/// four times as far as Windows' longest event goes, for each byte of a value
/// may be an entity.
const MOST_OPEN_EVENT: usize = 256 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";
const CLOSING: &[u8] = b"</Event>";
/// No name or date that decides how a record ends is longer.
const LONGEST_NAME: usize = 32;
