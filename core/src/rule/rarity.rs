/*!
How often bytes are found where nobody looks for them.

Whoever may choose what to search for, asks this: the filter of raw records,
which reads a record where something was found, and the gates of rules, which
run a rule's program then. Both must be right whatever this says; it decides
only how much is looked at in vain.
*/

/// What [`frequency`] says of what is found everywhere.
pub(crate) const ALWAYS: u32 = 10_000;

/// In how many of 10,000 records, roughly, some bytes occur by chance.
///
/// By length, as measured over the literals of the built-in rules on the
/// records in `testdata/logs`; longer ones that are common are listed.
pub(crate) fn frequency(bytes: &[u8]) -> u32 {
    let by_length = by_length(bytes.len());
    match bytes.is_ascii() {
        true => known(bytes).unwrap_or(by_length),
        // What is written in no language of the machine is rarer.
        false => by_length.min(FOREIGN),
    }
}

/// The same for bytes that no letter or digit stands beside: as rare as two
/// more of them.
pub(crate) fn frequency_as_word(word: &[u8]) -> u32 {
    let by_length = by_length(word.len().saturating_add(2));
    known(word).unwrap_or(by_length)
}

fn by_length(length: usize) -> u32 {
    match length {
        0..=2 => ALWAYS,
        3 => 1000,
        4 => 100,
        5 => 20,
        6 => 5,
        7..=9 => 2,
        _ => 1,
    }
}

/// In how many of 10,000 records, roughly, a certain letter beyond ASCII is.
const FOREIGN: u32 = 20;

/// The same for bytes that are the whole of a value, or a path's last
/// component: even short ones are not met by chance then.
pub(crate) fn frequency_as_name(name: &[u8]) -> u32 {
    known(name).unwrap_or(1)
}

/// What is listed, separators and blanks at either end aside.
fn known(bytes: &[u8]) -> Option<u32> {
    let is_edge = |byte: &u8| matches!(byte, b'/' | b'\\' | b'.' | b' ');
    let from = bytes.iter().position(|byte| !is_edge(byte))?;
    let to = bytes.iter().rposition(|byte| !is_edge(byte))?;
    let bytes = bytes.get(from..=to)?;
    let is = |name: &str| bytes.eq_ignore_ascii_case(name.as_bytes());
    let found = COMMON.iter().find(|(name, _)| is(name));
    found.map(|(_, frequency)| *frequency)
}

/// Names that are long, yet all over the logs of a healthy system.
const COMMON: [(&str, u32); 31] = [
    ("svchost.exe", 5000),
    ("services.exe", 2000),
    ("explorer.exe", 1000),
    ("wmiprvse.exe", 500),
    ("powershell.exe", 300),
    ("powershell", 300),
    ("cmd.exe", 1000),
    ("rundll32.exe", 200),
    ("mmc.exe", 100),
    ("exe", 9000),
    ("dll", 2000),
    ("currentversion", 1000),
    ("configuration", 1000),
    ("microsoft", 5000),
    ("windows", 5000),
    ("system32", 5000),
    ("software", 5000),
    ("program files", 1000),
    ("appdata", 500),
    ("true", 9000),
    // Of each process of Windows: `LogonId`, and `Process Create` or `has been
    // created` where the message is told, too.
    ("logon", 5000),
    ("create", 3000),
    // Logs, and what stands in the names of most.
    ("security", 3000),
    ("system", 5000),
    ("application", 2000),
    ("operational", 5000),
    ("sysmon", 3000),
    ("microsoft-windows-sysmon", 3000),
    ("microsoft-windows-security-auditing", 3000),
    // Escapes in task definitions, which few writers have a reason for.
    ("&#", 10),
    ("<!", 10),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_is_rarer_unless_it_is_known() {
        assert!(frequency(b"ab") > frequency(b"abcd"));
        assert!(frequency(b"abcd") > frequency(b"abcdefg"));
        assert!(frequency(br"\Windows\") > frequency(b"abcd"));
        assert_eq!(frequency(br"\CMD.exe"), frequency(b"cmd.exe"));
        assert_eq!(frequency(b""), ALWAYS);
        assert_eq!(frequency(br"\\"), ALWAYS);
    }

    #[test]
    fn word_is_rarer_than_part_of_one() {
        assert!(frequency_as_word(b"sh") < frequency(b"sh"));
        assert!(frequency_as_word(b"at") > frequency_as_name(b"at"));
        assert_eq!(frequency_as_word(b"logon"), frequency(b" logon"));
    }

    #[test]
    fn short_name_is_rare_as_a_whole() {
        assert!(frequency_as_name(b"at") < frequency(b"at"));
        assert_eq!(frequency_as_name(b"cmd.exe"), frequency(b"cmd.exe"));
    }
}
