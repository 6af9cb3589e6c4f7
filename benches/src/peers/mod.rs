/*!
Other engines on the project's own Sigma files.

Each takes the rules that it can express, and says of the others why it does
not. A record is a line of JSON, as for them it is; XML, auditd and text have
no reader there.
*/

use std::collections::BTreeSet;

use crate::log::Shape;

pub mod recorded;
pub mod rsigma;
pub mod sigma_rust;

/// A rule that a peer does not run as it is meant, and why.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Its slug.
    pub slug: String,
    /// What stands in the way.
    pub reason: String,
}

/// Matches, as numbers of records and slugs.
pub type Found = BTreeSet<(usize, String)>;

/// The non-empty lines of a log.
pub fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    log.split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
}

/// Why a rule is not given to any peer.
fn beyond_sigma(yaml: &str) -> Option<String> {
    let has = |text: &str| yaml.contains(text);
    let reason = if has("|token") {
        "`token` is a modifier of our own"
    } else if has("|entropy") {
        "`entropy` is a modifier of our own"
    } else if has("correlation:") {
        "a sequence of two events, which needs state between records"
    } else {
        return None;
    };
    Some(reason.into())
}

/// Whether a rule that a peer runs must match the same records of Windows
/// logs as t1053's. Those about other platforms may not: the peers do not
/// know the platform. Those about parts of a task definition cannot: the
/// peers do not take it apart.
fn is_comparable(yaml: &str) -> bool {
    let derived =
        ["    Command|", "    Command:", "    Arguments", "    Hidden"];
    yaml.contains("product: windows")
        && !derived.iter().any(|field| yaml.contains(field))
}

/// Names of fields in records of a shape: the rule's name, and the path.
fn paths(shape: Shape) -> Vec<(&'static str, String)> {
    const FIELDS: [&str; 14] = [
        "Image",
        "CommandLine",
        "OriginalFileName",
        "ParentImage",
        "ParentCommandLine",
        "TargetObject",
        "Details",
        "EventType",
        "TaskName",
        "TaskContent",
        "ScriptBlockText",
        "TargetFilename",
        "User",
        "ActionName",
    ];
    match shape {
        Shape::EvtxJson => FIELDS
            .iter()
            .map(|name| (*name, format!("Event.EventData.{name}")))
            .chain([
                ("EventID", "Event.System.EventID".to_owned()),
                ("Channel", "Event.System.Channel".to_owned()),
            ])
            .collect(),
        _ => Vec::new(),
    }
}

/// What a rule's log source means in terms of event ids.
fn ids(category: Option<&str>) -> &'static [u64] {
    match category {
        Some("process_creation") => &[1],
        Some("registry_event") => &[12, 13, 14],
        Some("ps_script") => &[4104],
        _ => &[],
    }
}
