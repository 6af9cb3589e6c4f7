/*!
Azure activity in all its shapes, and OCSF.
*/

use serde_json::Value;
use t1053::event::{EventKind, Field, Platform};

use super::json::{Members, agreed, text, text_under};
use super::{Events, Owned};

pub(super) fn activity(top: &Members) -> Events {
    // The REST shape has objects where the hub's has texts.
    let inner = |name: &str| match top.get(name) {
        Some(Value::Object(map)) => map.get("value").and_then(text),
        Some(value) => text(value),
        None => None,
    };
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
    let result = inner("resultType")
        .or_else(|| inner("status"))
        .or_else(|| inner("ActivityStatusValue"));
    Some(vec![operation_on(operation, result)])
}

fn operation_on(operation: String, result: Option<String>) -> Owned {
    let mut event = Owned::new(Platform::Azure, EventKind::CloudActivity);
    event.set(Field::OperationName, Some(operation));
    event.set(Field::ResultType, result);
    event
}

pub(super) fn ecs(top: &Members) -> Events {
    let operation: &[&str] = &["azure", "activitylogs", "operation_name"];
    let action: &[&str] = &["event", "action"];
    text_under(top, operation)??;
    let operation = agreed(top, [operation, action])??;
    let result = text_under(top, &["azure", "activitylogs", "result_type"])?;
    if text_under(top, &["event", "dataset"])?? != "azure.activitylogs" {
        return None;
    }
    Some(vec![operation_on(operation, result)])
}

/// Classes 1006, Scheduled Job Activity, and 1007, Process Activity, of what
/// was not another log's event before.
pub(super) fn ocsf(top: &Members) -> Events {
    let get = |path: &[&str]| text_under(top, path);
    let class = get(&["class_uid"])??;
    let activity = get(&["activity_id"])??;
    let metadata = top.get("metadata").and_then(Value::as_object);
    let is_logs = |it: &Members| {
        it.contains_key("event_code") || it.contains_key("log_name")
    };
    if metadata.is_some_and(is_logs) {
        return None;
    }
    let system = get(&["device", "os", "name"])?;
    let platform = match system.as_deref() {
        Some("Linux") => Platform::Linux,
        Some("Windows") => Platform::Windows,
        _ => return None,
    };
    // A name alone stands for a path that ends in it.
    let separator =
        if system.as_deref() == Some("Windows") { '\\' } else { '/' };
    let as_path = |name: String| match name.contains(['\\', '/']) {
        false if !name.is_empty() => format!("{separator}{name}"),
        _ => name,
    };
    let as_task = |name: String| match name.starts_with('\\') {
        false if !name.is_empty() => format!("\\{name}"),
        _ => name,
    };
    let mut event;
    match (class.as_str(), activity.as_str()) {
        ("1006", _) if platform == Platform::Windows => {
            let kind = match activity.as_str() {
                "1" => EventKind::TaskRegistered,
                "2" => EventKind::TaskUpdated,
                "3" => EventKind::TaskDeleted,
                "4" => EventKind::TaskEnabled,
                "5" => EventKind::TaskDisabled,
                _ => return None,
            };
            event = Owned::new(platform, kind);
            event.set(Field::TaskName, get(&["job", "name"])?.map(as_task));
        }
        ("1007", "1") => {
            event = Owned::new(platform, EventKind::ProcessCreation);
            event.set(Field::CommandLine, get(&["process", "cmd_line"])?);
            let path = get(&["process", "file", "path"])?;
            let path = path.or(get(&["process", "name"])?);
            event.set(Field::Image, path.map(as_path));
            let parent = |path: &[&str]| {
                get(&[&["process", "parent_process"], path].concat())
            };
            let path = parent(&["file", "path"])?;
            let path = path.or(parent(&["name"])?);
            event.set(Field::ParentImage, path.map(as_path));
            // Of a process of which nothing is known nothing is told.
            if event.values.is_empty() {
                return Some(Vec::new());
            }
        }
        _ => return None,
    }
    Some(vec![event])
}
