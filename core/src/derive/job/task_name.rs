/*!
Names of tasks: what they pass for, whose they are, and whether anybody made
them up.
*/

use super::words::has_any;
use crate::bytes;

/// Beginnings of names that Windows', browsers' and drivers' tasks have.
pub(super) const KNOWN: [&str; 14] = [
    r"\microsoft\windows\",
    "microsoftedgeupdate",
    "googleupdate",
    "onedrive ",
    "adobe acrobat update",
    "windowsupdate",
    "windows update",
    "windowsdefender",
    "windows defender",
    "microsoft\\office",
    "googlechrome",
    "microsoftwindows",
    "chromeupdate",
    "svchost",
];

/// Parts of the names of tasks that protect.
pub(super) const PROTECTIVE: [&str; 13] = [
    "defender",
    "windowsupdate",
    "exploitguard",
    "bitlocker",
    "systemrestore",
    r"\sr\sr",
    "windowsbackup",
    r"\wof\",
    "safetynet",
    "malware",
    "updateorchestrator",
    "sentinel",
    "crowdstrike",
];

/// Whose task a name says that it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Named {
    #[default]
    Other,
    Windows,
    /// One of those that Windows sets up and takes away day by day.
    Serviced,
}

impl Named {
    pub(super) fn of(name: &[u8]) -> Named {
        let begins =
            |folder: &str| bytes::starts_with(name, folder.as_bytes(), false);
        match () {
            () if begins(r"\microsoft\windows\updateorchestrator\") => {
                Named::Serviced
            }
            () if begins(r"\microsoft\windows\") => Named::Windows,
            () => Named::Other,
        }
    }
}

/// A GUID, or eight and more letters and digits without a word, at the root.
pub(super) fn is_random(name: &[u8]) -> bool {
    if name.contains(&b'\\') {
        return false;
    }
    let guid = name.strip_prefix(b"{").unwrap_or(name);
    let guid = guid.strip_suffix(b"}").unwrap_or(guid);
    let is_guid = guid.len() == 36
        && guid.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_guid {
        return true;
    }
    let is_plain = name.iter().all(u8::is_ascii_alphanumeric);
    is_plain && (8..=32).contains(&name.len()) && !has_word(name)
}

/// Words that names of tasks are made of, and that do not read like speech
/// by [`reads_like_speech`]. Of random names of eight letters one in 1,500 has
/// one of these in it.
const NAME_WORDS: [&str; 62] = [
    "agent", "alert", "apps", "audit", "auth", "auto", "back", "boot",
    "build", "call", "cert", "check", "clean", "client", "cloud", "conf",
    "core", "crash", "daily", "data", "disk", "drive", "edge", "event",
    "exec", "feed", "file", "flush", "fetch", "host", "info", "launch",
    "load", "local", "logon", "maint", "monitor", "night", "patch", "policy",
    "power", "print", "proxy", "push", "reboot", "report", "scan", "script",
    "send", "serv", "shell", "start", "stop", "store", "sync", "task", "temp",
    "test", "tool", "updat", "user", "work",
];

/// Whether letters and digits hold a word, or what looks like one.
pub(super) fn has_word(name: &[u8]) -> bool {
    has_any(name, &NAME_WORDS) || reads_like_speech(name)
}

/// Whether letters and digits hold what looks like a word: five letters in a
/// row, lower case but for the first, with two vowels, and neither four
/// consonants nor three vowels together. Random letters have such runs,
/// digits in between, or capitals anywhere.
fn reads_like_speech(name: &[u8]) -> bool {
    let mut run = Run::default();
    for byte in name {
        if !byte.is_ascii_lowercase() {
            run = Run::default();
            if !byte.is_ascii_uppercase() {
                continue;
            }
        }
        let is_vowel = b"aeiouy".contains(&byte.to_ascii_lowercase());
        run.length = run.length.saturating_add(1);
        if is_vowel {
            run.syllables = run.syllables.saturating_add(1);
            run.consonants = 0;
            run.vowels = run.vowels.saturating_add(1);
        } else {
            run.vowels = 0;
            run.consonants = run.consonants.saturating_add(1);
        }
        if run.consonants > 3 || run.vowels > 2 {
            run = Run::default();
        }
        if run.length > 4 && run.syllables > 1 {
            return true;
        }
    }
    false
}

/// Letters that read like speech so far.
#[derive(Default)]
struct Run {
    length: usize,
    /// Vowels in it.
    syllables: usize,
    /// Consonants, or vowels, at its end.
    consonants: usize,
    vowels: usize,
}
