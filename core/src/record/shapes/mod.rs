/*!
The shapes of JSON records that are read.

To add one: a file here with its [`Shape`], and a line in [`SHAPES`]. To add
a layout of Windows' events: a file with its
[`Layout`](super::shape::Layout), and a line in [`windows::SHAPE`].
*/

use super::shape::Shape;

mod asim;
mod auditbeat;
mod auoms;
mod aws;
mod azure;
mod cortex;
mod crowdstrike;
mod defender;
mod ecs;
mod endpoints;
mod event_viewer;
mod evtx;
mod evtxecmd;
mod flat;
mod fluent_bit;
mod fluentd;
mod gcp;
mod go_audit;
mod graylog;
mod hayabusa;
mod journald;
mod kubernetes;
mod laurel;
mod linux_sensors;
mod macos;
mod ocsf;
mod opentelemetry;
mod osquery;
mod powershell;
mod sekoia;
mod sentinelone;
mod splunk;
mod tracee;
mod trend;
mod udm;
mod wazuh;
mod wazuh_alerts;
mod windows;
mod wrappers;

/// Every shape, in the order in which they are tried: the first of which a
/// record gives an event is what the record is.
pub(crate) static SHAPES: &[&Shape] = SHAPE_LIST;

/// The same, for what is made of it when this is compiled.
pub(crate) const SHAPE_LIST: &[&Shape] = &[
    &windows::SHAPE,
    // Before the events of an audit, whose members it has.
    &auditbeat::FILEBEAT_PATH,
    &laurel::SHAPE,
    &journald::SHAPE,
    &azure::SHAPE,
    &ocsf::FILE,
    &ocsf::RENAMED,
    &ocsf::OTHERS,
    // Before AWS, whose lake has those of its clusters.
    &kubernetes::OCSF,
    &aws::OCSF,
    &ocsf::SHAPE,
    &kubernetes::SHAPE,
    &kubernetes::TABLE,
    &crowdstrike::PROCESS,
    &crowdstrike::OTHERS,
    &defender::PROCESS,
    &defender::FILE,
    &defender::OTHERS,
    &defender::EVIDENCE,
    &defender::GRAPH_EVIDENCE,
    &asim::PROCESS,
    &asim::FILE,
    &asim::REGISTRY,
    // Before ECS, whose names some of its members have.
    &sentinelone::PROCESS,
    &sentinelone::OTHERS,
    &sentinelone::DEEP_VISIBILITY_PROCESS,
    &sentinelone::DEEP_VISIBILITY,
    &aws::ECS,
    &ecs::SHAPE,
    &journald::HOST_LINE,
    &tracee::EXECUTION,
    &tracee::FILE,
    &tracee::WORKLOAD,
    &tracee::WORKLOAD_FILE,
    &wazuh_alerts::FILES,
    &wazuh_alerts::AUDIT,
    &linux_sensors::TRACEE_NAMES,
    &linux_sensors::FALCO_KUBERNETES,
    &linux_sensors::FALCO_KUBERNETES_JOINED,
    // Before the one that takes any alert.
    &linux_sensors::FALCO_JOINED,
    &linux_sensors::FALCO,
    &linux_sensors::TETRAGON_PROCESS,
    &linux_sensors::TETRAGON_FILE,
    &linux_sensors::TETRAGON_OTHERS,
    &tracee::OTHERS,
    &linux_sensors::KUNAI,
    &osquery::columns::PROCESS,
    &osquery::columns::FILE,
    &osquery::columns::MACOS_RENAME,
    &osquery::columns::MACOS_FILE,
    &osquery::columns::TASK,
    &osquery::columns::CRONTAB,
    &osquery::columns::LAUNCHD,
    &osquery::columns::UNIT,
    &osquery::rows::PROCESS,
    &osquery::rows::FILE,
    &osquery::rows::MACOS_RENAME,
    &osquery::rows::MACOS_FILE,
    &osquery::rows::TASK,
    &osquery::rows::CRONTAB,
    &osquery::rows::LAUNCHD,
    &osquery::rows::UNIT,
    &macos::EXECUTION,
    &macos::AUDIT,
    &macos::FILE,
    &macos::LAUNCH_ITEM,
    &macos::OTHERS,
    &macos::SANTA,
    &macos::SANTA_FILE,
    &cortex::PROCESS,
    &cortex::OTHERS,
    &endpoints::CARBON_BLACK_PROCESS,
    &endpoints::CARBON_BLACK_OTHERS,
    &endpoints::CARBON_BLACK_EDR,
    &endpoints::CARBON_BLACK_EDR_FILE,
    &endpoints::CARBON_BLACK_EDR_REGISTRY,
    &endpoints::CARBON_BLACK_EDR_OTHERS,
    &endpoints::HARFANGLAB,
    &endpoints::HARFANGLAB_ALERT,
    &endpoints::TANIUM,
    &trend::detail::PROCESS,
    &trend::detail::OTHERS,
    &trend::flat::PROCESS,
    &trend::flat::OTHERS,
    &endpoints::STORMSHIELD_PROCESS,
    &endpoints::STORMSHIELD_REGISTRY,
    &endpoints::STORMSHIELD_FILE,
    &endpoints::LIMACHARLIE_PROCESS,
    &endpoints::LIMACHARLIE_FILE,
    &endpoints::LIMACHARLIE_REGISTRY,
    &endpoints::TEHTRIS,
    &udm::PROCESS,
    &udm::OTHERS,
    &aws::SHAPE,
    &aws::TABLE,
    &gcp::SHAPE,
    &gcp::ECS,
];
