/*!
Windows events, in every layout that is read: their log and id tell what they
are.
*/

use crate::event::{EventKind, Platform};
use crate::record::shape::{Family, Gives, Mark, Reads, Shape, Tell};

use super::{
    azure, ecs, event_viewer, evtx, evtxecmd, flat, fluent_bit, fluentd,
    graylog, hayabusa, ocsf, opentelemetry, powershell, sekoia, splunk, wazuh,
    wrappers,
};

pub(super) const SHAPE: Shape = Shape {
    // By the values: providers, logs and ids have many members.
    tells: Tell::All(&[]),
    reads: Reads::Log,
    gives: &[
        on_windows(EventKind::ProcessCreation, &[]),
        on_windows(EventKind::FileCreation, &[]),
        on_windows(EventKind::FileDeletion, &[]),
        on_windows(EventKind::ModuleLoad, &[]),
        on_windows(EventKind::RegistryEvent, &[]),
        on_windows(EventKind::TaskRegistered, &[("4698", true)]),
        on_windows(EventKind::TaskDeleted, &[("4699", true)]),
        on_windows(EventKind::TaskEnabled, &[("4700", true)]),
        on_windows(EventKind::TaskDisabled, &[("4701", true)]),
        on_windows(EventKind::TaskUpdated, &[("4702", true)]),
        // The name of the provider, or of the log, which Hayabusa cuts short.
        on_windows(EventKind::TaskScheduler, &[("TaskSch", false)]),
        on_windows(EventKind::ShareAccess, &[("5145", true)]),
        on_windows(EventKind::DirectoryChange, &[("5136", true)]),
        on_windows(EventKind::ScriptBlock, &[("4104", true)]),
        // Sysmon's provider.
        on_linux(EventKind::ProcessCreation),
        on_linux(EventKind::FileCreation),
        on_linux(EventKind::FileDeletion),
    ],
    family: Family::Windows,
    layouts: &[
        &flat::LAYOUT,
        &evtx::LAYOUT,
        &ecs::LAYOUT,
        &wazuh::LAYOUT,
        &ocsf::LAYOUT,
        &azure::LAYOUT,
        &fluent_bit::LAYOUT,
        &fluentd::LAYOUT,
        &powershell::LAYOUT,
        &evtxecmd::LAYOUT,
        &event_viewer::LAYOUT,
        &graylog::LAYOUT,
        &splunk::LAYOUT,
        &sekoia::LAYOUT,
        &hayabusa::LAYOUT,
        &opentelemetry::LAYOUT,
        &wrappers::LAYOUT,
    ],
};

const fn on_windows(kind: EventKind, marks: &'static [Mark]) -> Gives {
    Gives::new(kind, Platform::Windows, marks)
}

const fn on_linux(kind: EventKind) -> Gives {
    Gives::new(kind, Platform::Linux, &[("linux", false)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The filter passes over events of a kind that is forgotten here.
    #[test]
    fn every_kind_that_a_log_numbers_is_given() {
        for &kind in EventKind::ALL {
            for (log, _) in kind.ids() {
                let platform = log.platform();
                let is_read =
                    matches!(platform, Platform::Windows | Platform::Linux)
                        && log.service() != "auditd";
                let is_given = SHAPE.gives.iter().any(|gives| {
                    gives.kind == kind && gives.platform == platform
                });
                assert!(is_given || !is_read, "{kind} in {log:?}");
            }
        }
    }
}
