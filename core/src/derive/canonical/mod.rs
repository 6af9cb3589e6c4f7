/*!
Canonical text: what is meant, whatever way it is written.

A layer takes bytes and writes what they come down to into an [`Arena`]. All
are pure, run in time linear in the bytes, change nothing when they are run
again, and leave alone what they are not sure of.
*/

pub(crate) mod arena;
pub(crate) mod argv;
pub(crate) mod cmd;
pub(crate) mod command;
pub(crate) mod expand;
pub(crate) mod lower;
pub(crate) mod notes;
pub(crate) mod path;
pub(crate) mod powershell;
pub(crate) mod shell;
pub(crate) mod tool;
pub(crate) mod unicode;
pub(crate) mod variables;

/// A number in decimal digits.
pub(crate) fn decimal(value: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    loop {
        at = at.saturating_sub(1);
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'0'.saturating_add((rest % 10) as u8);
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at = at.saturating_sub(1);
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'-';
        }
    }
    digits.get(at..).unwrap_or_default()
}

/// Whether bytes end with others, ASCII case aside.
pub(crate) fn ends_with(bytes: &[u8], ending: &[u8]) -> bool {
    crate::bytes::ends_with(bytes, ending, false)
}
