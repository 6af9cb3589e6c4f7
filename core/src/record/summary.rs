/*!
Summaries of Windows events: what a tool shows of an event's values, on one
line, under short labels of its own: `Cmdline: x ¦ Proc: y`.
*/

use memchr::memmem;

use super::keys::Key;
use super::raw::{Rank, Raw};
use super::windows::WindowsRecord;

/// What stands between two values, and how a cautious JSON writer has it.
const SEPARATORS: [&[u8]; 3] =
    [" \u{a6} ".as_bytes(), b" \\u00a6 ", b" \\u00A6 "];

/// Most values of a summary; the longest of Hayabusa's have some twenty. Each
/// is looked for to the end.
const MOST_VALUES: usize = 64;

/// Gives the values of a summary their names, where a record holds nothing
/// else of its event. It stands where Sysmon has the details of a registry
/// event, which is no event without its key.
pub(crate) fn read(record: &mut WindowsRecord<'_>) {
    let Some(mut summary) = record.get(Key::Details) else { return };
    if !record.is_hollow() {
        return;
    }
    for _ in 0..MOST_VALUES {
        let text = summary.bytes;
        let ends = SEPARATORS.iter().filter_map(|separator| {
            let at = memmem::find(text, separator)?;
            Some((at, at.saturating_add(separator.len())))
        });
        let (end, next) = ends.min().unwrap_or((text.len(), text.len()));
        if let Some((key, bytes)) = text.get(..end).and_then(named) {
            record.offer(key, Raw { bytes, ..summary }, Rank::Hint);
        }
        let rest = text.get(next..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
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
const LABELS: [(&[u8], Key); 9] = [
    (b"Cmdline", Key::CommandLine),
    (b"Proc", Key::Image),
    (b"User", Key::User),
    (b"ParentCmdline", Key::ParentCommandLine),
    (b"TgtObj", Key::TargetObject),
    (b"ScriptBlock", Key::ScriptBlockText),
    (b"Path", Key::TargetFilename),
    (b"Name", Key::TaskName),
    (b"Content", Key::TaskContent),
];
