/*!
Joining records as they are scanned.
*/

use core::ops::ControlFlow;

use crate::event::EventKind;
use crate::record;
use crate::time::Timestamp;

use super::{Outlet, Parts, Scanner, Sink, Work};

impl Scanner {
    /// Ends the audit events that began before a time, the scripts of which
    /// all parts are older, and those that have no time, though some of their
    /// records may not have come: what they make is matched as far as it is
    /// known.
    ///
    /// For hosts that read a live log. An event ends by itself when a later
    /// record tells that it is over; where none comes, its matches would wait.
    /// Call it every second or two, with a time that lies as far back.
    pub fn flush_pending(
        &mut self,
        before: Timestamp,
        mut sink: impl FnMut(super::Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.alone(0, |work| work.flush(Some(before), &mut sink))
    }
}

impl Work {
    /// What a record goes through.
    pub(super) fn parts<'w, 's>(
        &'w mut self,
        sink: &'w mut Sink<'s>,
    ) -> Parts<'w, 's> {
        Parts {
            reader: &mut self.reader,
            joiner: self.joiner.as_mut(),
            outlet: Outlet {
                counts: &mut self.counts,
                hits: &mut self.hits,
                scratch: &mut self.scratch,
                correlator: &mut self.correlator,
                events: self.events,
                matched_events: self.matched_events,
                sequence_events: self.sequence_events,
                result: ControlFlow::Continue(()),
                sink,
            },
        }
    }

    /// Holds a line that need not be read, or ends the event that it says is
    /// over. Returns whether that is all: else it has to be read.
    pub(super) fn hold(
        &mut self,
        record: &[u8],
        number: u64,
        kind: Option<EventKind>,
    ) -> bool {
        match (&mut self.joiner, kind) {
            (Some(joiner), Some(kind)) => joiner.hold(kind, record, number),
            _ => {
                self.end_by(record);
                true
            }
        }
    }

    /// Ends an audit event, if a record says that it is over.
    pub(super) fn end_by(&mut self, record: &[u8]) {
        if let Some(joiner) = &mut self.joiner
            && let Some(id) = record::audit_end(record)
        {
            joiner.end_event(id);
        }
    }

    /// Ends audit events that began before a time, or all.
    pub(super) fn flush(
        &mut self,
        before: Option<Timestamp>,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        if let Some(joiner) = &mut self.joiner {
            joiner.flush(before);
        }
        self.give_joined(sink)
    }

    /// Matches what has been joined, unless the scan is stopped.
    pub(super) fn give_joined(
        &mut self,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let Some(joiner) = &self.joiner else {
            return ControlFlow::Continue(());
        };
        self.counts.joins = joiner.counts();
        if !joiner.has_ended() {
            return ControlFlow::Continue(());
        }
        self.give_ended(sink)
    }

    /// Not inlined: most records end no event.
    #[inline(never)]
    fn give_ended(&mut self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let Parts { joiner, mut outlet, .. } = self.parts(sink);
        let Some(joiner) = joiner else { return ControlFlow::Continue(()) };
        while outlet.result.is_continue()
            && joiner.next_ended(&mut |records, event| {
                outlet.take_joined(records, event);
            })
        {}
        let counts = joiner.counts();
        let result = outlet.result;
        self.counts.joins = counts;
        self.counts.correlator = self.correlator.counts();
        result
    }
}
