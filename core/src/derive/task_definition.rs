/*!
Task definitions: the XML that describes a scheduled task.
*/

use std::borrow::Cow;

use super::derived::{Derivation, Derived, Piece, Place};
use crate::bytes;
use crate::event::{Event, Field};
use crate::record::syntax::xml::{self, Token, Tokens};
use crate::record::{RecordError, RecordErrorKind};
use crate::rule::{Operation, Predicate, Test, rarity};

/// What detections ask of a definition.
pub(super) const DERIVATION: Derivation = Derivation {
    fields: &[Field::Command, Field::Arguments, Field::Hidden],
    // One of 300 bytes takes 150 ns, one of 2 KB half a microsecond.
    cost: 200,
    reads_commands: false,
    derive,
    guard,
};

fn derive(event: &Event<'_>, derived: &mut Derived) {
    let Some(content) = event.get(Field::TaskContent) else { return };
    // What is taken apart must not change meanwhile, so it is taken out.
    let mut unwrapped = core::mem::take(&mut derived.unwrapped);
    let start = unwrapped.len();
    let is_escaped = content.trim_ascii_start().starts_with(b"&lt;");
    if is_escaped {
        TaskDefinition::unescape_into(content, &mut unwrapped);
    }
    let (xml, start) = if is_escaped {
        (unwrapped.get(start..).unwrap_or_default(), start)
    } else {
        (content, 0)
    };
    for (field, raw) in TaskDefinition::new(xml).elements() {
        let place = if xml::is_escaped(raw) {
            let made = &mut derived.written.made;
            let start = made.len();
            TaskDefinition::unescape_into(raw, made);
            Place::Made(start..made.len())
        } else {
            // Both are parts of one slice, but for an empty text, which may
            // stand anywhere.
            let offset = raw.as_ptr().addr().wrapping_sub(xml.as_ptr().addr());
            let offset = if raw.is_empty() { 0 } else { offset };
            let range = bytes::range(start.saturating_add(offset), raw.len());
            if is_escaped {
                Place::Unwrapped(range)
            } else {
                Place::Direct(Field::TaskContent, range)
            }
        };
        derived.written.pieces.push(Piece { field, place });
    }
    derived.unwrapped = unwrapped;
}

/// The definition holds the element's name, and in it the bytes that the
/// test requires, as they are or in one of the ways to write them otherwise:
///
/// - a reference to a character: `&#112;owershell`;
/// - a section or a comment in between: `power<!-- -->shell`;
/// - an instruction in between: `power<?x?>shell`. Definitions begin with
///   one, which a line end or a tag follows, so only one that a byte of the
///   text follows counts;
/// - the definition escaped once more, which begins with `&lt;`; its text
///   may have been escaped in all these ways twice.
fn guard(test: &Test) -> Predicate {
    let contains = |text: &str| {
        let text = text.to_owned().into();
        let field = Field::TaskContent;
        Predicate::Test(Test::new(field, Operation::Contains, text))
    };
    let any = |parts: Vec<Predicate>| Predicate::Any(parts.into());
    let escapes = ["&#", "<!", "&lt;"];
    let mut all =
        vec![any(vec![contains(test.field.name()), contains("&lt;")])];
    for required in test.required().into_iter() {
        let run = required
            .iter()
            .map(|fragment| plain_run(&fragment.bytes))
            .collect();
        let runs: Option<Vec<&str>> = run;
        let Some(runs) = runs else { continue };
        let mut ways: Vec<Predicate> =
            runs.iter().chain(&escapes).map(|text| contains(text)).collect();
        let mut followers: Vec<char> =
            runs.iter().flat_map(|run| run.chars()).collect();
        followers.sort_unstable();
        followers.dedup();
        ways.extend(
            followers
                .iter()
                .map(|follower| contains(&format!("?>{follower}"))),
        );
        all.push(any(ways));
    }
    Predicate::All(all.into())
}

/// The rarest part of some bytes that XML has no name for, in lower case;
/// `None` where all of it is short.
fn plain_run(bytes: &[u8]) -> Option<&str> {
    let is_plain = |byte: &u8| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
    };
    let runs = bytes.split(|byte| !is_plain(byte));
    let runs = runs.filter(|run| run.len() > 2);
    let rarest = runs.min_by_key(|run| rarity::frequency(run))?;
    str::from_utf8(rarest).ok()
}

/// A view of a task definition: the XML in a task event's `TaskContent`, or
/// in a task's file.
///
/// The definition is read where it stands and need not be complete: one that
/// was cut short, or that is broken, is read as far as it goes. A byte order
/// mark, a declaration, comments and namespace prefixes are no hindrance. The
/// declared encoding is not looked at; a file in UTF-16, as Windows keeps
/// them, is to be converted to UTF-8 first.
///
/// # Example
///
/// ```
/// use t1053::event::Field;
/// use t1053::TaskDefinition;
///
/// let task = TaskDefinition::new(br#"
///     <Task version="1.2">
///       <Settings><Hidden>true</Hidden></Settings>
///       <Actions>
///         <Exec>
///           <Command>cmd.exe</Command>
///           <Arguments>/c dir &gt; "%TEMP%\x"</Arguments>
///         </Exec>
///       </Actions>
///     </Task>"#);
///
/// let mut elements = task.elements();
/// assert_eq!(elements.next(), Some((Field::Hidden, &b"true"[..])));
/// assert_eq!(elements.next(), Some((Field::Command, &b"cmd.exe"[..])));
/// let (field, raw) = elements.next().unwrap();
/// assert_eq!(field, Field::Arguments);
/// assert_eq!(&*TaskDefinition::unescape(raw), br#"/c dir > "%TEMP%\x""#);
/// assert_eq!(elements.next(), None);
/// assert_eq!(elements.error(), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TaskDefinition<'a> {
    xml: &'a [u8],
}

impl<'a> TaskDefinition<'a> {
    /// A view of a definition, plain XML. Costs nothing.
    pub fn new(xml: &'a [u8]) -> TaskDefinition<'a> {
        TaskDefinition { xml }
    }

    /// The definition.
    pub fn xml(&self) -> &'a [u8] {
        self.xml
    }

    /// What detections ask of a definition, in the order it stands there.
    /// Never allocates.
    pub fn elements(&self) -> TaskElements<'a> {
        TaskElements {
            tokens: Tokens::new(self.xml),
            part: Part::Before,
            in_exec: false,
        }
    }

    /// The text of an element: its references (`&amp;`) decoded, its CDATA
    /// sections unwrapped, its comments left out. Borrows where there is
    /// none of these.
    pub fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
        if !xml::is_escaped(raw) {
            return Cow::Borrowed(raw);
        }
        let mut text = Vec::new();
        xml::unescape_into(raw, &mut text);
        Cow::Owned(text)
    }

    /// Appends the text of an element to a buffer; see
    /// [`unescape`](TaskDefinition::unescape).
    pub fn unescape_into(raw: &[u8], buffer: &mut Vec<u8>) {
        xml::unescape_into(raw, buffer);
    }
}

/// The elements of a task definition that detections ask about, each with
/// its text as written: [`Field::Command`] and [`Field::Arguments`] of every
/// action that executes something, and [`Field::Hidden`] of the settings.
///
/// Made by [`TaskDefinition::elements`].
#[derive(Clone, Debug)]
pub struct TaskElements<'a> {
    tokens: Tokens<'a>,
    part: Part,
    in_exec: bool,
}

/// Where in a definition its reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Before,
    Settings,
    Actions,
    Other,
    After,
}

impl TaskElements<'_> {
    /// Why the elements ended before the definition did; `None` where they
    /// did not. Meaningful once there are no more.
    pub fn error(&self) -> Option<RecordError> {
        let missing = || {
            let kind = RecordErrorKind::Xml("there is no element");
            let offset = self.tokens.offset();
            let before = self.part == Part::Before;
            before.then_some(RecordError::new(kind, offset))
        };
        self.tokens.error().or_else(missing)
    }
}

impl<'a> Iterator for TaskElements<'a> {
    type Item = (Field, &'a [u8]);

    fn next(&mut self) -> Option<(Field, &'a [u8])> {
        // What follows the definition is not looked at.
        while self.part != Part::After {
            let name = match self.tokens.next()? {
                Token::Start(name) => xml::local_name(name),
                Token::Text(_) => continue,
                Token::End => {
                    if self.tokens.depth() == 0 {
                        self.part = Part::After;
                    }
                    continue;
                }
            };
            let field = match (self.tokens.depth(), self.part, name) {
                (1, ..) => {
                    self.part = Part::Other;
                    continue;
                }
                (2, ..) => {
                    self.part = match name {
                        b"Settings" => Part::Settings,
                        b"Actions" => Part::Actions,
                        _ => Part::Other,
                    };
                    continue;
                }
                (3, Part::Actions, _) => {
                    self.in_exec = name == b"Exec";
                    continue;
                }
                (3, Part::Settings, b"Hidden") => Field::Hidden,
                (4, Part::Actions, b"Command") => Field::Command,
                (4, Part::Actions, b"Arguments") => Field::Arguments,
                _ => continue,
            };
            let text = self.tokens.text();
            if self.tokens.error().is_some() {
                return None;
            }
            match field {
                Field::Hidden => return Some((field, text.trim_ascii())),
                _ if self.in_exec => return Some((field, text)),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = r#"<?xml version="1.0" encoding="UTF-16"?>
        <!-- <Command>commented.exe</Command> -->
        <Task version="1.4" xmlns="urn:task">
          <RegistrationInfo>
            <Description>&lt;Command&gt;described.exe</Description>
          </RegistrationInfo>
          <Triggers><Hidden>true</Hidden></Triggers>
          <Settings>
            <IdleSettings><Hidden>true</Hidden></IdleSettings>
            <Hidden>
              false </Hidden>
            <Command>setting.exe</Command>
          </Settings>
          <Actions Context="Author">
            <Exec id='1'>
              <Command>"C:\a &amp; b\c.exe"</Command>
              <Arguments>-x &quot;1&#13;&#10;&quot;</Arguments>
              <WorkingDirectory>C:\</WorkingDirectory>
            </Exec>
            <ComHandler>
              <ClassId>{0}</ClassId><Data><![CDATA[<Command>]]></Data>
              <Command>handler.exe</Command>
            </ComHandler>
            <Exec><Arguments/><Command><![CDATA[d&e]]></Command></Exec>
          </Actions>
          <Principals><Principal id="Author"/></Principals>
        </Task>"#;

    /// The elements, decoded, and where reading broke off.
    fn read(xml: &[u8]) -> (Vec<(Field, String)>, Option<RecordError>) {
        let mut elements = TaskDefinition::new(xml).elements();
        let found = elements
            .by_ref()
            .map(|(field, raw)| {
                let text = TaskDefinition::unescape(raw);
                (field, String::from_utf8_lossy(&text).into_owned())
            })
            .collect();
        (found, elements.error())
    }

    fn whole() -> Vec<(Field, String)> {
        vec![
            (Field::Hidden, "false".into()),
            (Field::Command, r#""C:\a & b\c.exe""#.into()),
            (Field::Arguments, "-x \"1\r\n\"".into()),
            (Field::Arguments, "".into()),
            (Field::Command, "d&e".into()),
        ]
    }

    #[test]
    fn elements() {
        assert_eq!(read(TASK.as_bytes()), (whole(), None));
        assert_eq!(TaskDefinition::new(b"<a/>").xml(), b"<a/>");
        // The outermost element is the task, whatever its name.
        let exec = "<Exec><Command>a</Command></Exec>";
        for (xml, found) in [
            (format!("<Task><Actions>{exec}</Actions></Task>"), 1),
            (format!("<Actions>{exec}</Actions>"), 0),
            (format!("<Actions><Actions>{exec}</Actions></Actions>"), 1),
            ("<Settings><Hidden>true</Hidden></Settings>".into(), 0),
        ] {
            assert_eq!(read(xml.as_bytes()).0.len(), found, "{xml}");
        }
        let mut buffer = b"x".to_vec();
        TaskDefinition::unescape_into(b"a &amp; b", &mut buffer);
        assert_eq!(buffer, b"xa & b");
    }

    #[test]
    fn around_the_definition() {
        let xml = format!("\u{feff} \r\n{TASK}\0\0</x>");
        assert_eq!(read(xml.as_bytes()), (whole(), None));
    }

    #[test]
    fn namespace_prefixes() {
        let xml = b"<t:Task xmlns:t='urn:task'><t:Actions><t:Exec>\
            <t:Command>a</t:Command></t:Exec></t:Actions></t:Task>";
        let found = vec![(Field::Command, "a".into())];
        assert_eq!(read(xml), (found, None));
    }

    #[test]
    fn nothing_to_read() {
        for xml in ["", "  ", "&lt;Task&gt;", "<?xml?>", "<\0T\0a\0s\0k\0>"] {
            let (found, error) = read(xml.as_bytes());
            assert!(found.is_empty() && error.is_some(), "{xml}");
        }
        assert_eq!(read(b"<Task/>"), (vec![], None));
    }

    /// A definition that was cut short yields what it still holds, and says
    /// that it was cut.
    #[test]
    fn cut_short() {
        let whole = whole();
        let bytes = TASK.as_bytes();
        for at in 0..bytes.len() {
            let (mut found, error) = read(&bytes[..at]);
            assert!(error.is_some(), "{at}");
            if let Some((field, text)) = found.pop() {
                let (expected, full) = &whole[found.len()];
                assert_eq!(field, *expected);
                // A cut reference is no reference.
                let (text, _) = text.split_once('&').unwrap_or((&text, ""));
                assert!(full.starts_with(text), "{at}: {text}");
            }
            assert_eq!(found, whole[..found.len()]);
        }
    }

    #[test]
    fn hostile() {
        for at in 0..TASK.len() {
            for byte in *b"<>&/!?='\" []-;\0\xff" {
                let mut xml = TASK.as_bytes().to_vec();
                xml[at] = byte;
                assert!(read(&xml).0.len() <= 6);
            }
        }
        let deep = [b"<Task><Actions>".to_vec(), b"<Exec>".repeat(99_999)];
        let (found, error) = read(&deep.concat());
        assert!(found.is_empty() && error.is_some());
        let (found, error) = read(
            b"<!DOCTYPE t [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;'>]>\
            <t><Actions><Exec><Command>&b;</Command></Exec></Actions></t>",
        );
        assert_eq!(found, [(Field::Command, "&b;".into())]);
        assert_eq!(error, None);
    }

    /// Most definitions hold neither the literal nor an escape.
    #[test]
    fn guard_is_narrow() {
        let test = |field, pattern: &'static str| {
            Test::new(field, Operation::Contains, pattern.into())
        };
        let literals = |test: &Test| {
            let mut literals = Vec::new();
            guard(test).each_test(&mut |test| {
                literals.push(test.pattern.to_string());
            });
            literals
        };
        assert_eq!(literals(&test(Field::Hidden, "1")), ["Hidden", "&lt;"]);
        let found = literals(&test(Field::Command, r#"c "abba.ba""#));
        let expected = [
            "Command", "&lt;", "abba.ba", "&#", "<!", "&lt;", "?>.", "?>a",
            "?>b",
        ];
        assert_eq!(found, expected);
    }

    /// However a value is written, a rule for it finds it, and so does one
    /// that asks for no more than its guard.
    #[test]
    fn guard_holds_however_a_value_is_written() {
        use crate::event::{EventKind, TaskRegistered};
        use crate::rule::{Detection, Logic, Rule, Selection};
        use crate::{Detector, Scratch, event::Platform};

        let found = |predicate: Predicate, content: &str| {
            let kinds = vec![EventKind::TaskRegistered].into();
            let rule = Rule {
                detection: Detection::new("r", "R", Platform::Windows),
                logic: Logic::Single(Selection { kinds, predicate }),
            };
            let builder = Detector::builder().without_builtin();
            let detector = builder.rule(rule).build().unwrap();
            let event = Event::windows(TaskRegistered {
                task_content: Some(content.as_bytes()),
                ..Default::default()
            });
            let mut scratch = Scratch::new(&detector);
            detector.evaluate(&event, &mut scratch).count() == 1
        };
        let escape = |text: &str| {
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        };
        let test = |operation, pattern: &'static str| {
            Test::new(Field::Command, operation, pattern.into())
        };
        let head = r#"<?xml version="1.0"?>"#;
        for command in [
            "powershell.exe",
            "&#112;owershell.exe",
            "&#x70;&#x6f;wershell.exe",
            "power<!-- -->shell.exe",
            "power<![CDATA[shell.exe]]>",
            "<![CDATA[powersh]]>ell.exe",
            "power<?x?>shell.exe",
            "<?x?>power<?x y?><!----><?z?>shell.exe",
        ] {
            let plain = format!(
                "{head}<t:Task><t:Actions><t:Exec><t:Command>{command}\
                 </t:Command></t:Exec></t:Actions></t:Task>",
            );
            let tricked = escape(&plain).replace("power", "pow<!-- -->er");
            for content in [&plain, &escape(&plain), &tricked] {
                for test in [
                    test(Operation::Contains, "POWERshell"),
                    test(Operation::Equals, "powershell.exe"),
                    test(Operation::StartsWith, "power"),
                    test(Operation::EndsWith, "shell.exe"),
                    test(Operation::Name, "powershell.exe"),
                    test(Operation::Like, "*wersh?ll*"),
                    test(Operation::EntropyAbove(2.0), ""),
                    test(Operation::Exists, ""),
                ] {
                    let guard = guard(&test);
                    assert!(found(guard, content), "{test:?} {content}");
                    let itself = Predicate::Test(test);
                    assert!(found(itself, content), "{content}");
                }
                let other = test(Operation::Contains, "cmd.exe");
                assert!(!found(Predicate::Test(other), content));
            }
        }
    }
}
