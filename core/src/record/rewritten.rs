/*!
What is tried with a record of JSON that is nothing as it stands: it is written
once more, in each of the ways that others pass records on in, and read again.
*/

use core::mem;

use super::context::{Context, Reading};
use super::found::Found;
use super::gather::{Open, Walk};
use super::names::{Place, Style};
use super::plain::{self, Names, Renaming};
use super::syntax::json::{Cursor, Value};

/// Most texts in texts that are objects, beyond the first.
const MOST_FOLDED: u8 = 2;

/// A record that is nothing as it stands.
pub(super) struct Rewritten<'r, 'a> {
    /// All of it, and where it begins.
    pub(super) record: &'a [u8],
    pub(super) start: Cursor<'a>,
    /// The names of its values, if it is a row of a table.
    pub(super) columns: Option<&'r mut dyn Iterator<Item = &'a [u8]>>,
    pub(super) renaming: Renaming,
}

/// How a record is read.
#[derive(Clone, Copy)]
pub(super) struct How {
    /// Members of what is nothing by itself are looked into.
    pub(super) looks_inside: bool,
    /// What is nothing as it stands is written once more: done once for a
    /// record, from outside, so that the time stays linear.
    pub(super) may_rewrite: bool,
    /// An event of Windows' logs that holds no value of its own is one: not as
    /// long as its values may stand beside it.
    pub(super) takes_bare: bool,
}

impl How {
    /// A record that stands in no other.
    pub(super) const OUTERMOST: How =
        How { looks_inside: true, may_rewrite: true, takes_bare: true };

    /// One that was written once more.
    const AGAIN: How =
        How { looks_inside: true, may_rewrite: false, takes_bare: false };
}

/// Reads a record that was written once more. `None` where nothing is
/// understood.
pub(super) type Read<'r> =
    dyn FnMut(&[u8], How, &mut Context<'_>) -> Option<Reading> + 'r;

impl Rewritten<'_, '_> {
    /// Writes it in each way and reads that, until there is an event. `None`
    /// when nothing is understood in any way.
    pub(super) fn read(
        self,
        context: &mut Context<'_>,
        read: &mut Read<'_>,
    ) -> Option<Reading> {
        let Rewritten { record, start, columns, renaming } = self;
        let (text, mut context) = context.inside()?;
        if columns.is_none() && plain::is_by_columns(start.clone()) {
            // Each of its rows is a record, and stands there once.
            plain::write(start, Names::Apart, text);
            let how = How { may_rewrite: true, ..How::AGAIN };
            return read(text, how, &mut context);
        }
        let is_read =
            |read: Option<Reading>| read.is_some_and(|read| read.events > 0);
        let mut understood = None;
        let is_written = match columns {
            Some(names) => plain::write_row(start.clone(), names, text),
            None => {
                plain::may_differ(record)
                    && plain::write(start.clone(), Names::AsTheyAre, text)
                        .is_some()
            }
        };
        if is_written {
            understood = read(text, How::AGAIN, &mut context);
            if is_read(understood) {
                return understood;
            }
        }
        let (other, mut context) = context.inside()?;
        let context = &mut context;
        // What was a text may hold others.
        for _ in 0..u8::from(is_written).saturating_mul(MOST_FOLDED) {
            let from = Cursor::new(text);
            if plain::write(from, Names::AsTheyAre, other).is_none() {
                break;
            }
            mem::swap(text, other);
            understood = read(text, How::AGAIN, context).or(understood);
            if is_read(understood) {
                return understood;
            }
        }
        if renaming == Renaming::Never {
            return understood;
        }
        // What a known shape holds is its own affair.
        let looks_inside = renaming != Renaming::OfKnown;
        let how = How { looks_inside, ..How::AGAIN };
        let is_for_values = renaming == Renaming::ForValues;
        let (apart, mut context) = context.inside()?;
        let context = &mut context;
        let (mut is_apart, mut is_grouped) = (false, false);
        let may_have_pairs = plain::may_have_pairs(record);
        // Some shapes have an object that is a text, and no other.
        for is_written in [false, true].into_iter().take(ways(is_written)) {
            is_apart &= is_written;
            for names in [Names::Apart, Names::Listed] {
                let from = match (names, is_apart, is_written) {
                    (Names::Listed, true, _) => Cursor::new(apart),
                    (_, _, true) => Cursor::new(text),
                    (_, _, false) => start.clone(),
                };
                if names == Names::Listed && !may_have_pairs {
                    continue;
                }
                let written = plain::write(from, names, other);
                let Some(written) = written.filter(|_| {
                    !is_for_values || !is_bare(other, context.found)
                }) else {
                    continue;
                };
                is_grouped |= written.is_grouped;
                mem::swap(apart, other);
                is_apart = true;
                understood = read(apart, how, context).or(understood);
                if is_read(understood) {
                    return understood;
                }
            }
        }
        for is_apart in [false, true].into_iter().take(ways(is_grouped)) {
            for style in Style::ALL {
                let from = match (is_apart, is_written) {
                    (true, _) => Cursor::new(apart),
                    (false, true) => Cursor::new(text),
                    (false, false) => start.clone(),
                };
                if plain::write(from, Names::Spelled(style), other).is_none()
                    || is_for_values && is_bare(other, context.found)
                {
                    continue;
                }
                let reading = read(other, how, context);
                let reading =
                    reading.map(|read| Reading { is_disguised: true, ..read });
                if is_read(reading) {
                    return reading;
                }
                understood = understood.or(reading);
            }
        }
        understood
    }
}

/// How many ways there are: one, and another if it was written so.
fn ways(is_written: bool) -> usize {
    if is_written { 2 } else { 1 }
}

/// Whether an object holds no value of an event's own.
fn is_bare(text: &[u8], found: &mut Vec<Found>) -> bool {
    let record = Open { place: Place::RECORD, array: false };
    let mut walk = Walk::new(record, found);
    let mut cursor = Cursor::new(text);
    let is_object = matches!(cursor.value(), Ok(Value::Object));
    let is_walked = is_object && walk.run(&mut cursor, text, found).is_ok();
    let is_bare = !is_walked || walk.gathered(text, found).is_bare();
    walk.end(found);
    is_bare
}
