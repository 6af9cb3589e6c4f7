/*!
Raw values: bytes of a record and how they are written in it.
*/

/// How a raw value is written in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Plain,
    /// A JSON string's inside, with escapes.
    Json,
    /// XML text or attribute value, with entities.
    Xml,
    /// As Wazuh writes it: backslashes doubled, then a JSON string's inside.
    DoubledJson,
    /// With a backslash before a quote, a bracket or a backslash that is meant
    /// as it is.
    Backslashes,
    /// With a backslash before an equals sign, a bar or a backslash that is
    /// meant as it is, and `\n` and `\r` for line ends.
    Cef,
    /// With `<pipe>` for a bar, as Santa writes it.
    Santa,
    /// A JSON array or object, which stays as it is.
    List,
    /// A JSON string's inside, of which counts what is behind the last bar.
    LastPart,
    /// A JSON array, of which the first element counts.
    First,
    /// A JSON array, joined by blanks.
    Arguments,
    /// A JSON array of the numbers of bytes.
    Bytes,
    /// A JSON array of texts in base64, joined by blanks.
    Base64Arguments,
    /// A JSON string's inside, in base64.
    Base64,
}

/// A value as it stands in the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: Encoding,
}

impl<'a> Raw<'a> {
    pub(crate) const fn plain(bytes: &'a [u8]) -> Raw<'a> {
        Raw { bytes, encoding: Encoding::Plain }
    }
}

/// How near to its origin a value stands in a record; what several places
/// say, the nearest of them decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Nowhere.
    Absent,
    /// Where a collector puts what it makes of the event.
    Hint,
    /// Where a collector moves or copies the value to.
    Copied,
    /// Where the event itself has it.
    Own,
}

/// Raw values by number.
///
/// Made anew for each record, so each list is one that is quickly filled: a
/// list of [`Raw`] took a tenth of the time to read a record.
#[derive(Clone)]
pub(crate) struct Values<'a, const COUNT: usize> {
    bytes: [&'a [u8]; COUNT],
    encodings: [Encoding; COUNT],
    ranks: [Rank; COUNT],
}

impl<'a, const COUNT: usize> Values<'a, COUNT> {
    #[inline]
    pub(crate) fn new() -> Values<'a, COUNT> {
        Values {
            bytes: [b""; COUNT],
            encodings: [Encoding::Plain; COUNT],
            ranks: [Rank::Absent; COUNT],
        }
    }

    /// Sets a value unless there is one of a higher rank: of several of one
    /// rank the last counts, as in most JSON readers.
    #[inline]
    pub(crate) fn set(&mut self, index: usize, raw: Raw<'a>, rank: Rank) {
        if let (Some(bytes), Some(encoding), Some(ranked)) = (
            self.bytes.get_mut(index),
            self.encodings.get_mut(index),
            self.ranks.get_mut(index),
        ) && rank >= *ranked
        {
            (*bytes, *encoding, *ranked) = (raw.bytes, raw.encoding, rank);
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Raw<'a>> {
        let is_present = *self.ranks.get(index)? != Rank::Absent;
        let bytes = self.bytes.get(index)?;
        let encoding = *self.encodings.get(index)?;
        is_present.then_some(Raw { bytes, encoding })
    }
}
