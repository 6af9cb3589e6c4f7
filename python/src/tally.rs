/*!
What the command line says of findings that come in batches and are not kept.
*/

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use frontend::screen;
use frontend::verdicts::{self, Verdicts};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use t1053::rule::Detection;
use t1053::{Detector, RiskTracker, Timestamp};

use crate::detector::Program;
use crate::error::{SettingError, guarded};
use crate::found::Found;
use crate::grouping::{Lines, Reached, reached};
use crate::part::Finding;

/// What is known of all findings so far.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Tally {
    detector: Detector,
    state: Mutex<State>,
}

struct State {
    groups: Vec<Group>,
    verdicts: Verdicts,
    lines: Option<Lines>,
    risk: Option<RiskTracker>,
    reached: Vec<Reached>,
}

/// What was found of a detection.
#[derive(Default)]
struct Group {
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    hosts: BTreeSet<Box<[u8]>>,
    /// Path, record and message of the first.
    example: Option<(String, u64, String)>,
}

impl Group {
    fn add(&mut self, finding: &Finding<'_>) {
        self.count = self.count.saturating_add(1);
        if let Some(host) = finding.host()
            && !self.hosts.contains(host)
        {
            self.hosts.insert(host.into());
        }
        if let Some(time) = finding.time() {
            self.first = Some(self.first.map_or(time, |it| it.min(time)));
            self.last = Some(self.last.map_or(time, |it| it.max(time)));
        }
        self.example.get_or_insert_with(|| {
            let path = finding.path().unwrap_or("-").to_string();
            (path, finding.record(), finding.message().to_string())
        });
    }

    fn row(&self, detection: &Detection) -> Option<screen::Row> {
        let (path, record, message) = self.example.clone()?;
        let time = |time: Timestamp| time.to_string();
        let hosts = self.hosts.iter();
        let hosts =
            hosts.map(|host| String::from_utf8_lossy(host).into_owned());
        Some(screen::Row {
            slug: detection.slug.to_string(),
            kind: detection.kind.to_string(),
            risk: detection.risk.map(|risk| risk.score),
            count: self.count,
            first_seen: self.first.map(time),
            last_seen: self.last.map(time),
            hosts: hosts.collect(),
            path,
            record,
            message,
        })
    }
}

impl Tally {
    /// What is known so far; of a thread that failed, as it left it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Tally {
    /// Of a detector's findings: the least severity of verdicts, the seconds
    /// within which identical findings are one, and the points and seconds of
    /// risk.
    #[new]
    fn new(
        program: &Program,
        least: &str,
        group: Option<u32>,
        risk: Option<(u32, u32)>,
    ) -> PyResult<Tally> {
        guarded(|| {
            let detector = program.detector.clone();
            let rank = verdicts::rank(least).ok_or_else(|| {
                SettingError::new_err(verdicts::unknown(least))
            })?;
            let mut groups = Vec::new();
            groups.resize_with(detector.detections().len(), Group::default);
            let lines = group.map(|seconds| Lines::new(&detector, seconds));
            let risk = risk.map(|(points, seconds)| {
                let tracker = RiskTracker::new(&detector);
                tracker.threshold(points).within(seconds)
            });
            let state = State {
                groups,
                verdicts: Verdicts::new(rank),
                lines,
                risk,
                reached: Vec::new(),
            };
            Ok(Tally { detector, state: Mutex::new(state) })
        })
    }

    /// Adds findings; gives what is to be written of them where identical ones
    /// are one.
    fn add<'py>(
        &self,
        py: Python<'py>,
        found: &Found,
    ) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let text = py.detach(|| {
                let mut text = String::new();
                let mut state = self.state();
                found.each_verdicts(|all| state.verdicts.merge(all));
                for finding in found.iter() {
                    let at = finding.detection();
                    if let Some(group) = state.groups.get_mut(at) {
                        group.add(&finding);
                    }
                    let State { lines, risk, reached: all, .. } = &mut *state;
                    if let Some(lines) = lines {
                        lines.take(&finding, &mut text);
                    }
                    if let Some(risk) = risk {
                        reached(risk, &self.detector, &finding, all);
                    }
                }
                text
            });
            Ok(PyBytes::new(py, text.as_bytes()))
        })
    }

    /// What is to be written of groups that are not complete.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let mut text = String::new();
            let mut state = self.state();
            if let Some(lines) = &mut state.lines {
                lines.finish(&mut text);
            }
            Ok(PyBytes::new(py, text.as_bytes()))
        })
    }

    /// Hosts and users that have reached the risk.
    fn reached(&self) -> Vec<Reached> {
        self.state().reached.clone()
    }

    /// A table of the detections found, as text, and how many they are.
    fn table(&self, width: usize, colour: bool) -> PyResult<(String, usize)> {
        guarded(|| {
            let state = self.state();
            let groups = state.groups.iter().zip(self.detector.detections());
            let rows: Vec<screen::Row> = groups
                .filter_map(|(group, detection)| group.row(detection))
                .collect();
            let count = rows.len();
            Ok((screen::found(rows, width, colour), count))
        })
    }

    /// The verdicts of the events behind all findings, where they were taken:
    /// as a table, as lines to stand below it, and as one line.
    fn verdict_table(
        &self,
        width: usize,
        colour: bool,
    ) -> PyResult<(String, String, String)> {
        guarded(|| {
            let state = self.state();
            let all = &state.verdicts;
            let time = |at| Timestamp::from_ticks(at).to_string();
            let table = all.table(width, colour, time);
            Ok((table, all.lines(width), all.line()))
        })
    }
}
