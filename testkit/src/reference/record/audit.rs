/*!
auditd lines: raw, enriched or interpreted; one record a line, or all records
of an event on one.
*/

use std::collections::BTreeMap;

use t1053::event::{EventKind, Field, Platform};

use super::{Events, Owned};

/// Whether a text begins as a line of auditd's.
pub(super) fn is_line(text: &str) -> bool {
    bare(text).is_some_and(|it| it.starts_with("type="))
}

/// A line without what names the host, or the kernel and its time.
fn bare(line: &str) -> Option<&str> {
    if let Some(node) = line.strip_prefix("node=") {
        return Some(node.split_once(' ')?.1);
    }
    let line = match line.strip_prefix('[') {
        Some(after) => {
            let (time, line) = after.split_once("] ")?;
            let is_of_time = |it| matches!(it, ' ' | '.' | '0'..='9');
            let is_short = time.len() < 24 && time.contains('.');
            if !is_short || !time.chars().all(is_of_time) {
                return None;
            }
            line
        }
        None => line,
    };
    Some(line.strip_prefix("audit: ").unwrap_or(line))
}

pub(super) fn read(line: &str) -> Events {
    let line = bare(line)?;
    if line.contains(['\n', '\r', '\0']) {
        return None;
    }
    let mut events = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for record in line.strip_prefix("type=")?.split(" type=") {
        ids.insert(record.split_once("audit(")?.1.split_once(')')?.0);
        events.extend(self::record(record)?);
    }
    if ids.len() > 1 {
        return None;
    }
    Some(events)
}

/// One record, from its type on.
fn record(record: &str) -> Events {
    let (name, rest) = record.split_once(' ')?;
    let rest = rest.strip_prefix("msg=").unwrap_or(rest);
    let (id, body) = rest.strip_prefix("audit(")?.split_once(')')?;
    if body.contains("audit(") {
        return None;
    }
    let (body, is_apart) = match body.strip_prefix(" : ") {
        Some(body) => (body, true),
        None => (body.strip_prefix(':')?, false),
    };
    if !body.is_empty() && !body.starts_with(' ') && !is_apart {
        return None;
    }
    // A time that is written out has a blank in it.
    let interpreted = is_apart && id.contains(' ');
    let body = body.trim_start_matches(' ');
    let (time, serial) = id.rsplit_once(':')?;
    let is_time = |it: char| match it {
        '/' | ':' | ' ' => interpreted,
        _ => it == '.' || it.is_ascii_digit(),
    };
    if !time.chars().all(is_time)
        || time.is_empty()
        || serial.is_empty()
        || !serial.bytes().all(|it| it.is_ascii_digit())
    {
        return None;
    }
    let number = name.strip_prefix("UNKNOWN[");
    let number = number.and_then(|it| it.strip_suffix(']')).unwrap_or(name);
    let kind = match number {
        "SYSCALL" | "1300" => EventKind::AuditSyscall,
        "PATH" | "1302" => EventKind::AuditPath,
        "CWD" | "1307" => EventKind::AuditCwd,
        "EXECVE" | "1309" => EventKind::AuditExecve,
        "PROCTITLE" | "1327" => EventKind::AuditProctitle,
        _ if name.starts_with("AUOMS") => return None,
        _ => {
            let is_name = |it: u8| it.is_ascii_uppercase() || it == b'_';
            let is_number = number.len() > 2
                && number.bytes().all(|it| it.is_ascii_digit());
            let is_known = name.len() > 2 && name.bytes().all(is_name);
            return (is_known || is_number).then(Vec::new);
        }
    };
    let fields = match (interpreted, kind) {
        (true, EventKind::AuditProctitle) => {
            let title = body.strip_prefix("proctitle=")?;
            let title = title.trim_end_matches(' ');
            [("proctitle".into(), title.into())].into()
        }
        (true, _) => interpreted_fields(body)?,
        (false, _) => audit_fields(body)?,
    };
    let get = |name: &str| fields.get(name).cloned();
    let mut event = Owned::new(Platform::Linux, kind);
    match kind {
        EventKind::AuditSyscall => {
            for field in [Field::Comm, Field::Exe, Field::Success] {
                event.set(field, get(field.name()));
            }
            // What is interpreted has the name in the number's place.
            let is_number = |it: &Vec<u8>| it.iter().all(u8::is_ascii_digit);
            let named = |name: &str| get(name).filter(|it| !is_number(it));
            let is_account =
                |it: &u8| it.is_ascii_alphanumeric() || b"._-@".contains(it);
            let is_odd = |it: &Vec<u8>| {
                let may_begin = |it: &u8| it.is_ascii_alphabetic();
                !it.first().is_some_and(may_begin)
                    || !it.iter().all(is_account)
            };
            if named("uid").is_some_and(|it| is_odd(&it)) {
                return None;
            }
            if !interpreted
                && (named("uid").is_some() || named("syscall").is_some())
            {
                return None;
            }
            event.set(Field::UidName, get("UID").or_else(|| named("uid")));
            let call = get("SYSCALL").or_else(|| named("syscall"));
            let call = match call {
                Some(call) => Some(call),
                None => match (get("arch"), get("syscall")) {
                    (Some(arch), Some(number)) => call_name(
                        &String::from_utf8(arch).unwrap(),
                        &String::from_utf8(number).unwrap(),
                    )?,
                    _ => None,
                },
            };
            event.set(Field::SyscallName, call);
        }
        EventKind::AuditPath => {
            for field in [Field::Name, Field::Item, Field::Mode] {
                event.set(field, get(field.name()));
            }
            let role = get("nametype").or_else(|| get("objtype"));
            event.set(Field::Nametype, role);
        }
        EventKind::AuditCwd => event.set(Field::Cwd, get("cwd")),
        EventKind::AuditExecve => {
            let count: usize = match get("argc") {
                Some(count) => String::from_utf8(count).ok()?.parse().ok()?,
                // The rest of a long argument, whose beginning is in another
                // record.
                None => return None,
            };
            let arguments = (0..count).map(|at| get(&format!("a{at}")));
            let arguments: Vec<Vec<u8>> = arguments.collect::<Option<_>>()?;
            let enriched = fields
                .keys()
                .filter(|it| it.bytes().all(|it| it.is_ascii_uppercase()));
            if fields.len() != count + 1 + enriched.count() {
                return None;
            }
            event.set(Field::Argv, Some(arguments.join(&b' ')));
        }
        _ => {
            // The title is all that there is.
            let is_more = body.trim_end_matches(' ').contains(' ');
            if !body.starts_with("proctitle=") || is_more && !interpreted {
                return None;
            }
            let title = get("proctitle").map(|mut it| {
                while it.last() == Some(&0) {
                    it.pop();
                }
                let blank = |it: u8| if it == 0 { b' ' } else { it };
                it.into_iter().map(blank).collect::<Vec<u8>>()
            });
            event.set(Field::Proctitle, title);
        }
    }
    Some(vec![event])
}

/// The name of the one system call that a rule asks for; `Some(None)` for
/// others, `None` where the architecture is not known here.
pub(super) fn call_name(arch: &str, number: &str) -> Option<Option<Vec<u8>>> {
    match (arch, number) {
        ("c000003e", "82") | ("40000003", "38") => {
            Some(Some(b"rename".to_vec()))
        }
        ("c000003e" | "40000003" | "c00000b7", _) => Some(None),
        _ => None,
    }
}

/// The fields of an interpreted body, where no value holds a blank.
fn interpreted_fields(body: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut fields = BTreeMap::new();
    for word in body.trim_end_matches(' ').split(' ') {
        let (name, value) = word.split_once('=')?;
        // Raw after all?
        let may_be_hex = ["comm", "exe", "name", "cwd"].contains(&name)
            || name.starts_with('a');
        let may_be_raw = may_be_hex && hex(value).is_some()
            || value.contains(['"', '\'', '=']);
        let is_odd =
            name.contains(|it: char| it.is_ascii_uppercase() || it == '-');
        if !is_name(name) || is_odd || value.is_empty() || may_be_raw {
            return None;
        }
        if !matches!(value, "(null)" | "(none)" | "?")
            && fields.insert(name.to_string(), value.into()).is_some()
        {
            return None;
        }
    }
    Some(fields)
}

/// The fields that are always bare and that something is made of.
const LOOKED_AT: [&str; 11] = [
    "success", "arch", "syscall", "uid", "item", "mode", "nametype",
    "objtype", "argc", "SYSCALL", "UID",
];

/// The fields of a plain auditd body: `name=value`, quoted, in hex, or bare,
/// one blank between them, each name once.
fn audit_fields(body: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut fields = BTreeMap::new();
    // The enriched part, which some relays set off with a blank.
    let (kernel, enriched) = body.split_once('\u{1d}').unwrap_or((body, ""));
    let first = enriched.trim_start().split('=').next().unwrap_or_default();
    let is_upper = |it: char| it.is_ascii_uppercase();
    if enriched.contains('\u{1d}')
        || kernel.len() < body.len()
            && (first.len() < 3 || !first.chars().all(is_upper))
    {
        return None;
    }
    // These never are the last that the kernel writes.
    let last = kernel.rsplit(' ').next().unwrap_or_default();
    let never_last = ["comm=", "exe=", "name="];
    if kernel.len() < body.len()
        && never_last.iter().any(|it| last.starts_with(it))
    {
        return None;
    }
    let mut rest = body.trim_end_matches(' ').replace('\u{1d}', " ");
    let mut is_enriched = false;
    while !rest.is_empty() {
        let end = rest.find(' ').unwrap_or(rest.len());
        let Some((name, after)) =
            rest.split_once('=').filter(|it| it.0.len() < end)
        else {
            // A word that is no field.
            let (word, after) = rest.split_at(end);
            if word.contains(|it: char| it == '"' || it.is_control()) {
                return None;
            }
            rest = after.strip_prefix(' ').unwrap_or(after).to_string();
            continue;
        };
        if name.is_empty()
            || name.contains(|it: char| it == '"' || it.is_control())
        {
            return None;
        }
        let upper = !name.contains(|it: char| it.is_ascii_lowercase());
        if is_enriched && !upper {
            return None;
        }
        is_enriched |= upper;
        let number = name.strip_prefix('a').map(str::as_bytes);
        let is_argument = number.is_some_and(|it| {
            !it.is_empty() && it.iter().all(u8::is_ascii_digit)
        });
        let may_be_hex = is_argument && body.starts_with("argc=")
            || ["comm", "exe", "name", "proctitle", "cwd"].contains(&name);
        let is_looked_at = may_be_hex || LOOKED_AT.contains(&name);
        let (value, after) = if let Some(inside) = after.strip_prefix('"') {
            let (value, after) = inside.split_once('"')?;
            // The kernel writes these in hex, and no account has a blank.
            if value.contains(' ') {
                return None;
            }
            (Some(value.as_bytes().to_vec()), after.to_string())
        } else {
            let end = after.find(' ').unwrap_or(after.len());
            let (value, after) = after.split_at(end);
            let is_odd = value.is_empty() || value.contains('=');
            if value.contains(|it: char| it == '"' || it.is_control())
                || is_odd && is_looked_at
            {
                return None;
            }
            let value = match value {
                "?" if is_looked_at => return None,
                "(null)" | "(none)" | "?" => None,
                _ if may_be_hex => Some(hex(value)?),
                _ => Some(value.as_bytes().to_vec()),
            };
            (value, after.to_string())
        };
        let name = name.to_string();
        rest = match after.strip_prefix(' ') {
            Some(rest) => rest.to_string(),
            None if after.is_empty() => String::new(),
            None => return None,
        };
        if let Some(value) = value
            && fields.insert(name, value).is_some()
        {
            return None;
        }
    }
    Some(fields)
}

/// Whether a name is one that something is read from, or looks like it.
fn is_name(name: &str) -> bool {
    let is_of_name =
        |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    !name.is_empty() && name.chars().all(is_of_name)
}

/// A value that the kernel wrote in hex, and that cannot be anything else.
fn hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = |it: char| it.is_ascii_digit() || matches!(it, 'A'..='F');
    if !text.len().is_multiple_of(2) || !text.chars().all(is_hex) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    let pairs = pairs.map(|it| std::str::from_utf8(it).unwrap());
    Some(pairs.map(|it| u8::from_str_radix(it, 16).unwrap()).collect())
}
