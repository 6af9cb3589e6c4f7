/*!
Audit events as JSON: Laurel and auditbeat. Each of an event's records is an
event.
*/

use serde_json::Value;
use t1053::event::{EventKind, Field, Platform};

use super::audit::call_name;
use super::json::{Members, text, text_under, under};
use super::{Events, Owned};

/// Laurel: an object for each type of record, or a list of them.
pub(super) fn laurel(top: &Members) -> Events {
    let id = text_under(top, &["ID"])??;
    let is_id = |it: char| it.is_ascii_digit() || matches!(it, '.' | ':');
    // With a member of auditbeat's it is of neither shape.
    if !id.chars().all(is_id)
        || id.split(':').count() != 2
        || top.contains_key("user")
    {
        return None;
    }
    let mut events = Vec::new();
    for (name, value) in top {
        let kind = match name.as_str() {
            "SYSCALL" => EventKind::AuditSyscall,
            "PATH" => EventKind::AuditPath,
            "EXECVE" => EventKind::AuditExecve,
            "PROCTITLE" => EventKind::AuditProctitle,
            "CWD" => EventKind::AuditCwd,
            _ => continue,
        };
        let records = match value {
            Value::Array(list) if kind == EventKind::AuditPath => {
                list.as_slice()
            }
            Value::Object(_) if kind != EventKind::AuditPath => {
                std::slice::from_ref(value)
            }
            _ => return None,
        };
        for record in records {
            events.push(laurel_record(kind, record.as_object()?)?);
        }
    }
    Some(events)
}

fn laurel_record(kind: EventKind, record: &Members) -> Option<Owned> {
    let mut event = Owned::new(Platform::Linux, kind);
    let get = |name: &str| -> Option<Option<Vec<u8>>> {
        match text_under(record, &[name])? {
            Some(text) => Some(Some(percent_decoded(&text)?)),
            None => Some(None),
        }
    };
    // A list of arguments, or all of them in one text.
    let arguments = || -> Option<Option<Vec<u8>>> {
        match (record.get("ARGV"), get("ARGV_STR")?) {
            (Some(Value::Array(list)), None) => {
                let list = list.iter().map(|it| it.as_str());
                let list = list.map(|it| percent_decoded(it?));
                let list: Vec<Vec<u8>> = list.collect::<Option<_>>()?;
                Some(Some(list.join(&b' ')))
            }
            (None, Some(text)) => Some(Some(text)),
            _ => None,
        }
    };
    match kind {
        EventKind::AuditSyscall => {
            for field in [Field::Comm, Field::Exe, Field::Success] {
                event.set(field, get(field.name())?);
            }
            event.set(Field::UidName, get("UID")?);
            // Without one it is no record of a call.
            get("SYSCALL")?.or(get("syscall")?)?;
            let name = match get("SYSCALL")? {
                Some(name) => Some(name),
                None => {
                    let arch = text_under(record, &["arch"])?;
                    let arch = arch.unwrap_or_default();
                    let number = text_under(record, &["syscall"])?;
                    call_name(
                        arch.strip_prefix("0x")?,
                        &number.unwrap_or_default(),
                    )?
                }
            };
            event.set(Field::SyscallName, name);
        }
        EventKind::AuditPath => {
            for field in [Field::Name, Field::Item] {
                event.set(field, get(field.name())?);
            }
            // The kernel marks what is octal with a zero alone.
            let mode = text_under(record, &["mode"])?;
            let mode = mode.map(|it| match it.strip_prefix("0o") {
                Some(digits) => format!("0{digits}"),
                None => it,
            });
            let is_odd = |it: char| !it.is_ascii_digit();
            if mode.as_ref().is_some_and(|it| it.contains(is_odd)) {
                return None;
            }
            event.set(Field::Mode, mode);
            let role = get("nametype")?.or(get("objtype")?);
            event.set(Field::Nametype, role);
        }
        EventKind::AuditExecve => event.set(Field::Argv, Some(arguments()??)),
        EventKind::AuditProctitle => {
            event.set(Field::Proctitle, Some(arguments()??));
        }
        _ => event.set(Field::Cwd, Some(get("cwd")??)),
    }
    Some(event)
}

/// Bytes that are no text stand as `%` and two digits in hex.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.as_bytes());
    }
    Some(bytes)
}

pub(super) fn auditbeat(top: &Members) -> Events {
    let get = |path: &[&str]| text_under(top, path);
    if get(&["event", "module"])?? != "auditd"
        || get(&["auditd", "message_type"])?? != "syscall"
    {
        return None;
    }
    // By another name, as others of its kin have it.
    if under(top, &["process", "exe"]).is_some() {
        return None;
    }
    let linux = |kind| Owned::new(Platform::Linux, kind);
    let mut call = linux(EventKind::AuditSyscall);
    call.set(Field::Comm, get(&["process", "name"])?);
    call.set(Field::Exe, get(&["process", "executable"])?);
    call.set(Field::UidName, get(&["user", "name"])?);
    let name = get(&["auditd", "data", "syscall"])??;
    call.set(Field::SyscallName, Some(name));
    let outcome = get(&["auditd", "result"])?.or(get(&["event", "outcome"])?);
    call.set(
        Field::Success,
        match outcome.as_deref() {
            Some("success") => Some("yes"),
            Some("fail" | "failure") => Some("no"),
            None => None,
            Some(_) => return None,
        },
    );
    let mut events = vec![call];
    if let Some(paths) = under(top, &["auditd", "paths"]) {
        for path in paths.as_array()? {
            let path = path.as_object()?;
            let mut event = linux(EventKind::AuditPath);
            for field in
                [Field::Name, Field::Nametype, Field::Item, Field::Mode]
            {
                let value = match path.get(field.name()) {
                    Some(value) => Some(text(value)?),
                    None => None,
                };
                event.set(field, value);
            }
            events.push(event);
        }
    }
    if let Some(title) = get(&["process", "title"])? {
        let mut event = linux(EventKind::AuditProctitle);
        event.set(Field::Proctitle, Some(title));
        events.push(event);
    }
    if let Some(args) = under(top, &["process", "args"]) {
        let args = args.as_array()?.iter().map(|it| it.as_str());
        let args: Vec<&str> = args.collect::<Option<_>>()?;
        let mut event = linux(EventKind::AuditExecve);
        event.set(Field::Argv, Some(args.join(" ")));
        events.push(event);
    }
    if let Some(cwd) = get(&["process", "working_directory"])? {
        let mut event = linux(EventKind::AuditCwd);
        event.set(Field::Cwd, Some(cwd));
        events.push(event);
    }
    Some(events)
}
