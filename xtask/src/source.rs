//! Rules as Rust source.

use std::fmt::Debug;

use t1053::rule::{
    Attribute, Count, Counted, Detection, List, Logic, Predicate, Rule,
    Selection, Sequence, Test,
};

use crate::generate::Built;

/// The module that holds the built-in rules.
pub(crate) fn catalogue(built: &[Built]) -> String {
    let mut source = String::from(
        "// Written by `cargo xtask generate` from core/detections; do not \
         edit.\n\
         \n\
         use std::borrow::Cow::Borrowed;\n\
         \n\
         use crate::event::*;\n\
         use crate::rule::*;\n",
    );
    for built in built {
        source.push_str(&constant(&built.rule));
    }
    let names = built.iter().map(|built| name(&built.rule));
    let names: String = names.map(|name| format!("    {name},\n")).collect();
    let count = built.len();
    source.push_str(&format!(
        "\npub(super) static RULES: [Rule; {count}] = [\n{names}];\n"
    ));
    source
}

fn name(rule: &Rule) -> String {
    rule.detection.slug.to_uppercase()
}

/// A rule as a constant of its own. All of them in one array are one body to
/// the compiler, whose checks of that take as long as those of all else in the
/// crate: 10 s of 20.
fn constant(rule: &Rule) -> String {
    let logic = match &rule.logic {
        Logic::Single(it) => {
            format!("Logic::Single({})", selection(it, 1))
        }
        Logic::Sequence(it) => {
            format!("Logic::Sequence({})", sequence(it))
        }
        Logic::Count(it) => format!("Logic::Count({})", count(it)),
        // None of them is built in.
        _ => "compile_error!(\"logic that xtask cannot write\")".into(),
    };
    let detection = detection(&rule.detection);
    format!(
        "\nconst {}: Rule = Rule {{\n    detection: {detection},\n    \
         logic: {logic},\n}};\n",
        name(rule),
    )
}

fn detection(detection: &Detection) -> String {
    let mut source = String::from("Detection {\n");
    let mut field = |name: &str, value: String| {
        source.push_str(&format!("        {name}: {value},\n"));
    };
    let risk_objects = detection.risk_objects.iter().map(|object| {
        format!(
            "RiskObject {{ field: {}, object: {}, role: Role::{:?} }}",
            text(&object.field),
            text(&object.object),
            object.role,
        )
    });
    let risk = detection.risk.map(|risk| format!("{risk:?}"));
    let tactics = &detection.tactics;
    field("slug", text(&detection.slug));
    field("title", text(&detection.title));
    field("id", option(detection.id.as_deref().map(text)));
    field(
        "published_name",
        option(detection.published_name.as_deref().map(text)),
    );
    field(
        "pack",
        option(detection.pack.map(|pack| format!("Pack::{pack:?}"))),
    );
    field("kind", format!("Kind::{:?}", detection.kind));
    field("techniques", texts(&detection.techniques));
    field("tactics", list(tactics.iter().map(|it| format!("Tactic::{it:?}"))));
    field("risk", option(risk));
    field("risk_objects", list(risk_objects));
    field("severity", format!("Severity::{:?}", detection.severity));
    field("weight", option(detection.weight.map(|it| it.to_string())));
    field("needs", text(&detection.needs));
    field("response", text(&detection.response));
    field("platform", format!("Platform::{:?}", detection.platform));
    field("description", text(&detection.description));
    field("false_positives", texts(&detection.false_positives));
    field("references", texts(&detection.references));
    field("group_by", texts(&detection.group_by));
    field("message", text(&detection.message));
    for (name, value) in [
        ("author", &detection.author),
        ("license", &detection.license),
        ("status", &detection.status),
        ("date", &detection.date),
        ("modified", &detection.modified),
    ] {
        field(name, option(value.as_deref().map(text)));
    }
    let related = detection.related.iter().map(|related| {
        let (id, relation) = (text(&related.id), text(&related.relation));
        format!("Related {{ id: {id}, relation: {relation} }}")
    });
    field("related", list(related));
    source.push_str("    }");
    source
}

fn sequence(sequence: &Sequence) -> String {
    let mut source = String::from("Sequence {\n");
    let mut field = |name: &str, value: String| {
        source.push_str(&format!("        {name}: {value},\n"));
    };
    field("steps", selections(&sequence.steps));
    field("group_by", list(sequence.group_by.iter().map(attribute)));
    field("within_seconds", sequence.within_seconds.to_string());
    source.push_str("    }");
    source
}

fn count(count: &Count) -> String {
    let of = match &count.of {
        Counted::Values(values) => {
            format!("Counted::Values({})", attribute(values))
        }
        of => format!("Counted::{of:?}"),
    };
    let mut source = String::from("Count {\n");
    let mut field = |name: &str, value: String| {
        source.push_str(&format!("        {name}: {value},\n"));
    };
    field("events", selections(&count.events));
    field("of", of);
    field("at_least", count.at_least.to_string());
    field("group_by", list(count.group_by.iter().map(attribute)));
    field("within_seconds", count.within_seconds.to_string());
    source.push_str("    }");
    source
}

fn attribute(attribute: &Attribute) -> String {
    let origins = attribute.origins.iter().map(|origin| {
        let (field, member) = (origin.field, text(&origin.member));
        format!("Origin {{ field: Field::{field:?}, member: {member} }}")
    });
    let (name, origins) = (text(&attribute.name), list(origins));
    format!("Attribute {{ name: {name}, origins: {origins} }}")
}

fn selections(selections: &[Selection]) -> String {
    let mut source = String::from("List::Static(&[\n");
    for one in selections {
        let one = selection(one, 3);
        source.push_str(&format!("            {one},\n"));
    }
    source.push_str("        ])");
    source
}

fn selection(selection: &Selection, indent: usize) -> String {
    let kinds = variants("EventKind", &selection.kinds);
    let predicate = predicate(&selection.predicate, indent + 1);
    let outer = "    ".repeat(indent);
    format!(
        "Selection {{\n{outer}    kinds: {kinds},\n{outer}    predicate: \
         {predicate},\n{outer}}}"
    )
}

fn predicate(predicate: &Predicate, indent: usize) -> String {
    let (name, items) = match predicate {
        Predicate::All(items) => ("All", items),
        Predicate::Any(items) => ("Any", items),
        Predicate::None(items) => ("None", items),
        Predicate::Test(it) => return test(it),
    };
    if items.is_empty() {
        return format!("Predicate::{name}(List::Static(&[]))");
    }
    let outer = "    ".repeat(indent);
    let mut source = format!("Predicate::{name}(List::Static(&[\n");
    for item in items.iter() {
        let item = self::predicate(item, indent + 1);
        source.push_str(&format!("{outer}    {item},\n"));
    }
    source.push_str(&format!("{outer}]))"));
    source
}

fn test(test: &Test) -> String {
    format!(
        "Predicate::Test(Test {{ field: Field::{:?}, member: {}, operation: \
         Operation::{:?}, pattern: {}, cased: {} }})",
        test.field,
        text(&test.member),
        test.operation,
        text(&test.pattern),
        test.cased,
    )
}

fn text(text: &str) -> String {
    format!("Borrowed({text:?})")
}

fn texts<T: AsRef<str>>(texts: &List<T>) -> String {
    list(texts.iter().map(|it| text(it.as_ref())))
}

fn variants<T: Debug>(name: &str, values: &List<T>) -> String {
    list(values.iter().map(|value| format!("{name}::{value:?}")))
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("List::Static(&[{}])", items.join(", "))
}

fn option(value: Option<String>) -> String {
    value.map_or("None".into(), |value| format!("Some({value})"))
}
