/*!
One spelling for a key of the registry.

Sysmon writes `HKLM`, EDRs `HKEY_LOCAL_MACHINE`, the kernel
`\REGISTRY\MACHINE`; the running system's settings stand under a number.
*/

use super::arena::{Arena, Piece};

/// How a key may begin, and how it does in one spelling.
const HIVES: [(&[u8], &[u8]); 7] = [
    (br"\REGISTRY\MACHINE", b"HKLM"),
    (br"\REGISTRY\USER", b"HKU"),
    (b"HKEY_LOCAL_MACHINE", b"HKLM"),
    (b"HKEY_USERS", b"HKU"),
    (b"HKEY_CURRENT_USER", b"HKCU"),
    (b"HKEY_CLASSES_ROOT", b"HKCR"),
    (b"HKEY_CURRENT_CONFIG", b"HKCC"),
];

const CURRENT: &[u8] = b"CurrentControlSet";
const NUMBERED: &[u8] = b"ControlSet00";

/// Writes a key in one spelling: its hive by its short name, each separator
/// once, `ControlSet001` as the current one.
pub(crate) fn spelling(key: Piece, arena: &mut Arena) -> Piece {
    // A hive, too, may have its separators twice.
    let key = with_current_settings(key, arena);
    let text = arena.get(key);
    let is_hive = |hive: &[u8]| {
        let head = text.get(..hive.len());
        let end = text.get(hive.len()).copied().unwrap_or(b'\\');
        end == b'\\'
            && head.is_some_and(|head| head.eq_ignore_ascii_case(hive))
    };
    let Some((hive, short)) = HIVES.iter().find(|(hive, _)| is_hive(hive))
    else {
        return key;
    };
    let mark = arena.mark();
    arena.extend(short);
    arena.extend_from(key.after(hive.len()));
    arena.since(mark)
}

/// Writes a key with each separator once and `ControlSet001` as the current
/// one.
fn with_current_settings(key: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut at = 0_usize;
    while let Some(rest) = arena.get(key).get(at..)
        && !rest.is_empty()
    {
        let end = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        let is_numbered = rest
            .get(..end)
            .and_then(|name| name.split_at_checked(NUMBERED.len()))
            .is_some_and(|(head, number)| {
                head.eq_ignore_ascii_case(NUMBERED)
                    && matches!(number, [b'1'..=b'9'])
            });
        match is_numbered {
            true => arena.extend(CURRENT),
            false => arena.extend_from(key.after(at).until(end)),
        }
        at = at.saturating_add(end);
        let rest = arena.get(key).get(at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| **byte == b'\\').count();
        if count > 0 {
            arena.push(b'\\');
        }
        at = at.saturating_add(count);
    }
    arena.since(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_spelling() {
        let spelled = |key: &str| {
            let mut arena = Arena::default();
            let key = arena.add(key.as_bytes());
            let key = spelling(key, &mut arena);
            String::from_utf8(arena.get(key).to_vec()).unwrap()
        };
        for (key, expected) in [
            (r"HKLM\Software\x", r"HKLM\Software\x"),
            (r"HKEY_LOCAL_MACHINE\Software\x", r"HKLM\Software\x"),
            (r"\REGISTRY\MACHINE\Software\\x", r"HKLM\Software\x"),
            (r"\\REGISTRY\\MACHINE\\Software", r"HKLM\Software"),
            (r"\registry\user\S-1-5-18\x\", r"HKU\S-1-5-18\x\"),
            (r"HKEY_USERS", "HKU"),
            (r"HKEY_USERS_x\y", r"HKEY_USERS_x\y"),
            (
                r"HKLM\SYSTEM\ControlSet001\Services\x",
                r"HKLM\SYSTEM\CurrentControlSet\Services\x",
            ),
            (r"HKLM\SYSTEM\ControlSet001x", r"HKLM\SYSTEM\ControlSet001x"),
            ("", ""),
        ] {
            assert_eq!(spelled(key), expected, "{key}");
            assert_eq!(spelled(expected), expected, "twice");
        }
    }
}
