/*!
Records of the kernel's audit that the journal received itself, without
auditd.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::{AuditKey, Key};
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Gives, Layout, Reads, Shape, Tell, audit, audit_in, copied,
    hint, own, value,
};

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("_TRANSPORT", &["audit"]),
        Tell::Has("_AUDIT_TYPE_NAME"),
        Tell::Has("_AUDIT_ID"),
        Tell::Has("MESSAGE"),
    ]),
    reads: Reads::AuditLine,
    gives: &[
        gives(EventKind::AuditSyscall),
        gives(EventKind::AuditExecve),
        gives(EventKind::AuditPath),
        gives(EventKind::AuditProctitle),
        gives(EventKind::AuditCwd),
    ],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Journal, audit",
        about: "journalctl -o json, export and verbose: records with the transport `audit`",
        lost: "",
        verified: true,
        members: &[
            audit("_AUDIT_TYPE_NAME", AuditKey::Type),
            audit("_AUDIT_ID", AuditKey::Serial),
            audit("_SOURCE_REALTIME_TIMESTAMP", AuditKey::Time),
            audit("_HOSTNAME", AuditKey::Host),
            audit_in("MESSAGE", AuditKey::Line, Form::Bytes),
        ],
    }],
};

/// Tells lines by the program that stands beside them.
macro_rules! wrote {
    ($path:literal) => {
        Tell::Is(
            $path,
            &[
                "CRON", "CROND", "cron", "crond", "crontab", "incrond",
                "anacron", "atd", "systemd",
            ],
        )
    };
}

/// Lines of cron and its kin that lost their header to a collector.
pub(super) const HOST_LINE: Shape = Shape {
    tells: Tell::Any(&[
        Tell::All(&[wrote!("SYSLOG_IDENTIFIER"), Tell::Has("MESSAGE")]),
        Tell::All(&[wrote!("SYSLOG_IDENTIFIER"), Tell::Has("message")]),
        Tell::All(&[wrote!("PROGRAM"), Tell::Has("MESSAGE")]),
        Tell::All(&[
            wrote!("process.name"),
            Tell::Has("message"),
            Tell::Lacks("event.category"),
        ]),
        Tell::All(&[wrote!("ProcessName"), Tell::Has("SyslogMessage")]),
        // fluentd's and Vector's syslog, rsyslog's own JSON, GELF.
        Tell::All(&[wrote!("ident"), Tell::Has("message")]),
        Tell::All(&[wrote!("appname"), Tell::Has("message")]),
        Tell::All(&[wrote!("programname"), Tell::Has("msg")]),
        Tell::All(&[wrote!("_application_name"), Tell::Has("short_message")]),
        Tell::All(&[wrote!("application_name"), Tell::Has("message")]),
        Tell::All(&[wrote!("source"), Tell::Has("syslogtag")]),
        Tell::All(&[wrote!("reporter"), Tell::Has("body")]),
    ]),
    reads: Reads::HostLine,
    gives: &[job(EventKind::JobRecord), job(EventKind::FileLink)],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Lines of cron, at and systemd, as JSON",
        about: "the journal, also as export or verbose, syslog-ng, rsyslog, Filebeat, fluentd, Vector, \
                    GELF, plaso, the Syslog table of Sentinel",
        lost: "what is in a table that was replaced, what a timer starts",
        verified: false,
        members: &[
            own("SYSLOG_IDENTIFIER", Key::Program),
            own("PROGRAM", Key::Program),
            own("process.name", Key::Program),
            own("ProcessName", Key::Program),
            own("ident", Key::Program),
            own("appname", Key::Program),
            own("programname", Key::Program),
            own("_application_name", Key::Program),
            own("application_name", Key::Program),
            hint("source", Key::Program),
            own("reporter", Key::Program),
            value("MESSAGE", Key::Message, Own, Form::Bytes),
            // plaso has the line in `body`, and what it shows in `message`.
            own("body", Key::Message),
            copied("message", Key::Message),
            own("SyslogMessage", Key::Message),
            own("msg", Key::Message),
            own("short_message", Key::Message),
            own("UNIT", Key::TaskName),
            own("USER_UNIT", Key::TaskName),
            own("_HOSTNAME", Key::Computer),
            own("HOST", Key::Computer),
            own("hostname", Key::Computer),
            hint("host", Key::Computer),
            own("host.name", Key::Computer),
            hint("host.hostname", Key::Computer),
            own("Computer", Key::Computer),
            own("_SOURCE_REALTIME_TIMESTAMP", Key::SystemTime),
            own("__REALTIME_TIMESTAMP", Key::EventTime),
            own("ISODATE", Key::EventTime),
            own("TimeGenerated", Key::EventTime),
            hint("timestamp", Key::EventTime),
            own("@timestamp", Key::Received),
        ],
    }],
};

const fn job(kind: EventKind) -> Gives {
    Gives::new(
        kind,
        Platform::Linux,
        &[("cron", false), ("atd", true), ("systemd", true)],
    )
}

const fn gives(kind: EventKind) -> Gives {
    Gives::new(kind, Platform::Linux, &[("_AUDIT_TYPE_NAME", true)])
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const RECORD: &str = r#"{"__REALTIME_TIMESTAMP":"1706933107000000","_TRANSPORT":"audit","_AUDIT_TYPE":"1302","_AUDIT_TYPE_NAME":"PATH","_AUDIT_ID":"7","MESSAGE":"PATH item=1 name=\"/etc/cron.d/x\" mode=0100644 ouid=0 nametype=CREATE","_SOURCE_REALTIME_TIMESTAMP":"1706933106123000","_HOSTNAME":"h","AUDIT_FIELD_NAME":"/etc/cron.d/x"}"#;

    #[test]
    fn a_line_is_read_with_the_head_that_stands_beside_it() {
        let expected = event(RECORD);
        let head = "linux/audit_path 2024-02-03T04:05:06.123Z";
        assert!(expected.starts_with(head), "{expected}");
        for part in ["Computer=h", "name=/etc/cron.d/x", "nametype=CREATE"] {
            assert!(expected.contains(part), "{expected}");
        }
        let unnamed = RECORD.replace(r#""PATH"#, r#""AUDIT1302"#);
        assert_eq!(event(&unnamed), expected);
        let title = RECORD
            .replace("1302", "1327")
            .replace("PATH", "PROCTITLE")
            .replace(
                r#"item=1 name=\"/etc/cron.d/x\" mode=0100644 ouid=0 nametype=CREATE"#,
                "proctitle=63726F6E746162002D65",
            );
        let found = event(&title);
        assert!(found.contains("crontab -e"), "{found}");
    }

    #[test]
    fn a_record_without_its_head_is_not_understood() {
        for (from, to) in [
            ("_SOURCE_REALTIME_TIMESTAMP", "x"),
            ("1706933106123000", "123"),
            (r#""7""#, r#""""#),
            ("_TRANSPORT", "x"),
            ("_AUDIT_ID", "x"),
        ] {
            let (events, reading) = events(&RECORD.replace(from, to));
            assert!(events.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
        let other = RECORD.replace("PATH", "USER_LOGIN");
        assert_eq!(events(&other).1.not_understood, 0);
    }

    #[test]
    fn programs_stand_beside_their_lines_under_many_names() {
        for (program, message) in [
            ("SYSLOG_IDENTIFIER", "MESSAGE"),
            ("SYSLOG_IDENTIFIER", "message"),
            ("PROGRAM", "MESSAGE"),
            ("ident", "message"),
            ("appname", "message"),
            ("programname", "msg"),
            ("_application_name", "short_message"),
            ("application_name", "message"),
            ("reporter", "body"),
        ] {
            let record = format!(
                r#"{{"host":"h","{program}":"crontab","{message}":"(al) REPLACE (al)"}}"#
            );
            let found = event(&record);
            assert!(found.starts_with("linux/job_record"), "{program}");
            let other = record.replace("\"crontab", "\"sshd");
            assert_eq!(events(&other).1.not_understood, 1, "{program}");
        }
    }
}
