//! A record is taken for what its members say, and for nothing else when one
//! of them is missing or has another name.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use t1053::Format;
use t1053::record::Reader;

/// What the events of a record are: platform and kind.
fn kinds(record: &Value) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    let text = record.to_string();
    let read =
        Reader::new().read(Format::Json, text.as_bytes(), |_, event| {
            kinds.insert(format!("{}/{}", event.platform, event.kind()));
        });
    assert!(read.is_ok(), "{text}");
    kinds
}

/// The paths of all members, as JSON pointers.
fn members(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.push((path.to_owned(), name.clone()));
                let name = name.replace('~', "~0").replace('/', "~1");
                self::members(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                members(value, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The records of `testdata/sources` that are JSON.
fn records() -> Vec<(String, Value)> {
    let folder = testkit::root().join("testdata/sources");
    let mut records = Vec::new();
    for attack in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(attack.unwrap().path()).unwrap() {
            let file = file.unwrap().path();
            let text = fs::read_to_string(&file).unwrap();
            let values = text.lines().filter_map(|line| line.parse().ok());
            let name = file.display().to_string();
            records.extend(values.map(|value| (name.clone(), value)));
        }
    }
    assert!(records.len() > 100, "{}", records.len());
    records
}

#[test]
fn record_without_a_member_is_of_no_other_kind() {
    let mut wrong = Vec::new();
    for (file, record) in records() {
        let right = kinds(&record);
        let mut all = Vec::new();
        members(&record, "", &mut all);
        for (path, name) in all {
            for is_renamed in [false, true] {
                let mut changed = record.clone();
                let object = changed.pointer_mut(&path).unwrap();
                let object = object.as_object_mut().unwrap();
                let value = object.remove(&name).unwrap();
                if is_renamed {
                    object.insert(format!("{name}_x"), value);
                }
                let found = kinds(&changed);
                if !found.is_subset(&right) {
                    wrong.push(format!(
                        "{file}: without {path}/{name} {found:?}, not {right:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
