/*!
What a scanner knows of its stream as bytes, and back.

A record that is cut is kept as it came. What is known of its end is not saved:
it is looked for from the record's beginning again.
*/

use crate::event::EventKind;
use crate::filter::Pace;
use crate::join::{JoinCounts, Joiner};
use crate::rule_state::Restored;
use crate::state::{Content, Of, StateError, Writer, corrupt};
use crate::utf16::{Encoding, Utf16};

use super::framing::Framer;
use super::partial::Partial;
use super::{ScanCounts, Scanner};

impl Scanner {
    /// Everything that the scanner knows of its stream, as bytes: the
    /// sequences and counts that are open, the audit events that are not over,
    /// the processes that were seen to start, the record that is cut, counts,
    /// numbers and offsets. The same on every platform, with a version and a
    /// checksum. Not the settings. What is [restored](Scanner::restore) from
    /// them reports exactly what this one reports from here on.
    ///
    /// Takes time and memory in proportion to what is remembered.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use t1053::{Detector, Scanner};
    ///
    /// let detector = Detector::new();
    /// let log = br#"{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}
    /// "#;
    /// let (begin, end) = log.split_at(20);
    /// let mut before = Scanner::new(&detector);
    /// let _ = before.feed(begin, |_| ControlFlow::Continue(()));
    /// let state = before.save();
    ///
    /// // The agent is started again.
    /// let mut after = Scanner::new(&detector);
    /// after.restore(&state)?;
    /// let _ = after.feed(end, |_| ControlFlow::Continue(()));
    /// assert!(after.counts().matches > 0);
    /// # Ok::<(), t1053::StateError>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        let mut writer = Writer::new(Of::Scanner);
        writer.text(&self.work.correlator.save());
        writer.number(self.work.offset);
        save_counts(&self.work.counts, &mut writer);
        for byte in self.work.pace.save(self.work.offset) {
            writer.byte(byte);
        }
        writer.byte(match self.encoding {
            Encoding::Unknown => 0,
            Encoding::Utf8 => 1,
            Encoding::Utf16Le => 2,
            Encoding::Utf16Be => 3,
        });
        self.utf16.save(&mut writer);
        self.framer.save(&mut writer);
        writer.text(&self.carry);
        self.work.partial.save(&mut writer);
        writer.byte(u8::from(self.passing_over));
        writer.byte(u8::from(self.stopped));
        match &self.work.joiner {
            Some(joiner) => {
                joiner.save(&mut writer);
            }
            None => Joiner::save_none(&mut writer),
        }
        writer.finish()
    }

    /// Takes over what was [saved](Scanner::save), in place of what this
    /// scanner knows. The settings stay: the stream goes on as it was only
    /// with the same format and record limit. Where this one does not join,
    /// audit events that were not over count as evicted. For a detector of other rules
    /// see [`Correlator::restore`](crate::Correlator::restore).
    ///
    /// # Errors
    ///
    /// The bytes are no state of a scanner, cut, changed, or of a later
    /// version, or there is no memory. Then everything is as it was.
    pub fn restore(&mut self, state: &[u8]) -> Result<Restored, StateError> {
        let mut content = Content::of(Of::Scanner, state)?;
        let correlator = content.text()?;
        let offset = content.number()?;
        let mut counts = counts(&mut content)?;
        let pace = [content.byte()?, content.byte()?, content.byte()?];
        let encoding = match content.byte()? {
            0 => Encoding::Unknown,
            1 => Encoding::Utf8,
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => return Err(corrupt()),
        };
        let utf16 = Utf16::restored(&mut content)?;
        let mut framer = Framer::new(self.work.format, self.limit);
        framer.restore(&mut content)?;
        let carry = content.text()?.to_vec();
        let partial = Partial::restored(&mut content)?;
        let passing_over = content.truth()?;
        let stopped = content.truth()?;
        let joins = counts.joins;
        let joiner = match &self.work.joiner {
            Some(own) => Some(own.restored(joins, &mut content)?),
            None => {
                let left_out = Joiner::default();
                let left_out = left_out.restored(joins, &mut content)?;
                let evicted = &mut counts.joins.evicted;
                *evicted = evicted.saturating_add(left_out.pending());
                None
            }
        };
        content.end()?;
        let restored = self.work.correlator.restore(correlator)?;
        counts.correlator = self.work.correlator.counts();
        self.work.pace = Pace::restored(offset, pace);
        self.work.counts = counts;
        self.work.joiner = joiner;
        self.work.offset = offset;
        self.encoding = encoding;
        self.utf16 = utf16;
        self.framer = framer;
        self.carry = carry;
        self.work.partial = partial;
        self.passing_over = passing_over;
        self.stopped = stopped;
        Ok(restored)
    }
}

fn save_counts(counts: &ScanCounts, writer: &mut Writer) {
    // All of them, so that the compiler names what a new one lacks here.
    let ScanCounts {
        bytes,
        records,
        read,
        filtered,
        uninteresting,
        not_understood,
        unreadable,
        matches,
        correlator: _,
        joins,
        events: _,
    } = *counts;
    for count in [
        bytes,
        records,
        read,
        filtered,
        uninteresting,
        not_understood,
        unreadable,
        matches,
    ] {
        writer.number(count);
    }
    let JoinCounts { joined, incomplete, evicted, late, cut } = joins;
    for count in [joined, incomplete, evicted, late, cut] {
        writer.number(count);
    }
    writer.number(EventKind::ALL.len() as u64);
    for kind in EventKind::ALL {
        writer.text(kind.name().as_bytes());
        writer.number(counts.events(*kind));
    }
}

fn counts(content: &mut Content<'_>) -> Result<ScanCounts, StateError> {
    let mut counts = ScanCounts {
        bytes: content.number()?,
        records: content.number()?,
        read: content.number()?,
        filtered: content.number()?,
        uninteresting: content.number()?,
        not_understood: content.number()?,
        unreadable: content.number()?,
        matches: content.number()?,
        joins: JoinCounts {
            joined: content.number()?,
            incomplete: content.number()?,
            evicted: content.number()?,
            late: content.number()?,
            cut: content.number()?,
        },
        ..ScanCounts::default()
    };
    for _ in 0..content.number()? {
        let (name, count) = (content.text()?, content.number()?);
        let mut kinds = EventKind::ALL.iter();
        // A kind that is not known any more has no count.
        let kind = kinds.find(|kind| kind.name().as_bytes() == name);
        let place =
            kind.and_then(|kind| counts.events.0.get_mut(*kind as usize));
        if let Some(place) = place {
            *place = count;
        }
    }
    if counts.is_sum() { Ok(counts) } else { Err(corrupt()) }
}

#[cfg(test)]
mod tests {
    use core::ops::ControlFlow;

    use super::*;
    use crate::record::Format;
    use crate::{Detector, Report, StateErrorKind};

    /// What a scanner reports, in words.
    fn take(scanner: &mut Scanner, chunk: &[u8], said: &mut Vec<String>) {
        let mut sink = |report: Report<'_>| {
            said.push(match report {
                Report::Match(found) => format!(
                    "{} {:?} {:?} {} {:?}",
                    found.record,
                    found.item,
                    found.joined,
                    found.found.detection().slug,
                    found.found.other_time(),
                ),
                Report::Unreadable(bad) => format!("{bad:?}"),
                Report::NotUnderstood(what) => format!("{what:?}"),
                Report::Event(event) => format!("{event:?}"),
                Report::MatchedEvent(event) => format!("{event:?}"),
                Report::SequenceEvent(event) => format!("{event:?}"),
            });
            ControlFlow::Continue(())
        };
        match chunk {
            b"" => {
                let _ = scanner.finish(&mut sink);
            }
            chunk => {
                let _ = scanner.feed(chunk, &mut sink);
            }
        }
    }

    /// The streams that tests split: one of each way to end a record.
    fn streams() -> Vec<Vec<u8>> {
        let event = |id: u32, second: u32| {
            format!(
                "{{\"EventID\":{id},\"Channel\":\"Security\",\
                 \"Computer\":\"A\",\"TaskName\":\"\\\\x\",\
                 \"TimeCreated\":\"2024-05-01T10:00:{second:02}Z\"}}"
            )
        };
        let lines = format!("{}\nnoise\n{}\n", event(4698, 0), event(4699, 9));
        let array = format!("[\n{},\n{}\n]\n", event(4698, 0), event(4699, 9));
        let printed = array.replace(',', ",\n  ").replace('{', "{\n  ");
        let units = core::iter::once(0xFEFF).chain(lines.encode_utf16());
        let utf16: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        let block = "01/31/2026 10:38:34 PM\nLogName=Security\n\
                     EventCode=4698\nMessage=A task.\n\nTask Name: \\x\n\n";
        let table = "EventID,Channel,Computer,TaskName,TimeCreated\n\
                     4698,Security,A,\\x,2024-05-01T10:00:00Z\n\
                     4699,Security,A,\\x,2024-05-01T10:00:09Z\n";
        let message = format!("<13>1 - h a - - - {}", event(4698, 0));
        let counted = format!("{} {message}", message.len()).repeat(2);
        let audit = audit_stream();
        let long = format!("{{\"a\":\"{}\"}}\n{lines}", "x".repeat(1500));
        let part = |text: &str| {
            let text = text.replace('\\', r"\\").replace('"', r#"\""#);
            format!(
                "{{\"log\":\"{text}\",\"stream\":\"stdout\",\"time\":\"x\"}}\n"
            )
        };
        let (first, second) = message.split_at(60);
        let marked = format!(
            "2024-05-01T10:00:00Z stdout P {first}\n\
             2024-05-01T10:00:00Z stdout F {second}\n"
        );
        let last = part(second).replace("\",\"st", "\\n\",\"st");
        let cut = [part(first), last, part(&message)].concat();
        // A line came before them: that each begins with its length means
        // nothing then.
        let spread = format!("<13>1 - h a\n- - - {}", event(4698, 0));
        let spread = format!("{} {spread}", spread.len()).repeat(2);
        let uncounted = format!("noise\n{spread}");
        let texts = [
            &uncounted,
            &array,
            &printed,
            &block.repeat(2),
            table,
            &counted,
            &marked,
            &cut,
        ];
        let mut streams: Vec<Vec<u8>> =
            texts.map(|text: &str| text.as_bytes().to_vec()).into();
        streams.extend([lines.into_bytes(), utf16, long.into_bytes()]);
        streams.push(audit.into_bytes());
        streams.push(script_stream().into_bytes());
        streams
    }

    /// Parts of scripts that stand among each other, one of which never comes
    /// and one too late.
    fn script_stream() -> String {
        let part = |id: u32, number: u32, text: &str| {
            format!(
                "{{\"EventID\":4104,\"Channel\":\
                 \"Microsoft-Windows-PowerShell/Operational\",\
                 \"ScriptBlockId\":\"{id}\",\"MessageNumber\":{number},\
                 \"MessageTotal\":2,\"ScriptBlockText\":\"{text}\",\
                 \"TimeCreated\":\"2024-05-01T10:00:0{number}Z\"}}\n"
            )
        };
        [
            part(1, 2, "uledTask -TaskName x"),
            part(2, 1, "Get-Date"),
            part(1, 1, "Register-Sched"),
            part(1, 1, "Register-Sched"),
        ]
        .concat()
    }

    /// Audit events that stand among each other, of two hosts: with a parent
    /// that was seen to start, arguments in pieces, one that fails, one that
    /// never ends, and what comes too late.
    fn audit_stream() -> String {
        let call = |serial: u32, rest: &str| {
            format!(
                "type=SYSCALL msg=audit(1700000000.042:{serial}): \
                 arch=c000003e {rest} uid=0"
            )
        };
        let record = |kind: &str, serial: u32, rest: &str| {
            format!("type={kind} msg=audit(1700000000.042:{serial}): {rest}")
        };
        let run = |pid: u32, exe: &str, success: &str| {
            format!(
                "syscall=59 success={success} items=1 ppid=9 pid={pid} \
                 exe=\"{exe}\""
            )
        };
        let open = "syscall=257 success=yes a0=ffffff9c a1=0 a2=241 \
                    items=1 ppid=9 pid=12 exe=\"/bin/sh\"";
        let path = |name: &str, role: &str| {
            format!("item=0 name=\"{name}\" nametype={role}")
        };
        let lines = [
            call(1, &run(9, "/usr/sbin/cron", "yes")),
            record("EXECVE", 1, "argc=1 a0=\"cron\""),
            call(2, open),
            record("PATH", 1, &path("/usr/sbin/cron", "NORMAL")),
            record("CWD", 2, "cwd=\"/etc\""),
            format!("node=x {}", call(2, &run(5, "/usr/bin/at", "yes"))),
            record("PROCTITLE", 1, "proctitle=63726F6E"),
            record("PATH", 2, &path("cron.d/x", "CREATE")),
            call(3, &run(13, "/usr/bin/crontab", "yes")),
            record("EXECVE", 3, "argc=2 a0=\"crontab\" a1_len=4 a1[0]=\"-\""),
            record("EXECVE", 3, "a1[1]=\"e x\""),
            format!("node=x {}", record("EXECVE", 2, "argc=1 a0=6174")),
            record("PATH", 3, &path("/usr/bin/crontab", "NORMAL")),
            record("PROCTITLE", 3, "proctitle=63726F6E"),
            record("PATH", 2, &path("late", "CREATE")),
            call(4, &run(14, "/usr/bin/at", "no")),
            record("EOE", 4, ""),
            call(5, &run(14, "/usr/bin/at", "yes")),
        ];
        lines.join("\n")
    }

    #[test]
    fn stream_that_is_split_anywhere_is_scanned_as_one() {
        let detector = Detector::new();
        let new = || {
            let builder = Scanner::builder(&detector);
            builder.record_limit(1024).build().unwrap()
        };
        let mut matches = 0;
        for stream in streams() {
            let mut whole = (new(), Vec::new());
            take(&mut whole.0, &stream, &mut whole.1);
            take(&mut whole.0, b"", &mut whole.1);
            matches += whole.0.counts().matches;
            // What joins has more to remember, and is split less often.
            let step = if stream.starts_with(b"type=") { 13 } else { 1 };
            for at in (1..stream.len()).step_by(step) {
                let (first, second) = stream.split_at(at);
                let (mut before, mut said) = (new(), Vec::new());
                take(&mut before, first, &mut said);
                let state = before.save();
                let mut after = new();
                after.restore(&state).unwrap();
                assert_eq!(after.save(), state, "{at}");
                take(&mut after, second, &mut said);
                take(&mut after, b"", &mut said);
                let shown = String::from_utf8_lossy(&stream);
                assert_eq!(said, whole.1, "{at} {shown}");
                assert_eq!(after.counts(), whole.0.counts(), "{at}");
            }
        }
        assert!(matches > 10, "{matches}");
    }

    #[test]
    fn audit_events_that_are_not_over_are_told_where_nothing_is_joined() {
        let detector = Detector::new();
        let stream = audit_stream();
        let (begin, _) = stream.split_at(stream.len() / 2);
        let (mut one, mut said) = (Scanner::new(&detector), Vec::new());
        take(&mut one, begin.as_bytes(), &mut said);
        let pending = one.work.joiner.as_ref().unwrap().pending();
        assert!(pending > 0);
        let state = one.save();
        let mut other =
            Scanner::builder(&detector).join(false).build().unwrap();
        other.restore(&state).unwrap();
        assert_eq!(other.counts().joins.evicted, pending);
        // And back: nothing is waited for.
        one.restore(&other.save()).unwrap();
        assert_eq!(one.work.joiner.unwrap().pending(), 0);
    }

    /// Rules that were not there ask for what was held before they came.
    #[test]
    fn held_records_may_match_under_other_rules() {
        let few = Detector::builder()
            .enable("linux_at_application_execution".parse().unwrap())
            .build()
            .unwrap();
        let stream = audit_stream();
        let at = stream.find("item=0 name=\"/usr/sbin/cron\"").unwrap();
        let begin = stream
            .split_at(at)
            .0
            .replace("/usr/sbin/cron", "/usr/bin/crontab");
        let begin = begin.replace("argc=1 a0=\"cron\"", "argc=1 a0=\"-e\"");
        let (mut before, mut said) = (Scanner::new(&few), Vec::new());
        take(&mut before, begin.as_bytes(), &mut said);
        let mut after = Scanner::new(&Detector::new());
        after.restore(&before.save()).unwrap();
        assert_eq!(said, [] as [&str; 0]);
        take(&mut after, b"", &mut said);
        let text = said.join("\n");
        assert!(text.contains("cron_table_replaced"), "{text}");
    }

    #[test]
    fn state_that_is_refused_changes_nothing() {
        let detector = Detector::new();
        let (mut one, mut other) =
            (Scanner::new(&detector), Scanner::new(&detector));
        let (stream, mut said) = (&streams()[0], Vec::new());
        take(&mut one, &stream[..stream.len() / 2], &mut said);
        take(&mut other, &stream[..9], &mut said);
        let (state, before) = (one.save(), other.save());
        for length in 0..state.len() {
            assert!(other.restore(&state[..length]).is_err(), "{length}");
        }
        let correlator = one.work.correlator.save();
        let error = other.restore(&correlator).unwrap_err();
        assert_eq!(error.kind(), StateErrorKind::NotState);
        // With a checksum that is right.
        for at in 20..state.len() - 8 {
            let mut changed = state.clone();
            changed[at] ^= 0x81;
            let changed = crate::state::resealed(&changed);
            let mut third = Scanner::new(&detector);
            if third.restore(&changed).is_ok() {
                take(&mut third, stream, &mut said);
            } else {
                assert_eq!(third.counts(), &ScanCounts::default());
            }
        }
        assert_eq!(other.save(), before);
        let json = Scanner::builder(&detector).format(Format::Json);
        json.build().unwrap().restore(&state).unwrap();
    }
}
