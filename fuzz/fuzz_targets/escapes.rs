//! A value written into a record by any choice of escapes comes out as it
//! was: JSON, XML, audit hex; and a stream in UTF-16 as in UTF-8.

#![no_main]

use std::fmt::Write;

use libfuzzer_sys::fuzz_target;
use t1053::event::Field;
use t1053::record::{Format, Reader};

fuzz_target!(|data: &[u8]| {
    let Some((&way, data)) = data.split_first() else { return };
    let at = data.len() / 2;
    let (value, choices) = data.split_at(at);
    match way % 4 {
        0 => json(value, choices),
        1 => xml(value, choices),
        2 => hex(value),
        _ => utf16(value, way & 4 != 0),
    }
});

fn read(record: &[u8], field: Field) -> Option<Vec<u8>> {
    let mut value = None;
    let reading = Reader::new().read(Format::Auto, record, |_, event| {
        value = event.get(field).map(<[u8]>::to_vec);
    });
    assert_eq!(reading.map(|it| it.events), Ok(1), "{record:?}");
    value
}

fn json(value: &[u8], choices: &[u8]) {
    let Ok(value) = str::from_utf8(value) else { return };
    let mut record = String::from(
        "{\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\
         \"CommandLine\":\"",
    );
    let mut choices = choices.iter().cycle();
    for character in value.chars() {
        let choice = choices.next().copied().unwrap_or(0);
        let short = match character {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '/' => Some("\\/"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{8}' => Some("\\b"),
            '\u{c}' => Some("\\f"),
            _ => None,
        };
        let plain = !matches!(character, '"' | '\\' | '\0'..='\x1f');
        match (choice % 4, short) {
            (0, _) | (1, None) if plain => record.push(character),
            (0 | 1, Some(short)) => record.push_str(short),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = if choice & 4 == 0 {
                        write!(record, "\\u{unit:04x}")
                    } else {
                        write!(record, "\\u{unit:04X}")
                    };
                }
            }
        }
    }
    record.push_str("\"}");
    let found = read(record.as_bytes(), Field::CommandLine);
    assert_eq!(found.as_deref(), Some(value.as_bytes()), "{record}");
}

fn xml(value: &[u8], choices: &[u8]) {
    let Ok(value) = str::from_utf8(value) else { return };
    let mut text = String::new();
    let mut choices = choices.iter().cycle();
    for character in value.chars() {
        let choice = choices.next().copied().unwrap_or(0);
        let name = match character {
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '&' => Some("&amp;"),
            '"' => Some("&quot;"),
            '\'' => Some("&apos;"),
            _ => None,
        };
        let plain = !matches!(character, '<' | '&' | '\0');
        match (choice % 4, name) {
            (0, _) | (1, None) if plain => text.push(character),
            (0 | 1, Some(name)) => text.push_str(name),
            (2, _) if character != '\0' => {
                let _ = write!(text, "&#{};", u32::from(character));
            }
            _ if character != '\0' => {
                let _ = write!(text, "&#x{:x};", u32::from(character));
            }
            _ => return,
        }
    }
    let record = format!(
        "<Event><System><Provider Name=\"Microsoft-Windows-Sysmon\"/>\
         <EventID>1</EventID><Channel>x</Channel></System><EventData>\
         <Data Name=\"CommandLine\">{text}</Data></EventData></Event>",
    );
    let found = read(record.as_bytes(), Field::CommandLine);
    assert_eq!(found.as_deref(), Some(value.as_bytes()), "{record}");
}

fn hex(value: &[u8]) {
    let mut record = String::from("type=PATH msg=audit(1.1:1): item=0 name=");
    for byte in value {
        let _ = write!(record, "{byte:02X}");
    }
    record.push_str(" nametype=CREATE");
    let found = read(record.as_bytes(), Field::Name);
    if value.is_empty() {
        assert!(found.is_none_or(|it| it.is_empty()));
    } else {
        assert_eq!(found.as_deref(), Some(value), "{record}");
    }
}

fn utf16(value: &[u8], big: bool) {
    let text = String::from_utf8_lossy(value);
    let mut stream = if big { vec![0xFE, 0xFF] } else { vec![0xFF, 0xFE] };
    for unit in text.encode_utf16() {
        let bytes = if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        stream.extend(bytes);
    }
    // A byte order mark at the beginning of the text would be taken for one
    // of the stream.
    if text.is_empty() || text.as_bytes().starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    // Text that begins as UTF-16 does is taken for it, without a mark too.
    if text.bytes().take(4).any(|byte| byte == 0) {
        return;
    }
    let (wide, _) = t1053_fuzz::scan(true, &stream, &[]);
    let (plain, _) = t1053_fuzz::scan(true, text.as_bytes(), &[]);
    assert_eq!(wide, plain);
}
