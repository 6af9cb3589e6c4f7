//! Canonical twins of plain fields: what they say, that rules ask for them,
//! and that texts written otherwise on purpose come back as they were meant;
//! held against real shells, and against what the texts were made of.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use t1053::event::{
    AuditExecve, Event, Field, FileCreation, ProcessCreation, RegistryEvent,
    ScriptBlock,
};
use t1053::record::Reader;
use t1053::rule::Rule;
use t1053::sigma::compile;
use t1053::{Canonical, Detector, Format, Scratch};
use testkit::rules;

/// The twins, and which program it is.
const DERIVED: [Field; 4] = [
    Field::CanonicalCommandLine,
    Field::CanonicalScript,
    Field::CanonicalPath,
    Field::Tool,
];

/// A detector of one rule, which asks whether there is a value of a field.
fn asking(field: Field, canonical: Canonical) -> Detector {
    let builder = Detector::builder().without_builtin();
    let builder = builder.canonical(canonical);
    builder.rule(rules::any_value(field)).build().unwrap()
}

/// All values of a derived field.
fn values_as(
    field: Field,
    event: &Event<'_>,
    canonical: Canonical,
) -> Vec<String> {
    let detector = asking(field, canonical);
    let explained = detector.explain("any", event).unwrap();
    let steps = explained.parts().iter().flat_map(|part| &part.steps);
    let values = steps.flat_map(|step| &step.values);
    values.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

fn values(field: Field, event: &Event<'_>) -> Vec<String> {
    values_as(field, event, Canonical::Full)
}

fn windows(line: &str) -> Event<'_> {
    Event::windows(ProcessCreation {
        command_line: Some(line.as_bytes()),
        ..Default::default()
    })
}

fn linux(line: &str) -> Event<'_> {
    Event::linux(ProcessCreation {
        command_line: Some(line.as_bytes()),
        ..Default::default()
    })
}

fn script(text: &str) -> Event<'_> {
    Event::windows(ScriptBlock {
        script_block_text: Some(text.as_bytes()),
        ..Default::default()
    })
}

#[test]
fn twins_say_what_is_meant() {
    let file = |path: &'static str| FileCreation {
        target_filename: Some(path.as_bytes()),
        ..Default::default()
    };
    let key = |path: &'static str| RegistryEvent {
        target_object: Some(path.as_bytes()),
        ..Default::default()
    };
    let execve = |argv: &'static str| AuditExecve {
        argv: Some(argv.as_bytes()),
        ..Default::default()
    };
    for (field, event, expected) in [
        (
            Field::CanonicalCommandLine,
            windows(r#"cmd /c "s^chtasks /cr"e"ate /tn x""#),
            &["cmd /c s^chtasks /create /tn x", "schtasks /create /tn x"][..],
        ),
        (
            Field::CanonicalCommandLine,
            windows(r#""C:\PROGRA~1\a b\..\c.exe" "x y" z"#),
            &[r"C:\Program Files\c.exe x y z"],
        ),
        (
            Field::CanonicalCommandLine,
            linux(r"bash -c c='cr'; ${c}ontab -r; echo x > /etc/cron.d/y"),
            &[
                "bash -c c=cr; ${c}ontab -r; echo x > /etc/cron.d/y",
                "crontab -r",
                "echo x",
            ],
        ),
        (
            Field::CanonicalCommandLine,
            Event::linux(execve("sudo /bin/../usr/bin/crontab -l")),
            &["sudo /bin/../usr/bin/crontab -l", "/usr/bin/crontab -l"],
        ),
        (
            Field::CanonicalScript,
            script("$n = 'sch' + 'tasks'\n& $n /create"),
            &["schtasks /create"],
        ),
        (
            Field::CanonicalPath,
            Event::windows(file(r"\\?\C:\Windows\.\x\..\Tasks\y::$DATA")),
            &[r"C:\Windows\Tasks\y"],
        ),
        (
            Field::CanonicalPath,
            Event::linux(file("/proc/self/root/etc//cron.d/./x")),
            &["/etc/cron.d/x"],
        ),
        (
            Field::CanonicalPath,
            Event::windows(key(r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\x")),
            &[r"HKLM\SYSTEM\CurrentControlSet\x"],
        ),
    ] {
        assert_eq!(values(field, &event), expected);
    }
    assert!(values(Field::CanonicalPath, &windows("x")).is_empty());
}

#[test]
fn tool_is_told_whatever_a_program_is_called() {
    let process =
        |image: Option<&'static str>, header, line| ProcessCreation {
            image: image.map(str::as_bytes),
            original_file_name: Option::map(header, str::as_bytes),
            command_line: Option::map(line, str::as_bytes),
            ..Default::default()
        };
    for (event, expected) in [
        (
            process(Some(r"C:\a\x.exe"), Some("sctasks.exe"), Some("x /y")),
            "schtasks",
        ),
        (process(Some(r"C:\a\x.exe"), Some("Cmd.Exe"), None), "cmd"),
        (process(None, Some("-"), Some(r#""C:\a b\AT.exe" 12:00 x"#)), "at"),
        (process(None, None, Some("x /create /tn a /tr b")), "schtasks"),
        (process(Some(r"C:\a\Tool.exe"), None, None), "tool"),
    ] {
        assert_eq!(values(Field::Tool, &Event::windows(event)), [expected]);
    }
    for (event, expected) in [
        (process(Some("/usr/bin/crontab"), None, Some("x -l")), "crontab"),
        (process(Some("/usr/bin/busybox"), None, Some("crond -f")), "crond"),
        (process(Some("/usr/bin/dash"), None, Some("sh -c x")), "sh"),
    ] {
        assert_eq!(values(Field::Tool, &Event::linux(event)), [expected]);
    }
}

/// With less of it, a twin says what the plain field says: it is never there
/// and not looked at.
#[test]
fn twin_goes_as_far_as_text_is_taken_apart() {
    let line = windows("cmd /c s^chtasks");
    for (canonical, expected) in [
        (Canonical::Off, &["cmd /c s^chtasks"][..]),
        (Canonical::Argv, &["cmd /c s^chtasks"]),
        (Canonical::Full, &["cmd /c s^chtasks", "schtasks"]),
    ] {
        let field = Field::CanonicalCommandLine;
        assert_eq!(values_as(field, &line, canonical), expected);
    }
    let text = script("& ('a'+'b')");
    for (canonical, expected) in [
        (Canonical::Off, "& ('a'+'b')"),
        (Canonical::Argv, "& ('a'+'b')"),
        (Canonical::Full, "ab"),
    ] {
        let field = Field::CanonicalScript;
        assert_eq!(values_as(field, &text, canonical), [expected]);
    }
}

fn compiled(log_source: &str, line: &str) -> Result<Vec<Rule>, String> {
    let text = format!(
        "title: r\nlogsource: {log_source}\ndetection:\n  s:\n    {line}\n  \
         condition: s\n"
    );
    compile(&text).map_err(|error| error.to_string())
}

#[test]
fn modifier_asks_the_twin() {
    const PROCESS: &str = "{product: windows, category: process_creation}";
    for (line, event, is_found) in [
        (
            "CommandLine|canonical|contains: schtasks /create",
            "cmd /c s^chtasks  /create",
            true,
        ),
        (
            "CommandLine|contains: schtasks /create",
            "cmd /c s^chtasks  /create",
            false,
        ),
        ("CommandLine|contains|canonical: schtasks", "cmd /c s^chtasks", true),
        ("CommandLine|canonical|startswith: schtasks", "x schtasks", false),
        (
            "CanonicalCommandLine: schtasks /create",
            "cmd /c s^chtasks  /create",
            true,
        ),
        ("Tool: schtasks", "x /create /tn a", true),
        ("Tool: schtasks", "schtask /create /tn a", true),
        ("Tool: schtasks", "schtask /create a", false),
    ] {
        let rules = compiled(PROCESS, line).unwrap();
        let detector = rules::detector(&rules);
        let mut scratch = Scratch::new(&detector);
        let event = windows(event);
        let found = detector.evaluate(&event, &mut scratch);
        assert_eq!(!found.is_empty(), is_found, "{line}: {event:?}");
    }
    for line in ["Image|canonical: x", "IntegrityLevel|canonical|contains: x"]
    {
        let error = compiled(PROCESS, line).unwrap_err();
        assert!(error.contains("has no canonical form"), "{error}");
        assert!(error.contains("CommandLine"), "{error}");
    }
}

/// Reading canonical text allocates nothing, over every event there is, and
/// each twin is there wherever its plain field is.
#[test]
fn twins_never_allocate() {
    let mut told = [0_u32; DERIVED.len()];
    let detectors = DERIVED.map(|field| asking(field, Canonical::Full));
    let mut scratches = detectors.each_ref().map(Scratch::new);
    for file in testkit::record_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(1 << 20);
        for record in bytes.split(|byte| *byte == b'\n') {
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| {
                let all = detectors.iter().zip(&mut scratches);
                for (index, (detector, scratch)) in all.enumerate() {
                    // The lists of words grow once, of texts of many words.
                    detector.evaluate(event, scratch);
                    let info = allocation_counter::measure(|| {
                        let found = detector.evaluate(event, scratch);
                        told[index] += u32::from(!found.is_empty());
                    });
                    assert_eq!(info.count_total, 0, "{event:?}");
                }
            });
        }
    }
    assert!(told.iter().all(|&told| told > 20), "{told:?}");
}

fn config(cases: u32) -> ProptestConfig {
    let failure_persistence = None;
    ProptestConfig { cases, failure_persistence, ..ProptestConfig::default() }
}

/// A part of a shell's word, and whether only bash knows it.
fn shell_part() -> impl Strategy<Value = (String, bool)> {
    let letters = "[a-z]{1,3}";
    let all = |text: String| (text, false);
    let bash = |text: String| (text, true);
    prop_oneof![
        letters.prop_map(all),
        letters.prop_map(move |text| all(format!("'{text}'"))),
        letters.prop_map(move |text| all(format!("\"{text}\""))),
        letters.prop_map(move |text| all(format!("\\{text}"))),
        letters.prop_map(move |text| all(format!("\"${{a}}{text}\""))),
        letters.prop_map(move |text| all(format!("${{b:-{text}}}"))),
        letters.prop_map(move |text| all(format!("${{a:+{text}}}"))),
        letters.prop_map(move |text| all(format!("$(echo {text})"))),
        letters.prop_map(move |text| all(format!("`printf {text}`"))),
        Just(all("\"$a\"".into())),
        Just(all("${a#x}".into())),
        Just(all("${a%z}".into())),
        Just(all("$((2+3))".into())),
        Just(all("''".into())),
        Just(bash("${a:1:2}".into())),
        Just(bash("${a/y/q}".into())),
        Just(bash("${a^^}".into())),
        Just(bash("$'\\x6b\\x6c'".into())),
        letters.prop_map(move |text| {
            let reversed: String = text.chars().rev().collect();
            bash(format!("$(rev <<< {reversed})"))
        }),
    ]
}

/// A word of a shell.
fn shell_word() -> impl Strategy<Value = (String, bool)> {
    let parts = prop::collection::vec(shell_part(), 1..4);
    parts.prop_map(|parts| {
        let is_bash = parts.iter().any(|(_, is_bash)| *is_bash);
        (parts.into_iter().map(|(text, _)| text).collect(), is_bash)
    })
}

/// What a shell makes of the words of a call.
fn by_shell(shell: &str, words: &str) -> String {
    let text = format!("tool() {{ printf %s \"$*\"; }}; a=xyz; tool {words}");
    let output = Command::new(shell).args(["-c", &text]).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

proptest! {
    #![proptest_config(config(150))]

    /// A text for a shell says what a real one makes of it.
    #[test]
    fn shells_agree(words in prop::collection::vec(shell_word(), 1..4)) {
        let is_bash = words.iter().any(|(_, is_bash)| *is_bash);
        let words: Vec<&str> =
            words.iter().map(|(text, _)| text.as_str()).collect();
        let words = words.join(" ");
        let shells: &[&str] = match is_bash {
            true => &["bash"],
            false => &["bash", "dash"],
        };
        for shell in shells {
            let line = format!("{shell} -c a=xyz; tool {words}");
            let expected = format!("tool {}", by_shell(shell, &words));
            let found = values(Field::CanonicalCommandLine, &linux(&line));
            prop_assert!(found.contains(&expected), "{line}: {expected:?} is not in {found:?}");
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// A line that was put together as Windows documents it comes apart into
    /// what it was made of.
    #[test]
    fn quoted_arguments_come_apart(
        words in prop::collection::vec(r#"[a-z\\" ]{0,6}"#, 1..5),
    ) {
        let mut line = "tool.exe".to_owned();
        for word in &words {
            line += " ";
            line += &quoted(word);
        }
        let expected = format!("tool.exe {}", words.join(" "));
        let found = values(Field::CanonicalCommandLine, &windows(&line));
        prop_assert_eq!(found.first(), Some(&expected), "{}", line);
    }

    /// Carets before letters change nothing of what `cmd` starts.
    #[test]
    fn carets_are_undone(
        name in "x[a-z]{3,8}",
        option in "/[a-z]{2,6}",
        carets in prop::collection::vec(any::<bool>(), 20),
    ) {
        let plain = format!("{name} {option} x");
        let mut hidden = String::new();
        for (character, is_hidden) in plain.chars().zip(carets) {
            if is_hidden && character != ' ' {
                hidden.push('^');
            }
            hidden.push(character);
        }
        let line = format!("cmd.exe /c {hidden}");
        let found = values(Field::CanonicalCommandLine, &windows(&line));
        prop_assert!(found.contains(&plain), "{line}: {found:?}");
    }

    /// A name that a script puts together is called by its name.
    #[test]
    fn constants_are_put_together(
        name in "[a-z]{4,9}",
        at in 1_usize..4,
        way in 0_usize..6,
    ) {
        let (head, tail) = name.split_at(at);
        let text = match way {
            0 => format!("& ('{head}' + '{tail}') x"),
            1 => format!("& ('{{1}}{{0}}' -f '{tail}','{head}') x"),
            2 => format!("& (-join ('{head}','{tail}')) x"),
            3 => format!("$a = '{head}'; & ($a + \"{tail}\") x"),
            4 => format!("& ('{head}#{tail}'.Replace('#','')) x"),
            _ => format!("iex '{head}{tail} x'"),
        };
        let found = values(Field::CanonicalScript, &script(&text));
        let plain = format!("{name} x");
        prop_assert!(found.contains(&plain), "{text}: {found:?}");
    }

    /// A path and a key in their one spelling are so already.
    #[test]
    fn spelling_again_changes_nothing(
        path in r"(C:|\\\\\?\\C:|%windir%|\\REGISTRY|/|HKLM|~|\$HOME)?([/\\](\.|\.\.|a|etc|proc|self|root|private|PROGRA~1|b\. |x:y|MACHINE)){0,6}",
    ) {
        for way in 0..3 {
            let spelled = |path: &str| {
                let target_filename = Some(path.as_bytes());
                let target_object = target_filename;
                let file = FileCreation { target_filename, ..Default::default() };
                let key = RegistryEvent { target_object, ..Default::default() };
                let event = match way {
                    0 => Event::windows(file),
                    1 => Event::linux(file),
                    _ => Event::windows(key),
                };
                values(Field::CanonicalPath, &event).concat()
            };
            let once = spelled(&path);
            prop_assert_eq!(spelled(&once), &*once, "{}", path);
        }
    }
}

/// A word as the rules of the C runtime of Windows have it written.
fn quoted(word: &str) -> String {
    let mut text = "\"".to_owned();
    let mut slashes = 0;
    for character in word.chars() {
        match character {
            '\\' => slashes += 1,
            '"' => {
                text += &"\\".repeat(slashes + 1);
                slashes = 0;
            }
            _ => slashes = 0,
        }
        text.push(character);
    }
    text + &"\\".repeat(slashes) + "\""
}
