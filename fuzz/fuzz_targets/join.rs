//! Records of a few audit events in any order, whole, cut or changed: what is
//! joined of them is the same with the filter and without, however the stream
//! is cut, and every record is accounted for.

#![no_main]

use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use t1053::{Detector, Report, ScanCounts, Scanner};

/// Records without their head. `#` stands for a number of the case.
const RECORDS: [&str; 20] = [
    "SYSCALL # arch=c000003e syscall=59 success=yes items=1 ppid=1 pid=2 uid=0 exe=\"/usr/bin/crontab\" key=(null)",
    "SYSCALL # arch=c000003e syscall=59 success=yes items=0 ppid=2 pid=3 uid=1 exe=\"/bin/sh\"",
    "SYSCALL # arch=c000003e syscall=59 success=no items=0 ppid=2 pid=3 exe=\"/usr/bin/at\"",
    "SYSCALL # arch=c000003e syscall=59 success=yes items=0 ppid=3 pid=4 exe=2F62696E2F6174",
    "SYSCALL # arch=c000003e syscall=257 success=yes a0=ffffff9c a1=1 a2=241 items=2 pid=2 exe=\"/bin/sh\"",
    "SYSCALL # arch=c000003e syscall=257 success=yes a0=3 a1=1 a2=1 items=1 pid=2 exe=\"/bin/sh\"",
    "SYSCALL # arch=c000003e syscall=82 success=yes items=4 pid=2 exe=\"/usr/bin/mv\"",
    "SYSCALL # arch=deadbeef syscall=7 success=yes items=0 ppid=2 pid=9 exe=\"/usr/sbin/atd\"",
    "EXECVE # argc=2 a0=\"crontab\" a1=\"-l\"",
    "EXECVE # argc=2 a0=\"sh\" a1_len=20 a1[0]=\"systemctl re\"",
    "EXECVE # a1[1]=73746172742061",
    "EXECVE # argc=3 a0=\"service\" a1=\"x\" a2=\"start\"",
    "CWD # cwd=\"/etc\"",
    "CWD # cwd=2F6574632F63726F6E2E64",
    "PATH # item=0 name=\"./cron.d/../cron.d/x\" nametype=CREATE",
    "PATH # item=1 name=\"/etc/crontab\" nametype=NORMAL",
    "PATH # item=2 name=\"x.service\" nametype=DELETE",
    "PROCTITLE # proctitle=63726F6E746162002D6C",
    "EOE # ",
    "LOGIN # pid=1 uid=0 old-auid=4294967295 auid=0",
];

type Found = (String, u64, Vec<u64>);

fn scan(
    filter: bool,
    stream: &[u8],
    chunk: usize,
) -> (Vec<Found>, ScanCounts) {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);
    let builder = Scanner::builder(&DETECTOR).filter(filter);
    let mut scanner = builder.sequence_capacity(4).build().unwrap();
    let mut found = Vec::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(one) = report {
            let slug = one.found.detection().slug.to_string();
            assert!(one.joined.is_empty() || one.joined[0] == one.record);
            found.push((slug, one.record, one.joined.to_vec()));
        }
        ControlFlow::Continue(())
    };
    for chunk in stream.chunks(chunk) {
        let _ = scanner.feed(chunk, &mut sink);
    }
    let _ = scanner.finish(&mut sink);
    let counts = scanner.counts().clone();
    testkit::accounted(&counts);
    (found, counts)
}

fuzz_target!(|data: &[u8]| {
    let Some((chunk, steps)) = data.split_first() else { return };
    let mut stream = String::new();
    for step in steps.chunks(2) {
        let [record, way] =
            [0, 1].map(|at| step.get(at).copied().unwrap_or(0));
        let record = RECORDS[usize::from(record) % RECORDS.len()];
        // Four events, of which one is three seconds younger.
        let (serial, second) = (way % 4, u8::from(way % 4 == 3) * 3);
        let id = format!("msg=audit(170000000{second}.000:{serial}):");
        let mut line = format!("type={}", record.replacen('#', &id, 1));
        match way >> 4 {
            1 => line.insert_str(0, "node=a "),
            2 => line.insert_str(0, "Jan  2 03:04:05 h audispd: "),
            // Cut, after a byte that the case says.
            3 => line.truncate(usize::from(way & 0xf) * 8),
            4 => line = line.replace("exe", "EXE"),
            _ => {}
        }
        writeln!(stream, "{line}").unwrap();
    }
    let stream = stream.as_bytes();
    let (filtered, some) = scan(true, stream, usize::MAX);
    let (read, all) = scan(false, stream, usize::MAX);
    assert_eq!(filtered, read);
    assert_eq!(some.records, all.records);
    assert_eq!(some.joins.incomplete, all.joins.incomplete);
    assert_eq!(some.joins.late, all.joins.late);
    let chunk = usize::from(*chunk) + 1;
    assert_eq!(scan(true, stream, chunk), (filtered, some));
});
