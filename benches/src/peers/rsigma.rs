/*!
rsigma-eval, in two ways.

*As shipped*: what its README shows. A line becomes a `serde_json::Value`, the
value a `JsonEvent`, and all rules run over it; a pipeline adds event ids to
log sources and maps the names of fields where the records nest them. The
pipeline for Sysmon is its own.

*With care*: the fastest way that we found to embed it. A line is read into a
struct of the fields that rules ask for, strings borrowed where they have no
escapes; records of an event id that no rule asks for end there; and the rules
are pruned by the log source that the event id implies. Its Bloom filter and
its cross-rule index were tried too: with these rules the first changes
nothing, and the second makes it slower.
*/

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;

use rsigma_eval::event::JsonEvent;
use rsigma_eval::{Engine, Event, EventValue, Pipeline, parse_pipeline};
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde::Deserialize;
use serde_json::Value;

use super::recorded::Recorded;
use super::{Found, Refused, beyond_sigma, is_comparable, lines, paths};
use crate::log::Shape;
use crate::rules::RuleFile;

/// An engine with the rules that it can express.
pub struct Rsigma {
    engine: Engine,
    shape: Shape,
    slugs: HashMap<String, String>,
    comparable: BTreeSet<String>,
    /// Rules that it does not run.
    pub refused: Vec<Refused>,
}

impl Rsigma {
    /// Loads rules, for records as the shape has them. With care, the names
    /// of fields are those of the struct.
    pub fn new(files: &[RuleFile], shape: Shape, with_care: bool) -> Rsigma {
        let mut engine = Engine::new();
        if !with_care {
            let sysmon = rsigma_eval::resolve_builtin_pipeline("sysmon");
            let sysmon = sysmon.expect("a pipeline of its own");
            engine.add_pipeline(sysmon.expect("a sound one"));
            if let Some(mapping) = mapping(shape) {
                engine.add_pipeline(mapping);
            }
        }
        let mut slugs = HashMap::new();
        let mut comparable = BTreeSet::new();
        let mut refused = Vec::new();
        let mut rules = Vec::new();
        for RuleFile { slug, yaml } in files {
            let parsed = beyond_sigma(yaml).map_or_else(
                || match parse_sigma_yaml(yaml) {
                    Ok(it) if it.errors.is_empty() => Ok(it.rules),
                    Ok(it) => Err(it.errors.join("; ")),
                    Err(error) => Err(error.to_string()),
                },
                Err,
            );
            match parsed {
                Ok(parsed) => {
                    for rule in &parsed {
                        if is_comparable(yaml) {
                            comparable.insert(slug.clone());
                        }
                        slugs.insert(rule.title.clone(), slug.clone());
                    }
                    rules.extend(parsed);
                }
                Err(reason) => {
                    refused.push(Refused { slug: slug.clone(), reason });
                }
            }
        }
        let errors = engine.add_rules(&rules);
        for (index, error) in errors {
            let slug = slugs.remove(&rules[index].title).unwrap_or_default();
            refused.push(Refused { slug, reason: error.to_string() });
        }
        Rsigma { engine, shape, slugs, comparable, refused }
    }

    /// The slugs of the rules that must match the same Windows records as
    /// t1053's.
    pub fn comparable(&self) -> &BTreeSet<String> {
        &self.comparable
    }

    /// How many rules it runs.
    pub fn rule_count(&self) -> usize {
        self.engine.rule_count()
    }

    /// Matches of one line, as shipped.
    fn line_as_shipped(&self, line: &[u8], mut found: impl FnMut(&str)) {
        let Ok(value) = serde_json::from_slice::<Value>(line) else { return };
        let event = JsonEvent::borrow(&value);
        for result in self.engine.evaluate(&event) {
            found(&result.header.rule_title);
        }
    }

    /// Matches of one line, with care.
    fn line_with_care(&self, line: &[u8], mut found: impl FnMut(&str)) {
        let fields;
        let event_id;
        match self.shape {
            Shape::EvtxJson => {
                let Ok(record) = serde_json::from_slice::<Record<'_>>(line)
                else {
                    return;
                };
                event_id = record.event.system.event_id.0;
                let Some(data) = record.event.event_data else { return };
                fields = data;
            }
            _ => {
                let Ok(record) = serde_json::from_slice::<Fields<'_>>(line)
                else {
                    return;
                };
                event_id = record.event_id.0;
                fields = record;
            }
        }
        let Some(source) = source(event_id) else { return };
        let event = Careful { event_id, fields: &fields };
        for result in self.engine.evaluate_with_logsource(&event, source) {
            found(&result.header.rule_title);
        }
    }

    fn line(&self, with_care: bool, line: &[u8], found: impl FnMut(&str)) {
        if with_care {
            self.line_with_care(line, found);
        } else {
            self.line_as_shipped(line, found);
        }
    }

    /// Number of matches in a log.
    pub fn scan(&self, with_care: bool, log: &[u8]) -> u64 {
        let mut count = 0;
        for line in lines(log) {
            self.line(with_care, line, |_| count += 1);
        }
        count
    }

    /// Matches in a log.
    pub fn found(&self, with_care: bool, log: &[u8]) -> Found {
        let mut all = Found::new();
        for (number, line) in lines(log).enumerate() {
            self.line(with_care, line, |title| {
                let slug = self.slugs.get(title).cloned();
                all.insert((number, slug.unwrap_or_else(|| title.into())));
            });
        }
        all
    }

    /// The slugs of the rules that match a record, asked once for each of
    /// its log sources. For rules that were loaded with care.
    pub fn slugs(&self, record: &Recorded) -> BTreeSet<String> {
        let event = JsonEvent::borrow(&record.fields);
        let sources = record.sources.iter();
        let found = sources.flat_map(|source| {
            self.engine.evaluate_with_logsource(&event, source)
        });
        let slug =
            |title: String| self.slugs.get(&title).cloned().unwrap_or(title);
        found.map(|result| slug(result.header.rule_title)).collect()
    }

    /// Matches of a record that is parsed already, asked for one log source.
    pub fn evaluate_recorded(&self, record: &Recorded) -> usize {
        let event = JsonEvent::borrow(&record.fields);
        let source = record.sources.first();
        source.map_or(0, |source| {
            let found = self.engine.evaluate_with_logsource(&event, source);
            black_box(found).len()
        })
    }

    /// Matches of an event that is parsed already: `JsonEvent` as shipped.
    pub fn evaluate(&self, value: &Value) -> usize {
        let event = JsonEvent::borrow(value);
        black_box(self.engine.evaluate(&event)).len()
    }

    /// Matches of a started process that is in the struct already.
    pub fn evaluate_with_care(&self, event: &Parsed<'_>) -> usize {
        let Some(source) = source(1) else { return 0 };
        let event = Careful { event_id: 1, fields: &event.0 };
        black_box(self.engine.evaluate_with_logsource(&event, source)).len()
    }
}

/// A line of flat JSON in the struct of fields.
pub struct Parsed<'a>(Fields<'a>);

impl<'a> Parsed<'a> {
    /// Reads it.
    pub fn new(line: &'a [u8]) -> Option<Parsed<'a>> {
        serde_json::from_slice(line).ok().map(Parsed)
    }
}

/// The pipeline for records that nest their fields.
fn mapping(shape: Shape) -> Option<Pipeline> {
    let paths = paths(shape);
    if paths.is_empty() {
        return None;
    }
    let mut yaml = "name: nested\npriority: 20\ntransformations:\n  - id: nested\n    type: field_name_mapping\n    mapping:\n".to_owned();
    for (name, path) in paths {
        yaml += &format!("      {name}: {path}\n");
    }
    Some(parse_pipeline(&yaml).expect("sound"))
}

/// The log source that an event id implies; none where no rule asks for it.
fn source(event_id: u64) -> Option<&'static LogSource> {
    use std::sync::LazyLock;
    static SOURCES: LazyLock<HashMap<u64, LogSource>> = LazyLock::new(|| {
        let of = |category: Option<&str>, service: Option<&str>| LogSource {
            category: category.map(Into::into),
            product: Some("windows".into()),
            service: service.map(Into::into),
            ..LogSource::default()
        };
        let mut sources = HashMap::from([
            (1, of(Some("process_creation"), None)),
            (4104, of(Some("ps_script"), None)),
            (200, of(None, Some("taskscheduler"))),
            (201, of(None, Some("taskscheduler"))),
        ]);
        for id in [12, 13, 14] {
            sources.insert(id, of(Some("registry_event"), None));
        }
        for id in [4698, 4699, 4700, 4701, 4702] {
            sources.insert(id, of(None, Some("security")));
        }
        sources
    });
    SOURCES.get(&event_id)
}

/// Text that borrows the line where it has no escapes. As a newtype, for
/// serde copies what is in an `Option<Cow>`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An event id, as a number, as text, or with attributes.
#[derive(Default)]
struct Id(u64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D>(deserializer: D) -> Result<Id, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Id;

            fn expecting(
                &self,
                f: &mut std::fmt::Formatter<'_>,
            ) -> std::fmt::Result {
                f.write_str("an event id")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Id, E> {
                Ok(Id(text.parse().unwrap_or(0)))
            }

            fn visit_map<A>(self, mut map: A) -> Result<Id, A::Error>
            where
                A: serde::de::MapAccess<'de>,
            {
                let mut id = Id(0);
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    if key == "#text" {
                        id = map.next_value()?;
                    } else {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(id)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Fields<'a> {
    /// Of flat records only.
    #[serde(rename = "EventID")]
    event_id: Id,
    #[serde(borrow)]
    image: Option<Text<'a>>,
    #[serde(borrow)]
    command_line: Option<Text<'a>>,
    #[serde(borrow)]
    original_file_name: Option<Text<'a>>,
    #[serde(borrow)]
    parent_image: Option<Text<'a>>,
    #[serde(borrow)]
    parent_command_line: Option<Text<'a>>,
    #[serde(borrow)]
    target_object: Option<Text<'a>>,
    #[serde(borrow)]
    details: Option<Text<'a>>,
    #[serde(borrow)]
    event_type: Option<Text<'a>>,
    #[serde(borrow)]
    task_name: Option<Text<'a>>,
    #[serde(borrow)]
    task_content: Option<Text<'a>>,
    #[serde(borrow)]
    script_block_text: Option<Text<'a>>,
    #[serde(borrow)]
    action_name: Option<Text<'a>>,
    #[serde(borrow)]
    user: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(rename = "Event", borrow)]
    event: Nested<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nested<'a> {
    system: System,
    #[serde(borrow)]
    event_data: Option<Fields<'a>>,
}

#[derive(Deserialize)]
struct System {
    #[serde(rename = "EventID", default)]
    event_id: Id,
}

/// A record's fields by name.
struct Careful<'e> {
    event_id: u64,
    fields: &'e Fields<'e>,
}

impl Careful<'_> {
    fn all(&self) -> [(&'static str, &Option<Text<'_>>); 13] {
        let it = self.fields;
        [
            ("Image", &it.image),
            ("CommandLine", &it.command_line),
            ("OriginalFileName", &it.original_file_name),
            ("ParentImage", &it.parent_image),
            ("ParentCommandLine", &it.parent_command_line),
            ("TargetObject", &it.target_object),
            ("Details", &it.details),
            ("EventType", &it.event_type),
            ("TaskName", &it.task_name),
            ("TaskContent", &it.task_content),
            ("ScriptBlockText", &it.script_block_text),
            ("ActionName", &it.action_name),
            ("User", &it.user),
        ]
    }
}

impl Event for Careful<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let it = self.fields;
        let value = match path {
            "EventID" => return Some(EventValue::Int(self.event_id as i64)),
            "Image" => &it.image,
            "CommandLine" => &it.command_line,
            "OriginalFileName" => &it.original_file_name,
            "ParentImage" => &it.parent_image,
            "ParentCommandLine" => &it.parent_command_line,
            "TargetObject" => &it.target_object,
            "Details" => &it.details,
            "EventType" => &it.event_type,
            "TaskName" => &it.task_name,
            "TaskContent" => &it.task_content,
            "ScriptBlockText" => &it.script_block_text,
            "ActionName" => &it.action_name,
            "User" => &it.user,
            _ => return None,
        };
        let text = value.as_ref()?;
        Some(EventValue::Str(Cow::Borrowed(&text.0)))
    }

    fn any_string_value(&self, test: &dyn Fn(&str) -> bool) -> bool {
        let all = self.all();
        all.iter().any(|(_, it)| it.as_ref().is_some_and(|it| test(&it.0)))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let values = self.all().map(|(_, it)| it.as_ref());
        let values = values.into_iter().flatten();
        values.map(|it| Cow::Borrowed(&*it.0)).collect()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        for (_, value) in self.all() {
            if let Some(text) = value {
                visit(&text.0);
            }
        }
    }

    fn to_json(&self) -> Value {
        // Only asked for by features that are off.
        Value::Null
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        visit("EventID");
        for (name, value) in self.all() {
            if value.is_some() {
                visit(name);
            }
        }
        true
    }
}
