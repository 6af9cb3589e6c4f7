/*!
Classic Windows event text: a header, and the message as it was rendered.
*/

use std::collections::BTreeMap;

use super::Events;
use super::windows::Windows;

/// Whether a text begins with a time, as in `03/12/2021 10:48:14 AM`.
pub(super) fn is_record(text: &str) -> bool {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let zeros = line.replace(|it: char| it.is_ascii_digit(), "0");
    let time = ["00/00/0000 00:00:00", "00/00/0000 00:00:00.000"];
    let half = zeros.strip_suffix(" AM").or(zeros.strip_suffix(" PM"));
    // No more than there are months, days, hours and minutes.
    let most = [(0, 12), (3, 31), (11, 12), (14, 59), (17, 59)];
    let is_time = |(at, most): (usize, u8)| {
        line.get(at..at + 2)
            .is_some_and(|it| it.parse::<u8>().is_ok_and(|it| it <= most))
    };
    let is_none = ["00/", "/00/"].map(|it| line.find(it));
    half.is_some_and(|it| time.contains(&it))
        && most.into_iter().all(is_time)
        && is_none[0] != Some(0)
        && is_none[1] != Some(2)
}

pub(super) fn read(text: &str) -> Events {
    let text = text.replace("\r\n", "\n");
    if text.contains('\r') {
        return None;
    }
    let (_, text) = text.split_once('\n')?;
    let (header, message) = text.split_once("\nMessage=")?;
    let mut names = BTreeMap::new();
    for line in header.split('\n') {
        let (name, value) = line.split_once('=')?;
        if !name.bytes().all(|it| it.is_ascii_alphanumeric())
            || names.insert(name, value).is_some()
        {
            return None;
        }
    }
    let get = |name: &str| names.get(name).map(|it| it.trim().to_string());
    let mut windows = Windows {
        id: get("EventCode"),
        channel: get("LogName"),
        provider: get("SourceName"),
        host: get("ComputerName"),
        sid: get("Sid"),
        ..Windows::default()
    };
    match (windows.channel.as_deref()?, windows.id.as_deref()?) {
        ("Microsoft-Windows-Sysmon/Operational", "1" | "11") => {
            windows.data = plain(message)?;
        }
        ("Security", "4688") => {
            windows.data = labelled(
                message,
                &[
                    (
                        "NewProcessName",
                        "Process Information",
                        "New Process Name",
                    ),
                    (
                        "ParentProcessName",
                        "Process Information",
                        "Creator Process Name",
                    ),
                    (
                        "CommandLine",
                        "Process Information",
                        "Process Command Line",
                    ),
                ],
            )?;
        }
        ("Security", "4698" | "4699" | "4700" | "4701" | "4702") => {
            let (before, content) = match message.split_once("<?xml") {
                Some((before, content)) => (before, Some(content)),
                None => (message, None),
            };
            windows.data = labelled(
                before,
                &[
                    ("TaskName", "Task Information", "Task Name"),
                    ("TaskContent", "Task Information", "Task Content"),
                    ("TaskContent", "Task Information", "Task New Content"),
                ],
            )?;
            if let Some(content) = content {
                // The definition, from its declaration to its end.
                let (content, after) = content.rsplit_once("</Task>")?;
                if !windows.data.get("TaskContent")?.is_empty()
                    || content.contains("</Task>")
                    || !after.trim().is_empty()
                {
                    return None;
                }
                let content = format!("<?xml{content}</Task>");
                windows.data.insert("TaskContent".into(), content);
            }
        }
        _ => return None,
    }
    windows.event()
}

/// `Name: value` lines after the first.
fn plain(message: &str) -> Option<BTreeMap<String, String>> {
    let mut data = BTreeMap::new();
    for line in message.split('\n').skip(1) {
        let (name, value) = line.split_once(':')?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        // One blank more is part of the value or for looks.
        if name.is_empty()
            || value.starts_with([' ', '\t'])
            || !name.bytes().all(|it| it.is_ascii_alphanumeric())
            || data.insert(name.to_string(), value.to_string()).is_some()
        {
            return None;
        }
    }
    Some(data)
}

/// Some of the `Label: value` lines in their sections, each of which begins
/// with its title and has its lines set in.
fn labelled(
    message: &str,
    wanted: &[(&str, &str, &str)],
) -> Option<BTreeMap<String, String>> {
    let mut data = BTreeMap::new();
    let mut section = "";
    let mut seen = Vec::new();
    let mut before = "";
    for line in message.split('\n') {
        let follows_value = before.starts_with('\t');
        before = line;
        let Some(field) = line.strip_prefix('\t') else {
            // A value of several lines has no certain end.
            if follows_value && !line.is_empty() {
                return None;
            }
            // An end, a title, or a sentence.
            section = line.strip_suffix(':').unwrap_or("");
            if !section.is_empty() {
                if seen.contains(&section) {
                    return None;
                }
                seen.push(section);
            }
            continue;
        };
        let (label, value) = field.split_once(':')?;
        // A label that is torn may be one of another language, which only its
        // place among the others tells.
        if label.starts_with('\t') || label.contains('=') {
            return None;
        }
        for (name, of, wanted) in wanted {
            if label != *wanted {
                continue;
            }
            let value = value.trim_start().to_string();
            if section != *of || data.insert((*name).into(), value).is_some() {
                return None;
            }
        }
    }
    Some(data)
}
