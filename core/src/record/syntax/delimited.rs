/*!
Rows of fields with a byte between them, CSV and its kin (RFC 4180): a field
that holds that byte, a quote or a line end stands in quotes, and a quote in
it is doubled.
*/

use memchr::{memchr, memchr2};

use super::text::split_at_byte;

/// Where a row was found to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// Its length, and that with its line end.
    At(usize, usize),
    /// Something follows a quoted field that may not.
    Malformed,
    /// Not in these bytes.
    More,
}

/// What is known of a row whose end has not come. Each byte is looked at
/// once, however often more of them come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    /// How many fields end before the place.
    ended: usize,
    at: usize,
    place: Place,
}

/// Where in a row a byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Plain,
    Quoted,
}

impl Row {
    /// How many fields it has, once its end is found.
    pub(crate) fn fields(&self) -> usize {
        self.ended.saturating_add(1)
    }

    /// Looks for the end in bytes that begin with the row; `is_all` says that
    /// no more will come.
    pub(crate) fn look(
        &mut self,
        bytes: &[u8],
        delimiter: u8,
        is_all: bool,
    ) -> RowEnd {
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let Some(first) = rest.first() else {
                let is_open = self.place == Place::Quoted || !is_all;
                let length = bytes.len();
                return match is_open {
                    true => RowEnd::More,
                    false => RowEnd::At(length, length),
                };
            };
            match self.place {
                Place::Start if *first == b'"' => {
                    self.place = Place::Quoted;
                    self.pass(1);
                }
                Place::Start => self.place = Place::Plain,
                Place::Plain => match memchr2(delimiter, b'\n', rest) {
                    None => self.pass(rest.len()),
                    Some(length) => {
                        self.pass(length);
                        if let Some(end) = self.field(bytes, delimiter) {
                            return end;
                        }
                    }
                },
                Place::Quoted => match memchr(b'"', rest) {
                    None => self.pass(rest.len()),
                    Some(length) => {
                        let after = rest.get(length..).unwrap_or_default();
                        match after {
                            [_] if is_all => {
                                return RowEnd::At(bytes.len(), bytes.len());
                            }
                            [_] | [_, b'\r'] if !is_all => {
                                self.pass(length);
                                return RowEnd::More;
                            }
                            [_, b'"', ..] => {
                                self.pass(length.saturating_add(2));
                            }
                            [_, next, ..]
                                if *next == delimiter || *next == b'\n' =>
                            {
                                self.pass(length.saturating_add(1));
                                let end = self.field(bytes, delimiter);
                                if let Some(end) = end {
                                    return end;
                                }
                            }
                            [_, b'\r', b'\n', ..] | [_, b'\r'] => {
                                self.pass(length.saturating_add(2));
                                let end = self.at.min(bytes.len());
                                let next = end.saturating_add(1);
                                return RowEnd::At(end, next.min(bytes.len()));
                            }
                            _ => return RowEnd::Malformed,
                        }
                    }
                },
            }
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Ends the field before the place, and the row if that is its last.
    fn field(&mut self, bytes: &[u8], delimiter: u8) -> Option<RowEnd> {
        let next = self.at.saturating_add(1);
        if bytes.get(self.at) != Some(&delimiter) {
            return Some(RowEnd::At(self.at, next));
        }
        self.ended = self.ended.saturating_add(1);
        (self.at, self.place) = (next, Place::Start);
        None
    }
}

/// The fields of a row without its line end. What stands in quotes is given
/// without them; quotes in it are still doubled.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    rest: Option<&'a [u8]>,
    delimiter: u8,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(row: &'a [u8], delimiter: u8) -> Fields<'a> {
        Fields { rest: Some(row), delimiter }
    }
}

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) is_quoted: bool,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let rest = self.rest.take()?;
        let Some(text) = rest.strip_prefix(b"\"") else {
            let (text, after) = split_at_byte(rest, self.delimiter)
                .map_or((rest, None), |(text, after)| (text, Some(after)));
            self.rest = after;
            return Some(Field { text, is_quoted: false });
        };
        let mut from = 0_usize;
        while let Some(unknown) = text.get(from..)
            && let Some(length) = memchr(b'"', unknown)
        {
            let end = from.saturating_add(length);
            let (inside, after) = text.split_at_checked(end)?;
            let after = after.get(1..).unwrap_or_default();
            if after.first() != Some(&b'"') {
                let at = memchr(self.delimiter, after);
                self.rest = at.and_then(|at| after.get(at..)?.get(1..));
                return Some(Field { text: inside, is_quoted: true });
            }
            from = end.saturating_add(2);
        }
        Some(Field { text, is_quoted: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of a row, the same however its bytes come.
    fn end(text: &str) -> (RowEnd, usize) {
        let mut whole = Row::default();
        let found = whole.look(text.as_bytes(), b',', true);
        let mut row = Row::default();
        let mut cut = RowEnd::More;
        for length in 0..=text.len() {
            cut = row.look(
                &text.as_bytes()[..length],
                b',',
                length == text.len(),
            );
            if cut != RowEnd::More {
                break;
            }
        }
        assert_eq!(cut, found, "{text:?}");
        assert_eq!(row.fields(), whole.fields(), "{text:?}");
        (found, whole.fields())
    }

    fn fields(row: &str) -> Vec<&str> {
        let fields = Fields::new(row.as_bytes(), b',');
        fields.map(|field| core::str::from_utf8(field.text).unwrap()).collect()
    }

    #[test]
    fn rows_end_at_the_line_end_that_is_in_no_field() {
        for (text, length, next, fields) in [
            ("a,b\nc", 3, 4, 2),
            ("a,b\r\nc", 4, 5, 2),
            ("a", 1, 1, 1),
            ("\"a\nb\",c\nd", 7, 8, 2),
            ("\"a\"\"\n\"\"b\"\nc", 9, 10, 1),
            ("a,\"b\"\r\nc", 6, 7, 2),
            (",,\n", 2, 3, 3),
            ("a\"b,c\n", 5, 6, 2),
            ("\"\"\n", 2, 3, 1),
            ("\"a\"", 3, 3, 1),
        ] {
            let found = end(text);
            let next = next.min(text.len());
            let expected = (RowEnd::At(length, next), fields);
            assert_eq!(found, expected, "{text:?}");
        }
        for text in ["\"a\"b,c\n", "\"a\"\rb\n"] {
            assert_eq!(end(text).0, RowEnd::Malformed, "{text:?}");
        }
        for text in ["\"a\n", "x,\"a\"\"\n"] {
            assert_eq!(end(text).0, RowEnd::More, "{text:?}");
        }
    }

    #[test]
    fn fields_stand_between_delimiters() {
        assert_eq!(fields("a,b"), ["a", "b"]);
        assert_eq!(fields(",\"b,\n\"\"c\"\"\","), ["", "b,\n\"\"c\"\"", ""]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("\"a"), ["a"]);
        assert_eq!(fields("\"a\"x,b"), ["a", "b"]);
    }
}
