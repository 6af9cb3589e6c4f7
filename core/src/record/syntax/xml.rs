/*!
XML, read in place.

[`Tokens`] is a pull reader over bytes: it borrows every name and text, holds
no more than the names of the open elements, and never calls itself. No entity
is expanded but the five of XML itself and character references, and those
only when a value is asked for ([`unescape_into`]), so no input can grow.
*/

use core::ops::Range;

use memchr::{memchr, memchr2, memmem};

use crate::bytes;

use crate::record::error::{RecordError, RecordErrorKind};

/// Most elements that may be open at once. Events and task definitions are
/// at most eight deep.
const MOST_OPEN: usize = 64;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// An element begins; its name. [`Tokens::attribute`] reads on in the
    /// tag. An empty element's end follows like that of any other.
    Start(&'a [u8]),
    /// The element that began last ends.
    End,
    /// What stands between two tags, as written: text, CDATA sections,
    /// comments and processing instructions.
    Text(&'a [u8]),
}

/// Reads the tokens of a document. Where it is not well-formed they end, and
/// [`error`](Tokens::error) says why.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    input: &'a [u8],
    rest: &'a [u8],
    place: Place,
    open: [&'a [u8]; MOST_OPEN],
    depth: usize,
    error: Option<RecordError>,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between tags.
    Content,
    /// In a start tag, after its name or an attribute.
    Tag,
    /// After the tag of an empty element, whose end is due.
    Empty,
}

impl<'a> Tokens<'a> {
    /// Reads a document, or any part of one that begins between tags.
    pub(crate) fn new(input: &'a [u8]) -> Tokens<'a> {
        Tokens {
            input,
            rest: input,
            place: Place::Content,
            open: [b""; MOST_OPEN],
            depth: 0,
            error: None,
        }
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// How many bytes are read.
    pub(crate) fn offset(&self) -> usize {
        self.input.len().saturating_sub(self.rest.len())
    }

    /// Where the tag of the element that began last stands. Meaningful until
    /// anything more is read.
    pub(crate) fn tag_offset(&self) -> usize {
        let open = self.open.get(self.depth.saturating_sub(1));
        let length = open.map_or(1, |name| name.len().saturating_add(1));
        self.offset().saturating_sub(length)
    }

    /// Why the tokens ended, if not because the document did.
    pub(crate) fn error(&self) -> Option<RecordError> {
        self.error
    }

    /// The next attribute of the tag that began last: its name, and its
    /// value as written.
    #[inline(always)]
    pub(crate) fn attribute(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        if self.place != Place::Tag {
            return None;
        }
        self.end_of_tag(self.rest.trim_ascii_start());
        if self.place != Place::Tag {
            return None;
        }
        let Some((name, rest)) = split_name(self.rest) else {
            return self.fail("a tag does not end");
        };
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b"=") else {
            return self.fail("an attribute has no value");
        };
        let Some((&quote @ (b'"' | b'\''), rest)) =
            rest.trim_ascii_start().split_first()
        else {
            return self.fail("an attribute's value is not quoted");
        };
        let end = memchr2(quote, b'<', rest).unwrap_or(rest.len());
        let (value, rest) = rest.split_at_checked(end)?;
        self.rest = rest;
        let Some((_, rest)) =
            rest.split_first().filter(|split| *split.0 == quote)
        else {
            return self.fail("an attribute's value does not end");
        };
        self.end_of_tag(rest);
        Some((name, value))
    }

    /// What stands before the next tag, as written; nothing in an empty
    /// element.
    #[inline]
    pub(crate) fn text(&mut self) -> &'a [u8] {
        if self.place == Place::Tag {
            self.skip_attributes();
        }
        // Most often one tag follows another.
        if self.place != Place::Content || is_tag(self.rest) {
            return b"";
        }
        let mut rest = self.rest;
        loop {
            let tag = memchr(b'<', rest).and_then(|at| rest.get(at..));
            rest = tag.unwrap_or_default();
            let [_, b'!' | b'?', ..] = rest else { break };
            let Some((length, _)) = section(rest) else {
                self.rest = b"";
                self.fail::<()>("a section or a comment does not end");
                return b"";
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        let end = self.rest.len().saturating_sub(rest.len());
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        text
    }

    /// The text of the element that began last, which is read to its end;
    /// `None` when elements stand in it, and then only the text before them
    /// is passed over.
    #[inline]
    pub(crate) fn leaf(&mut self) -> Option<&'a [u8]> {
        let text = self.text();
        match self.rest {
            _ if self.place == Place::Empty => {
                self.next();
            }
            [b'<', b'/', rest @ ..] => {
                self.end_tag(rest)?;
            }
            _ => return None,
        }
        Some(text)
    }

    /// Reads an element with one attribute and no elements in it at once, if
    /// that is what comes next and it is written without any frills; returns
    /// the attribute's value and the text. The names are given with what
    /// surrounds them.
    #[inline(always)]
    pub(crate) fn plain_leaf(
        &mut self,
        before_value: &[u8],
        after_text: &[u8],
    ) -> Option<(&'a [u8], &'a [u8])> {
        let rest = self.rest.trim_ascii_start();
        let rest = rest.strip_prefix(before_value)?;
        let (value, rest) = rest.split_at_checked(memchr(b'>', rest)?)?;
        let value = match value {
            [b'"', value @ .., b'"'] if !value.contains(&b'"') => value,
            [b'\'', value @ .., b'\''] if !value.contains(&b'\'') => value,
            _ => return None,
        };
        let (_, rest) = rest.split_first()?;
        let (text, rest) = rest.split_at_checked(memchr(b'<', rest)?)?;
        self.rest = rest.strip_prefix(after_text)?;
        Some((value, text))
    }

    fn skip_attributes(&mut self) {
        while self.attribute().is_some() {}
    }

    /// Leaves the tag if it ends here.
    #[inline]
    fn end_of_tag(&mut self, rest: &'a [u8]) {
        match rest {
            [b'>', rest @ ..] => {
                (self.rest, self.place) = (rest, Place::Content);
            }
            [b'/', b'>', rest @ ..] => {
                (self.rest, self.place) = (rest, Place::Empty);
            }
            _ => self.rest = rest,
        }
    }

    /// Ends the tokens for a reason.
    #[cold]
    fn fail<T>(&mut self, reason: &'static str) -> Option<T> {
        let kind = RecordErrorKind::Xml(reason);
        self.error = Some(RecordError::new(kind, self.offset()));
        (self.rest, self.place, self.depth) = (b"", Place::Content, 0);
        None
    }

    fn end_tag(&mut self, rest: &'a [u8]) -> Option<Token<'a>> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return self.fail("an end tag has no start tag");
        };
        let name = self.open.get(depth).copied().unwrap_or_default();
        let Some(rest) = rest.strip_prefix(name) else {
            return self.fail("an end tag does not match its start tag");
        };
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b">") else {
            return self.fail("an end tag does not match its start tag");
        };
        (self.rest, self.depth) = (rest, depth);
        Some(Token::End)
    }

    fn start_tag(&mut self, rest: &'a [u8]) -> Option<Token<'a>> {
        let Some((name, rest)) = split_name(rest) else {
            return self.fail("a tag has no name");
        };
        let Some(open) = self.open.get_mut(self.depth) else {
            return self.fail("elements are nested too deeply");
        };
        *open = name;
        self.depth = self.depth.saturating_add(1);
        self.place = Place::Tag;
        self.end_of_tag(rest);
        Some(Token::Start(name))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline]
    fn next(&mut self) -> Option<Token<'a>> {
        let text = self.text();
        if !text.is_empty() {
            return Some(Token::Text(text));
        }
        if self.place == Place::Empty {
            self.place = Place::Content;
            self.depth = self.depth.saturating_sub(1);
            return Some(Token::End);
        }
        match self.rest {
            [b'<', b'/', rest @ ..] => self.end_tag(rest),
            [b'<', rest @ ..] => self.start_tag(rest),
            _ if self.depth > 0 => self.fail("an element does not end"),
            _ => None,
        }
    }
}

/// Whether a tag begins here: a bracket and none of what `section` reads.
#[inline]
fn is_tag(rest: &[u8]) -> bool {
    matches!(rest, [b'<', next, ..] if !matches!(next, b'!' | b'?'))
}

/// The name that begins here, and what follows it.
#[inline]
pub(crate) fn split_name(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let starts_name = |byte: &u8| {
        byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'_'
    };
    let ends_name = |byte: &u8| {
        *byte <= b'>'
            && matches!(
                byte,
                b'\t'
                    | b'\n'
                    | b'\r'
                    | b' '
                    | b'"'
                    | b'\''
                    | b'/'
                    | b'<'
                    | b'='
                    | b'>'
            )
    };
    rest.first().filter(|byte| starts_name(byte))?;
    rest.split_at_checked(rest.iter().position(ends_name)?)
}

/// A name without its namespace prefix.
#[inline]
pub(crate) fn local_name(name: &[u8]) -> &[u8] {
    match name.iter().position(|&byte| byte == b':') {
        Some(colon) => bytes::after(name, colon),
        None => name,
    }
}

/// The length of the section, comment, instruction or document type that
/// begins here, and the part of it that counts as text; `None` when it does
/// not end.
fn section(markup: &[u8]) -> Option<(usize, Range<usize>)> {
    for (open, close, is_text) in [
        (&b"<![CDATA["[..], &b"]]>"[..], true),
        (b"<!--", b"-->", false),
        (b"<?", b"?>", false),
    ] {
        if let Some(inner) = markup.strip_prefix(open) {
            let inside = bytes::range(open.len(), memmem::find(inner, close)?);
            let length = inside.end.saturating_add(close.len());
            return Some((length, if is_text { inside } else { 0..0 }));
        }
    }
    // A document type; a subset in brackets may hold further tags, and
    // quoted text in it may hold anything.
    let mut brackets = 0_usize;
    let mut quote = None;
    for (length, &byte) in (1..).zip(markup) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => brackets = brackets.saturating_add(1),
            (None, b']') => brackets = brackets.saturating_sub(1),
            (None, b'>') if brackets == 0 => return Some((length, 0..0)),
            _ => {}
        }
    }
    None
}

/// What something other than plain text in a value stands for.
enum Meaning {
    /// A character.
    Character(char),
    /// Bytes that stand in it, relative to its start.
    Part(Range<usize>),
}

/// What the value's part that begins here with `&` or `<` stands for, and
/// how long it is. What means nothing stands for itself.
fn meaning(rest: &[u8]) -> (Meaning, usize) {
    if rest.first() == Some(&b'&') {
        return match reference(rest) {
            Some((character, length)) => {
                (Meaning::Character(character), length)
            }
            None => (Meaning::Part(0..1), 1),
        };
    }
    if !matches!(rest.get(1), Some(b'!' | b'?')) {
        return (Meaning::Part(0..1), 1);
    }
    // One that does not end takes all that is left: looking for the end of
    // each of many would take their number squared.
    match section(rest) {
        Some((length, text)) => (Meaning::Part(text), length),
        None => (Meaning::Part(0..rest.len()), rest.len()),
    }
}

/// The character that a reference stands for, and the reference's length.
fn reference(rest: &[u8]) -> Option<(char, usize)> {
    let (character, length) = match rest {
        [b'&', b'l', b't', b';', ..] => ('<', 4),
        [b'&', b'g', b't', b';', ..] => ('>', 4),
        [b'&', b'a', b'm', b'p', b';', ..] => ('&', 5),
        [b'&', b'q', b'u', b'o', b't', b';', ..] => ('"', 6),
        [b'&', b'a', b'p', b'o', b's', b';', ..] => ('\'', 6),
        [b'&', b'#', b'x' | b'X', digits @ ..] => {
            let (character, length) = code_point(digits, 16)?;
            (character, length.saturating_add(3))
        }
        [b'&', b'#', digits @ ..] => {
            let (character, length) = code_point(digits, 10)?;
            (character, length.saturating_add(2))
        }
        _ => return None,
    };
    Some((character, length))
}

/// The character whose number is written here, and the length with the
/// semicolon that ends it.
fn code_point(digits: &[u8], radix: u32) -> Option<(char, usize)> {
    let mut number = 0_u32;
    for (length, &byte) in (1..).zip(digits) {
        if byte == b';' && number > 0 {
            return Some((char::from_u32(number)?, length));
        }
        let digit = char::from(byte).to_digit(radix)?;
        number = number.saturating_mul(radix).saturating_add(digit);
    }
    None
}

/// Whether a value means anything but what is written.
#[inline]
pub(crate) fn is_escaped(raw: &[u8]) -> bool {
    memchr2(b'&', b'<', raw).is_some()
}

/// Appends text or an attribute's value with its references decoded, CDATA
/// sections unwrapped, and comments and the like left out. What is no
/// known reference is kept as it is.
pub(crate) fn unescape_into(raw: &[u8], buffer: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(found) = memchr2(b'&', b'<', rest) {
        let (plain, special) =
            rest.split_at_checked(found).unwrap_or_default();
        buffer.extend_from_slice(plain);
        let (meaning, length) = meaning(special);
        match meaning {
            Meaning::Character(character) => {
                let mut bytes = [0; 4];
                let text = character.encode_utf8(&mut bytes);
                buffer.extend_from_slice(text.as_bytes());
            }
            Meaning::Part(part) => {
                let part = special.get(part).unwrap_or_default();
                buffer.extend_from_slice(part);
            }
        }
        rest = special.get(length..).unwrap_or_default();
    }
    buffer.extend_from_slice(rest);
}

/// Does what [`unescape_into`] does to the buffer's end from `start` on.
pub(crate) fn unescape_in_place(buffer: &mut Vec<u8>, start: usize) {
    // Whatever means something is longer than what it means, so what is
    // written never overtakes what is read.
    let start = start.min(buffer.len());
    let (mut read, mut write) = (start, start);
    while let Some(rest) = buffer.get(read..) {
        let found = memchr2(b'&', b'<', rest);
        let special = found.and_then(|at| rest.get(at..)).map(meaning);
        let plain = bytes::range(read, found.unwrap_or(rest.len()));
        read = plain.end;
        write = move_part(buffer, plain, write);
        match special {
            None => break,
            Some((Meaning::Character(character), length)) => {
                let mut bytes = [0; 4];
                let text = character.encode_utf8(&mut bytes).as_bytes();
                let place = bytes::range(write, text.len());
                write = place.end;
                if let Some(room) = buffer.get_mut(place) {
                    room.copy_from_slice(text);
                }
                read = read.saturating_add(length);
            }
            Some((Meaning::Part(part), length)) => {
                let first = read.saturating_add(part.start);
                let part = bytes::range(first, part.len());
                write = move_part(buffer, part, write);
                read = read.saturating_add(length);
            }
        }
    }
    buffer.truncate(write);
}

/// Moves part of the buffer to a place; returns where it ends there.
fn move_part(buffer: &mut [u8], part: Range<usize>, to: usize) -> usize {
    let length = part.len();
    buffer.copy_within(part, to);
    to.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(input: &[u8]) -> String {
        let mut tokens = Tokens::new(input);
        let mut shown = String::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Start(name) => {
                    shown += "(";
                    shown += str::from_utf8(name).unwrap();
                    while let Some((name, value)) = tokens.attribute() {
                        let name = str::from_utf8(name).unwrap();
                        let value = str::from_utf8(value).unwrap();
                        shown += &format!(" {name}={value}");
                    }
                    shown += "|";
                }
                Token::End => shown += ")",
                Token::Text(text) => shown += str::from_utf8(text).unwrap(),
            }
        }
        if let Some(error) = tokens.error() {
            shown += &format!("!{} at {}", error.reason(), error.offset());
        }
        shown
    }

    #[test]
    fn tokens() {
        for (input, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("<a/>", "(a|)"),
            ("<a b='1' c = \"'>\"/>", "(a b=1 c='>|)"),
            ("<a><b>x</b>y</a >", "(a|(b|x)y)"),
            ("<a\n b='1'\n>x</a>", "(a b=1|x)"),
            ("<?xml version='1.0'?>\n<a/>", "<?xml version='1.0'?>\n(a|)"),
            (
                "<a>x<![CDATA[<b>]]>y<!-- </a> --></a>",
                "(a|x<![CDATA[<b>]]>y<!-- </a> -->)",
            ),
            (
                "<!DOCTYPE a [<!ENTITY b ']>'>]><a>&b;</a>",
                "<!DOCTYPE a [<!ENTITY b ']>'>]>(a|&b;)",
            ),
            ("<n:a><n:b/></n:a>", "(n:a|(n:b|))"),
        ] {
            assert_eq!(shown(input.as_bytes()), expected, "{input}");
        }
    }

    #[test]
    fn attributes_that_are_not_asked_for() {
        let tokens = Tokens::new(b"<a b='>' c='</a>'>x</a>");
        // `<` may not stand in a value.
        assert_eq!(tokens.count(), 1);
        let mut tokens = Tokens::new(b"<a b='>' c=\"/>\">x</a>");
        assert_eq!(tokens.next(), Some(Token::Start(b"a")));
        assert_eq!(tokens.next(), Some(Token::Text(b"x")));
        assert_eq!(tokens.next(), Some(Token::End));
        assert_eq!(tokens.next(), None);
        assert_eq!(tokens.error(), None);
    }

    #[test]
    fn errors() {
        for (input, reason, offset) in [
            ("<a>", "an element does not end", 3),
            ("<a><b></a>", "an end tag does not match its start tag", 6),
            ("<a></ab>", "an end tag does not match its start tag", 3),
            ("</a>", "an end tag has no start tag", 0),
            ("<a", "a tag has no name", 0),
            ("<1/>", "a tag has no name", 0),
            ("<a b", "a tag does not end", 3),
            ("<a b>", "an attribute has no value", 3),
            ("<a b=1>", "an attribute's value is not quoted", 3),
            ("<a b='1>", "an attribute's value does not end", 8),
            ("<a b='<a/>", "an attribute's value does not end", 6),
            ("<a><![CDATA[</a>", "a section or a comment does not end", 16),
            ("<!DOCTYPE a [<a/>", "a section or a comment does not end", 17),
        ] {
            let mut tokens = Tokens::new(input.as_bytes());
            while tokens.next().is_some() {}
            let error = tokens.error().expect(input);
            assert_eq!((error.reason(), error.offset()), (reason, offset));
            assert_eq!(tokens.next(), None);
        }
        let deep = b"<a>".repeat(10_000);
        let error = "elements are nested too deeply at 192";
        assert!(shown(&deep).ends_with(error));
    }

    #[test]
    fn leaves() {
        let mut tokens = Tokens::new(
            b"<a> <b c='1'>x</b><b c=''/><b></b>\
            <b>x<!-- --><c>y</c>z</b><b>x</a>",
        );
        let mut leaves = Vec::new();
        while let Some(token) = tokens.next() {
            if let Token::Start(name @ (b"b" | b"c")) = token {
                leaves.push((name[0], tokens.leaf()));
            }
        }
        assert_eq!(
            leaves,
            [
                (b'b', Some(&b"x"[..])),
                (b'b', Some(b"")),
                (b'b', Some(b"")),
                (b'b', None),
                (b'c', Some(b"y")),
                (b'b', None),
            ],
        );
        assert!(tokens.error().is_some());
    }

    fn unescaped(raw: &[u8]) -> String {
        let mut buffer = b"before".to_vec();
        unescape_into(raw, &mut buffer);
        let mut in_place = b"before".to_vec();
        in_place.extend_from_slice(raw);
        unescape_in_place(&mut in_place, 6);
        assert_eq!(in_place, buffer);
        String::from_utf8(buffer.split_off(6)).unwrap()
    }

    #[test]
    fn unescape() {
        for (raw, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("&lt;a b=&quot;c&apos;&quot;&gt;&amp;", "<a b=\"c'\">&"),
            ("&amp;lt;", "&lt;"),
            ("a&#13;&#10;b&#x41;&#X1f600;", "a\r\nbA\u{1f600}"),
            ("&#0000000000000000065;", "A"),
            // Neither known nor valid.
            ("&nbsp; &LT; &", "&nbsp; &LT; &"),
            ("&#xD800;&#0;&#;&#x;&#1", "&#xD800;&#0;&#;&#x;&#1"),
            ("&#99999999999;&#12a;", "&#99999999999;&#12a;"),
            ("x<![CDATA[&lt;<]]>y", "x&lt;<y"),
            ("<![CDATA[]]>", ""),
            ("cm<!-- & -->d<?x?>.exe", "cmd.exe"),
            ("a < b", "a < b"),
            ("<![CDATA[x &lt;", "<![CDATA[x &lt;"),
            ("<![CDATA[]]&lt;", "<![CDATA[]]&lt;"),
            ("<!-->x", "<!-->x"),
            ("<!x>&lt;<![X]>", "<"),
        ] {
            assert_eq!(unescaped(raw.as_bytes()), expected, "{raw}");
        }
    }

    /// Every cut of a document, and every byte of it replaced.
    #[test]
    fn damaged() {
        let document = b"<?xml?><!DOCTYPE a [<!ENTITY b 'c'>]><a b='1'\
            c=\"2\"><b>&lt;&#x41;</b><![CDATA[ ]]><!-- --><c d=''/></a>";
        let mut damaged = Vec::new();
        for at in 0..document.len() {
            damaged.push(document[..at].to_vec());
            for byte in *b"<>&/!?='\" []-;\0\xff" {
                let mut one = document.to_vec();
                one[at] = byte;
                damaged.push(one);
            }
        }
        for one in damaged {
            let tokens = Tokens::new(&one);
            assert!(tokens.count() <= one.len());
            let mut buffer = Vec::new();
            unescape_into(&one, &mut buffer);
            let mut in_place = one.clone();
            unescape_in_place(&mut in_place, 0);
            assert_eq!(in_place, buffer);
        }
    }
}
