/*!
A slow, obvious reading of what the library must do: rules asked of an event
by recursion and plain comparison, sequences by looking at every event there
was, and records read by the readers everyone uses.

Nothing here is shared with the library but the types of events and rules.
What cannot be told in an obvious way is `None`, and is not compared.
*/

pub mod compare;
pub mod condition;
pub mod random;
pub mod record;
pub mod sequence;
pub mod table;

use std::collections::{BTreeSet, HashMap};

use t1053::event::{Event, EventKind, Field, Platform};
use t1053::rule::{
    Logic, Measure, Operation, Order, Predicate, Relation, Rule, Selection,
    Test,
};
use t1053::{Job, JobReader};

/// The slugs of the single-event rules that an event matches; `None` where
/// the event's task definition has no one reading.
pub fn matches(rules: &[Rule], event: &Event<'_>) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for rule in rules {
        if let Logic::Single(selection) = &rule.logic
            && selects(rule, selection, event)?
        {
            found.insert(rule.detection.slug.to_string());
        }
    }
    Some(found)
}

/// Whether a selection of a rule holds for an event.
pub fn selects(
    rule: &Rule,
    selection: &Selection,
    event: &Event<'_>,
) -> Option<bool> {
    let platform = rule.detection.platform;
    let is_here = platform == event.platform
        || platform == Platform::Any
        || event.kind() == EventKind::Generic;
    if !is_here {
        return Some(false);
    }
    // Whatever may speak of a job is asked, without a guard.
    if selection.kinds.contains(&EventKind::ScheduledJob) {
        let mut reader = JobReader::new();
        let mut outcomes = Vec::new();
        for job in reader.read(event) {
            outcomes.push(holds(&selection.predicate, event, Some(job))?);
        }
        return Some(outcomes.contains(&true));
    }
    if !selection.kinds.contains(&event.kind()) {
        return Some(false);
    }
    holds(&selection.predicate, event, None)
}

fn holds(
    predicate: &Predicate,
    event: &Event<'_>,
    job: Option<Job<'_>>,
) -> Option<bool> {
    // Every part is asked, so that whether the outcome can be told does not
    // depend on their order.
    let all = |parts: &[Predicate]| -> Option<Vec<bool>> {
        parts.iter().map(|part| holds(part, event, job)).collect()
    };
    Some(match predicate {
        Predicate::All(parts) => all(parts)?.into_iter().all(|it| it),
        Predicate::Any(parts) => all(parts)?.into_iter().any(|it| it),
        Predicate::None(parts) => !all(parts)?.into_iter().any(|it| it),
        Predicate::Test(test) => {
            let values = asked(event, job, test.field, &test.member)?;
            match test.operation {
                Operation::Relates { other, relation } => {
                    let others = asked(event, job, other, &test.pattern)?;
                    relates(test, relation, &values, &others)
                }
                _ => passes(test, &values)?,
            }
        }
    })
}

/// All values that a test of a field is asked of.
fn asked(
    event: &Event<'_>,
    job: Option<Job<'_>>,
    field: Field,
    member: &str,
) -> Option<Vec<Vec<u8>>> {
    let members = event.members.iter();
    match field {
        Field::Kind => Some(vec![event.kind().name().into()]),
        Field::Member => {
            let named = members.filter(|it| it.name == member);
            Some(named.map(|it| it.value.to_vec()).collect())
        }
        Field::AnyValue => {
            let told =
                [Field::LogProduct, Field::LogCategory, Field::LogService];
            let fields = Field::ALL.iter().filter(|it| !told.contains(it));
            let values = fields.filter_map(|field| event.get(*field));
            let members = members.map(|it| it.value);
            Some(values.chain(members).map(<[u8]>::to_vec).collect())
        }
        field => {
            let mut all = values(event, field)?;
            let told = job.iter().flat_map(|job| job.all(field));
            all.extend(told.map(<[u8]>::to_vec));
            Some(all)
        }
    }
}

/// Whether some value stands to some other one as it has to.
fn relates(
    test: &Test,
    relation: Relation,
    values: &[Vec<u8>],
    others: &[Vec<u8>],
) -> bool {
    let lower = |text: &Vec<u8>| match test.cased {
        true => text.clone(),
        false => text.to_ascii_lowercase(),
    };
    values.iter().map(lower).any(|value| {
        others.iter().map(lower).any(|other| match relation {
            Relation::Equals => value == other,
            Relation::StartsWith => value.starts_with(&other),
            Relation::EndsWith => value.ends_with(&other),
            _ => {
                let mut places = 0..=value.len();
                places.any(|at| value[at..].starts_with(&other))
            }
        })
    })
}

/// Whether the number that a value is stands to another as it has to.
fn compares_number(order: Order, number: f64, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let text = text.trim().to_ascii_lowercase();
    let found = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(f64::from),
        None if text.contains(['n', 'i']) => None,
        None => text.parse().ok(),
    };
    found.is_some_and(|found: f64| match order {
        Order::Same => found == number,
        Order::Below => found < number,
        Order::AtMost => found <= number,
        Order::Above => found > number,
        _ => found >= number,
    })
}

/// All values of a field.
pub fn values(event: &Event<'_>, field: Field) -> Option<Vec<Vec<u8>>> {
    // There is no plain way to tell what these say: they are held against
    // real shells, and against what texts were made of.
    let is_canonical = field.name().starts_with("Canonical");
    if is_canonical || field == Field::Tool {
        return None;
    }
    if !matches!(field, Field::Command | Field::Arguments | Field::Hidden) {
        return Some(
            event.get(field).map(<[u8]>::to_vec).into_iter().collect(),
        );
    }
    match event.get(Field::TaskContent) {
        Some(content) => task(content, field),
        None => Some(Vec::new()),
    }
}

fn passes(test: &Test, values: &[Vec<u8>]) -> Option<bool> {
    Some(match test.operation {
        Operation::Exists => !values.is_empty(),
        Operation::Null => values.iter().all(Vec::is_empty),
        // There is no plainer way to tell these.
        Operation::InNetwork(_) => return None,
        Operation::Number { measure, .. } if measure != Measure::Value => {
            return None;
        }
        Operation::Regex => {
            let found = values.iter().map(|value| expression(test, value));
            found.collect::<Option<Vec<bool>>>()?.contains(&true)
        }
        _ => values.iter().any(|value| compares(test, value)),
    })
}

/// Whether a regular expression matches, by an engine of its own. That knows
/// no classes of Unicode, so only ASCII is told.
fn expression(test: &Test, value: &[u8]) -> Option<bool> {
    let value = std::str::from_utf8(value).ok()?;
    if !test.pattern.is_ascii() || !value.is_ascii() {
        return None;
    }
    let expression = regex_lite::RegexBuilder::new(&test.pattern)
        .case_insensitive(!test.cased)
        .build();
    Some(expression.ok()?.is_match(value))
}

fn compares(test: &Test, value: &[u8]) -> bool {
    let mut value = value.to_vec();
    let mut pattern = test.pattern.as_bytes().to_vec();
    if !test.cased && !matches!(test.operation, Operation::EntropyAbove(_)) {
        value.make_ascii_lowercase();
        pattern.make_ascii_lowercase();
    }
    let places =
        || (0..=value.len()).filter(|at| value[*at..].starts_with(&pattern));
    match test.operation {
        Operation::Equals => value == pattern,
        Operation::StartsWith => value.starts_with(&pattern),
        Operation::EndsWith => value.ends_with(&pattern),
        Operation::Contains => places().next().is_some(),
        Operation::Name => {
            let mut parts = value.rsplit(|it| matches!(it, b'/' | b'\\'));
            parts.next().unwrap() == pattern
        }
        Operation::Token => places().any(|at| {
            let is_word = |at: Option<usize>| {
                let byte = at.and_then(|at| value.get(at));
                byte.is_some_and(u8::is_ascii_alphanumeric)
            };
            let end = at + pattern.len();
            let joined_before =
                is_word(Some(at)) && is_word(at.checked_sub(1));
            let joined_after =
                is_word(end.checked_sub(1)) && is_word(Some(end));
            !joined_before && !joined_after
        }),
        Operation::Like => {
            like(&value, &glyphs(&pattern, test.cased), test.cased)
        }
        Operation::EntropyAbove(bits) => entropy(&value) > bits,
        Operation::Number { measure: Measure::Value, order, number } => {
            compares_number(order, number, &value)
        }
        ref other => panic!("not known here: {other:?}"),
    }
}

enum Glyph {
    Run,
    One,
    /// A character in one case, or a byte that is part of none.
    Plain(Character),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Character {
    Letter(char),
    Byte(u8),
}

/// The characters of a text.
fn characters(text: &[u8]) -> Vec<Character> {
    let mut found = Vec::new();
    for chunk in text.utf8_chunks() {
        found.extend(chunk.valid().chars().map(Character::Letter));
        found.extend(chunk.invalid().iter().map(|it| Character::Byte(*it)));
    }
    found
}

/// A character in one case, where that and its other case are each one
/// character that is not ASCII, and each the other case of the other.
fn folded(character: Character, cased: bool) -> Character {
    let Character::Letter(letter) = character else { return character };
    if cased || letter.is_ascii() {
        return character;
    }
    let only = |text: String| {
        let mut letters = text.chars();
        let first = letters.next().filter(|it| !it.is_ascii());
        first.filter(|_| letters.next().is_none())
    };
    let lower = only(letter.to_lowercase().collect());
    let back = lower.and_then(|it| only(it.to_uppercase().collect()));
    Character::Letter(match back == Some(letter) {
        true => lower.unwrap_or(letter),
        false => letter,
    })
}

fn glyphs(pattern: &[u8], cased: bool) -> Vec<Glyph> {
    let pattern = characters(pattern);
    let mut glyphs = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let next = pattern.get(at + 1).copied();
        glyphs.push(match (pattern[at], next) {
            (Character::Letter('*'), _) => Glyph::Run,
            (Character::Letter('?'), _) => Glyph::One,
            (
                Character::Letter('\\'),
                Some(plain @ Character::Letter('*' | '?' | '\\')),
            ) => {
                at += 1;
                Glyph::Plain(plain)
            }
            (plain, _) => Glyph::Plain(folded(plain, cased)),
        });
        at += 1;
    }
    glyphs
}

/// Which beginnings of the value the pattern so far can match, by dynamic
/// programming.
fn like(value: &[u8], glyphs: &[Glyph], cased: bool) -> bool {
    let value: Vec<Character> =
        characters(value).iter().map(|it| folded(*it, cased)).collect();
    let mut can = vec![false; value.len() + 1];
    can[0] = true;
    for glyph in glyphs {
        let mut next = vec![false; value.len() + 1];
        for at in 0..=value.len() {
            next[at] = match glyph {
                Glyph::Run => can[..=at].contains(&true),
                Glyph::One => at > 0 && can[at - 1],
                Glyph::Plain(plain) => {
                    at > 0 && can[at - 1] && value[at - 1] == *plain
                }
            };
        }
        can = next;
    }
    can[value.len()]
}

/// Shannon entropy in bits per character; a byte that is no part of a UTF-8
/// character is one of its own.
fn entropy(value: &[u8]) -> f32 {
    let mut counts: HashMap<(bool, u32), u32> = HashMap::new();
    let mut total = 0.0;
    for chunk in value.utf8_chunks() {
        let valid = chunk.valid().chars().map(|it| (true, u32::from(it)));
        let bytes = chunk.invalid().iter().map(|it| (false, u32::from(*it)));
        for character in valid.chain(bytes) {
            *counts.entry(character).or_default() += 1;
            total += 1.0;
        }
    }
    let mut bits = 0.0;
    for count in counts.into_values() {
        let p = f64::from(count) / total;
        bits -= p * p.log2();
    }
    bits as f32
}

/// The texts of `Command`, `Arguments` or `Hidden` in a task definition.
fn task(content: &[u8], field: Field) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(content).ok()?;
    let text = if text.trim_ascii_start().starts_with("&lt;") {
        unescape(text)?
    } else {
        text.to_string()
    };
    // What refers to no character is one that stands for any, to this parser.
    let values = elements(&text, field)?;
    let is_told =
        |it: &Vec<u8>| !String::from_utf8_lossy(it).contains('\u{fffd}');
    values.iter().all(is_told).then_some(values)
}

/// Undoes one level of XML escaping of plain text.
fn unescape(text: &str) -> Option<String> {
    if text.contains(['<', '\r']) {
        return None;
    }
    let wrapped = format!("<a>{text}</a>");
    let document = roxmltree::Document::parse(&wrapped).ok()?;
    Some(document.root_element().text().unwrap_or_default().to_string())
}

fn elements(text: &str, field: Field) -> Option<Vec<Vec<u8>>> {
    let text = plain_lines(text)?;
    let document = roxmltree::Document::parse(&text).ok()?;
    let named = |name: &'static str| {
        move |node: &roxmltree::Node<'_, '_>| {
            node.is_element() && node.tag_name().name() == name
        }
    };
    let root = document.root_element();
    let nodes: Vec<_> = match field {
        Field::Hidden => root
            .children()
            .filter(named("Settings"))
            .flat_map(|it| it.children().filter(named("Hidden")))
            .collect(),
        _ => root
            .children()
            .filter(named("Actions"))
            .flat_map(|it| it.children().filter(named("Exec")))
            .flat_map(|it| it.children().filter(named(field.name())))
            .collect(),
    };
    let mut found = Vec::new();
    for node in nodes {
        if node.children().any(|it| !it.is_text()) {
            return None;
        }
        let text: String =
            node.children().filter_map(|it| it.text()).collect();
        found.push(match field {
            Field::Hidden => text.as_bytes().trim_ascii().to_vec(),
            _ => text.into_bytes(),
        });
    }
    Some(found)
}

/// XML readers must make one line feed of each line end; the library keeps
/// what stands there. So a carriage return is spelled out.
pub fn plain_lines(text: &str) -> Option<String> {
    if text.contains("<![CDATA[") && text.contains('\r') {
        return None;
    }
    // Before and after the document's element only blanks can stand.
    let letter = |it: char| it.is_alphabetic() || it == '_';
    let starts = |at: &usize| text[at + 1..].starts_with(letter);
    let mut tags = text.match_indices('<').map(|it| it.0);
    let from = tags.find(starts).unwrap_or(0);
    let to = text.rfind('>').unwrap_or(text.len()).max(from);
    let inside = text[from..to].replace('\r', "&#13;");
    Some(text[..from].to_string() + &inside + &text[to..])
}
