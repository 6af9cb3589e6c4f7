/*!
The shapes of JSON records that are read.

To add one: a file here with its [`Shape`], and a line in [`SHAPES`]. To add
a layout of Windows' events: a file with its
[`Layout`](super::shape::Layout), and a line in [`windows::SHAPE`].
*/

use super::shape::Shape;

mod auditbeat;
mod auoms;
mod azure;
mod ecs;
mod evtx;
mod evtxecmd;
mod flat;
mod fluent_bit;
mod fluentd;
mod graylog;
mod hayabusa;
mod journald;
mod kubernetes;
mod laurel;
mod ocsf;
mod opentelemetry;
mod powershell;
mod sekoia;
mod splunk;
mod tracee;
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
    &laurel::SHAPE,
    &journald::SHAPE,
    &azure::SHAPE,
    &ocsf::SHAPE,
    &kubernetes::SHAPE,
    &tracee::EXECUTION,
    &tracee::FILE,
    &wazuh_alerts::FILES,
    &wazuh_alerts::AUDIT,
];
