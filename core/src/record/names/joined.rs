/*!
Paths of members whose steps are joined by something else than dots, as whoever
makes a table of objects joins them: `process_command_line`.
*/

use super::name::MOST_NAME;
use super::table::{OBJECT, PAIR, Place};

/// Most steps that are tried for one name: each takes some 20 ns, and no known
/// name needs more than a dozen.
const MOST_TRIED: u8 = 48;

/// What stands between the steps of a name.
pub(crate) const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'.' | b'_' | b'/' | b':')
}

/// What Log Analytics puts behind the names of columns that are made of a
/// user's own records, for their types.
const SUFFIXES: [&[u8]; 5] = [b"_s", b"_d", b"_b", b"_t", b"_g"];

/// Most steps of a name: more than any known path has.
const MOST_STEPS: usize = 12;

/// How long the steps of a name are.
#[derive(Default)]
struct Steps {
    lengths: [usize; MOST_STEPS],
    count: usize,
    /// How many were tried.
    tried: u8,
}

impl Place {
    /// Writes the path of a member in this object whose steps are joined
    /// otherwise, or whose name has a type behind it, with dots. Returns
    /// whether there is such a member; writes nothing if there is none.
    pub(crate) fn write_path(
        self,
        mut name: &[u8],
        path: &mut Vec<u8>,
    ) -> bool {
        let Some(steps) = self.steps(name) else { return false };
        let lengths = steps.lengths.get(..steps.count).unwrap_or_default();
        for (index, length) in lengths.iter().enumerate() {
            if index > 0 {
                path.push(b'.');
            }
            let (step, rest) =
                name.split_at_checked(*length).unwrap_or_default();
            path.extend_from_slice(step);
            name = rest.get(1..).unwrap_or_default();
        }
        true
    }

    /// Whether there is such a member.
    pub(crate) fn has_path(self, name: &[u8]) -> bool {
        self.steps(name).is_some()
    }

    fn steps(self, name: &[u8]) -> Option<Steps> {
        if name.len() > MOST_NAME {
            return None;
        }
        let mut steps = Steps::default();
        if self.take_steps(name, &mut steps) {
            return Some(steps);
        }
        let mut suffixes = SUFFIXES.iter();
        let name = suffixes.find_map(|suffix| name.strip_suffix(*suffix))?;
        steps.count = 0;
        self.take_steps(name, &mut steps).then_some(steps)
    }

    fn take_steps(self, name: &[u8], steps: &mut Steps) -> bool {
        steps.tried = steps.tried.saturating_add(1);
        let count = steps.count;
        if steps.tried > MOST_TRIED || count >= MOST_STEPS {
            return false;
        }
        let take = |length: usize, steps: &mut Steps| {
            if let Some(slot) = steps.lengths.get_mut(count) {
                *slot = length;
            }
            steps.count = count.saturating_add(1);
        };
        if self.own(name).is_known() {
            take(name.len(), steps);
            return true;
        }
        for (at, byte) in name.iter().enumerate() {
            if !is_joint(*byte) {
                continue;
            }
            let Some((step, [_, after @ ..])) = name.split_at_checked(at)
            else {
                continue;
            };
            let place = self.own(step);
            if after.is_empty() || !(place.does(OBJECT) || place.does(PAIR)) {
                continue;
            }
            take(at, steps);
            if place.object().take_steps(after, steps) {
                return true;
            }
            steps.count = count;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> Option<String> {
        let mut path = Vec::new();
        let is_one = Place::RECORD.write_path(name.as_bytes(), &mut path);
        let path = String::from_utf8(path).unwrap();
        assert!(is_one || path.is_empty(), "{name}: {path}");
        is_one.then_some(path)
    }

    #[test]
    fn steps_that_are_joined_otherwise_are_found() {
        for (name, expected) in [
            ("winlog_event_data_TaskName", "winlog.event_data.TaskName"),
            ("process/parent/command_line", "process.parent.command_line"),
            ("process_parent_command_line_s", "process.parent.command_line"),
            ("EventData_TaskName", "EventData.TaskName"),
            ("ActionType_s", "ActionType"),
            ("ActionType", "ActionType"),
        ] {
            assert_eq!(path(name).as_deref(), Some(expected), "{name}");
        }
        let long = "process_".repeat(100);
        for name in ["", "_", "x_ActionType", "process_", "_s", &long] {
            assert_eq!(path(name), None, "{name}");
        }
    }
}
