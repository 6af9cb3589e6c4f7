/*!
Where a JSON text ends that may be spread over lines.

Brackets are counted outside of strings, whatever the indentation. The text may
also be cut and another record follow, so it is checked on the way that it goes
on as JSON does: a string holds no line end, no object stands where a name is
due, and so on. Only then, and where a line begins with an object at the margin
of a text that was indented so far, is it told by lines where the text ends.

Each byte is looked at once, in whatever pieces the text comes.
*/

use memchr::memchr3;

/// Most levels of brackets of which it is known which are arrays. Deeper
/// texts are only counted, not checked.
const MOST_CHECKED: u32 = 64;

/// Most levels at which a line may begin another record, if the text turns
/// out to be cut. Each such line is looked at once more, so that this bounds
/// how often a byte is. Events nest about six deep.
const MOST_RESTARTS: u32 = 32;

/// Most levels at which an array counts as a list of records: as deep as the
/// reader looks for one.
const MOST_WRAPPED: u32 = 6;

/// A JSON text as far as it was looked at.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// Bytes looked at, from the text's beginning.
    at: usize,
    /// How many brackets are open.
    open: u32,
    /// Which of them are arrays, the innermost in the lowest bit.
    arrays: u64,
    /// Whether more were open once than `arrays` holds.
    is_deep: bool,
    due: Due,
    /// Where the line begins that is looked at.
    line: usize,
    margin: Margin,
    /// Whether a line is indented deeper than the text's first.
    is_indented: bool,
    /// The first line that begins with an object at the margin: another
    /// record, should this one be cut.
    restart: Option<usize>,
    /// The outermost array of objects that is open: where its first element
    /// begins, and how many brackets are open there.
    list: Option<(usize, u32)>,
    /// Why it is looked at no further.
    stop: Option<Stop>,
}

/// What comes next in a JSON text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Due {
    #[default]
    Value,
    /// The name of a member, or the end of the object.
    Name,
    Colon,
    /// A comma, or the end of what is open.
    Comma,
    /// The rest of a string: a name, or a value.
    NameEnd,
    StringEnd,
    /// The rest of a number or of a word such as `true`.
    ScalarEnd,
}

/// Where a line begins, compared with the text's first line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Margin {
    /// It is the first line.
    #[default]
    First,
    /// Only blanks of it were looked at.
    Blank,
    /// No deeper than the first line.
    Low,
    /// Deeper than the first line.
    Deep,
}

/// Why a text was looked at no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It ends after so many bytes.
    End(usize),
    /// It is cut, and another record begins after so many bytes.
    Restart(usize),
    /// It is no JSON from here on, in its first line.
    NoJson(usize),
    /// It is no JSON from here on, in a line that is indented deeper.
    NoJsonInside(usize),
    /// All that there is belongs to it.
    More,
}

impl Brackets {
    /// Looks at what has come since the last call. `text` begins with
    /// `indent` blanks and then the text's first byte.
    pub(super) fn look(&mut self, text: &[u8], indent: usize) -> Stop {
        let stop = self.stop.unwrap_or_else(|| self.go_on(text, indent));
        self.stop = (stop != Stop::More).then_some(stop);
        stop
    }

    fn go_on(&mut self, text: &[u8], indent: usize) -> Stop {
        self.at = self.at.max(indent);
        while let Some(&byte) = text.get(self.at) {
            if let Due::NameEnd | Due::StringEnd = self.due {
                match self.string(text) {
                    Some(true) => continue,
                    Some(false) => return self.broken_string(),
                    None => return Stop::More,
                }
            }
            if byte == b'\n' {
                self.at = self.at.saturating_add(1);
                (self.line, self.margin) = (self.at, Margin::Blank);
                continue;
            }
            if byte.is_ascii_whitespace() {
                self.end_scalar();
                self.at = self.at.saturating_add(1);
                continue;
            }
            if self.margin == Margin::Blank {
                self.end_scalar();
                let depth = self.at.saturating_sub(self.line);
                if depth > indent {
                    self.margin = Margin::Deep;
                    self.is_indented = true;
                } else {
                    self.margin = Margin::Low;
                    if byte == b'{' && !self.may_begin_a_value() {
                        return self.broken();
                    }
                }
            }
            if !self.token(byte) {
                return self.broken();
            }
            self.at = self.at.saturating_add(1);
            if self.open == 0 {
                return Stop::End(self.at);
            }
        }
        Stop::More
    }

    /// Where another record may begin, if this one is not at its end when
    /// the stream is, or the limit.
    pub(super) fn restart(&self) -> Option<usize> {
        self.restart
    }

    /// Where the first element begins of a list of records that is open.
    pub(super) fn list(&self) -> Option<usize> {
        self.list.map(|(at, _)| at)
    }

    /// Goes to the end of a string; whether it has one before the line has.
    /// `None` where more bytes must come.
    fn string(&mut self, text: &[u8]) -> Option<bool> {
        loop {
            let rest = text.get(self.at..)?;
            let Some(found) = memchr3(b'"', b'\\', b'\n', rest) else {
                self.at = text.len();
                return None;
            };
            self.at = self.at.saturating_add(found);
            let next = self.at.saturating_add(1);
            match text.get(self.at) {
                Some(b'"') => {
                    self.at = next;
                    self.due = match self.due {
                        Due::NameEnd => Due::Colon,
                        _ => Due::Comma,
                    };
                    return Some(true);
                }
                Some(b'\\') => match text.get(next)? {
                    b'\n' => self.at = next,
                    _ => self.at = next.saturating_add(1),
                },
                _ => return Some(false),
            }
        }
    }

    /// A number or word ends where a blank or a line end is.
    fn end_scalar(&mut self) {
        if self.due == Due::ScalarEnd {
            self.due = Due::Comma;
        }
    }

    /// Takes a byte outside of strings; whether JSON may go on with it.
    fn token(&mut self, byte: u8) -> bool {
        let is_value = self.due == Due::Value || self.is_deep;
        if self.due == Due::ScalarEnd {
            if matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')
                || matches!(byte, b'.' | b'+' | b'-')
            {
                return true;
            }
            self.due = Due::Comma;
        }
        let is_array = self.arrays & 1 == 1;
        match byte {
            b'{' | b'[' if is_value => self.open(byte == b'['),
            b'}' | b']' if self.is_deep => self.close(),
            // A comma before the end is forgiven, as in many a log.
            b'}' if !is_array => {
                if !matches!(self.due, Due::Comma | Due::Name) {
                    return false;
                }
                self.close();
            }
            b']' if is_array => self.close(),
            b'"' => match self.due {
                Due::Name => self.due = Due::NameEnd,
                Due::Value => self.due = Due::StringEnd,
                _ if self.is_deep => self.due = Due::StringEnd,
                _ => return false,
            },
            b',' | b':' if self.is_deep => {}
            b':' if self.due == Due::Colon => self.due = Due::Value,
            b',' if self.due == Due::Comma => {
                self.due = if is_array { Due::Value } else { Due::Name };
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' if is_value => {
                self.due = Due::ScalarEnd;
            }
            _ => return false,
        }
        true
    }

    fn open(&mut self, is_array: bool) {
        let is_in_list = !is_array && self.arrays & 1 == 1;
        if is_in_list && self.open <= MOST_WRAPPED {
            self.list = self.list.or(Some((self.at, self.open)));
        }
        self.open = self.open.saturating_add(1);
        self.is_deep |= self.open > MOST_CHECKED;
        if self.open > MOST_RESTARTS {
            self.restart = None;
        }
        self.arrays = self.arrays << 1 | u64::from(is_array);
        self.due = if is_array { Due::Value } else { Due::Name };
    }

    fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
        self.arrays >>= 1;
        self.due = Due::Comma;
        if self.list.is_some_and(|(_, open)| open > self.open) {
            self.list = None;
        }
    }

    /// Whether an object that begins a line at the margin may belong to this
    /// text; where it may be another record all the same, that is kept. Not
    /// in a text that was indented so far, nor in one that is deeper than any
    /// that people print.
    fn may_begin_a_value(&mut self) -> bool {
        if self.open <= MOST_RESTARTS {
            self.restart = self.restart.or(Some(self.line));
        }
        !self.is_indented && !self.is_deep
    }

    /// The same of a text that ends its line in a string.
    fn broken_string(&self) -> Stop {
        match (self.restart, self.margin) {
            (None, Margin::Low) => Stop::NoJsonInside(self.at),
            _ => self.broken(),
        }
    }

    /// Where the text ends that does not go on as JSON does.
    fn broken(&self) -> Stop {
        match self.restart {
            Some(restart) => Stop::Restart(restart),
            None if self.margin == Margin::First => Stop::NoJson(self.at),
            None if self.margin == Margin::Low => Stop::Restart(self.line),
            None => Stop::NoJsonInside(self.at),
        }
    }
}
