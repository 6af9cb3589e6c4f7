//! Searching logs and single values for literals, against aho-corasick, which
//! does the same, and memmem, which finds one literal with its case.
//!
//! The logs are generated. `T1053_CORPUS` may name a file of real ones to be
//! searched too.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;

use aho_corasick::AhoCorasick;
use criterion::{
    BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use t1053_literals::{Literal, Literals};

/// What a scanner looks for in raw logs: names that detections ask for.
const NAMES: &str = r"schtasks powershell.exe pwsh.exe taskcache scheduledtask
    taskscheduler 4698 4699 enableat automationaccounts cron at.allow at.deny
    systemd \u00 regsvcs.exe ftp.exe offlinescannershell.exe rasautou.exe
    schtasks.exe xwizard.exe pnputil.exe atbroker.exe pcwrun.exe ttdinject.exe
    mshta.exe bitsadmin.exe certoc.exe ieexec.exe
    microsoft.workflow.compiler.exe runscripthelper.exe forfiles.exe
    msbuild.exe register-cimprovider.exe tttracer.exe ie4uinit.exe bash.exe
    hh.exe settingsynchost.exe cmstp.exe stordiag.exe scriptrunner.exe
    odbcconf.exe extexport.exe msdt.exe workfolders.exe diskshadow.exe
    mavinject.exe regasm.exe gpscript.exe regsvr32.exe msiexec.exe
    wuauclt.exe presentationhost.exe wmic.exe runonce.exe
    syncappvpublishingserver.exe verclsid.exe infdefaultinstall.exe
    installutil.exe netsh.exe wab.exe dnscmd.exe at.exe pcalua.exe
    msconfig.exe";

/// Numbers without a pattern.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Literals up to a number: the names, then made-up ones.
fn literals(number: usize) -> Vec<String> {
    let mut random = Random(number as u64 + 1);
    let syllables = ["net", "ser", "tool", "ex", "sync", "vm", "ad", "krb"];
    let names = NAMES.split_whitespace().map(str::to_owned);
    let made_up = std::iter::repeat_with(|| {
        let parts = 2 + random.below(3);
        let mut name = String::new();
        for _ in 0..parts {
            name += random.pick(&syllables);
            write!(name, "{:x}", random.below(64)).unwrap();
        }
        name + random.pick(&[".exe", ".dll", "", "\\"])
    });
    names.chain(made_up).take(number).collect()
}

/// Logs as agents send them: one JSON object a line, nearly all harmless.
fn logs(size: usize) -> String {
    let mut random = Random(42);
    let images = [
        "svchost.exe",
        "lsass.exe",
        "explorer.exe",
        "backgroundTaskHost.exe",
        "MsMpEng.exe",
        "SearchProtocolHost.exe",
        "conhost.exe",
        "updater.exe",
    ];
    let users = ["NT AUTHORITY\\\\SYSTEM", "NORTH\\\\anna", "NORTH\\\\ben"];
    let mut logs = String::new();
    while logs.len() < size {
        let id = [1, 3, 5, 7, 10, 11, 12, 13, 4624, 4688, 4703, 5156];
        let id = id[random.below(id.len())];
        write!(
            logs,
            concat!(
                r#"{{"EventTime":"2024-03-18 09:{:02}:{:02}","Hostname":"#,
                r#""PC-{:04}.north.example","Severity":"INFO","EventID":{},"#,
                r#""SourceName":"Microsoft-Windows-Sysmon","ProcessGuid":"#,
                r#""{{{:08x}-{:04x}-65f7-{:04x}-00000000{:04x}}}","#,
                r#""Image":"C:\\Windows\\System32\\{}","ParentImage":"#,
                r#""C:\\Program Files\\Vendor\\{}","User":"{}","#,
                r#""Hashes":"SHA256={:032x}{:032x}","CallTrace":"#,
                r#""C:\\Windows\\SYSTEM32\\ntdll.dll+{:x}|C:\\Windows\\"#,
                r#"System32\\KERNELBASE.dll+{:x}|UNKNOWN({:016X})","#,
                r#""Message":"Process accessed:\r\nRuleName: -\r\n"}}"#,
            ),
            random.below(60),
            random.below(60),
            random.below(500),
            id,
            random.below(1 << 32),
            random.below(1 << 16),
            random.below(1 << 16),
            random.below(1 << 16),
            random.pick(&images),
            random.pick(&images),
            random.pick(&users),
            random.below(usize::MAX),
            random.below(usize::MAX),
            random.below(1 << 20),
            random.below(1 << 20),
            random.below(usize::MAX),
        )
        .unwrap();
        if random.below(100) == 0 {
            logs += r#","CommandLine":"SCHTASKS.exe /query""#;
        }
        logs.push('\n');
    }
    logs
}

fn count(literals: &Literals, haystack: &[u8]) -> usize {
    let mut count = 0;
    let _ = literals.find_all(haystack, |_, _| {
        count += 1;
        ControlFlow::Continue(())
    });
    count
}

fn haystacks(c: &mut Criterion) {
    let mut haystacks = vec![("generated", logs(4 << 20).into_bytes())];
    if let Some(path) = std::env::var_os("T1053_CORPUS") {
        haystacks.push(("corpus", std::fs::read(path).unwrap()));
    }
    for (name, haystack) in haystacks {
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Bytes(haystack.len() as u64));
        for number in [8, 66, 100, 250, 500, 1000, 5000] {
            let words = literals(number);
            let literals = || Literals::new(words.iter().map(Literal::new));
            let (best, scalar) = (literals(), literals().scalar());
            let peer = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&words)
                .unwrap();
            let found = count(&best, &haystack);
            assert_eq!(found, count(&scalar, &haystack));
            let overlapping = peer.find_overlapping_iter(&haystack);
            assert_eq!(found, overlapping.count());
            for literals in [best, scalar] {
                group.bench_function(
                    BenchmarkId::new(literals.backend(), number),
                    |b| b.iter(|| count(&literals, black_box(&haystack))),
                );
            }
            // The faster way to use it: leftmost, without overlaps.
            group.bench_function(
                BenchmarkId::new("aho-corasick", number),
                |b| b.iter(|| peer.find_iter(black_box(&haystack)).count()),
            );
        }
        let finder = memchr::memmem::Finder::new("taskcache");
        group.bench_function("memmem", |b| {
            b.iter(|| finder.find_iter(black_box(&haystack)).count())
        });
        group.finish();
    }
}

fn values(c: &mut Criterion) {
    let words = literals(66);
    let literals = Literals::new(words.iter().map(Literal::new));
    let peer = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(&words)
        .unwrap();
    let mut group = c.benchmark_group("value");
    for value in [
        "S-1-5-18",
        "explorer.exe",
        r"NT AUTHORITY\SYSTEM",
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\System32\schtasks.exe",
        r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Winmgmt",
        concat!(
            r#""C:\Program Files\Vendor\Browser\Application\browser.exe" "#,
            "--type=renderer --lang=en-US --device-scale-factor=1 ",
            "--num-raster-threads=4 --enable-main-frame-before-activation ",
            "--renderer-client-id=12 --launch-time-ticks=481516234 ",
            "--mojo-platform-channel-handle=4816 --field-trial-handle=23 ",
            "/prefetch:1",
        ),
    ] {
        let value = value.as_bytes();
        assert_eq!(
            count(&literals, value),
            peer.find_overlapping_iter(value).count()
        );
        group.bench_function(BenchmarkId::new("literals", value.len()), |b| {
            b.iter(|| count(&literals, black_box(value)))
        });
        group.bench_function(
            BenchmarkId::new("aho-corasick", value.len()),
            |b| b.iter(|| peer.find_iter(black_box(value)).count()),
        );
    }
    group.finish();
}

fn building(c: &mut Criterion) {
    let mut group = c.benchmark_group("build");
    group.sample_size(10);
    for number in [8, 66, 500, 5000] {
        let words = literals(number);
        group.bench_function(BenchmarkId::from_parameter(number), |b| {
            b.iter(|| Literals::new(words.iter().map(Literal::new)))
        });
    }
    group.finish();
}

criterion_group!(benches, haystacks, values, building);
criterion_main!(benches);
