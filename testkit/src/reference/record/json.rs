/*!
JSON: which shape an object is of, by the members that only that shape has.
*/

use serde_json::{Map, Value};

use super::{Events, audit_json, cloud, ecs, windows, xml};

/// An object's members.
pub(super) type Members = Map<String, Value>;

pub(super) fn read(text: &str) -> (&'static str, Events) {
    if repeats_a_name(text) {
        return ("JSON, broken or ambiguous", None);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(top)) => object(&top),
        Ok(Value::Array(list)) => ("JSON list", items(&list)),
        _ => ("JSON, broken or ambiguous", None),
    }
}

/// The events of several records in a list.
fn items(list: &[Value]) -> Events {
    let mut events = Vec::new();
    for item in list {
        let item = item.as_object()?;
        if item.contains_key("records") {
            return None;
        }
        events.extend(object(item).1?);
    }
    Some(events)
}

/// The names that shapes are told apart by; one that stands in a shape that
/// it is not of makes it a mixture.
const TELLING: [&str; 46] = [
    "Channel",
    "EventSourceName",
    "LogName",
    "Provider",
    "ProviderName",
    "Source",
    "SourceName",
    "computer_name",
    "event_data",
    "log_name",
    "provider_name",
    "source_name",
    "Event",
    "EventData",
    "EventID",
    "EventId",
    "EventCode",
    "EventLog",
    "ID",
    "OperationNameValue",
    "RecordType",
    "RenderedDescription",
    "SYSCALL",
    "SyslogMessage",
    "System",
    "UserData",
    "_raw",
    "_source",
    "auditd",
    "azure",
    "class_uid",
    "data",
    "event",
    "event_id",
    "file",
    "items",
    "operationName",
    "process",
    "raw_data",
    "records",
    "registry",
    "result",
    "unmapped",
    "user_data",
    "win",
    "winlog",
];

fn object(top: &Members) -> (&'static str, Events) {
    let has = |name: &str| top.contains_key(name);
    // Whether nothing but these tells a shape.
    let only = |names: &[&str]| {
        let mut names_of_all = top.keys().map(String::as_str);
        names_of_all.all(|it| names.contains(&it) || !TELLING.contains(&it))
    };
    let if_only = |names: &[&str], read: fn(&Members) -> Events| {
        only(names).then(|| read(top)).flatten()
    };
    if top.keys().any(|it| it.contains('.')) {
        let nested = ecs::nested(top);
        return ("ECS with dots", nested.and_then(|it| object(&it).1));
    }
    if let Some(Value::Array(list)) = top.get("records") {
        let records = if top.len() == 1 { items(list) } else { None };
        return ("JSON in `records`", records);
    }
    match () {
        () if has("Event") => {
            let alone = top.len() == 1;
            let event = top.get("Event").and_then(Value::as_object);
            let event = event.filter(|_| alone);
            ("evtx_dump JSON", event.and_then(windows::nested))
        }
        () if has("win") => ("Wazuh", if_only(&["win"], windows::wazuh)),
        () if has("auditd") => {
            let names = ["auditd", "event", "process", "file"];
            ("auditbeat", if_only(&names, audit_json::auditbeat))
        }
        () if has("azure") => {
            ("Azure activity, ECS", if_only(&["azure", "event"], cloud::ecs))
        }
        () if has("winlog") => {
            let names = ["winlog", "event", "process", "file", "registry"];
            ("Winlogbeat, ECS", if_only(&names, ecs::winlogbeat))
        }
        () if has("class_uid") => {
            ("OCSF", if_only(&["class_uid", "process"], cloud::ocsf))
        }
        () if has("RecordType") => ("auoms", None),
        () if has("ID") => {
            ("Laurel", if_only(&["ID", "SYSCALL"], audit_json::laurel))
        }
        () if has("operationName") || has("OperationNameValue") => {
            let names = ["operationName", "OperationNameValue"];
            ("Azure activity", if_only(&names, cloud::activity))
        }
        () if has("event_data") => {
            let names = [
                "event_data",
                "event_id",
                "log_name",
                "source_name",
                "computer_name",
            ];
            ("Winlogbeat 6", if_only(&names, windows::winlogbeat_6))
        }
        () if has("EventData") => {
            let names = ["EventData", "EventID", "Channel", "EventSourceName"];
            ("Sentinel", if_only(&names, windows::sentinel))
        }
        () if has("SyslogMessage") => {
            let inner = top.get("SyslogMessage").and_then(Value::as_str);
            let inner = inner.filter(|it| it.starts_with("<Event"));
            let inner = inner.filter(|_| only(&["SyslogMessage"]));
            ("XML in a JSON row", inner.and_then(xml::read))
        }
        () => {
            let names = [&["EventID"], windows::LOGS, windows::PROVIDERS];
            ("flat JSON", if_only(&names.concat(), windows::flat))
        }
    }
}

/// The object under a path of names; `None` where there is none, or another
/// value on the way.
pub(super) fn under<'v>(top: &'v Members, path: &[&str]) -> Option<&'v Value> {
    let (last, way) = path.split_last()?;
    let holder =
        way.iter().try_fold(top, |at, name| at.get(*name)?.as_object());
    holder?.get(*last)
}

/// The text under a path of names. A list or an object there, or another
/// value on the way, has no one reading; a null is no value.
pub(super) fn text_under(
    top: &Members,
    path: &[&str],
) -> Option<Option<String>> {
    let mut at = top;
    let (last, way) = path.split_last()?;
    for name in way {
        at = match at.get(*name) {
            Some(Value::Object(inner)) => inner,
            None => return Some(None),
            Some(_) => return None,
        };
    }
    match at.get(*last) {
        None | Some(Value::Null) => Some(None),
        Some(value) => text(value).map(Some),
    }
}

/// What several places say, if they agree.
pub(super) fn agreed<const MANY: usize>(
    top: &Members,
    paths: [&[&str]; MANY],
) -> Option<Option<String>> {
    let mut found = None;
    for path in paths {
        let Some(text) = text_under(top, path)? else { continue };
        if found.as_ref().is_some_and(|it| *it != text) {
            return None;
        }
        found = Some(text);
    }
    Some(found)
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
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// What a shape says only once, or `Err` where it says it twice.
pub(super) fn one(map: &Members, names: &[&str]) -> Option<Option<String>> {
    let mut found = names.iter().filter_map(|name| map.get(*name));
    let first = found.next();
    // A null, a list or an object in such a place has no one reading.
    if first.is_some_and(|it| text(it).is_none()) {
        return None;
    }
    found.next().is_none().then(|| first.and_then(text))
}
