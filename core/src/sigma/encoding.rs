/*!
Values in another encoding: Sigma's `wide`, `utf16` and `base64`.
*/

use super::error::Reason;

/// An encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-16, the lower byte first: `wide`, `utf16le`.
    Utf16Le,
    /// UTF-16, the higher byte first: `utf16be`.
    Utf16Be,
    /// UTF-16 behind a byte order mark, the lower byte first: `utf16`.
    Utf16,
    /// Base64 of just this value.
    Base64,
    /// What base64 makes of the value inside a longer text, whatever comes
    /// before and after it: three spellings.
    Base64Offset,
}

impl Encoding {
    pub(super) fn from_name(name: &str) -> Option<Encoding> {
        Some(match name {
            "wide" | "utf16le" => Encoding::Utf16Le,
            "utf16be" => Encoding::Utf16Be,
            "utf16" => Encoding::Utf16,
            "base64" => Encoding::Base64,
            "base64offset" => Encoding::Base64Offset,
            _ => return None,
        })
    }

    /// The spellings of a value.
    fn of(self, value: &[u8]) -> Vec<Vec<u8>> {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| {
            let text = String::from_utf8_lossy(value);
            text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
        };
        match self {
            Encoding::Utf16Le => vec![utf16(u16::to_le_bytes)],
            Encoding::Utf16Be => vec![utf16(u16::to_be_bytes)],
            Encoding::Utf16 => {
                vec![[vec![0xFF, 0xFE], utf16(u16::to_le_bytes)].concat()]
            }
            Encoding::Base64 => vec![base64(value)],
            Encoding::Base64Offset => (0..3)
                .map(|before| base64_inside(value, before))
                .filter(|spelling| !spelling.is_empty())
                .collect(),
        }
    }
}

/// The spellings of a text in several encodings, one after the other.
pub(super) fn encode(
    text: &str,
    encodings: &[Encoding],
) -> Result<Vec<String>, Reason> {
    let mut spellings = vec![text.as_bytes().to_vec()];
    for (place, encoding) in encodings.iter().enumerate() {
        let is_text =
            spellings.iter().all(|text| str::from_utf8(text).is_ok());
        let is_utf16 = matches!(
            encoding,
            Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Utf16
        );
        if place > 0 && is_utf16 && !is_text {
            let reason = "only text can be encoded as UTF-16";
            return Err(Reason::Other(reason.into()));
        }
        spellings =
            spellings.iter().flat_map(|value| encoding.of(value)).collect();
    }
    let texts = spellings.into_iter().map(String::from_utf8);
    texts.collect::<Result<_, _>>().map_err(|_| {
        let reason = "UTF-16 that is not valid UTF-8 stands in no value: put \
                      `base64` or `base64offset` behind it";
        Reason::Other(reason.into())
    })
}

/// The digits of base64 for a value.
fn base64(value: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in value.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = DIGITS.get((bits >> shift & 63) as usize);
            text.push(match digit {
                Some(&digit) if place <= group.len() => digit,
                _ => b'=',
            });
        }
    }
    text
}

/// Those digits for a value behind so many other bytes that depend on
/// nothing but the value: the first ones hold bits of what comes before, the
/// last one bits of what comes after.
fn base64_inside(value: &[u8], before: usize) -> Vec<u8> {
    let padded = [vec![0; before], value.to_vec()].concat();
    let digits = base64(&padded);
    let first = before.saturating_mul(8).div_ceil(6);
    let last = padded.len().saturating_mul(8) / 6;
    digits.get(first..last).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_padding() {
        for (value, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(value.as_bytes()), expected.as_bytes());
        }
        assert_eq!(base64(&[0xfb, 0xff]), b"+/8=");
    }

    /// Whatever stands around a value, one of its spellings is found.
    #[test]
    fn offset_spellings_stand_in_any_text_around_them() {
        for value in ["powershell", "/bin/sh", "ab", "abc", "été"] {
            let spellings = encode(value, &[Encoding::Base64Offset]).unwrap();
            for before in ["", "x", "xy", "xyz", "xyzw"] {
                for after in ["", "1", "12", "123"] {
                    let text = [before, value, after].concat();
                    let text = base64(text.as_bytes());
                    let text = String::from_utf8(text).unwrap();
                    let mut spellings = spellings.iter();
                    assert!(
                        spellings.any(|spelling| text.contains(spelling)),
                        "{value} in {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn encodings_one_after_the_other() {
        let wide = [Encoding::Utf16Le, Encoding::Base64];
        assert_eq!(encode("hi", &wide).unwrap(), ["aABpAA=="]);
        let marked = [Encoding::Utf16, Encoding::Base64];
        assert_eq!(encode("h", &marked).unwrap(), ["//5oAA=="]);
        assert_eq!(encode("h", &[Encoding::Utf16Be]).unwrap(), ["\0h"]);
        assert!(encode("é", &[Encoding::Utf16Le]).is_err());
        assert!(encode("h", &[Encoding::Utf16]).is_err());
        assert!(encode("h", &[Encoding::Utf16, Encoding::Utf16Le]).is_err());
    }
}
