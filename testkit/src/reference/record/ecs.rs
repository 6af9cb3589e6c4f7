/*!
ECS as Winlogbeat and the Elastic agent write it, with members inside members
or with dots in their names.
*/

use serde_json::Value;

use super::Events;
use super::json::{Members, agreed, text, text_under, under};
use super::windows::{Windows, has_message};

/// Where the modules of Sysmon and PowerShell move fields to.
const MOVED: [(&str, &[&str]); 10] = [
    ("Image", &["process", "executable"]),
    ("CommandLine", &["process", "command_line"]),
    ("OriginalFileName", &["process", "pe", "original_file_name"]),
    ("ParentImage", &["process", "parent", "executable"]),
    ("ParentCommandLine", &["process", "parent", "command_line"]),
    ("TargetFilename", &["file", "path"]),
    ("TargetObject", &["registry", "path"]),
    ("ScriptBlockText", &["powershell", "file", "script_block_text"]),
    // Where there is no path, the name is one.
    ("Image", &["process", "name"]),
    ("ParentImage", &["process", "parent", "name"]),
];

/// `None` where names of a flat shape stand beside those of this one.
pub(super) fn has_no_names_of_windows(top: &Members) -> Option<()> {
    let is_upper = |it: char| it.is_ascii_uppercase();
    (!top.keys().any(|it| it.starts_with(is_upper))).then_some(())
}

pub(super) fn winlogbeat(top: &Members) -> Events {
    has_no_names_of_windows(top)?;
    let winlog = top.get("winlog")?.as_object()?;
    if winlog.contains_key("user_data") && winlog.contains_key("event_data") {
        return None;
    }
    let ids: [&[&str]; 2] = [&["winlog", "event_id"], &["event", "code"]];
    let providers: [&[&str]; 2] =
        [&["winlog", "provider_name"], &["event", "provider"]];
    let mut windows = Windows {
        id: agreed(top, ids)?,
        channel: text_under(top, &["winlog", "channel"])?,
        provider: agreed(top, providers)?,
        host: text_under(top, &["winlog", "computer_name"])?,
        sid: text_under(top, &["winlog", "user", "identifier"])?
            .or(text_under(top, &["user", "id"])?),
        has_message: has_message(top),
        ..Windows::default()
    };
    let none = Members::new();
    let own = winlog.get("event_data").or(winlog.get("user_data"));
    let own = match own {
        None | Some(Value::Null) => &none,
        Some(own) => own.as_object()?,
    };
    for (name, value) in own {
        if let Some(value) = text(value) {
            windows.data.insert(name.clone(), value);
        }
    }
    for (name, path) in MOVED {
        let moved = text_under(top, path)?;
        let others = ["NewProcessName", "ParentProcessName"];
        let other = match name {
            "Image" => others[0],
            "ParentImage" => others[1],
            _ => name,
        };
        if let Some(moved) = moved
            && !windows.data.contains_key(name)
            && !windows.data.contains_key(other)
        {
            windows.data.insert(name.into(), moved);
        }
    }
    // Of the accounts that may stand in these places only a plain one is
    // taken.
    if !windows.data.contains_key("User") {
        let name = text_under(top, &["user", "name"])?;
        if under(top, &["winlog", "user", "name"]).is_some() && name.is_some()
        {
            windows.account.0 = name;
        } else if let Some(name) = name {
            windows.data.insert("User".into(), name);
        }
    }
    windows.event()
}

/// The same with an object for each part of a name; `None` where two members
/// meet.
pub(super) fn nested(top: &Members) -> Option<Members> {
    let mut nested = Members::new();
    for (name, value) in top {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name.as_str(), None),
        };
        let Some(rest) = rest else {
            if nested.insert(first.into(), value.clone()).is_some() {
                return None;
            }
            continue;
        };
        let inner = nested
            .entry(first)
            .or_insert_with(|| Value::Object(Members::new()));
        let inner = inner.as_object_mut()?;
        if inner.insert(rest.into(), value.clone()).is_some() {
            return None;
        }
    }
    for (_, value) in &mut nested {
        if let Value::Object(inner) = value
            && inner.keys().any(|it| it.contains('.'))
        {
            *value = Value::Object(self::nested(inner)?);
        }
    }
    Some(nested)
}
