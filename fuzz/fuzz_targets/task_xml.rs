//! Task definitions: nothing panics, what is found stands in the definition,
//! and a well-formed one is read as an XML parser reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053::event::{Event, Field, TaskRegistered};
use t1053::TaskDefinition;
use testkit::reference;

fuzz_target!(|data: &[u8]| {
    let mut elements = TaskDefinition::new(data).elements();
    let mut found: Vec<(Field, Vec<u8>)> = Vec::new();
    for (field, raw) in elements.by_ref() {
        assert!(raw.len() <= data.len());
        let text = TaskDefinition::unescape(raw);
        assert!(text.len() <= raw.len());
        let mut buffer = b"before".to_vec();
        TaskDefinition::unescape_into(raw, &mut buffer);
        assert_eq!(&buffer[6..], &*text);
        found.push((field, text.into_owned()));
    }
    if let Some(error) = elements.error() {
        assert!(error.offset() <= data.len());
        return;
    }
    if data.trim_ascii_start().starts_with(b"&lt;") {
        return;
    }
    let event = Event::windows(TaskRegistered {
        task_content: Some(data),
        ..Default::default()
    });
    for field in [Field::Command, Field::Arguments, Field::Hidden] {
        let Some(expected) = reference::values(&event, field) else {
            return;
        };
        let values = found.iter().filter(|it| it.0 == field);
        let values: Vec<_> = values.map(|it| it.1.clone()).collect();
        assert_eq!(values, expected, "{field}");
    }
});
