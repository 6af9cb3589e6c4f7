/*!
Summaries of Windows events: what a tool shows of an event's values, on one
line, under short labels of its own: `Cmdline: x ¦ Proc: y`.
*/

use memchr::memmem;

use super::keys::Key;
use super::raw::{Rank, Raw};
use super::windows::WindowsRecord;

/// What stands between two values.
const SEPARATOR: &[u8] = " \u{a6} ".as_bytes();

/// Gives the values of a summary their names, where a record holds nothing
/// else of its event. It stands where Sysmon has the details of a registry
/// event, which is no event without its key.
pub(crate) fn read(record: &mut WindowsRecord<'_>) {
    let Some(mut summary) = record.get(Key::Details) else { return };
    if !record.is_hollow() {
        return;
    }
    loop {
        let text = summary.bytes;
        let end = memmem::find(text, SEPARATOR).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or_default();
        if let Some((key, bytes)) = named(value) {
            record.offer(key, Raw { bytes, ..summary }, Rank::Hint);
        }
        let Some(rest) = rest.strip_prefix(SEPARATOR) else { break };
        summary = Raw { bytes: rest, ..summary };
    }
}

fn named(text: &[u8]) -> Option<(Key, &[u8])> {
    let at = memmem::find(text, b": ")?;
    let (label, value) = text.split_at_checked(at)?;
    let (_, key) = LABELS.iter().find(|(name, _)| *name == label)?;
    Some((*key, value.strip_prefix(b": ")?))
}

/// Hayabusa's labels.
const LABELS: [(&[u8], Key); 6] = [
    (b"Cmdline", Key::CommandLine),
    (b"Proc", Key::Image),
    (b"User", Key::User),
    (b"ParentCmdline", Key::ParentCommandLine),
    (b"TgtObj", Key::TargetObject),
    (b"ScriptBlock", Key::ScriptBlockText),
];
