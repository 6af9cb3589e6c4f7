//! Rules as Markdown.

use t1053::rule::{Detection, Rule, Selection};

use crate::generate::Built;

const BEGIN: &str = "<!-- detections:begin -->\n";
const END: &str = "<!-- detections:end -->";

/// A page with the generated part, between the markers, replaced.
pub(crate) fn splice(page: &str, part: &str) -> Result<String, String> {
    let markers = page.split_once(BEGIN).and_then(|(before, rest)| {
        rest.split_once(END).map(|(_, after)| (before, after))
    });
    let (before, after) = markers.ok_or_else(|| {
        format!("README.md lacks the markers {} and {END}", BEGIN.trim())
    })?;
    Ok(format!("{before}{BEGIN}{part}{END}{after}"))
}

/// The table in README.md.
pub(crate) fn overview(built: &[Built]) -> String {
    let mut page = String::from(
        "| Slug | Title | Kind | Technique | Risk | Event |\n\
         |---|---|---|---|---|---|\n",
    );
    for Built { rule, path } in built {
        let detection = &rule.detection;
        page.push_str(&format!(
            "| [`{}`]({path}) | {} | {} | {} | {} | {} |\n",
            detection.slug,
            escape(&detection.title),
            detection.kind,
            detection.techniques.join(", "),
            detection.risk.map_or(String::new(), |it| it.score.to_string()),
            events(rule),
        ));
    }
    page
}

/// The page docs/detections.md.
pub(crate) fn detections(built: &[Built]) -> String {
    let mut page = format!(
        "# The built-in detections\n\
         \n\
         <!-- Written by `cargo xtask generate` from core/detections; do not \
         edit. -->\n\
         \n\
         {} detections, in the order of their slugs. What each matches is in \
         its Sigma file.\n",
        built.len(),
    );
    for Built { rule, path } in built {
        page.push_str(&section(rule, path));
    }
    page
}

fn section(rule: &Rule, path: &str) -> String {
    let detection = &rule.detection;
    let mut section = format!(
        "\n## `{}`\n\n**{}**. {}\n\n",
        detection.slug,
        escape(&detection.title),
        escape(&detection.description),
    );
    for (name, value) in facts(rule) {
        if !value.is_empty() {
            section.push_str(&format!("- {name}: {value}\n"));
        }
    }
    section.push_str(&format!("- Rule: [{path}](../{path})\n"));
    if !detection.false_positives.is_empty() {
        section.push_str("\nHarmless things that match too:\n\n");
        for text in detection.false_positives.iter() {
            section.push_str(&format!("- {}\n", escape(text)));
        }
    }
    section
}

fn facts(rule: &Rule) -> Vec<(&'static str, String)> {
    let Detection { kind, techniques, tactics, risk, severity, .. } =
        &rule.detection;
    let tactics: Vec<&str> = tactics.iter().map(|it| it.name()).collect();
    let pack = rule.detection.pack.map(|it| format!("`{it}`"));
    let name = rule.detection.published_name.as_ref();
    let id = rule.detection.id.as_ref();
    let objects = rule
        .detection
        .risk_objects
        .iter()
        .map(|it| format!("`{}` ({}, {})", it.field, it.object, it.role));
    vec![
        ("Kind", kind.to_string()),
        ("Event", events(rule)),
        ("Techniques", techniques.join(", ")),
        ("Tactics", tactics.join(", ")),
        ("Level", severity.to_string()),
        (
            "Risk",
            risk.map_or(String::new(), |risk| {
                format!(
                    "{} (impact {}, confidence {})",
                    risk.score, risk.impact, risk.confidence,
                )
            }),
        ),
        ("Risk objects", objects.collect::<Vec<String>>().join(", ")),
        ("Grouped by", rule.detection.group_by.join(", ")),
        ("Message", format!("`{}`", rule.detection.message)),
        ("Pack", pack.unwrap_or_default()),
        ("Published name", name.map_or(String::new(), |it| it.to_string())),
        ("Published id", id.map_or(String::new(), |it| format!("`{it}`"))),
    ]
}

/// The events of a rule in plain words: `process creation (Windows)`.
fn events(rule: &Rule) -> String {
    let events: Vec<String> = rule.logic.selections().map(kinds).collect();
    let events = events.join(", then ");
    let platform = rule.detection.platform.name();
    let (first, rest) = platform.split_at(1);
    format!("{events} ({}{rest})", first.to_uppercase())
}

fn kinds(selection: &Selection) -> String {
    let names = selection.kinds.iter().map(|it| it.name().replace('_', " "));
    names.collect::<Vec<String>>().join(" or ")
}

/// Text with nothing that Markdown would take for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if r"\`*_<|[".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
