/*!
Saved state as bytes: the same on every platform, with a version and a
checksum.

```text
bytes
0    t1053st       what this is
7    kind          of what: C a correlator, G groups of findings, R risk,
                   S a scanner
8    version       4 bytes, as all numbers with the lowest first
12   length        8 bytes: how long the content is
20   content
..   checksum      8 bytes: SipHash-1-3 of all before it, with a key of zeros
```
*/

use core::fmt;
use core::hash::Hasher;

use siphasher::sip::SipHasher13;

/// The version that is written.
const VERSION: u32 = 1;

const NAME: &[u8; 7] = b"t1053st";

/// Bytes before the content.
const HEAD: usize = 20;

/// What state is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Correlator,
    Repeats,
    Risk,
    Scanner,
}

impl Of {
    fn letter(self) -> u8 {
        match self {
            Of::Correlator => b'C',
            Of::Repeats => b'G',
            Of::Risk => b'R',
            Of::Scanner => b'S',
        }
    }
}

/// Why saved state could not be restored. What was to take it is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateError {
    kind: StateErrorKind,
}

impl StateError {
    /// What was wrong, to be matched on.
    pub fn kind(&self) -> StateErrorKind {
        self.kind
    }
}

/// The kinds of [`StateError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StateErrorKind {
    /// The bytes are no saved state, or that of something else.
    NotState,
    /// The state was saved by a later version that this one cannot read.
    Newer,
    /// The end is missing.
    Truncated,
    /// Bytes were changed.
    Corrupt,
    /// The memory that is needed cannot be had.
    OutOfMemory,
}

impl From<StateErrorKind> for StateError {
    fn from(kind: StateErrorKind) -> StateError {
        StateError { kind }
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StateErrorKind::NotState => "these bytes are no saved state",
            StateErrorKind::Newer => {
                "the state was saved by a later version of t1053"
            }
            StateErrorKind::Truncated => "the end of the state is missing",
            StateErrorKind::Corrupt => "the state is corrupt",
            StateErrorKind::OutOfMemory => "there is no memory for the state",
        })
    }
}

impl core::error::Error for StateError {}

/// State that is written.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(of: Of) -> Writer {
        let mut writer = Writer { bytes: NAME.to_vec() };
        writer.byte(of.letter());
        writer.bytes.extend(VERSION.to_le_bytes());
        writer.bytes.extend(0_u64.to_le_bytes());
        writer
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub(crate) fn signed(&mut self, number: i64) {
        self.bytes.extend(number.to_le_bytes());
    }

    /// Bytes of any length.
    pub(crate) fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text);
    }

    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes.extend(bytes);
    }

    /// The state, whole.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let length = self.bytes.len().saturating_sub(HEAD) as u64;
        if let Some(place) = self.bytes.get_mut(12..HEAD) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        let sum = checksum(&self.bytes);
        self.number(sum);
        self.bytes
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    hasher.finish()
}

/// The content of state that is read.
pub(crate) struct Content<'b> {
    rest: &'b [u8],
}

impl<'b> Content<'b> {
    /// Checks that bytes are whole state, and of this.
    pub(crate) fn of(
        of: Of,
        bytes: &'b [u8],
    ) -> Result<Content<'b>, StateError> {
        let name = [&NAME[..], &[of.letter()]].concat();
        let known = name.len().min(bytes.len());
        if bytes.get(..known) != name.get(..known) || bytes.is_empty() {
            return Err(StateErrorKind::NotState.into());
        }
        let mut head = Content { rest: bytes };
        let truncated = |_| StateError::from(StateErrorKind::Truncated);
        head.array::<8>().map_err(truncated)?;
        let version = u32::from_le_bytes(head.array().map_err(truncated)?);
        if version > VERSION {
            return Err(StateErrorKind::Newer.into());
        }
        let length = head.number().map_err(truncated)?;
        let length = usize::try_from(length).map_err(|_| corrupt())?;
        let content = head.take(length).map_err(truncated)?;
        let sum = head.number().map_err(truncated)?;
        let summed = bytes.len().saturating_sub(8);
        let is_whole = head.rest.is_empty()
            && version == VERSION
            && bytes.get(..summed).map(checksum) == Some(sum);
        match is_whole {
            true => Ok(Content { rest: content }),
            false => Err(corrupt()),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], StateError> {
        let parts = self.rest.split_at_checked(length);
        let (taken, rest) = parts.ok_or_else(corrupt)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
    ) -> Result<[u8; N], StateError> {
        self.take(N)?.try_into().map_err(|_| corrupt())
    }

    pub(crate) fn byte(&mut self) -> Result<u8, StateError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(crate) fn truth(&mut self) -> Result<bool, StateError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(corrupt()),
        }
    }

    pub(crate) fn number(&mut self) -> Result<u64, StateError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, StateError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(crate) fn text(&mut self) -> Result<&'b [u8], StateError> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| corrupt())?)
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Result<(), StateError> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(corrupt()),
        }
    }
}

pub(crate) fn corrupt() -> StateError {
    StateErrorKind::Corrupt.into()
}

/// The same bytes with a checksum that is right.
#[cfg(test)]
pub(crate) fn resealed(state: &[u8]) -> Vec<u8> {
    let content = &state[..state.len() - 8];
    [content, &checksum(content).to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Vec<u8> {
        let mut writer = Writer::new(Of::Correlator);
        writer.text(b"ab");
        writer.signed(-2);
        writer.byte(1);
        writer.finish()
    }

    fn kind(bytes: &[u8]) -> Option<StateErrorKind> {
        Content::of(Of::Correlator, bytes).err().map(|error| error.kind())
    }

    #[test]
    fn what_was_written_is_read() {
        let state = state();
        let mut content = Content::of(Of::Correlator, &state).unwrap();
        assert_eq!(content.text(), Ok(&b"ab"[..]));
        assert_eq!(content.signed(), Ok(-2));
        assert!(content.end().is_err());
        assert_eq!(content.truth(), Ok(true));
        assert_eq!(content.end(), Ok(()));
        assert_eq!(content.byte(), Err(corrupt()));
    }

    /// The bytes are the same on every machine, or state cannot be moved.
    #[test]
    fn bytes_are_what_they_are_everywhere() {
        let mut expected = b"t1053stC\x01\0\0\0\x13\0\0\0\0\0\0\0".to_vec();
        expected.extend(b"\x02\0\0\0\0\0\0\0ab");
        expected.extend([0xFE, 255, 255, 255, 255, 255, 255, 255, 1]);
        // As SipHash-1-3 in Python says.
        expected.extend([5, 145, 24, 7, 116, 1, 112, 196]);
        assert_eq!(state(), expected);
    }

    #[test]
    fn what_is_not_whole_is_told() {
        let state = state();
        for length in 1..state.len() {
            let kind = kind(&state[..length]);
            assert_eq!(kind, Some(StateErrorKind::Truncated), "{length}");
        }
        assert_eq!(kind(b""), Some(StateErrorKind::NotState));
        assert_eq!(kind(b"no state"), Some(StateErrorKind::NotState));
        for at in 0..state.len() {
            let mut changed = state.clone();
            changed[at] ^= 0x40;
            let expected = match at {
                0..8 => StateErrorKind::NotState,
                8..12 => StateErrorKind::Newer,
                12..20 => StateErrorKind::Truncated,
                _ => StateErrorKind::Corrupt,
            };
            assert_eq!(kind(&changed), Some(expected), "{at}");
        }
        let longer = [&state[..], b"x"].concat();
        assert_eq!(kind(&longer), Some(StateErrorKind::Corrupt));
        let scanner = Content::of(Of::Scanner, &state).err();
        let scanner = scanner.map(|error| error.kind());
        assert_eq!(scanner, Some(StateErrorKind::NotState));
    }
}
