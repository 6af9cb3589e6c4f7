/*!
What sh does with texts: patterns, numbers, escapes, parts of values.
*/

use crate::derive::canonical::arena::{Arena, Piece};

/// Whether `<` or `>` begins a substitution of a process.
pub(super) fn is_substitution(text: &[u8]) -> bool {
    matches!(text, [b'<' | b'>', b'(', ..])
}

/// Where the `=` of an assignment stands.
pub(super) fn assignment(word: &[u8]) -> Option<usize> {
    let at = memchr::memchr(b'=', word)?;
    let name = word.get(..at)?;
    let name = name.strip_suffix(b"+").unwrap_or(name);
    (!name.is_empty() && name_length(name) == name.len()).then_some(at)
}

/// Length of the name of a variable that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    let is_of_name =
        |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    match text.first() {
        Some(first) if first.is_ascii_digit() => 0,
        _ => text.iter().take_while(is_of_name).count(),
    }
}

/// Length up to the brace that closes a parameter.
pub(super) fn closing_brace(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'{' => depth = depth.saturating_add(1),
            b'}' if depth == 0 => return at,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// The value of a sum, difference or product of numbers, from left to right;
/// `None` for what is more than that.
pub(super) fn arithmetic(text: &[u8]) -> Option<i64> {
    let mut rest = text.trim_ascii_start();
    let mut value = number(&mut rest)?;
    while let [operator, after @ ..] = rest {
        rest = after.trim_ascii_start();
        let operand = number(&mut rest)?;
        value = match operator {
            b'+' => value.checked_add(operand)?,
            b'-' => value.checked_sub(operand)?,
            b'*' => value.checked_mul(operand)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The number that a text begins with, which is passed over with the blanks
/// behind it.
pub(super) fn number(text: &mut &[u8]) -> Option<i64> {
    let (digits, is_negative) = match *text {
        [b'-', rest @ ..] => (rest, true),
        rest => (rest, false),
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = digits.split_at_checked(length.count())?;
    let value: i64 = core::str::from_utf8(digits).ok()?.parse().ok()?;
    *text = rest.trim_ascii_start();
    Some(if is_negative { value.checked_neg()? } else { value })
}

/// The byte that an escape of `$'..'`, `printf` or `echo -e` stands for,
/// without its backslash, and its length; `None` for what is no escape.
pub(super) fn escape(text: &[u8]) -> (Option<u8>, usize) {
    let coded = |digits: usize, radix: u32, skipped: usize| {
        let code = text.get(skipped..).unwrap_or_default();
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
        let length = code.iter().take(digits).take_while(is_digit).count();
        let code =
            code.get(..length).and_then(|digits| str::from_utf8(digits).ok());
        let code =
            code.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let byte = code.map(|code| (code & 0xFF) as u8);
        (byte, skipped.saturating_add(length))
    };
    match text {
        [b'x', ..] => coded(2, 16, 1),
        [b'u', ..] => coded(4, 16, 1),
        [b'U', ..] => coded(8, 16, 1),
        [b'0', ..] => coded(4, 8, 0),
        [b'1'..=b'7', ..] => coded(3, 8, 0),
        [b'n', ..] => (Some(b'\n'), 1),
        [b't', ..] => (Some(b'\t'), 1),
        [b'r', ..] => (Some(b'\r'), 1),
        [b'a', ..] => (Some(7), 1),
        [b'b', ..] => (Some(8), 1),
        [b'e' | b'E', ..] => (Some(27), 1),
        [b'f', ..] => (Some(12), 1),
        [b'v', ..] => (Some(11), 1),
        [byte @ (b'\\' | b'\'' | b'"' | b'?'), ..] => (Some(*byte), 1),
        _ => (None, 0),
    }
}

/// The part of a value that `offset:length` names.
pub(super) fn substring(
    value: Piece,
    range: &[u8],
    arena: &Arena,
) -> Option<Piece> {
    let length = i64::try_from(arena.get(value).len()).ok()?;
    let mut rest = range.trim_ascii_start();
    let offset = number(&mut rest)?;
    let start = if offset < 0 { length.checked_add(offset)? } else { offset };
    let start = start.clamp(0, length);
    let end = match rest {
        [] => length,
        [b':', rest @ ..] => {
            let mut rest = rest.trim_ascii_start();
            let count = number(&mut rest)?;
            if count < 0 {
                length.checked_add(count)?
            } else {
                start.checked_add(count)?
            }
        }
        _ => return None,
    };
    let end = end.clamp(start, length);
    Some(
        value
            .until(usize::try_from(end).ok()?)
            .after(usize::try_from(start).ok()?),
    )
}

/// A value with the first, or with two slashes every, occurrence of a text
/// replaced.
pub(super) fn replaced(
    value: Piece,
    operation: &[u8],
    arena: &mut Arena,
) -> Option<Piece> {
    let (operation, is_every) = match operation {
        [b'/', rest @ ..] => (rest, true),
        rest => (rest, false),
    };
    let at = memchr::memchr(b'/', operation).unwrap_or(operation.len());
    let (pattern, with) = operation.split_at_checked(at)?;
    let with = with.get(1..).unwrap_or_default();
    if pattern.is_empty() {
        return Some(value);
    }
    let mark = arena.mark();
    let mut rest = value;
    let finder = memchr::memmem::Finder::new(pattern);
    while let Some(at) = finder.find(arena.get(rest)) {
        arena.extend_from(rest.until(at));
        arena.extend(with);
        rest = rest.after(at.saturating_add(pattern.len()));
        if !is_every {
            break;
        }
    }
    arena.extend_from(rest);
    Some(arena.since(mark))
}

/// Whether a text is one of those that a pattern of `*`, `?` and `[..]`
/// stands for. Goes back to the last `*` only, so it takes at most the
/// product of the lengths.
pub(crate) fn glob(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut in_pattern) = (0_usize, 0_usize);
    let mut back: Option<(usize, usize)> = None;
    loop {
        let rest = pattern.get(in_pattern..).unwrap_or_default();
        match (rest, text.get(at)) {
            ([b'*', ..], _) => {
                in_pattern = in_pattern.saturating_add(1);
                back = Some((at, in_pattern));
                continue;
            }
            ([], None) => return true,
            (_, Some(byte)) => {
                if let Some(length) = one(rest, *byte) {
                    at = at.saturating_add(1);
                    in_pattern = in_pattern.saturating_add(length);
                    continue;
                }
            }
            (_, None) => {}
        }
        match back.as_mut() {
            Some((start, after)) if *start < text.len() => {
                *start = start.saturating_add(1);
                (at, in_pattern) = (*start, *after);
            }
            _ => return false,
        }
    }
}

/// Length of what a pattern begins with, if that stands for a byte.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'[', set @ ..] => {
            let end = memchr::memchr(b']', set)?;
            let set = set.get(..end)?;
            let (set, is_not) = match set {
                [b'!' | b'^', set @ ..] => (set, true),
                set => (set, false),
            };
            let mut is_in = set.contains(&byte);
            for range in set.windows(3) {
                if let [from, b'-', to] = range {
                    is_in |= (from..=to).contains(&&byte);
                }
            }
            (is_in != is_not).then_some(end.saturating_add(2))
        }
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [first, ..] => (*first == byte).then_some(1),
        [] => None,
    }
}

/// Paths of schedulers, and of their tools, that a pattern may be meant for.
const KNOWN: [&str; 22] = [
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/anacrontab",
    "/var/spool/cron/crontabs",
    "/var/spool/cron",
    "/var/spool/at",
    "/etc/systemd/system",
    "/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/usr/bin/crontab",
    "/usr/bin/at",
    "/usr/bin/batch",
    "/usr/bin/systemctl",
    "/usr/bin/systemd-run",
    "/bin/systemctl",
    "/bin/crontab",
    "/Library/LaunchDaemons",
    "/Library/LaunchAgents",
];

/// The known path that a pattern begins with, and the length of that part.
pub(super) fn known_path(pattern: &[u8]) -> Option<(&'static [u8], usize)> {
    KNOWN.iter().find_map(|known| {
        let known = known.as_bytes();
        let slashes = known.iter().filter(|byte| **byte == b'/').count();
        let mut ends = memchr::memchr_iter(b'/', pattern).skip(slashes);
        let end = ends.next().unwrap_or(pattern.len());
        let head = pattern.get(..end)?;
        let is_pattern =
            head.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['));
        (is_pattern && by_component(known, head)).then_some((known, end))
    })
}

/// Whether each component of a path is one that the pattern's stands for.
fn by_component(path: &[u8], pattern: &[u8]) -> bool {
    let mut patterns = pattern.split(|byte| *byte == b'/');
    let mut components = path.split(|byte| *byte == b'/');
    loop {
        match (components.next(), patterns.next()) {
            (None, None) => return true,
            (Some(component), Some(pattern)) if glob(component, pattern) => {}
            _ => return false,
        }
    }
}

/// Writes the word that one choice of alternatives in braces makes, and goes
/// on to the next choice; false when that was the last.
pub(super) fn alternative(
    word: &[u8],
    choice: &mut [usize; 8],
    arena: &mut Arena,
) -> bool {
    let mut rest = word;
    let mut counts = [1_usize; 8];
    let mut group = 0_usize;
    while let Some(open) = memchr::memchr(b'{', rest) {
        let (before, braced) = rest.split_at_checked(open).unwrap_or_default();
        arena.extend(before);
        let close = memchr::memchr(b'}', braced);
        let inside = close.and_then(|close| braced.get(1..close));
        let (Some(inside), Some(close)) = (inside, close) else {
            rest = braced;
            break;
        };
        let mut parts = inside.split(|byte| *byte == b',');
        let chosen = choice.get(group).copied().unwrap_or(0);
        if let Some(count) = counts.get_mut(group) {
            *count = parts.clone().count();
        }
        arena.extend(parts.nth(chosen).unwrap_or_default());
        group = group.saturating_add(1);
        rest = braced.get(close.saturating_add(1)..).unwrap_or_default();
    }
    arena.extend(rest);
    // The last group counts fastest.
    for (chosen, count) in choice.iter_mut().zip(counts).rev() {
        *chosen = chosen.saturating_add(1);
        if *chosen < count {
            return true;
        }
        *chosen = 0;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::decimal;

    #[test]
    fn globs() {
        for (text, pattern, expected) in [
            ("crontab", "cr?ntab", true),
            ("crontab", "c*b", true),
            ("crontab", "*", true),
            ("crontab", "[a-d]rontab", true),
            ("crontab", "[!a-d]rontab", false),
            ("crontab", "cron", false),
            ("", "", true),
            ("", "?", false),
            ("ab", "a*b*", true),
        ] {
            let found = glob(text.as_bytes(), pattern.as_bytes());
            assert_eq!(found, expected, "{text} {pattern}");
        }
    }

    #[test]
    fn patterns_of_known_paths() {
        for (pattern, expected) in [
            ("/etc/cron.?/x", Some(("/etc/cron.d", 11))),
            ("/e?c/cront*", Some(("/etc/crontab", 11))),
            ("/usr/b*/cro?tab", Some(("/usr/bin/crontab", 15))),
            ("/etc/cron.d/x", None),
            ("/tmp/*", None),
        ] {
            let found = known_path(pattern.as_bytes());
            let expected =
                expected.map(|(path, length)| (path.as_bytes(), length));
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(arithmetic(b" 1 + 2 *3"), Some(9));
        assert_eq!(arithmetic(b"x+1"), None);
        assert_eq!(decimal(-120, &mut [0; 20]), b"-120");
        assert_eq!(decimal(0, &mut [0; 20]), b"0");
        assert_eq!(escape(b"x63r"), (Some(b'c'), 3));
        assert_eq!(escape(b"143"), (Some(b'c'), 3));
        assert_eq!(escape(b"q"), (None, 0));
    }
}
