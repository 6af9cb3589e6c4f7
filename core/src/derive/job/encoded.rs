/*!
Actions that decode or fetch a text and run it.
*/

use super::words::{Text, is_any};

/// Whether arguments decode a text and run it.
pub(super) fn is_encoded(name: &[u8], text: &Text<'_>) -> bool {
    let is_powershell = is_any(name, &["powershell", "pwsh"])
        || text.has_any(&["powershell", "pwsh"]);
    let runs = text.has_any(&["iex", "invoke-expression", ".invoke("]);
    let fetches = text.has_any(&[
        "get-itemproperty",
        "downloadstring",
        "webclient",
        "gp hk",
        "(gp ",
        "invoke-webrequest",
        "iwr ",
        "irm ",
    ]);
    text.has("frombase64string")
        || runs && (fetches || text.has_any(&["hkcu:", "hklm:", "http"]))
        || is_powershell && has_encoded_option(text.bytes)
        || decodes_for_shell(text)
}

/// Whether something is fetched for an interpreter to run: `curl .. | sh`,
/// `sh -c "$(wget -qO- ..)"`.
pub(super) fn fetches_for_shell(text: &Text<'_>) -> bool {
    text.has_any(&["curl ", "wget ", "fetch "])
        && (text.has_any(&RUNS)
            || text.has_any(&["$(curl", "$(wget", "<(curl", "<(wget"]))
}

/// What a text ends with that hands on what was written to an interpreter.
const RUNS: [&str; 10] = [
    "| sh", "|sh", "| bash", "|bash", "| sudo", "|sudo", "| python",
    "|python", "| perl", "|perl",
];

/// Whether `base64 -d` or the like is piped into an interpreter, or run by
/// `eval`.
fn decodes_for_shell(text: &Text<'_>) -> bool {
    let decodes = text.has_any(&[
        "base64 -d",
        "base64 --d",
        "base64 -D",
        "xxd -r",
        "openssl enc",
    ]);
    let runs = text.has_any(&[
        "| sh", "|sh", "| bash", "|bash", "eval", "$(", "| python", "| perl",
        "bash <(",
    ]);
    decodes && runs
}

/// `-enc` or a prefix of it, and base64 behind it.
fn has_encoded_option(text: &[u8]) -> bool {
    let words = text.split(u8::is_ascii_whitespace);
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let option = word.strip_prefix(b"-").or(word.strip_prefix(b"/"));
        let Some(option) = option.filter(|option| !option.is_empty()) else {
            continue;
        };
        let whole = b"encodedcommand".as_slice();
        let is_it = option.eq_ignore_ascii_case(b"ec")
            || whole
                .get(..option.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(option));
        let value = words.peek().copied().unwrap_or_default();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let is_base64 = value.len() >= 8
            && value.iter().all(|byte| {
                byte.is_ascii_alphanumeric() || b"+/=\"".contains(byte)
            });
        if is_it && is_base64 {
            return true;
        }
    }
    false
}
