/*!
The programs of processes, for those that they start.
*/

use crate::state::{Content, StateError, Writer, corrupt};

/// Remembers which program a process runs, of processes that were seen to
/// start: the last ones, in memory that does not grow.
///
/// A process has one place, by its id and its host; another that falls on the
/// same place drives it out. Ids are given in order, so on one host the last
/// [`PLACES`] processes are there.
#[derive(Debug, Default)]
pub(super) struct Processes {
    places: Vec<Place>,
}

/// A process: 128 bytes.
#[derive(Clone, Debug)]
struct Place {
    /// Hash of host and id; 0 for none.
    process: u64,
    length: u8,
    image: [u8; MOST_IMAGE],
}

impl Processes {
    /// Bytes of memory held.
    pub(super) fn memory_usage(&self) -> usize {
        crate::memory::held(&self.places)
    }
}

impl Place {
    const NONE: Place =
        Place { process: 0, length: 0, image: [0; MOST_IMAGE] };

    fn image(&self) -> &[u8] {
        let image = self.image.get(..usize::from(self.length));
        debug_assert!(image.is_some(), "a path that is too long");
        image.unwrap_or_default()
    }
}

/// How many processes are remembered, in 1 MiB that is taken when the first
/// one is seen.
const PLACES: usize = 8192;

/// The longest path that is remembered: what makes a place two lines of a
/// cache.
const MOST_IMAGE: usize = 119;

impl Processes {
    /// Remembers that a process now runs a program; one whose path is too long
    /// is forgotten.
    pub(super) fn insert(&mut self, host: u64, id: &[u8], image: &[u8]) {
        if self.places.is_empty() {
            self.places.resize(PLACES, Place::NONE);
        }
        let Some((process, index)) = key(host, id) else { return };
        let Some(place) = self.places.get_mut(index) else { return };
        let Some(room) = place.image.get_mut(..image.len()) else {
            if place.process == process {
                place.process = 0;
            }
            return;
        };
        room.copy_from_slice(image);
        place.process = process;
        place.length = u8::try_from(image.len()).unwrap_or_default();
    }

    /// The program that a process runs, if it was seen to start.
    pub(super) fn get(&self, host: u64, id: &[u8]) -> Option<&[u8]> {
        self.place(host, id).map(Place::image)
    }

    fn place(&self, host: u64, id: &[u8]) -> Option<&Place> {
        let (process, index) = key(host, id)?;
        let place = self.places.get(index)?;
        (place.process == process).then_some(place)
    }

    /// Writes those that are known.
    pub(super) fn save(&self, writer: &mut Writer) {
        let known = || self.places.iter().enumerate();
        let known = || known().filter(|(_, place)| place.process != 0);
        writer.number(known().count() as u64);
        for (at, place) in known() {
            writer.number(at as u64);
            writer.number(place.process);
            writer.text(place.image());
        }
    }

    /// Takes what [`save`](Processes::save) wrote, in place of what is known.
    pub(super) fn restore(
        &mut self,
        content: &mut Content<'_>,
    ) -> Result<(), StateError> {
        let known = content.number()?;
        if known > 0 {
            self.places.resize(PLACES, Place::NONE);
        }
        for _ in 0..known {
            let at = usize::try_from(content.number()?).or(Err(corrupt()))?;
            let place = self.places.get_mut(at).ok_or_else(corrupt)?;
            place.process = content.number()?;
            let image = content.text()?;
            let room = place.image.get_mut(..image.len());
            room.ok_or_else(corrupt)?.copy_from_slice(image);
            place.length = u8::try_from(image.len()).or(Err(corrupt()))?;
        }
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        for place in &mut self.places {
            place.process = 0;
        }
    }
}

/// The key of a process, and its place.
fn key(host: u64, id: &[u8]) -> Option<(u64, usize)> {
    let id = core::str::from_utf8(id).ok()?.parse::<u32>().ok()?;
    // A process id is never 0 where a program is started, so neither is this.
    let process = host.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(id);
    let index = usize::try_from(process & (PLACES as u64).wrapping_sub(1));
    Some((process.max(1), index.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_those_of_their_host() {
        let mut processes = Processes::default();
        assert_eq!(processes.get(1, b"7"), None);
        processes.insert(1, b"7", b"/bin/sh");
        assert_eq!(processes.get(1, b"7"), Some(&b"/bin/sh"[..]));
        assert_eq!(processes.get(2, b"7"), None);
        for wrong in [&b""[..], b"x", b"-7", b"99999999999", b"\xff"] {
            processes.insert(1, wrong, b"/bin/x");
            assert_eq!(processes.get(1, wrong), None);
        }
        processes.insert(1, b"7", &[b'a'; MOST_IMAGE]);
        assert_eq!(processes.get(1, b"7"), Some(&[b'a'; MOST_IMAGE][..]));
        // What is now run is not what was.
        processes.insert(1, b"7", &[b'a'; MOST_IMAGE + 1]);
        assert_eq!(processes.get(1, b"7"), None);
        processes.insert(1, b"7", b"/bin/sh");
        processes.clear();
        assert_eq!(processes.get(1, b"7"), None);
    }

    #[test]
    fn last_processes_of_a_host_are_there() {
        let mut processes = Processes::default();
        let ids = 1..=(2 * PLACES as u32);
        for id in ids {
            let id = id.to_string();
            processes.insert(9, id.as_bytes(), id.as_bytes());
        }
        for id in PLACES as u32 + 1..=2 * PLACES as u32 {
            let id = id.to_string();
            assert_eq!(processes.get(9, id.as_bytes()), Some(id.as_bytes()));
        }
        assert_eq!(processes.get(9, b"1"), None);
        assert_eq!(size_of::<Place>(), 128);
    }
}
