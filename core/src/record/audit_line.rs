/*!
auditd lines that stand without their head: the journal keeps the type, the
time and the serial of a record beside it.
*/

use super::audit_json::AuditValues;
use super::decode::Decoded;
use super::keys::AuditKey;

/// Writes a record as auditd would:
/// `node=h type=PATH msg=audit(1706933106.123000:7): item=0 ..`. False when
/// what it takes is not there.
pub(crate) fn write(values: &AuditValues<'_>, line: &mut Vec<u8>) -> bool {
    let get = |key: AuditKey| values.get(key as usize);
    let scratch = &mut [[0; 64]; 3];
    let [kind_scratch, time_scratch, serial_scratch] = scratch;
    let (Some(kind), Some(time), Some(serial), Some(text)) = (
        get(AuditKey::Type),
        get(AuditKey::Time),
        get(AuditKey::Serial),
        get(AuditKey::Line),
    ) else {
        return false;
    };
    let kind = kind.short(kind_scratch);
    let time = time.short(time_scratch);
    let serial = serial.short(serial_scratch);
    let are_digits =
        |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    // Microseconds.
    let seconds = time.len().saturating_sub(6);
    let Some((seconds, fraction)) = time.split_at_checked(seconds) else {
        return false;
    };
    if ![seconds, fraction, serial].into_iter().all(are_digits) {
        return false;
    }
    if let Some(host) = get(AuditKey::Host) {
        let host = host.bytes.split(|byte| !byte.is_ascii_graphic()).next();
        line.extend_from_slice(b"node=");
        line.extend_from_slice(host.unwrap_or_default());
        line.push(b' ');
    }
    // What the journal has no name for it calls `AUDIT1329`.
    let number =
        kind.strip_prefix(b"AUDIT").filter(|digits| are_digits(digits));
    for part in [
        b"type=",
        number.unwrap_or(kind),
        b" msg=audit(",
        seconds,
        b".",
        fraction,
        b":",
        serial,
        b"): ",
    ] {
        line.extend_from_slice(part);
    }
    // The text begins with the type once more.
    let start = line.len();
    if let Decoded::Record(text) = Decoded::from_raw(text, line) {
        line.extend_from_slice(text);
    }
    let text = line.get(start..).unwrap_or_default();
    let fields = text.strip_prefix(kind).unwrap_or(text).trim_ascii_start();
    let before = text.len().saturating_sub(fields.len());
    line.drain(start..start.saturating_add(before));
    true
}
