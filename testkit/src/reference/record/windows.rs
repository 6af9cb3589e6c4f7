/*!
Windows events, in every JSON shape that keeps Windows' own names.
*/

use std::collections::BTreeMap;

use serde_json::Value;
use t1053::event::{EventKind, Field, Platform};

use super::super::{plain_lines, unescape};
use super::json::{Members, one, text, text_under};
use super::{Events, Owned, ecs, xml};

/// Values under Windows' names, and where the event is from.
#[derive(Default)]
pub(super) struct Windows {
    pub(super) id: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) host: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) account: (Option<String>, Option<String>),
    pub(super) data: BTreeMap<String, String>,
    /// Whether there is a rendered message.
    pub(super) has_message: bool,
}

/// Where flat shapes have the log.
pub(super) const LOGS: &[&str] = &["Channel", "LogName", "log_name"];

/// Where flat shapes have the provider.
pub(super) const PROVIDERS: &[&str] = &[
    "SourceName",
    "ProviderName",
    "source_name",
    "provider_name",
    "EventSourceName",
    "Provider",
    "Source",
];

pub(super) fn flat(top: &Members) -> Events {
    let mut windows = Windows {
        id: one(top, &["EventID"])?,
        channel: one(top, LOGS)?,
        provider: one(top, PROVIDERS)?,
        host: one(
            top,
            &[
                "Hostname",
                "Computer",
                "ComputerName",
                "computer_name",
                "MachineName",
            ],
        )?,
        sid: one(top, &["UserID", "UserId"])?,
        account: (one(top, &["AccountName"])?, one(top, &["Domain"])?),
        has_message: has_message(top),
        data: BTreeMap::new(),
    };
    // Without an id, a message may be a record by itself.
    windows.id.as_ref()?;
    windows.data = texts(top);
    // The collector's own severity; what was done stands in the message.
    let said = windows.data.get("EventType");
    if said.is_none_or(|it| registry_type(it).is_none()) {
        windows.data.remove("EventType");
        let message = top.get("Message").or(top.get("message"));
        let message = message.and_then(text).unwrap_or_default();
        if let Some(said) = registry_type_in(&message) {
            windows.data.insert("EventType".into(), said);
        }
    }
    windows.event()
}

/// What is done to a registry, as Sysmon spells it.
fn registry_type(text: &str) -> Option<String> {
    const TYPES: [&str; 6] = [
        "SetValue",
        "DeleteValue",
        "CreateKey",
        "DeleteKey",
        "RenameKey",
        "RenameValue",
    ];
    let known = TYPES.iter().find(|it| it.eq_ignore_ascii_case(text));
    known.map(|it| (*it).to_string())
}

fn registry_type_in(message: &str) -> Option<String> {
    let after = message.split("EventType: ").nth(1)?;
    let end = after.find(|it: char| !it.is_ascii_alphabetic());
    registry_type(&after[..end.unwrap_or(after.len())])
}

pub(super) fn nested(event: &Members) -> Events {
    let known =
        ["#attributes", "System", "EventData", "UserData", "RenderingInfo"];
    if event.keys().any(|it| !known.contains(&it.as_str())) {
        return None;
    }
    let system = event.get("System")?.as_object()?;
    let attribute = |name: &str, attribute: &str| -> Option<String> {
        let inside = system.get(name).and_then(Value::as_object);
        let inside = inside.and_then(|it| it.get("#attributes"));
        let beside = system.get(&format!("{name}_attributes"));
        text(inside.or(beside)?.as_object()?.get(attribute)?)
    };
    let both = |(name, value): (&String, &Value)| {
        let has =
            value.as_object().is_some_and(|it| it.contains_key("#attributes"));
        has && system.contains_key(&format!("{name}_attributes"))
    };
    if system.iter().any(both) {
        return None;
    }
    let id = match system.get("EventID") {
        Some(Value::Object(id)) => Some(text(id.get("#text")?)?),
        Some(id) => Some(text(id)?),
        None => None,
    };
    let mut windows = Windows {
        id,
        channel: text_under(system, &["Channel"])?,
        provider: attribute("Provider", "Name"),
        host: text_under(system, &["Computer"])?,
        sid: attribute("Security", "UserID"),
        ..Windows::default()
    };
    match [event.get("EventData"), event.get("UserData")] {
        [Some(Value::Object(data)), None | Some(Value::Null)] => {
            // Values without names.
            let nameless = data.get("Data").unwrap_or(&Value::Null);
            let nameless = match nameless {
                Value::Object(it) if it.len() == 1 => it.get("#text")?,
                other => other,
            };
            let nameless = match nameless {
                Value::Array(list) => list.as_slice(),
                one => std::slice::from_ref(one),
            };
            if nameless.iter().any(|it| !it.is_null() && text(it).is_none()) {
                return None;
            }
            windows.data = texts(data);
        }
        // One element of any name, which has the fields.
        [None | Some(Value::Null), Some(Value::Object(data))] => {
            let mut elements = data.iter().filter(|it| it.0 != "#attributes");
            let [Some((_, Value::Object(data))), None] =
                [elements.next(), elements.next()]
            else {
                return None;
            };
            windows.data = texts(data);
        }
        [None | Some(Value::Null), None | Some(Value::Null)] => {}
        _ => return None,
    }
    windows.event()
}

/// Whether a record has a message, which may hold what it lacks.
pub(super) fn has_message(top: &Members) -> bool {
    let names = ["Message", "message", "Description", "description"];
    names.iter().any(|name| top.contains_key(*name))
}

/// The members that are plain values.
fn texts(members: &Members) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, value) in members {
        if let Some(value) = text(value) {
            texts.insert(name.clone(), value);
        }
    }
    texts
}

/// Wazuh: the names begin in lower case, and backslashes are doubled.
pub(super) fn wazuh(top: &Members) -> Events {
    let win = top.get("win")?.as_object()?;
    if win.keys().any(|it| it != "system" && it != "eventdata") {
        return None;
    }
    let system = win.get("system")?.as_object()?;
    let mut windows = Windows {
        id: one(system, &["eventID"])?,
        channel: one(system, &["channel"])?,
        provider: one(system, &["providerName"])?,
        host: one(system, &["computer"])?,
        has_message: has_message(system),
        ..Windows::default()
    };
    let data = win.get("eventdata").map(|it| it.as_object());
    for (name, value) in texts(data.unwrap_or(Some(&Members::new()))?) {
        if name.starts_with(|it: char| it.is_ascii_uppercase()) {
            return None;
        }
        let first = name.get(..1).unwrap_or_default().to_uppercase();
        let name = first + name.get(1..).unwrap_or_default();
        windows.data.insert(name, value.replace(r"\\", r"\"));
    }
    windows.event()
}

pub(super) fn winlogbeat_6(top: &Members) -> Events {
    ecs::has_no_names_of_windows(top)?;
    let windows = Windows {
        id: one(top, &["event_id"])?,
        channel: one(top, &["log_name"])?,
        provider: one(top, &["source_name"])?,
        host: one(top, &["computer_name"])?,
        has_message: has_message(top),
        account: (text_under(top, &["user", "name"])?, None),
        data: texts(top.get("event_data")?.as_object()?),
        ..Windows::default()
    };
    windows.event()
}

/// A row of Sentinel's, whose data is XML.
pub(super) fn sentinel(top: &Members) -> Events {
    let windows = Windows {
        id: one(top, &["EventID"])?,
        channel: one(top, &["Channel"])?,
        provider: one(top, &["EventSourceName"])?,
        host: one(top, &["Computer"])?,
        has_message: has_message(top),
        data: xml::event_data(top.get("EventData")?.as_str()?)?,
        ..Windows::default()
    };
    windows.event()
}

impl Windows {
    pub(super) fn event(mut self) -> Events {
        // An event without a number is of no known kind.
        let Some(id) = self.id.take() else { return Some(Vec::new()) };
        if !id.bytes().all(|it| it.is_ascii_digit()) || id.is_empty() {
            return None;
        }
        let is = |text: &Option<String>, name: &str| {
            text.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(name))
        };
        let (provider, channel) = (&self.provider, &self.channel);
        let of = |providers: &[&str], channels: &[&str]| {
            (
                providers.iter().any(|it| is(provider, it)),
                channels.iter().any(|it| is(channel, it)),
            )
        };
        let sources = [
            of(
                &["Microsoft-Windows-Sysmon"],
                &["Microsoft-Windows-Sysmon/Operational"],
            ),
            of(&["Linux-Sysmon"], &["Linux-Sysmon/Operational"]),
            of(
                &[
                    "Microsoft-Windows-Security-Auditing",
                    "Microsoft Windows security auditing.",
                ],
                &["Security"],
            ),
            of(
                &["Microsoft-Windows-PowerShell", "PowerShellCore"],
                &[
                    "Microsoft-Windows-PowerShell/Operational",
                    "PowerShellCore/Operational",
                ],
            ),
            of(
                &["Microsoft-Windows-TaskScheduler"],
                &["Microsoft-Windows-TaskScheduler/Operational"],
            ),
        ];
        let source = sources
            .iter()
            .position(|it| it.0)
            .or_else(|| sources.iter().position(|it| it.1));
        let kind = match (source, id.as_str()) {
            (Some(0 | 1), "1") => EventKind::ProcessCreation,
            (Some(0 | 1), "11") => EventKind::FileCreation,
            (Some(0 | 1), "23") | (Some(0), "26") => EventKind::FileDeletion,
            (Some(0), "12" | "13" | "14") => EventKind::RegistryEvent,
            (Some(0), "7") => EventKind::ModuleLoad,
            // Its values have names of their own.
            (Some(2), "4657") => return None,
            (Some(2), "5145") => EventKind::ShareAccess,
            (Some(2), "5136") => EventKind::DirectoryChange,
            (Some(2), "4688") => EventKind::ProcessCreation,
            (Some(2), "4698") => EventKind::TaskRegistered,
            (Some(2), "4699") => EventKind::TaskDeleted,
            (Some(2), "4700") => EventKind::TaskEnabled,
            (Some(2), "4701") => EventKind::TaskDisabled,
            (Some(2), "4702") => EventKind::TaskUpdated,
            (Some(3), "4104") => EventKind::ScriptBlock,
            (Some(4), _) => EventKind::TaskScheduler,
            _ => return Some(Vec::new()),
        };
        // What rules look at most may stand in the message then.
        let telling: &[&str] = match kind {
            EventKind::ProcessCreation => {
                &["CommandLine", "Image", "NewProcessName"]
            }
            EventKind::TaskRegistered | EventKind::TaskUpdated => {
                &["TaskContent", "TaskContentNew"]
            }
            EventKind::ScriptBlock => &["ScriptBlockText"],
            EventKind::RegistryEvent => &["TargetObject"],
            EventKind::ModuleLoad => &["ImageLoaded"],
            EventKind::FileCreation | EventKind::FileDeletion => {
                &["TargetFilename"]
            }
            _ => &["TaskName"],
        };
        let tells = telling.iter().any(|it| self.data.contains_key(*it));
        if self.has_message && !tells {
            return None;
        }
        let linux = source == Some(1);
        let platform = if linux { Platform::Linux } else { Platform::Windows };
        let mut event = Owned::new(platform, kind);
        let mut set = |field, value: Option<String>| event.set(field, value);
        let data = &self.data;
        let first = |names: &[&str]| -> Option<Option<String>> {
            let mut all = names.iter().filter_map(|it| data.get(*it));
            let value = all.next().cloned();
            all.next().is_none().then_some(value)
        };
        set(Field::EventId, Some(id.clone()));
        set(Field::Channel, self.channel.clone());
        set(Field::Computer, self.host.clone());
        set(Field::UserSid, self.sid.clone());
        for field in [
            Field::CommandLine,
            Field::TargetFilename,
            Field::TargetObject,
            Field::Details,
            Field::TaskName,
            Field::ActionName,
            Field::ScriptBlockText,
        ] {
            set(field, data.get(field.name()).cloned());
        }
        set(Field::Image, first(&["Image", "NewProcessName"])?);
        set(Field::ParentImage, first(&["ParentImage", "ParentProcessName"])?);
        let content = first(&["TaskContent", "TaskContentNew"])?;
        let content = match content {
            Some(it) if it.trim_ascii_start().starts_with("&lt;") => {
                Some(unescape(&plain_lines(&it)?)?)
            }
            other => other,
        };
        set(Field::TaskContent, content);
        let original = data.get("OriginalFileName").cloned();
        set(
            Field::OriginalFileName,
            original.filter(|it| !["", "-"].contains(&it.as_str())),
        );
        if kind == EventKind::RegistryEvent {
            let said = data.get("EventType");
            let said = said.and_then(|it| registry_type(it));
            let by_number = match id.as_str() {
                "13" => Some("SetValue".to_string()),
                "14" => Some("RenameKey".to_string()),
                _ => None,
            };
            set(Field::EventType, said.or(by_number));
            // The one rule that looks at the account.
            let user = data.get("User").cloned();
            // Two names for who wrote the event, which may disagree.
            let is_system = [
                self.account.0.map(|it| it.eq_ignore_ascii_case("SYSTEM")),
                self.sid.map(|it| it == "S-1-5-18"),
            ];
            if user.is_none()
                && is_system[0].is_some()
                && is_system[0] != is_system[1]
            {
                return None;
            }
            let is_some = |it: &String| !["", "-", "?"].contains(&it.as_str());
            set(Field::User, user.filter(is_some));
        }
        Some(vec![event])
    }
}
