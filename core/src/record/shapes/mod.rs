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
mod azure;
mod crowdstrike;
mod defender;
mod ecs;
mod evtx;
mod flat;
mod fluent_bit;
mod kubernetes;
mod laurel;
mod ocsf;
mod opentelemetry;
mod sentinelone;
mod tracee;
mod wazuh;
mod windows;
mod wrappers;

/// Every shape, in the order in which they are tried: the first of which a
/// record gives an event is what the record is.
pub(crate) static SHAPES: &[&Shape] = SHAPE_LIST;

/// The same, for what is made of it when this is compiled.
pub(crate) const SHAPE_LIST: &[&Shape] = &[
    &windows::SHAPE,
    &laurel::SHAPE,
    &azure::SHAPE,
    &ocsf::FILE,
    &ocsf::RENAMED,
    &ocsf::OTHERS,
    &ocsf::SHAPE,
    &kubernetes::SHAPE,
    &crowdstrike::PROCESS,
    &crowdstrike::OTHERS,
    &defender::PROCESS,
    &defender::FILE,
    &defender::OTHERS,
    &asim::PROCESS,
    &asim::FILE,
    &asim::REGISTRY,
    // Before ECS, whose names some of its members have.
    &sentinelone::PROCESS,
    &sentinelone::OTHERS,
    &ecs::SHAPE,
    &tracee::EXECUTION,
    &tracee::FILE,
];
