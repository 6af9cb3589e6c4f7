/*!
What wraps records.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Copied;
use crate::record::shape::{
    Form, Layout, copied, hint, like, own, records, tables, value,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "Wrapped records",
    about: "records in lists, in objects, in strings and in base64; rows of tables, by columns too, whose cells may be objects as text; names in any case, flattened, or behind a prefix of the collector's own; what Fluent Bit prints",
    lost: "",
    verified: true,
    members: &[
        records("records"),
        records("items"),
        records("value"),
        // Answers of Log Analytics and other Kusto databases.
        tables("tables"),
        tables("Tables"),
        like("_source", ""),
        like("result", ""),
        like("unmapped", ""),
        own("_raw", Key::Original),
        own("raw_data", Key::Original),
        own("xml_string", Key::Original),
        own("RawXml", Key::Original),
        own("SyslogMessage", Key::Original),
        hint("timestamp", Key::Received),
        hint("labels.compute.googleapis.com/resource_name", Key::Computer),
        // Lines that may carry a record behind a header.
        copied("@message", Key::Message),
        hint("RenderedDescription", Key::Message),
        hint("log", Key::Message),
        hint("full_log", Key::Message),
        hint("event", Key::Message),
        hint("original", Key::Message),
        hint("raw", Key::Message),
        hint("raw_event", Key::Message),
        hint("rawLog", Key::Message),
        hint("OriginalLog", Key::Message),
        hint("textPayload", Key::Message),
        // The journal's: bytes where it is not UTF-8.
        value("MESSAGE", Key::Message, Copied, Form::Bytes),
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const RECORD: &str =
        r#"{"EventID":4699,"Channel":"Security","TaskName":"\\x"}"#;
    const EXPECTED: &str =
        r"windows/task_deleted EventID=4699 Channel=Security TaskName=\x";

    /// The answer of a Kusto database.
    fn table(columns: &str, rows: &str) -> String {
        let columns: Vec<String> = columns
            .split(' ')
            .map(|name| format!(r#"{{"name":"{name}","type":"string"}}"#))
            .collect();
        let columns = columns.join(",");
        format!(
            r#"{{"tables":[{{"name":"PrimaryResult","columns":[{columns}],"rows":[{rows}]}}]}}"#
        )
    }

    #[test]
    fn rows_are_records_by_the_names_of_columns() {
        let columns = "TenantId EventID Channel TimeGenerated TaskName";
        let row = r#"["t",4699,"Security","2024-02-03T04:05:06Z","\\x"]"#;
        let other = r#"["t",4624,"Security","2024-02-03T04:05:06Z",null]"#;
        let expected =
            EXPECTED.replace("EventID", "2024-02-03T04:05:06Z EventID");
        let record = table(columns, &format!("{row},{other},{row}"));
        let (found, reading) = events(&record);
        assert_eq!(
            found,
            [format!("0: {expected}"), format!("2: {expected}")]
        );
        assert_eq!((reading.others, reading.not_understood), (1, 0));
        // Rows may come before their columns.
        let (start, rest) = record.split_once(r#""columns""#).unwrap();
        let (list, rows) = rest.split_once(r#","rows":"#).unwrap();
        let rows = rows.strip_suffix("}]}").unwrap();
        let swapped = format!(r#"{start}"rows":{rows},"columns"{list}}}]}}"#);
        assert_eq!(events(&swapped).0, found);
        // More cells than columns, fewer, and what is no row at all.
        let odd = format!(
            r#"["t",4699,"Security",null,"\\x",{{}},[1]],["t"],7,{{"a":[]}},{row}"#
        );
        let (found, _) = events(&table(columns, &odd));
        assert_eq!(
            found,
            [format!("0: {EXPECTED}"), format!("4: {expected}")]
        );
    }

    #[test]
    fn frames_of_kusto_are_tables() {
        let record =
            table("EventID Channel TaskName", r#"[4699,"Security","\\x"]"#);
        let table = record.strip_prefix(r#"{"tables":["#).unwrap();
        let table = table.strip_suffix("]}").unwrap();
        let table = table.replace("\"name\":\"P", "\"TableName\":\"P");
        let frame = table
            .replace("\"name\"", "\"ColumnName\"")
            .replace("columns", "Columns")
            .replace("rows", "Rows")
            .replacen('{', r#"{"FrameType":"DataTable","#, 1);
        let head = r#"{"FrameType":"DataSetHeader"}"#;
        let (found, reading) = events(&format!("[{head},{frame},{head}]"));
        assert_eq!(found, [format!("1: {EXPECTED}")]);
        assert_eq!(reading.not_understood, 2);
        let (found, _) = events(&format!(r#"{{"Tables":[{frame}]}}"#));
        assert_eq!(found, [format!("0: {EXPECTED}")]);
        let pandas = r#"{"columns":["EventID","Channel","TaskName"],"index":[0],"data":[[4699,"Security","\\x"]]}"#;
        assert_eq!(events(pandas).0, [format!("0: {EXPECTED}")]);
    }

    #[test]
    fn answers_of_searches_are_tables() {
        let row = r#"[4699,"Security","\\x"]"#;
        let columns = r#"[{"name":"EventID","type":"long"},{"name":"Channel","type":"keyword"},{"name":"TaskName","type":"text"}]"#;
        for record in [
            format!(r#"{{"took":1,"columns":{columns},"values":[{row}]}}"#),
            format!(r#"{{"schema":{columns},"datarows":[{row}],"total":1}}"#),
        ] {
            assert_eq!(events(&record).0, [format!("0: {EXPECTED}")]);
        }
        // Where rows name their values themselves.
        let named = format!(
            r#"{{"schema":{{"fields":[{{"name":"EventID"}}]}},"data":[{RECORD}]}}"#
        );
        // A field is an item, too.
        assert_eq!(events(&named).0, [format!("1: {EXPECTED}")]);
    }

    /// Of `{"EventID":4699,"Channel":"Security","TaskName":"\\x"}`.
    #[test]
    fn records_are_found_in_base64() {
        let data = "eyJFdmVudElEIjo0Njk5LCJDaGFubmVsIjoiU2VjdXJpdHkiLCJUYXNrTmFtZSI6IlxceCJ9";
        for record in [
            format!(r#"{{"message":{{"data":"{data}"}},"subscription":"s"}}"#),
            format!(r#"{{"recordId":"1","data":"{data}"}}"#),
            format!(r#"{{"topic":"t","value":"{data}\n"}}"#),
        ] {
            assert_eq!(event(&record), EXPECTED, "{record}");
        }
        // What is cut, or none, is not understood.
        for data in ["eyJFdmVudElEI", "eyJ????", "eyJ"] {
            let record = format!(r#"{{"data":"{data}"}}"#);
            assert_eq!(events(&record).1.not_understood, 1, "{data}");
        }
    }

    #[test]
    fn a_field_of_a_row_may_be_a_record() {
        let text = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        let row = format!(r#"["t","{text}",null]"#);
        let (found, _) = events(&table("TenantId RawData x", &row));
        assert_eq!(found, [format!("0: {EXPECTED}")]);
        let row = format!(r#"["t",{RECORD}]"#);
        let (found, _) = events(&table("TenantId y", &row));
        assert_eq!(found, [format!("0: {EXPECTED}")]);
    }

    #[test]
    fn too_many_columns_are_an_error() {
        let columns = vec!["x"; 513].join(" ");
        let record = table(&columns, "[]");
        let read = crate::record::Reader::new().read(
            crate::record::Format::Json,
            record.as_bytes(),
            |_, _| {},
        );
        let reason = read.unwrap_err().reason();
        assert_eq!(reason, "more columns than are read");
    }

    #[test]
    fn a_record_is_found_whatever_its_member_is_called() {
        let text = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        for record in [
            format!(r#"{{"xyz":{RECORD}}}"#),
            format!(r#"{{"xyz":{{"deeper":{RECORD}}},"more":[1]}}"#),
            format!(r#"{{"document":{{"kind":"evtx","data":{RECORD}}}}}"#),
            format!(r#"{{"MESSAGE":"{text}","PRIORITY":"6"}}"#),
            format!(r#"{{"log":"{text}","stream":"stdout"}}"#),
            format!(r#"{{"sourcetype":"x","event":{RECORD}}}"#),
            format!(r#"{{"sourcetype":"x","event":"{text}"}}"#),
        ] {
            assert_eq!(event(&record), EXPECTED, "{record}");
        }
        let bytes: Vec<String> =
            RECORD.bytes().map(|byte| byte.to_string()).collect();
        let record = format!(r#"{{"MESSAGE":[{}]}}"#, bytes.join(", "));
        assert_eq!(event(&record), EXPECTED);
        let (found, _) = events(&format!(
            r#"{{"took":1,"hits":{{"total":2,"hits":[{{"_source":{RECORD}}},{{"_source":{RECORD}}}]}}}}"#
        ));
        let listed = [0, 1].map(|item| format!("{item}: {EXPECTED}"));
        assert_eq!(found, listed);
        let (found, _) =
            events(&format!(r#"{{"a":{RECORD},"b":["{text}",{RECORD}]}}"#));
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn where_and_when_come_from_the_wrapper_if_need_be() {
        let record = format!(
            r#"{{"time":"2024-02-03T04:05:06Z","Computer":"h","data":{{"x":{RECORD}}}}}"#
        );
        let read = event(&record);
        assert!(read.contains("2024-02-03T04:05:06Z"), "{read}");
        assert!(read.contains("Computer=h"), "{read}");
        let own =
            record.replace(r#""TaskName""#, r#""Computer":"own","TaskName""#);
        assert!(event(&own).contains("Computer=own"));
    }

    #[test]
    fn a_line_may_carry_a_record_but_a_value_only_be_one() {
        let line = "type=CWD msg=audit(1706933106.000:7): cwd=/x";
        for member in ["log", "MESSAGE", "full_log", "event"] {
            let record =
                format!(r#"{{"{member}":"Feb  3 04:05:06 h audit: {line}"}}"#);
            assert!(event(&record).starts_with("linux/audit_cwd"), "{record}");
        }
        assert!(event(&format!(r#"{{"xyz":"{line}"}}"#)).ends_with("cwd=/x"));
        for header in ["<13>Feb  3 04:05:06 h a:", "2024-02-03T04:05:06Z h a"]
        {
            let record = format!(r#"{{"xyz":"{header} {line}"}}"#);
            assert!(event(&record).ends_with("cwd=/x"), "{record}");
        }
        for quoting in [
            format!(r#"{{"cmd":"grep '{line}' log"}}"#),
            format!(r#"{{"process":{{"command_line":"x {line}"}}}}"#),
            // An event that has an id says itself what it is.
            format!(r#"{{"EventID":7,"xyz":"{line}"}}"#),
        ] {
            let (found, reading) = events(&quoting);
            assert!(found.is_empty(), "{found:?}");
            assert_eq!(reading.not_understood, 1);
        }
    }

    #[test]
    fn logs_of_clouds_say_where_and_when() {
        let text = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        let expected = EXPECTED
            .replace("EventID", "2024-02-03T04:05:06Z EventID")
            .replace(" TaskName", " Computer=h TaskName");
        let google = r#""insertId":"x","logName":"projects/p/logs/l","resource":{"type":"gce_instance"},"labels":{"compute.googleapis.com/resource_name":"h"},"timestamp":"2024-02-03T04:05:06Z""#;
        for payload in [
            format!(r#""jsonPayload":{RECORD}"#),
            format!(r#""textPayload":"{text}""#),
        ] {
            assert_eq!(event(&format!("{{{google},{payload}}}")), expected);
        }
        let amazon = format!(
            r#"{{"messageType":"DATA_MESSAGE","logGroup":"g","logStream":"s","logEvents":[{{"id":"1","timestamp":1706933106000,"message":"{text}"}}]}}"#
        );
        let expected = expected.replace(" Computer=h", "");
        assert_eq!(events(&amazon).0, [format!("0: {expected}")]);
    }

    /// A text is told by its first line, which ends in an escape here.
    #[test]
    fn classic_text_is_found_in_strings() {
        for member in ["event", "anything", "message"] {
            let record = format!(
                r#"{{"{member}":"02/03/2024 04:05:06 AM\nLogName=Security\nEventCode=4699\nMessage=A scheduled task was deleted.\n\nTask Information:\n\tTask Name: \t\t\\x\n"}}"#
            );
            let expected =
                EXPECTED.replace("EventID", "2024-02-03T04:05:06Z EventID");
            assert_eq!(event(&record), expected, "{member}");
        }
    }

    /// JSON that may stand in HTML has `<` escaped: Docker's logs,
    /// PowerShell's.
    #[test]
    fn records_are_found_behind_escapes() {
        let xml = r"<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4699</EventID><Channel>Security</Channel></System><EventData><Data Name='TaskName'>\x</Data></EventData></Event>";
        let json = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        for text in [
            xml.replace('<', r"\u003c").replace('>', r"\u003e"),
            xml.replace('<', r"\u003C"),
            format!("\u{feff}{xml}"),
            format!(r"\ufeff{xml}"),
            format!(r"\r\n\t {xml}\n"),
            format!(" {xml}"),
            format!(r"\n{json}"),
            json.replace(r#"\""#, r"\u0022").replace('{', r"\u007b"),
        ] {
            let text =
                text.replace(r"\x<", r"\\x<").replace(r"\x\u003", r"\\x\u003");
            for member in ["xyz", "message", "log"] {
                let record = format!(r#"{{"{member}":"{text}"}}"#);
                assert_eq!(event(&record), EXPECTED, "{record}");
            }
        }
        let line =
            r"\u003c78\u003eFeb  3 04:05:06 h crontab[7]: (al) REPLACE (al)";
        let read = event(&format!(r#"{{"message":"{line}"}}"#));
        assert!(read.starts_with("linux/job_record"), "{read}");
        let escaped = xml.replace('<', r"\u003c").replace(r"\x", r"\\x");
        for header in
            ["Feb  3 04:05:06 h a: ", r"\u003c13\u003eFeb  3 04:05:06 h a: "]
        {
            for member in ["xyz", "message"] {
                let record = format!(r#"{{"{member}":"{header}{escaped}"}}"#);
                let read = event(&record);
                assert!(read.starts_with("windows/task_deleted"), "{record}");
            }
        }
        // What quotes one is none, however it is written.
        let quoting = format!(r#"{{"xyz":"\u0020x {escaped}"}}"#);
        assert_eq!(events(&quoting).1.not_understood, 1);
    }

    #[test]
    fn rendered_text_of_azure_monitor_is_read() {
        let record = r#"{"Source":"Microsoft-Windows-Security-Auditing","EventLog":"Security","Computer":"h","EventID":4699,"RenderedDescription":"A scheduled task was deleted.\r\n\r\nTask Information:\r\n\tTask Name: \t\t\\x\r\n","TimeGenerated [UTC]":"2/3/2024, 4:05:06.000 AM"}"#;
        let expected = EXPECTED
            .replace("EventID", "2024-02-03T04:05:06Z EventID")
            .replace(" TaskName", " Computer=h TaskName");
        assert_eq!(event(record), expected);
    }

    /// What a record of a known shape holds is its own affair.
    #[test]
    fn what_is_inside_an_event_does_not_replace_it() {
        let text = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        for inside in [RECORD.to_owned(), format!("\"{text}\"")] {
            let record = format!(
                r#"{{"x":{inside},"EventID":4688,"Channel":"Security","CommandLine":"{text}","NewProcessName":"a.exe"}}"#
            );
            let read = event(&record);
            assert!(read.starts_with("windows/process_creation"), "{read}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let mut record = RECORD.to_owned();
        for depth in 1..12 {
            record = format!(r#"{{"x":{record}}}"#);
            let found = events(&record).0.len();
            assert_eq!(found, usize::from(depth <= 8), "{depth}");
        }
    }

    /// Under a name that is known for one record, several are no single one.
    #[test]
    fn lists_of_records_are_read_one_by_one_whatever_their_name() {
        let other = RECORD.replace("4699", "4700");
        for member in ["result", "_source", "Event", "udm", "anything"] {
            let record = format!(r#"{{"{member}":[{RECORD},{other}]}}"#);
            let (found, _) = events(&record);
            assert_eq!(found.len(), 2, "{member}: {found:?}");
            assert!(found[0].contains("task_deleted"), "{found:?}");
            assert!(found[1].contains("task_enabled"), "{found:?}");
        }
    }

    /// A member that is called like the id of an event may be another's id.
    #[test]
    fn an_id_that_is_no_number_hides_no_record() {
        let text = RECORD.replace('\\', r"\\").replace('"', r#"\""#);
        let record = format!(
            r#"{{"Events":[{{"EventId":"1a-2b","CloudTrailEvent":"{text}"}}]}}"#
        );
        assert_eq!(events(&record).0, [format!("0: {EXPECTED}")]);
        let record = record.replace("1a-2b", "4624");
        assert!(events(&record).0.is_empty());
    }
}
