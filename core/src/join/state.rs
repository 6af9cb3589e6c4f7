/*!
What a joiner knows as bytes, and back.
*/

use super::counts::JoinCounts;
use super::joiner::{Joiner, MOST_HELD, MOST_OPEN};
use super::owner::Owner;
use crate::state::{Content, StateError, Writer, corrupt};
use crate::time::Timestamp;

impl Joiner {
    /// Writes the events that are not over, those that ended last, the
    /// processes and the scripts. The counts are the scanner's to write.
    pub(crate) fn save(&self, writer: &mut Writer) {
        writer.number(self.open.len() as u64);
        for at in self.open.iter() {
            let group = self.groups.get(at);
            debug_assert!(group.is_some(), "an open event without its group");
            let Some(group) = group else { continue };
            let Owner { id, host, time } = group.owner();
            writer.text(id);
            writer.text(host);
            writer.byte(u8::from(time.is_some()));
            writer.signed(time.map_or(0, Timestamp::ticks));
            group.save(writer);
        }
        // By its place among those that were written.
        let place = |last| self.open.iter().position(|at| at == last);
        let last = self.last.and_then(place);
        writer.number(last.map_or(0, |at| at.saturating_add(1)) as u64);
        self.done.save(writer);
        self.processes.save(writer);
        self.scripts.save(writer);
    }

    /// Writes what one that knows nothing does.
    pub(crate) fn save_none(writer: &mut Writer) {
        Joiner::default().save(writer);
    }

    /// What [`save`](Joiner::save) wrote, for the settings of this one.
    pub(crate) fn restored(
        &self,
        counts: JoinCounts,
        content: &mut Content<'_>,
    ) -> Result<Joiner, StateError> {
        let mut joiner = Joiner::new(self.wanted, Some(&self.own_host));
        for _ in 0..content.number()? {
            let (id, host) = (content.text()?, content.text()?);
            let has_time = content.truth()?;
            let ticks = content.signed()?;
            let time = has_time.then(|| Timestamp::from_ticks(ticks));
            if id.is_empty() || joiner.open.len() >= MOST_OPEN {
                return Err(corrupt());
            }
            let at = joiner.begin(Owner { id, host, time });
            let group = at.and_then(|at| joiner.groups.get_mut(at));
            let group = group.ok_or_else(corrupt)?;
            let (size, room) = (group.size(), group.room());
            group.restore(content)?;
            let size = group.size().saturating_sub(size);
            let room = group.room().saturating_sub(room);
            joiner.held = joiner.held.saturating_add(size);
            joiner.room = joiner.room.saturating_add(room);
            if joiner.held > 2 * MOST_HELD {
                return Err(corrupt());
            }
        }
        let last = usize::try_from(content.number()?).or(Err(corrupt()))?;
        // None has ended: they are in the groups as they were read.
        joiner.last = last.checked_sub(1);
        if last > joiner.open.len() {
            return Err(corrupt());
        }
        joiner.done.restore(content)?;
        joiner.processes.restore(content)?;
        joiner.scripts.restore(content)?;
        joiner.counts = counts;
        Ok(joiner)
    }

    /// How many events are not over.
    pub(crate) fn pending(&self) -> u64 {
        (self.open.len() as u64).saturating_add(self.scripts.pending())
    }
}
