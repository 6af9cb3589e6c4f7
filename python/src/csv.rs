/*!
Findings as CSV.
*/

use std::fmt::Write;

use t1053::rule::Detection;
use t1053::{Detector, Keep};

use crate::arrow_out;
use crate::part::Finding;

/// How a text begins that spreadsheets run: the signs of formulas, also as wide
/// as East Asian letters, and what some leave out before them.
pub(crate) const STARTS: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}',
    '\u{ff20}',
];

/// The names of the columns, and a line for each finding; without `formulas`
/// no spreadsheet takes a text for one.
pub(crate) fn table<'p>(
    detector: &Detector,
    keep: &Keep,
    findings: impl Iterator<Item = Finding<'p>>,
    formulas: bool,
) -> String {
    let mut table = Table { text: String::new(), formulas, is_first: true };
    for column in arrow_out::schema(keep).fields() {
        table.cell(column.name());
    }
    table.end();
    let mut evidence = String::new();
    for found in findings {
        // A detector knows what it has found.
        let known = detector.detection(found.detection());
        debug_assert!(known.is_some(), "{}", found.detection());
        let Some(known) = known else { continue };
        table.finding(&found, known, &mut evidence);
        if !keep.is_empty() {
            table.quote(&found, keep);
        }
        table.end();
    }
    table.text
}

/// What is written so far.
struct Table {
    text: String,
    formulas: bool,
    /// Whether the next cell is the first of its line.
    is_first: bool,
}

impl Table {
    /// The columns that all findings have, in the order of the schema;
    /// `evidence` is room for some text.
    fn finding(
        &mut self,
        found: &Finding<'_>,
        known: &Detection,
        evidence: &mut String,
    ) {
        self.cell(found.path().unwrap_or_default());
        self.value(Some(found.record()));
        self.value(found.item());
        self.cell(&known.slug);
        self.cell(&known.title);
        self.cell(known.kind.name());
        evidence.clear();
        for technique in known.techniques.iter() {
            evidence.push_str(if evidence.is_empty() { "" } else { " " });
            evidence.push_str(technique);
        }
        self.cell(evidence);
        self.value(known.risk.map(|risk| risk.score));
        self.value(found.time());
        self.bytes(found.host());
        self.bytes(found.user());
        self.cell(found.message());
        evidence.clear();
        write_evidence(found, evidence);
        self.cell(evidence);
    }

    /// The columns of what is kept of its event.
    fn quote(&mut self, found: &Finding<'_>, keep: &Keep) {
        self.cell(found.event().name());
        self.value(Some(found.offset()));
        self.value(Some(found.length()));
        for (_, value) in found.fields() {
            self.bytes(value);
        }
        if keep.raw() {
            self.bytes(found.raw());
        }
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(',');
        }
    }

    /// What needs no quotes.
    fn value(&mut self, value: Option<impl std::fmt::Display>) {
        self.comma();
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _ = write!(self.text, "{value}");
        }
    }

    fn bytes(&mut self, value: Option<&[u8]>) {
        self.cell(&String::from_utf8_lossy(value.unwrap_or_default()));
    }

    fn cell(&mut self, value: &str) {
        self.comma();
        let text = &mut self.text;
        let special = [',', '"', '\r', '\n'];
        let is_quoted = value.contains(special);
        if is_quoted {
            text.push('"');
        }
        if !self.formulas && value.starts_with(STARTS) {
            text.push('\'');
        }
        if is_quoted {
            for (at, part) in value.split('"').enumerate() {
                text.push_str(if at == 0 { "" } else { "\"\"" });
                text.push_str(part);
            }
            text.push('"');
        } else {
            text.push_str(value);
        }
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.is_first = true;
    }
}

/// The evidence as JSON, as Python's `json` writes it.
fn write_evidence(found: &Finding<'_>, json: &mut String) {
    json.push('[');
    for (at, piece) in found.evidence().enumerate() {
        json.push_str(if at == 0 { "{\"field\": " } else { ", {\"field\": " });
        write_string(piece.name(), json);
        let (start, end) = (piece.range.start, piece.range.end);
        let _ = write!(json, ", \"start\": {start}, \"end\": {end}");
        json.push_str(", \"text\": ");
        write_string(&String::from_utf8_lossy(piece.text), json);
        json.push_str(", \"pattern\": ");
        write_string(piece.pattern, json);
        json.push('}');
    }
    json.push(']');
}

fn write_string(text: &str, json: &mut String) {
    json.push('"');
    for letter in text.chars() {
        let _ = match letter {
            '"' => json.write_str("\\\""),
            '\\' => json.write_str("\\\\"),
            '\n' => json.write_str("\\n"),
            '\r' => json.write_str("\\r"),
            '\t' => json.write_str("\\t"),
            '\u{8}' => json.write_str("\\b"),
            '\u{c}' => json.write_str("\\f"),
            '\0'..' ' => write!(json, "\\u{:04x}", u32::from(letter)),
            _ => json.write_char(letter),
        };
    }
    json.push('"');
}
