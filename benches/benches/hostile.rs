//! Input made to be slow. Time must be linear in its bytes: sizes double,
//! and the throughput that criterion gives must not fall.

use criterion::{
    BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use t1053::event::{
    Event, FileCreation, ProcessCreation, ScriptBlock, TaskRegistered,
};
use t1053::{Detector, Scanner, Scratch};
use t1053_benches::log::{Log, Shape};
use t1053_benches::measure;

/// A way to make `size` bytes.
type Make = fn(usize) -> Vec<u8>;

/// A record of `size` bytes around a value that is one pattern repeated.
fn record(head: &str, pattern: &str, tail: &str, size: usize) -> Vec<u8> {
    let count = size / pattern.len().max(1);
    [head, &pattern.repeat(count), tail].concat().into_bytes()
}

const HEAD: &str =
    r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","#;

const HOSTILE: [(&str, Make); 12] = [
    ("one value of almost-matches", |size| {
        let head =
            format!(r#"{HEAD}"Image":"C:\\schtasks.exe","CommandLine":""#);
        record(&head, "schtasks /creat /r ", "\"}\n", size)
    }),
    ("one value of literals", |size| {
        let head =
            format!(r#"{HEAD}"Image":"C:\\schtasks.exe","CommandLine":""#);
        record(&head, "/create /ru system ", "\"}\n", size)
    }),
    ("one value of escapes", |size| {
        let head =
            format!(r#"{HEAD}"Image":"C:\\schtasks.exe","CommandLine":""#);
        record(&head, r"\u0073\u0063\\\/", "\"}\n", size)
    }),
    ("one value of backslashes", |size| {
        let head =
            format!(r#"{HEAD}"Image":"C:\\schtasks.exe","CommandLine":""#);
        record(&head, r"\\", "\"}\n", size)
    }),
    ("open brackets", |size| record("", "[{\"a\":", "\n", size)),
    ("the same name again and again", |size| {
        let head = format!(r#"{HEAD}"Image":"C:\\schtasks.exe""#);
        record(&head, r#","CommandLine":"schtasks""#, "}\n", size)
    }),
    ("records in a record", |size| {
        let item = format!(r#"{HEAD}"Image":"C:\\schtasks.exe"}},"#);
        record(r#"{"records":["#, &item, "{}]}\n", size)
    }),
    ("XML of open tags", |size| {
        let head = "<Event><System><EventID>1</EventID>";
        record(head, "<a b=\"schtasks\">", "\n", size)
    }),
    ("XML of entities", |size| {
        let head = "<Event><System><EventID>1</EventID><Channel>Microsoft-Windows-Sysmon/Operational</Channel></System><EventData><Data Name=\"CommandLine\">schtasks";
        record(head, "&#x73;&amp;", "</Data></EventData></Event>\n", size)
    }),
    ("a task of many actions", |size| {
        let head = r#"{"EventID":4698,"Channel":"Security","TaskName":"\\a","TaskContent":"<Task><Actions>"#;
        let action = "<Exec><Command>cmd</Command></Exec>";
        record(head, action, "</Actions></Task>\"}\n", size)
    }),
    ("audit hex", |size| {
        let head = "type=PROCTITLE msg=audit(1741687201.001:1): proctitle=";
        record(head, "73797374656D63746C20", "\n", size)
    }),
    ("event text without an end", |size| {
        let head = "03/11/2025 10:00:00 AM\nLogName=Security\nEventCode=4688\nMessage=A new process has been created.\n\n";
        record(head, "New Process Name:\tschtasks\n", "", size)
    }),
];

fn doubling(criterion: &mut Criterion) {
    let detector = Detector::new();
    for (name, make) in HOSTILE {
        let mut group = criterion.benchmark_group(format!("hostile/{name}"));
        group.sample_size(10);
        for size in [1 << 20, 2 << 20, 4 << 20, 8 << 20] {
            let bytes = make(size);
            let mut scanner = Scanner::new(&detector);
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_function(
                BenchmarkId::from_parameter(size),
                |bencher| {
                    bencher.iter(|| measure::scan(&mut scanner, &bytes));
                },
            );
        }
    }
}

fn one_record(criterion: &mut Criterion) {
    const SIZE: usize = 50_000_000;
    let detector = Detector::new();
    let mut group = criterion.benchmark_group("hostile/one record of 50 MB");
    group.sample_size(10);
    for (name, make) in HOSTILE {
        let bytes = make(SIZE);
        let mut scanner = Scanner::builder(&detector)
            .record_limit(2 * SIZE)
            .build()
            .unwrap();
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| measure::scan(&mut scanner, &bytes));
        });
    }
}

fn noise(criterion: &mut Criterion) {
    let detector = Detector::new();
    let mut group = criterion.benchmark_group("hostile/all to be read");
    group.sample_size(10);
    for shape in Shape::ALL {
        let log = Log::noise(shape, 16 << 20);
        let mut scanner = Scanner::new(&detector);
        group.throughput(Throughput::Bytes(log.bytes.len() as u64));
        group.bench_function(shape.name(), |bencher| {
            bencher.iter(|| measure::scan(&mut scanner, &log.bytes));
        });
    }
}

/// Command lines that take the most work to understand: an event may take
/// 2 ms, however long its text is.
fn lines() -> Vec<(&'static str, bool, String)> {
    let windows = |name, text| (name, true, text);
    let unix = |name, text| (name, false, text);
    let call = "schtasks /create /tn x /tr y /sc minute ";
    let table = "* * * * * /tmp/x\n".repeat(100_000);
    vec![
        windows("carets", format!("cmd /c {}", "^".repeat(64 << 10))),
        windows(
            "carets in a name",
            format!("cmd /c {}", "s^c^h^t^a^s^k^s ".repeat(4096)),
        ),
        windows(
            "10,000 calls of schtasks for cmd",
            format!("cmd /c {}", [call; 10_000].join("& ")),
        ),
        windows("nested cmd", format!("{}{call}", "cmd /c \"".repeat(4096))),
        windows(
            "variables of cmd",
            format!("cmd /v /c set a=b{}", "& set a=%a%%a%".repeat(2048)),
        ),
        windows(
            "backticks",
            format!("powershell -c {}", "`s".repeat(32 << 10)),
        ),
        windows(
            "additions of PowerShell",
            format!("powershell -c {}'a'", "'s'+".repeat(8 << 10)),
        ),
        windows(
            "brackets of PowerShell",
            format!("powershell -c {}", "&(".repeat(16 << 10)),
        ),
        windows(
            "10,000 calls of a cmdlet",
            format!(
                "powershell -c {}",
                "Register-ScheduledTask -TaskName x;".repeat(10_000)
            ),
        ),
        windows("words", format!("schtasks{}", " /create".repeat(8 << 10))),
        unix("quotes", format!("sh -c {}", "'\"".repeat(16 << 10))),
        unix("nested sh", "sh -c ".repeat(8 << 10)),
        unix("substitutions", format!("sh -c {}", "$(echo ".repeat(4 << 10))),
        unix("braces", format!("sh -c echo {}", "{a,b}".repeat(4 << 10))),
        unix(
            "replacements",
            format!("sh -c a=x{}", ";a=${a//x/xx}".repeat(2 << 10)),
        ),
        unix("a table", format!("sh -c echo '{table}' | crontab -")),
        unix("wrappers", format!("{}crontab -r", "sudo ".repeat(8 << 10))),
        unix(
            "writes",
            format!("sh -c {}", "echo x > /etc/cron.d/x;".repeat(2 << 10)),
        ),
    ]
}

fn jobs(criterion: &mut Criterion) {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let mut group = criterion.benchmark_group("hostile/jobs of one event");
    group.sample_size(10);
    let mut measure = |name: &str, event: &Event<'_>| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                detector.evaluate(event, &mut scratch).verdict().is_some()
            });
        });
    };
    for (name, is_windows, line) in lines() {
        let program = line.split(' ').next().unwrap_or_default();
        let image = match is_windows {
            true => format!(r"C:\Windows\System32\{program}.exe"),
            false => format!("/usr/bin/{program}"),
        };
        let process = ProcessCreation {
            image: Some(image.as_bytes()),
            command_line: Some(line.as_bytes()),
            ..Default::default()
        };
        let event = match is_windows {
            true => Event::windows(process),
            false => Event::linux(process),
        };
        measure(name, &event);
        let script_block_text = Some(line.as_bytes());
        let block = ScriptBlock { script_block_text, ..Default::default() };
        measure(&format!("{name}, a script block"), &Event::windows(block));
    }
    let task = format!(
        "<Task>{}<Exec><Command>x</Command></Exec>",
        "<Actions><Triggers>".repeat(16 << 10)
    );
    let task_content = Some(task.as_bytes());
    let registered = TaskRegistered { task_content, ..Default::default() };
    measure("deep elements of a task", &Event::windows(registered));
    let path = format!("/etc{}/cron.d/x", "/../a/.".repeat(8 << 10));
    let target_filename = Some(path.as_bytes());
    let file = FileCreation { target_filename, ..Default::default() };
    measure("a path of dots", &Event::linux(file));
}

criterion_group!(benches, doubling, one_record, noise, jobs);
criterion_main!(benches);
