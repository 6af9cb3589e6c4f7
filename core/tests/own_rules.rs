//! Rules of users', each loaded alone and among many, and the records that they
//! are about. Alone, no other rule asks for what one needs; and no sample of
//! records is left when the one comes that matters.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use t1053::record::LogSource;
use t1053::{Detector, Report, RuleSet, Scanner};

/// How many matches there are in a record behind as many others as are read
/// whatever the filter says.
fn matches(
    detector: &Detector,
    told: Option<&LogSource>,
    filter: bool,
    record: &str,
) -> usize {
    let mut builder = Scanner::builder(detector).filter(filter);
    if let Some(told) = told {
        builder = builder.log_source(told.clone());
    }
    let mut scanner = builder.build().unwrap();
    let mut count = 0;
    let mut take = |report: Report<'_>| {
        count += usize::from(matches!(report, Report::Match(_)));
        ControlFlow::Continue(())
    };
    for record in ["{\"z\":1}"; 70].into_iter().chain([record]) {
        let _ = scanner.feed(format!("{record}\n").as_bytes(), &mut take);
    }
    let _ = scanner.finish(&mut take);
    count
}

/// Rules of which so many are searched for by the ids of records.
const MANY: usize = 300;

/// Checks that a rule is loaded, matches the first record, and does not match
/// the second: alone and among others.
#[track_caller]
fn check(
    log_source: &str,
    told: Option<LogSource>,
    selection: &str,
    records: [&str; 2],
) {
    let yaml = format!(
        "title: own\nlogsource: {log_source}\ndetection:\n    s: {selection}\n    \
         condition: s\n"
    );
    let many: String = (0..MANY)
        .map(|id| {
            format!(
                "---\ntitle: other {id}\nlogsource: {{product: windows, \
                 service: application}}\ndetection: {{s: {{EventID: 9{id}}}, \
                 condition: s}}\n"
            )
        })
        .collect();
    for others in ["", &many] {
        let text = format!("{yaml}{others}");
        let set = RuleSet::builder().text("own.yml", &text).build();
        assert_eq!(set.problems().len(), 0, "{:?}", set.problems());
        let builder = Detector::builder().without_builtin();
        let rules = set.rules().to_vec();
        let detector = builder.rules(rules).build().unwrap();
        for (record, expected) in records.into_iter().zip([1, 0]) {
            for filter in [true, false] {
                let count = matches(&detector, told.as_ref(), filter, record);
                assert_eq!(count, expected, "{selection} {record} {filter}");
            }
        }
    }
}

/// A record of Windows as collectors write it.
fn windows(channel: &str, id: &str, level: &str, data: &str) -> String {
    format!(
        r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"P"}}}},"EventID":{id},"Level":{level},"Keywords":"0x8010000000000000","Channel":"{channel}","Computer":"h"}},"EventData":{data}}}}}"##
    )
}

#[test]
fn ids_alone_are_enough() {
    let source = "{product: windows, service: security}";
    let [locked, other] =
        ["4800", "4801"].map(|id| windows("Security", id, "0", "null"));
    check(source, None, "{EventID: 4800}", [&locked, &other]);
    let source = "{product: windows, category: wmi_event}";
    let log = "Microsoft-Windows-Sysmon/Operational";
    let [filter, other] =
        ["19", "22"].map(|id| windows(log, id, "4", r#"{"Name":"n"}"#));
    check(source, None, "{EventID: [19, 20, 21]}", [&filter, &other]);
}

#[test]
fn headers_of_windows_are_members() {
    let source = "{product: windows, service: application}";
    let record = |level| windows("Application", "2027", level, "{}");
    let [error, other] = ["2", "4"].map(record);
    check(source, None, "{EventID: 2027, Level: 2}", [&error, &other]);
    let keywords = "{EventID: 2027, Keywords: '0x8010000000000000'}";
    let none = error.replace("0x801", "0x802");
    check(source, None, keywords, [&error, &none]);
    let xml = |level| {
        format!(
            "<Event><System><Provider Name='P'/><EventID>2027</EventID><Level>\
             {level}</Level><Channel>Application</Channel></System></Event>"
        )
    };
    let [error, other] = ["2", "4"].map(xml);
    check(source, None, "{EventID: 2027, Level: 2}", [&error, &other]);
}

#[test]
fn executables_without_a_name_in_their_header() {
    let source = "{product: windows, category: image_load}";
    let record = |name: &str| {
        let data = format!(
            r#"{{"ImageLoaded":"C:\\x.dll","Company":"-","OriginalFileName":"{name}"}}"#
        );
        windows("Microsoft-Windows-Sysmon/Operational", "7", "4", &data)
    };
    let [none, named] = ["-", "x.dll"].map(record);
    for name in ["'-'", "['-', '']", "''", "null"] {
        let selection = format!("{{Company: '-', OriginalFileName: {name}}}");
        check(source, None, &selection, [&none, &named]);
    }
}

#[test]
fn values_of_the_registry_in_the_security_log() {
    let source = "{product: windows, service: security}";
    let record = |value: &str| {
        let data = format!(
            r#"{{"ObjectName":"\\REGISTRY\\MACHINE\\SOFTWARE\\x","ObjectValueName":"{value}","OldValue":"1","NewValue":"0","SubjectUserName":"ann"}}"#
        );
        windows("Security", "4657", "0", &data)
    };
    let selection = "{EventID: 4657, ObjectName|endswith: \\SOFTWARE\\x, \
                     ObjectValueName: On, NewValue: 0, SubjectUserName: ann}";
    let [one, other] = ["On", "Off"].map(record);
    check(source, None, selection, [&one, &other]);
}

#[test]
fn sysmon_for_linux_has_events_without_a_kind() {
    let source = "{product: linux, category: network_connection}";
    let record = |channel: &str| {
        let data = r#"{"Image":"/bin/bash","DestinationIp":"192.0.2.1"}"#;
        windows(channel, "3", "4", data)
    };
    let linux = record("Linux-Sysmon/Operational");
    let other = record("Microsoft-Windows-Sysmon/Operational");
    check(source, None, "{Image|endswith: /bash}", [&linux, &other]);
    let source = "{product: windows, category: network_connection}";
    check(source, None, "{Image|endswith: /bash}", [&other, &linux]);
}

#[test]
fn requests_to_kubernetes_about_anything() {
    let source =
        "{product: kubernetes, category: application, service: audit}";
    let record = |resource: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"list","objectRef":{{"resource":"{resource}"}},"responseStatus":{{"code":200}}}}"#
        )
    };
    let [secrets, pods] = ["secrets", "pods"].map(record);
    let selection = "{verb: list, objectRef.resource: secrets}";
    check(source, None, selection, [&secrets, &pods]);
}

#[test]
fn records_of_google_in_a_wrapper() {
    let source = "{product: gcp, service: gcp.audit}";
    let record = |granted: &str| {
        format!(
            r#"{{"protoPayload":{{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"s","methodName":"m","authorizationInfo":[{{"permission":"a.delete","granted":{granted}}}]}},"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity"}}"#
        )
    };
    let [bare, denied] = ["true", "false"].map(record);
    let wrapped = format!(r#"{{"data":{bare}}}"#);
    for prefix in ["", "data."] {
        let selection = format!(
            "{{{prefix}protoPayload.methodName: m, \
             {prefix}protoPayload.authorizationInfo.granted: 'true'}}"
        );
        check(source, None, &selection, [&bare, &denied]);
        check(source, None, &selection, [&wrapped, &denied]);
    }
}

#[test]
fn records_of_google_are_counted_by_names_in_a_wrapper() {
    let yaml = r"
title: Call
name: call
logsource: {product: gcp, service: gcp.audit}
detection: {s: {data.protoPayload.methodName: m}, condition: s}
---
title: Calls
correlation:
    type: event_count
    rules: [call]
    group-by: [data.protoPayload.authorizationInfo.resource]
    timespan: 1h
    condition: {gte: 2}
";
    let set = RuleSet::builder().text("own.yml", yaml).build();
    assert_eq!(set.problems().len(), 0, "{:?}", set.problems());
    let builder = Detector::builder().without_builtin();
    let detector = builder.rules(set.rules().to_vec()).build().unwrap();
    let record = |resource: &str| {
        format!(
            r#"{{"protoPayload":{{"serviceName":"s","methodName":"m","authorizationInfo":[{{"resource":"{resource}"}}]}},"timestamp":"2024-02-03T04:05:06Z","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity"}}"#
        )
    };
    for (second, expected) in [("a", 1), ("b", 0)] {
        let both = [record("a"), record(second)].join("\n");
        assert_eq!(
            matches(&detector, None, true, &both),
            expected,
            "{second}"
        );
    }
}

#[test]
fn last_value_before_what_the_daemon_adds() {
    let source = "{product: linux, service: auditd}";
    let record = |euid: u32| {
        format!(
            "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 \
             success=yes euid={euid}\u{1d}ARCH=x86_64 SYSCALL=execve"
        )
    };
    let selection = "{type: SYSCALL, SYSCALL: execve, euid: 33}";
    check(source, None, selection, [&record(33), &record(0)]);
}

#[test]
fn lines_of_cron_are_its_log() {
    let source = "{product: linux, service: cron}";
    let [text, other] = ["REPLACE", "LIST"].map(|what| {
        format!("Jan  2 03:04:05 h crontab[7]: (root) {what} (root)")
    });
    check(source, None, "[REPLACE]", [&text, &other]);
    let [journal, other] = ["REPLACE", "LIST"].map(|what| {
        format!(
            r#"{{"SYSLOG_IDENTIFIER":"crontab","MESSAGE":"(root) {what} (root)","_HOSTNAME":"h"}}"#
        )
    });
    check(source, None, "[REPLACE]", [&journal, &other]);
    check("{product: linux}", None, "[REPLACE]", [&journal, &other]);
    check("{product: linux}", None, "[REPLACE]", [&text, &other]);
    for program in ["atd", "systemd", "CRON", "incrond", "anacron"] {
        // The filter looks for the program, as the word is in many records.
        let [one, other] = ["7", "8"].map(|word| {
            format!(
                r#"{{"SYSLOG_IDENTIFIER":"{program}","MESSAGE":"{word}"}}"#
            )
        });
        check("{product: linux}", None, "[7]", [&one, &other]);
    }
    // Who tells the log source knows more.
    let told = LogSource::new().product("own").service("box");
    let source = "{product: own, service: box}";
    check(source, Some(told), "[REPLACE]", [&text, &other]);
}

#[test]
fn records_of_a_kind_that_is_told() {
    let macos = LogSource::new().product("macos");
    let process = || Some(macos.clone().category("process_creation"));
    let source = "{product: macos, category: process_creation}";
    check(
        source,
        process(),
        "{Image|endswith: /osascript, CommandLine|contains: ' -e '}",
        [
            r#"{"Image":"/usr/bin/osascript","CommandLine":"osascript -e x"}"#,
            r#"{"Image":"/usr/bin/osascript","CommandLine":"osascript x"}"#,
        ],
    );
    // One of another source says nothing of it.
    let record = r#"{"Image":"/usr/bin/osascript","CommandLine":"osascript"}"#;
    let linux = LogSource::new().product("linux").category("proxy");
    let image = "{Image|endswith: /osascript}";
    let none = r#"{"Image":"/usr/bin/other"}"#;
    check(source, process(), image, [record, none]);
    check("{category: proxy}", Some(linux), image, [record, none]);

    // The category says what was done where the record does not.
    let windows = LogSource::new().product("windows");
    check(
        "{product: windows, category: registry_set}",
        Some(windows.clone().category("registry_set")),
        "{TargetObject|contains: \\Run\\}",
        [
            r#"{"TargetObject":"HKLM\\Run\\x"}"#,
            r#"{"TargetObject":"HKLM\\Run\\x","EventType":"DeleteValue"}"#,
        ],
    );
}

#[test]
fn who_tells_the_log_source_knows_more_than_an_unknown_channel() {
    let told = || {
        let source = LogSource::new().product("rpc_firewall");
        Some(source.category("application"))
    };
    let source = "{product: rpc_firewall, category: application}";
    let selection = "{EventLog: RPCFW, EventID: 3, OpNum: [0, 1]}";
    let [one, other] = ["0", "2"].map(|number| {
        format!(r#"{{"EventLog":"RPCFW","EventID":"3","OpNum":{number}}}"#)
    });
    check(source, told(), selection, [&one, &other]);
    check(source, told(), "{EventID: 3}", [&one, r#"{"EventID":4}"#]);
    // Of one of Windows' logs it does not.
    let record = r#"{"EventID":3,"Channel":"System","OpNum":0}"#;
    check(source, told(), "{EventID: 3}", [&one, record]);

    // A query of DNS is no record of auditd's.
    let dns = LogSource::new().category("dns");
    check(
        "{category: dns}",
        Some(dns),
        "{record_type: TXT, answer|contains: IEX}",
        [
            r#"{"record_type":"TXT","answer":"IEX x"}"#,
            r#"{"record_type":"A","answer":"IEX x"}"#,
        ],
    );
}
