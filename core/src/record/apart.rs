/*!
Members whose names begin alike: what stood in an object of its own before a
table was made of it, or a program gave its own names a prefix of their own.
`properties.ActionType` and `properties.DeviceName` stood in `properties`,
whatever that is.
*/

use super::names::{Place, Signs, Style, is_joint, spelled};
use super::syntax::json::Cursor;

/// Most names of an object that are looked at to tell how they begin: the
/// widest tables have some 230 columns.
const MOST_NAMES: usize = 512;

/// Most beginnings of names that are counted.
const MOST_BEGINNINGS: usize = 16;

/// How far into a name the beginning may reach: so many steps.
const MOST_STEPS: usize = 4;

/// What the names behind a beginning have to be worth: two that are known, or
/// four that are known in another spelling. One may be a word like any other.
const LEAST_WORTH: u16 = 4;

/// How the names of most of an object's members begin.
#[derive(Clone, Copy)]
pub(super) struct Beginning<'a> {
    /// With what stands between it and the rest.
    text: &'a [u8],
}

impl<'a> Beginning<'a> {
    /// Of the object last opened; `None` where behind no beginning there are
    /// names that are known.
    pub(super) fn of(mut cursor: Cursor<'a>) -> Option<Beginning<'a>> {
        let mut counted: [(&[u8], u16); MOST_BEGINNINGS] =
            [(b"", 0); MOST_BEGINNINGS];
        let mut left = MOST_NAMES;
        while let Some(name) = cursor.member().ok()? {
            let Some(fewer) = left.checked_sub(1) else { break };
            left = fewer;
            count(name, &mut counted);
        }
        most(&counted)
    }

    /// The same of the names of columns.
    pub(super) fn of_names(
        names: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Beginning<'a>> {
        let mut counted: [(&[u8], u16); MOST_BEGINNINGS] =
            [(b"", 0); MOST_BEGINNINGS];
        names.take(MOST_NAMES).for_each(|name| count(name, &mut counted));
        most(&counted)
    }

    /// The beginning as a name.
    pub(super) fn name(self) -> &'a [u8] {
        let end = self.text.iter().rposition(|byte| !is_joint(*byte));
        let end = end.map_or(0, |end| end.saturating_add(1));
        self.text.get(..end).unwrap_or_default()
    }

    /// What is left of a name behind it.
    pub(super) fn behind(self, name: &[u8]) -> Option<&[u8]> {
        name.strip_prefix(self.text).filter(|rest| !rest.is_empty())
    }
}

/// Counts the beginnings of a name behind which the rest is one that is known.
fn count<'a>(
    name: &'a [u8],
    counted: &mut [(&'a [u8], u16); MOST_BEGINNINGS],
) {
    if !name.iter().copied().any(is_joint) || worth(name) > 1 {
        return;
    }
    let mut before = 0_usize;
    for _ in 0..MOST_STEPS {
        let rest = name.get(before..).unwrap_or_default();
        let Some(joint) = rest.iter().position(|byte| is_joint(*byte)) else {
            return;
        };
        let after = rest.get(joint..).unwrap_or_default();
        let joints = after.iter().take_while(|byte| is_joint(**byte)).count();
        before = before.saturating_add(joint).saturating_add(joints);
        let Some((text, rest)) = name.split_at_checked(before) else { return };
        // What begins with a joint has no beginning.
        let worth = if joint == 0 { 0 } else { worth(rest) };
        let mut slots = counted.iter_mut();
        let slot = slots.find(|slot| slot.0 == text || slot.1 == 0);
        if let Some((counted, sum)) = slot.filter(|_| worth > 0) {
            *counted = text;
            *sum = sum.saturating_add(worth);
        }
    }
}

fn most<'a>(counted: &[(&'a [u8], u16)]) -> Option<Beginning<'a>> {
    // The first of those that are worth as much, which is the shortest.
    let most = counted.iter().rev().max_by_key(|(_, worth)| worth);
    let (text, _) = most.filter(|(_, worth)| *worth >= LEAST_WORTH)?;
    Some(Beginning { text })
}

/// What a name is worth: 2 if it is known, and 1 if it is one that is known
/// in another spelling.
fn worth(name: &[u8]) -> u16 {
    if name.is_empty() {
        return 0;
    }
    let known = Place::RECORD.member(name, &mut Signs::default());
    if known.is_known() || Place::RECORD.has_path(name) {
        return 2;
    }
    let step = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    u16::from(spelled(step, Style::Pascal).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::{event, events};

    fn beginning<'a>(names: &[&'a str]) -> Option<&'a str> {
        let names = names.iter().map(|name| name.as_bytes());
        let beginning = Beginning::of_names(names)?;
        Some(str::from_utf8(beginning.name()).unwrap())
    }

    #[test]
    fn names_that_begin_alike_are_told() {
        for (names, expected) in [
            (
                &["properties.ActionType", "properties.DeviceName"][..],
                "properties",
            ),
            (&["x_EventID", "x_Channel", "time"], "x"),
            (&["a.b.EventID", "a.b.Channel", "a.x"], "a.b"),
            (&["x__event_id", "x__channel", "x__log_name"], "x"),
            (&["x.process.executable", "x.event.code"], "x"),
        ] {
            assert_eq!(beginning(names), Some(expected), "{names:?}");
        }
        for names in [
            // One name may be a word like any other.
            &["x.EventID", "time"][..],
            &["x.EventID", "y.Channel"],
            // These are known as they are.
            &["process.executable", "process.pid", "event.code"],
            &["a.b", "a.c", "a_", "_", ".", ""],
            &[],
        ] {
            assert_eq!(beginning(names), None, "{names:?}");
        }
    }

    const MEMBERS: [(&str, &str); 5] = [
        ("Timestamp", "2024-02-03T04:05:06Z"),
        ("ActionType", "ProcessCreated"),
        ("DeviceName", "h"),
        ("ProcessCommandLine", "crontab -e"),
        ("FolderPath", "/usr/bin/crontab"),
    ];

    fn record(name: impl Fn(&str) -> String, more: &str) -> String {
        let members = MEMBERS
            .map(|(member, value)| format!(r#""{}":"{value}""#, name(member)));
        format!("{{{more}{}}}", members.join(","))
    }

    #[test]
    fn records_are_read_whatever_their_names_begin_with() {
        let expected = event(&record(str::to_owned, ""));
        for before in ["properties.", "x_", "a.b.", "p/", "_source.data."] {
            let name = |member: &str| format!("{before}{member}");
            assert_eq!(event(&record(name, "")), expected, "{before}");
            let beside = r#""time":"2024-02-03T04:05:09Z","tenantId":"t","#;
            assert_eq!(event(&record(name, beside)), expected, "{before}");
            // Spelled otherwise, too.
            let name =
                |member: &str| format!("{before}{member}").to_lowercase();
            assert_eq!(event(&record(name, "")), expected, "{before}");
        }
        let name = |member: &str| format!("{member}_s");
        assert_eq!(event(&record(name, "")), expected);
    }

    #[test]
    fn values_may_stand_beside_the_id_of_their_event() {
        let expected =
            r"windows/task_deleted EventID=4699 Channel=Security TaskName=\x";
        for record in [
            r#"{"EventID":4699,"Channel":"Security","EventData_TaskName":"\\x"}"#,
            r#"{"winlog_channel":"Security","winlog_event_id":4699,"winlog_event_data_TaskName":"\\x"}"#,
            r#"{"x.System":{"EventID":4699,"Channel":"Security"},"x.EventData":{"TaskName":"\\x"}}"#,
            r#"{"Event":{"System":[{"EventID":["4699"],"Channel":["Security"]}],"EventData":[{"Data":[{"_":"\\x","$":{"Name":"TaskName"}}]}]}}"#,
            r#"{"EventID":{"$numberInt":"4699"},"Channel":"Security","TaskName":"\\x"}"#,
            r#"{"results":[[{"field":"EventID","value":"4699"},{"field":"Channel","value":"Security"},{"field":"TaskName","value":"\\x"}]]}"#,
        ] {
            let (found, _) = events(record);
            let found =
                found.iter().map(|found| found.trim_start_matches("0: "));
            assert!(found.eq([expected]), "{record}");
        }
    }

    #[test]
    fn rows_whose_values_have_no_names_are_read() {
        let expected =
            r"windows/task_deleted EventID=4699 Channel=Security TaskName=\x";
        for record in [
            r#"{"schema":{"fields":[{"name":"EventID"},{"name":"Channel"},{"name":"TaskName"}]},"rows":[{"f":[{"v":"4699"},{"v":"Security"},{"v":"\\x"}]}]}"#,
            r#"{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"4699"},{"VarCharValue":"Security"},{"VarCharValue":"\\x"}]}],"ResultSetMetadata":{"ColumnInfo":[{"Name":"EventID"},{"Name":"Channel"},{"Name":"TaskName"}]}}}"#,
        ] {
            assert_eq!(
                events(record).0,
                [format!("0: {expected}")],
                "{record}"
            );
        }
        // Columns in another spelling.
        let row = r#"{"tables":[{"columns":[{"name":"timestamp"},{"name":"action_type"},{"name":"device_name"},{"name":"folder_path"}],"rows":[["2024-02-03T04:05:06Z","ProcessCreated","h","/usr/bin/crontab"]]}]}"#;
        assert!(events(row).0[0].ends_with("Image=/usr/bin/crontab"));
    }

    /// What is encoded may be spelled otherwise.
    #[test]
    fn names_in_base64_may_be_spelled_otherwise() {
        // {"actiontype":"ProcessCreated","devicename":"h","timestamp":"2024-02-03T04:05:06Z","folderpath":"/usr/bin/crontab"}
        let data = "eyJhY3Rpb250eXBlIjoiUHJvY2Vzc0NyZWF0ZWQiLCJkZXZpY2VuYW1lIjoiaCIsInRpbWVzdGFtcCI6IjIwMjQtMDItMDNUMDQ6MDU6MDZaIiwiZm9sZGVycGF0aCI6Ii91c3IvYmluL2Nyb250YWIifQ==";
        let found = event(&format!(r#"{{"data":"{data}"}}"#));
        assert!(found.ends_with("Image=/usr/bin/crontab"), "{found}");
    }

    /// Each of these costs its own length, whatever is tried with it.
    #[test]
    fn time_is_linear() {
        for part in [
            r#""a.b.c.d.e":1,"#,
            r#""a_b_c_d_e_f_g_h_i_j_k_l":1,"#,
            r#""x.EventID":{"x.EventID":1,"x.Channel":2},"#,
            r#""process_parent_process_parent_x":{},"#,
            r#""a":{"0":1},"#,
        ] {
            let record = format!("{{{}\"z\":1}}", part.repeat(5_000));
            let read = crate::record::Reader::new().read(
                crate::Format::Json,
                record.as_bytes(),
                |_, _| {},
            );
            // Some hold more values than are read.
            assert!(read.is_err() || read.is_ok_and(|read| read.events == 0));
        }
    }
}
