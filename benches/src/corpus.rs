/*!
Real records, where there are any ([`testkit::corpus`]). None of them is part
of the project.
*/

use crate::log::{Log, Shape};

/// The given files of it; fewer where some are missing, none without it.
pub fn logs(files: &[(&str, Shape)]) -> Vec<Log> {
    let Some(folder) = testkit::corpus() else { return Vec::new() };
    let read = |(name, shape): &(&str, Shape)| {
        let bytes = std::fs::read(folder.join(name)).ok()?;
        let name = format!("corpus/{name}");
        Some(Log { name, shape: *shape, bytes })
    };
    files.iter().filter_map(read).collect()
}

/// The big JSON files.
pub const JSON: [(&str, Shape); 4] = [
    ("windows/nxlog_attack_range.jsonl", Shape::FlatJson),
    ("windows/otrf_background.jsonl", Shape::FlatJson),
    ("windows/evtx_mixed.jsonl", Shape::EvtxJson),
    ("windows/evtx_attack_samples.jsonl", Shape::EvtxJson),
];

/// The XML files.
pub const XML: [(&str, Shape); 3] = [
    ("windows/evtx_mixed.xml", Shape::Xml),
    ("windows/evtx_attack_samples.xml", Shape::Xml),
    ("windows/evtx_velociraptor.xml", Shape::Xml),
];

/// The auditd files.
pub const AUDITD: [(&str, Shape); 3] = [
    ("linux/auditd__beats_audit-rhel7.log", Shape::Auditd),
    ("linux/auditd_live_a.raw.log", Shape::Auditd),
    ("linux/auditd_live_a.enriched.log", Shape::Auditd),
];
