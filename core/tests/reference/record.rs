/*!
Records as the readers everyone uses understand them: `serde_json`,
`roxmltree`, and auditd lines taken apart by their quotes and blanks.

Only records of the plain shapes are read, and only what the built-in rules
look at. A record that mixes shapes, or that a strict reader refuses, is
`None`: nothing is said of it.
*/

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use t1053::event::{Event, EventKind, Field, Platform};

/// An event with values of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Owned {
    pub platform: Platform,
    pub kind: EventKind,
    pub values: BTreeMap<Field, Vec<u8>>,
}

impl Owned {
    /// The same as an event that borrows.
    pub fn event(&self) -> Event<'_> {
        let mut event = Event::new(self.platform, self.kind);
        for (field, value) in &self.values {
            let _ = event.set(*field, value);
        }
        event
    }
}

/// The event of a record, where it plainly holds one; `Some(None)` where it
/// plainly holds none.
pub fn read(record: &[u8]) -> Option<Option<Owned>> {
    let text = std::str::from_utf8(record).ok()?;
    let text = text.trim_matches(['\r', '\n', ' ']);
    if text.starts_with('{') {
        json(text)
    } else if text.starts_with("<Event") {
        xml(text)
    } else if text.starts_with("type=") {
        auditd(text)
    } else {
        None
    }
}

/// Values under Windows' names, and where the event is from.
#[derive(Default)]
struct Windows {
    id: Option<String>,
    channel: Option<String>,
    provider: Option<String>,
    host: Option<String>,
    sid: Option<String>,
    account: (Option<String>, Option<String>),
    data: BTreeMap<String, String>,
}

fn json(text: &str) -> Option<Option<Owned>> {
    if repeats_a_name(text) {
        return None;
    }
    let Value::Object(top) = serde_json::from_str(text).ok()? else {
        return None;
    };
    // What may be another shape, or may stand in another's place.
    const OTHERS: [&str; 30] = [
        "System",
        "UserData",
        "user_data",
        "win",
        "data",
        "value",
        "items",
        "records",
        "_source",
        "result",
        "unmapped",
        "_raw",
        "raw_data",
        "SyslogMessage",
        "RenderedDescription",
        "class_uid",
        "RecordType",
        "auditd",
        "ID",
        "azure",
        "event",
        "winlog",
        "process",
        "file",
        "registry",
        "powershell",
        "EventId",
        "EventCode",
        "event_id",
        "EventLog",
    ];
    if top.contains_key("Event") {
        let Some(Value::Object(event)) = top.get("Event") else { return None };
        return (top.len() == 1).then(|| nested(event)).flatten();
    }
    let is_activity = ["operationName", "OperationNameValue"];
    if is_activity.iter().any(|it| top.contains_key(*it)) {
        return activity(&top);
    }
    let is_other =
        |name: &String| OTHERS.contains(&name.as_str()) || name.contains('.');
    if top.contains_key("EventData") || top.keys().any(is_other) {
        return None;
    }
    flat(&top)
}

/// Whether an object has two members of one name, of which `serde_json`
/// keeps the last wherever the first stood.
fn repeats_a_name(text: &str) -> bool {
    struct Names;
    impl<'de> serde::de::DeserializeSeed<'de> for Names {
        type Value = bool;
        fn deserialize<D: serde::Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<bool, D::Error> {
            deserializer.deserialize_any(self)
        }
    }
    impl<'de> serde::de::Visitor<'de> for Names {
        type Value = bool;
        fn expecting(
            &self,
            f: &mut std::fmt::Formatter<'_>,
        ) -> std::fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_str<E>(self, _: &str) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> Result<bool, A::Error> {
            let mut found = false;
            while let Some(it) = list.next_element_seed(Names)? {
                found |= it;
            }
            Ok(found)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<bool, A::Error> {
            let mut names = std::collections::BTreeSet::new();
            let mut found = false;
            while let Some(name) = map.next_key::<String>()? {
                found |= !names.insert(name);
                found |= map.next_value_seed(Names)?;
            }
            Ok(found)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde::de::DeserializeSeed::deserialize(Names, &mut deserializer)
        .unwrap_or(true)
}

/// A value as text; `None` for null, objects and arrays.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// What a shape says only once, or `Err` where it says it twice.
fn one(map: &Map<String, Value>, names: &[&str]) -> Option<Option<String>> {
    let mut found = names.iter().filter_map(|name| map.get(*name));
    let first = found.next();
    // A null, a list or an object in such a place has no one reading.
    if first.is_some_and(|it| text(it).is_none()) {
        return None;
    }
    found.next().is_none().then(|| first.and_then(text))
}

fn flat(top: &Map<String, Value>) -> Option<Option<Owned>> {
    let mut windows = Windows {
        id: one(top, &["EventID"])?,
        channel: one(top, &["Channel", "LogName", "log_name"])?,
        provider: one(
            top,
            &[
                "SourceName",
                "ProviderName",
                "source_name",
                "provider_name",
                "EventSourceName",
                "Provider",
                "Source",
            ],
        )?,
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
        data: BTreeMap::new(),
    };
    if top.contains_key("user") || top.contains_key("event_data") {
        return None;
    }
    // Without an id, a message may be a record by itself.
    windows.id.as_ref()?;
    for (name, value) in top {
        if let Some(value) = text(value) {
            windows.data.insert(name.clone(), value);
        }
    }
    // The collector's own severity; what was done stands in the message.
    if !is_registry_type(windows.data.get("EventType")) {
        windows.data.remove("EventType");
        let message = top.get("Message").or(top.get("message"));
        let message = message.and_then(text).unwrap_or_default();
        if let Some(said) = registry_type(&message) {
            windows.data.insert("EventType".into(), said);
        }
    }
    windows.event()
}

fn is_registry_type(text: Option<&String>) -> bool {
    const TYPES: [&str; 6] = [
        "SetValue",
        "DeleteValue",
        "CreateKey",
        "DeleteKey",
        "RenameKey",
        "RenameValue",
    ];
    text.is_some_and(|it| {
        TYPES.iter().any(|name| name.eq_ignore_ascii_case(it))
    })
}

fn registry_type(message: &str) -> Option<String> {
    let after = message.split("EventType: ").nth(1)?;
    let end = after.find(|it: char| !it.is_ascii_alphabetic());
    let word = after[..end.unwrap_or(after.len())].to_string();
    is_registry_type(Some(&word)).then_some(word)
}

fn nested(event: &Map<String, Value>) -> Option<Option<Owned>> {
    let known = ["#attributes", "System", "EventData", "UserData"];
    if event.keys().any(|it| !known.contains(&it.as_str())) {
        return None;
    }
    let system = event.get("System")?.as_object()?;
    let attribute = |name: &str, attribute: &str| -> Option<String> {
        let holder = system.get(name)?.as_object()?;
        text(holder.get("#attributes")?.as_object()?.get(attribute)?)
    };
    if system.keys().any(|it| it.ends_with("_attributes")) {
        return None;
    }
    let id = system.get("EventID")?;
    let id = id.as_object().map_or(Some(id), |it| it.get("#text"))?;
    let mut windows = Windows {
        id: Some(text(id)?),
        channel: one(system, &["Channel"])?,
        provider: attribute("Provider", "Name"),
        host: one(system, &["Computer"])?,
        sid: attribute("Security", "UserID"),
        ..Windows::default()
    };
    let data = [event.get("EventData"), event.get("UserData")];
    match data {
        [Some(Value::Object(data)), None] => {
            if data.contains_key("Data") {
                return None;
            }
            for (name, value) in data {
                if let Some(value) = text(value) {
                    windows.data.insert(name.clone(), value);
                }
            }
        }
        [None | Some(Value::Null), None] => {}
        _ => return None,
    }
    windows.event()
}

fn activity(top: &Map<String, Value>) -> Option<Option<Owned>> {
    // The REST shape has objects where the hub's has texts.
    let inner = |name: &str| match top.get(name) {
        Some(Value::Object(map)) => map.get("value").and_then(text),
        Some(value) => text(value),
        None => None,
    };
    let known = ["EventID", "event", "EventData", "records", "azure", "data"];
    if known.iter().any(|it| top.contains_key(*it)) {
        return None;
    }
    if top.contains_key("operationName")
        == top.contains_key("OperationNameValue")
        || top.contains_key("resultType") && top.contains_key("status")
    {
        return None;
    }
    let operation = inner("operationName").or(inner("OperationNameValue"))?;
    let category = inner("category").or(inner("CategoryValue"));
    let is_activity =
        operation.split_once('/').is_some_and(|(provider, _)| {
            provider.contains('.') && !provider.contains(' ')
        });
    let administrative = ["Administrative", "Action", "Write", "Delete"];
    let is_plain = operation.trim() == operation && operation.len() < 200;
    if !is_plain {
        return None;
    }
    match category {
        Some(it) if !administrative.contains(&it.as_str()) => return None,
        _ if !is_activity => return None,
        _ => {}
    }
    let mut values = BTreeMap::new();
    values.insert(Field::OperationName, operation.into_bytes());
    let result = inner("resultType")
        .or_else(|| inner("status"))
        .or_else(|| inner("ActivityStatusValue"));
    if let Some(result) = result {
        values.insert(Field::ResultType, result.into_bytes());
    }
    Some(Some(Owned {
        platform: Platform::Azure,
        kind: EventKind::CloudActivity,
        values,
    }))
}

fn xml(text: &str) -> Option<Option<Owned>> {
    let text = super::plain_lines(text)?;
    let document = roxmltree::Document::parse(&text).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "Event" {
        return None;
    }
    // No writer spells the names of things with references.
    let mut attributes = root.descendants().flat_map(|it| it.attributes());
    if attributes.any(|it| text[it.range_value()].contains('&')) {
        return None;
    }
    // Two of what there is one of have no one reading.
    for parent in root.descendants() {
        let mut names: Vec<&str> = parent
            .children()
            .filter(|it| it.is_element())
            .map(|it| match it.attribute("Name") {
                Some(name) if it.tag_name().name() == "Data" => name,
                _ => it.tag_name().name(),
            })
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        if count != names.len() || parent.tag_name().name() == "RenderingInfo"
        {
            return None;
        }
    }
    let child = |parent: roxmltree::Node<'_, '_>, name: &str| {
        let mut children = parent.children();
        children.find(|it| it.tag_name().name() == name).map(|it| it.id())
    };
    let node = |id| document.get_node(id).unwrap();
    let system = node(child(root, "System")?);
    if text[system.range()].contains('&') {
        return None;
    }
    let leaf = |name: &str| -> Option<Option<String>> {
        let Some(it) = child(system, name) else { return Some(None) };
        plain_text(node(it)).map(Some)
    };
    let attribute = |name: &str, attributes: [&str; 2]| {
        let it = node(child(system, name)?);
        let mut values = attributes.iter().filter_map(|at| it.attribute(*at));
        values.next().map(str::to_string)
    };
    let mut windows = Windows {
        id: Some(leaf("EventID")??.trim().to_string()),
        channel: leaf("Channel")?.map(|it| it.trim().to_string()),
        provider: attribute("Provider", ["Name", "EventSourceName"]),
        host: leaf("Computer")?,
        sid: attribute("Security", ["UserID", "UserId"]),
        ..Windows::default()
    };
    if child(root, "UserData").is_some() {
        return None;
    }
    if let Some(data) = child(root, "EventData") {
        for it in node(data).children().filter(roxmltree::Node::is_element) {
            if it.tag_name().name() != "Data" {
                return None;
            }
            if let Some(name) = it.attribute("Name") {
                windows.data.insert(name.to_string(), plain_text(it)?);
            }
        }
    }
    windows.event()
}

/// The text of an element that holds nothing else.
fn plain_text(node: roxmltree::Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for child in node.children() {
        text += child.is_text().then(|| child.text())??;
    }
    Some(text)
}

impl Windows {
    fn event(mut self) -> Option<Option<Owned>> {
        let id = self.id.take()?;
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
            (Some(0), "12" | "13" | "14") => EventKind::RegistryEvent,
            (Some(2), "4688") => EventKind::ProcessCreation,
            (Some(2), "4698") => EventKind::TaskRegistered,
            (Some(2), "4699") => EventKind::TaskDeleted,
            (Some(2), "4700") => EventKind::TaskEnabled,
            (Some(2), "4701") => EventKind::TaskDisabled,
            (Some(2), "4702") => EventKind::TaskUpdated,
            (Some(3), "4104") => EventKind::ScriptBlock,
            (Some(4), _) => EventKind::TaskScheduler,
            _ => return Some(None),
        };
        let linux = source == Some(1);
        let platform = if linux { Platform::Linux } else { Platform::Windows };
        let mut values = BTreeMap::new();
        let mut set = |field, value: Option<String>| {
            if let Some(value) = value {
                values.insert(field, value.into_bytes());
            }
        };
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
                Some(super::unescape(&super::plain_lines(&it)?)?)
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
            let said = data.get("EventType").cloned();
            let said = said.filter(|it| is_registry_type(Some(it)));
            let by_id = match id.as_str() {
                "13" => Some("SetValue".to_string()),
                "14" => Some("RenameKey".to_string()),
                _ => None,
            };
            set(Field::EventType, said.or(by_id));
            // The one rule that looks at the account.
            let user = data.get("User").cloned();
            if user.is_none() && self.account.0.is_some() {
                return None;
            }
            let is_some = |it: &String| !["", "-", "?"].contains(&it.as_str());
            set(Field::User, user.filter(is_some));
        }
        Some(Some(Owned { platform, kind, values }))
    }
}

fn auditd(line: &str) -> Option<Option<Owned>> {
    let (kind, rest) = line.strip_prefix("type=")?.split_once(' ')?;
    let rest = rest.strip_prefix("msg=audit(")?;
    let (id, body) = rest.split_once("): ")?;
    let is_id = |it: char| it.is_ascii_digit() || matches!(it, '.' | ':');
    let (time, serial) = id.split_once(':')?;
    if !id.chars().all(is_id)
        || serial.is_empty()
        || serial.contains([':', '.'])
        || time.is_empty()
        || body.contains("audit(")
    {
        return None;
    }
    let kind = match kind {
        "SYSCALL" => EventKind::AuditSyscall,
        "PATH" => EventKind::AuditPath,
        "PROCTITLE" => EventKind::AuditProctitle,
        "CWD" | "EXECVE" => return None,
        _ if kind.len() > 2
            && kind
                .bytes()
                .all(|it| it.is_ascii_uppercase() || it == b'_') =>
        {
            return (!kind.starts_with("AUOMS")).then_some(None);
        }
        _ => return None,
    };
    let fields = audit_fields(body)?;
    let get = |name: &str| fields.get(name).cloned();
    let mut values = BTreeMap::new();
    let mut set = |field: Field, value: Option<Vec<u8>>| {
        if let Some(value) = value {
            values.insert(field, value);
        }
    };
    match kind {
        EventKind::AuditSyscall => {
            for field in [Field::Comm, Field::Exe, Field::Success] {
                set(field, get(field.name()));
            }
            set(Field::UidName, get("UID"));
            let name = get("SYSCALL").or_else(|| {
                let plain = [get("arch")?, get("syscall")?];
                let plain = plain.map(|it| String::from_utf8(it).unwrap());
                match plain.each_ref().map(String::as_str) {
                    ["c000003e", "82"] | ["40000003", "38"] => {
                        Some(b"rename".to_vec())
                    }
                    _ => None,
                }
            });
            set(Field::SyscallName, name);
        }
        EventKind::AuditPath => {
            for field in [Field::Name, Field::Item, Field::Mode] {
                set(field, get(field.name()));
            }
            set(Field::Nametype, get("nametype").or_else(|| get("objtype")));
        }
        _ => {
            if fields.len() != 1 {
                return None;
            }
            let title = get("proctitle").map(|mut it| {
                while it.last() == Some(&0) {
                    it.pop();
                }
                let blank = |it: u8| if it == 0 { b' ' } else { it };
                it.into_iter().map(blank).collect()
            });
            set(Field::Proctitle, title);
        }
    }
    Some(Some(Owned { platform: Platform::Linux, kind, values }))
}

/// The fields of a plain auditd body: `name=value`, quoted, in hex, or bare,
/// one blank between them, each name once.
fn audit_fields(body: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut fields = BTreeMap::new();
    let mut rest = body.trim_end().replace('\u{1d}', " ");
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let is_name =
            |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let may_be_hex = ["comm", "exe", "name", "proctitle"].contains(&name);
        let (value, after) = if let Some(inside) = after.strip_prefix('"') {
            let (value, after) = inside.split_once('"')?;
            (Some(value.as_bytes().to_vec()), after.to_string())
        } else {
            let end = after.find(' ').unwrap_or(after.len());
            let (value, after) = after.split_at(end);
            if value.contains(['"', '\'', '=']) || value.is_empty() {
                return None;
            }
            let value = match value {
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
