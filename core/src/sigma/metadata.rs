/*!
What a Sigma file says of its rule besides what it matches.
*/

use std::borrow::Cow;

use super::error::{Error, Inside, Reason, is_near};
use super::yaml::{Map, Node};
use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    Detection, Kind, List, Pack, Piece, Related, Risk, RiskObject, Role,
    Severity, Tactic, Text, pieces,
};

/// The top-level keys of Sigma that rules and correlations may have, and
/// ours.
const KEYS: [&str; 22] = [
    "author",
    "correlation",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "status",
    "t1053",
    "tags",
    "taxonomy",
    "title",
];

/// Refuses documents that mean something else than a reader might think.
/// Sigma allows top-level keys of one's own, so only those that look like a
/// slip of the pen are refused.
pub(super) fn check(map: Map<'_>) -> Result<(), Error> {
    for entry in map.entries {
        let key = entry.key.as_str();
        let reason = match key {
            _ if KEYS.contains(&key) => continue,
            "action" => Reason::Unsupported("`action` documents are".into()),
            _ if is_near(key, &KEYS) => Reason::unknown("key", key, KEYS),
            _ => continue,
        };
        return Err(Error::new(entry.line, reason));
    }
    map.read("taxonomy", |node| match node.words()? {
        "sigma" => Ok(()),
        name => Err(node.error(Reason::unknown("taxonomy", name, ["sigma"]))),
    })?;
    map.read("status", |node| {
        let valid =
            ["stable", "test", "experimental", "deprecated", "unsupported"];
        let status = node.words()?;
        match valid.contains(&status) {
            true => Ok(()),
            false => Err(node.error(Reason::unknown("status", status, valid))),
        }
    })?;
    Ok(())
}

/// Whether other documents may refer to one under this name.
pub(super) fn is_called(map: Map<'_>, name: &str) -> bool {
    let called = |key| {
        let entry = map.get(key);
        entry.is_some_and(|entry| entry.value.words() == Ok(name))
    };
    called("name") || called("id")
}

/// What is known of a rule that looks at these kinds of event.
pub(super) fn detection(
    map: Map<'_>,
    platform: Platform,
    kinds: &[EventKind],
) -> Result<Detection, Error> {
    let title = map.need("title", Node::words)?;
    let slug = match map.read("name", slug)? {
        Some(slug) => slug.to_string(),
        None => slug_of_title(title),
    };
    if slug.is_empty() {
        return Err(Error::new(map.line, Reason::Missing("name")));
    }
    let mut detection = Detection::new(slug, title.to_string(), platform);
    detection.id = map.read("id", text)?;
    let level =
        |node: &Node| one_of(node, "level", Severity::ALL, Severity::name);
    detection.severity =
        map.read("level", level)?.unwrap_or(detection.severity);
    if let Some(description) = map.read("description", text)? {
        detection.description = description;
    }
    detection.false_positives =
        map.read("falsepositives", texts)?.unwrap_or_default();
    detection.references = map.read("references", texts)?.unwrap_or_default();
    detection.author = map.read("author", joined)?;
    detection.license = map.read("license", text)?;
    detection.status = map.read("status", text)?;
    detection.date = map.read("date", text)?;
    detection.modified = map.read("modified", text)?;
    detection.related = map.read("related", related)?.unwrap_or_default();
    if let Some(fields) = map.read("fields", texts)? {
        detection.message = shown(title, &fields, kinds).into();
    }
    map.read("tags", |node| tags(&mut detection, node))?;
    map.read("t1053", |node| own(&mut detection, node))?;
    let line = map.get("t1053").map_or(map.line, |entry| entry.line);
    message(&detection.message, kinds)
        .map_err(|reason| Error::new(line, reason))
        .inside("message")?;
    Ok(detection)
}

fn text(node: &Node) -> Result<Text, Error> {
    node.words().map(|text| Cow::Owned(text.into()))
}

fn texts(node: &Node) -> Result<List<Text>, Error> {
    node.items().iter().map(text).collect()
}

/// Several texts in one; authors are given as a list, too.
fn joined(node: &Node) -> Result<Text, Error> {
    Ok(texts(node)?.join(", ").into())
}

fn related(node: &Node) -> Result<List<Related>, Error> {
    let relation = |node: &Node| {
        let valid = ["derived", "obsolete", "merged", "renamed", "similar"];
        let name = node.words()?;
        match valid.contains(&name) {
            true => Ok(Cow::Owned(name.into())),
            false => Err(node.error(Reason::unknown("type", name, valid))),
        }
    };
    let items = node.items().iter().map(|item| {
        let map = item.map()?;
        Ok(Related {
            id: map.need("id", text)?,
            relation: map.need("type", relation)?,
        })
    });
    items.collect()
}

/// The message of a rule that gives none, and names fields of which to see
/// the values. What no event of the rule has is left out: files name there
/// what other products have.
fn shown(title: &str, fields: &[Text], kinds: &[EventKind]) -> String {
    let carried = Field::ALL
        .iter()
        .filter(|field| kinds.iter().any(|&kind| kind.carries(**field)));
    let names: Vec<&str> = carried.map(|field| field.name()).collect();
    let values = fields.iter().filter(|field| names.contains(&field.as_ref()));
    let values: Vec<String> =
        values.map(|field| format!("{field}: {{{field}}}")).collect();
    match values.is_empty() {
        true => title.to_owned(),
        false => format!("{title} ({})", values.join(", ")),
    }
}

fn one_of<T: Copy>(
    node: &Node,
    what: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, Error> {
    let text = node.words()?;
    match all.iter().find(|&&one| name(one) == text) {
        Some(&found) => Ok(found),
        None => {
            let valid = all.iter().map(|&one| name(one));
            Err(node.error(Reason::unknown(what, text, valid)))
        }
    }
}

fn slug(node: &Node) -> Result<&str, Error> {
    let slug = node.words()?;
    let fine = |letter: char| {
        letter.is_ascii_alphanumeric() || "_-.".contains(letter)
    };
    match slug.chars().all(fine) {
        true => Ok(slug),
        false => {
            let what = "a name of ASCII letters, digits, `_`, `-` and `.`";
            Err(node.error(Reason::Expected(what)))
        }
    }
}

/// The name of a rule that gives none: its title in lower case, with `_` for
/// everything that is neither letter nor digit.
fn slug_of_title(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_").to_ascii_lowercase()
}

/// Takes ATT&CK techniques and tactics from the tags. Other tags are of no
/// use here.
fn tags(detection: &mut Detection, node: &Node) -> Result<(), Error> {
    let mut techniques: Vec<Text> = Vec::new();
    let mut tactics = Vec::new();
    for item in node.items() {
        let tag = item.words()?.to_ascii_lowercase();
        let Some(name) = tag.strip_prefix("attack.") else {
            continue;
        };
        let name = name.replace('_', "-");
        if let Some(tactic) = Tactic::from_name(&name) {
            tactics.push(tactic);
        } else if is_number(&name, 't') {
            techniques.push(name.to_ascii_uppercase().into());
        } else if !['c', 'd', 'g', 'm', 's']
            .into_iter()
            .any(|letter| is_number(&name, letter))
        {
            let valid = Tactic::ALL.iter().map(|tactic| tactic.name());
            return Err(item.error(Reason::unknown("tactic", &name, valid)));
        }
    }
    detection.techniques = techniques.into();
    detection.tactics = tactics.into();
    Ok(())
}

/// Whether a name is an ATT&CK number: `t1053.005`, `s0111`, `ds0009`.
fn is_number(name: &str, letter: char) -> bool {
    let number = name.strip_prefix(letter).map(|rest| match letter {
        'd' => rest.trim_start_matches(['s', 'c']),
        _ => rest,
    });
    let digits = |text: &str, most| {
        !text.is_empty()
            && text.len() <= most
            && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    number.is_some_and(|number| match number.split_once('.') {
        Some((number, part)) => digits(number, 4) && digits(part, 3),
        None => digits(number, 4),
    })
}

/// Reads what Sigma has no key for.
fn own(detection: &mut Detection, node: &Node) -> Result<(), Error> {
    let map = node.map()?;
    map.only(&[
        "pack",
        "kind",
        "published_name",
        "risk",
        "risk_objects",
        "group_by",
        "message",
        "weight",
        "needs",
        "response",
    ])?;
    let pack = |node: &Node| one_of(node, "pack", Pack::ALL, Pack::name);
    detection.pack = map.read("pack", pack)?;
    let kind = |node: &Node| one_of(node, "kind", Kind::ALL, Kind::name);
    detection.kind = map.read("kind", kind)?.unwrap_or(detection.kind);
    detection.published_name = map.read("published_name", text)?;
    detection.risk = map.read("risk", risk)?;
    detection.risk_objects = map
        .read("risk_objects", |node| {
            node.items().iter().map(risk_object).collect()
        })?
        .unwrap_or_default();
    detection.group_by = map.read("group_by", texts)?.unwrap_or_default();
    if let Some(message) = map.read("message", text)? {
        detection.message = message;
    }
    detection.weight = map.read("weight", |node| match node.number()? {
        weight @ 0..=3 => Ok(weight),
        _ => Err(node.error(Reason::Expected("a number from 0 to 3"))),
    })?;
    detection.needs = map.read("needs", text)?.unwrap_or_default();
    detection.response = map.read("response", text)?.unwrap_or_default();
    Ok(())
}

fn risk(node: &Node) -> Result<Risk, Error> {
    let map = node.map()?;
    map.only(&["score", "impact", "confidence"])?;
    let percent = |node: &Node| match node.number::<u8>()? {
        number @ 0..=100 => Ok(number),
        _ => Err(node.error(Reason::Expected("a number from 0 to 100"))),
    };
    Ok(Risk {
        score: map.need("score", percent)?,
        impact: map.need("impact", percent)?,
        confidence: map.need("confidence", percent)?,
    })
}

fn risk_object(node: &Node) -> Result<RiskObject, Error> {
    let map = node.map()?;
    map.only(&["field", "object", "role"])?;
    let role = |node: &Node| one_of(node, "role", Role::ALL, Role::name);
    Ok(RiskObject {
        field: map.need("field", text)?,
        object: map.need("object", text)?,
        role: map.need("role", role)?,
    })
}

/// Refuses a message that names a field which no event of the rule has.
fn message(message: &str, kinds: &[EventKind]) -> Result<(), Reason> {
    let carried =
        |field: &&Field| kinds.iter().any(|&kind| kind.may_be_asked(**field));
    let names = || Field::ALL.iter().filter(carried).map(|field| field.name());
    let other = |reason: &str| Err(Reason::Other(reason.into()));
    pieces(message).try_for_each(|piece| match piece {
        Piece::Text(text) if text.contains(['{', '}']) => {
            other("`{` and `}` stand around the name of a field only")
        }
        Piece::Field(name) if names().all(|known| known != name) => {
            Err(Reason::unknown("field", name, names()))
        }
        Piece::Optional(part) if part.contains('[') => {
            other("a part of a message in `[` and `]` has no other in it")
        }
        Piece::Optional(part) => self::message(part, kinds),
        Piece::Text(_) | Piece::Field(_) => Ok(()),
    })
}
