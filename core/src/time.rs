/*!
Event time: a count of 100-nanosecond ticks, and the spellings of it that
logs use.

The tick is that of Windows' own clock, so no recorded precision is lost, and
an `i64` of ticks spans the years 0 to 9999 that records may claim.
*/

use core::fmt;

use crate::bytes;

/// Ticks in one second.
const TICKS: i64 = 10_000_000;

/// A span of seconds in ticks.
pub(crate) const fn ticks(seconds: u32) -> i64 {
    // Far from the end: 2^32 seconds are 136 years.
    (seconds as i64).saturating_mul(TICKS)
}

/// A point in time: 100-nanosecond ticks since 1970-01-01T00:00:00Z.
///
/// # Example
///
/// ```
/// use t1053::Timestamp;
///
/// let time = Timestamp::parse(b"2024-03-04 03:52:18.8564582").unwrap();
/// assert_eq!(time.to_string(), "2024-03-04T03:52:18.8564582Z");
/// assert_eq!(Timestamp::from_unix_millis(0).to_string(), "1970-01-01T00:00:00Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp(i64);

/// Ticks from the beginning of Windows' time to that of Unix'.
const TICKS_FROM_1601: i64 = 116_444_736_000_000_000;

impl Timestamp {
    /// A time from ticks of 100 nanoseconds since the Unix epoch.
    pub const fn from_ticks(ticks: i64) -> Timestamp {
        Timestamp(ticks)
    }

    /// A time from milliseconds since the Unix epoch; saturates.
    pub const fn from_unix_millis(millis: i64) -> Timestamp {
        Timestamp(millis.saturating_mul(TICKS / 1000))
    }

    /// Ticks of 100 nanoseconds since the Unix epoch.
    pub const fn ticks(self) -> i64 {
        self.0
    }

    /// The signed distance `self - earlier` in ticks of 100 nanoseconds;
    /// saturates.
    pub const fn ticks_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// A time from its parts, or `None` when one is out of range. The offset
    /// is in seconds east of UTC.
    pub(crate) fn from_parts(
        date: (i64, i64, i64),
        time: (i64, i64, i64),
        fraction_ticks: i64,
        offset: i64,
    ) -> Option<Timestamp> {
        let (year, month, day) = date;
        let (hour, minute, second) = time;
        // A leap second is folded into the second after it.
        let in_range = (0..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        if !in_range {
            return None;
        }
        let days = days_from_civil(year, month, day);
        let hours = days.checked_mul(24)?.checked_add(hour)?;
        let minutes = hours.checked_mul(60)?.checked_add(minute)?;
        let seconds = minutes.checked_mul(60)?.checked_add(second)?;
        let ticks = seconds.checked_sub(offset)?.checked_mul(TICKS)?;
        Some(Timestamp(ticks.checked_add(fraction_ticks)?))
    }

    /// Reads `YYYY-MM-DD` and `hh:mm:ss` with `T` or a blank between, any
    /// number of fraction digits, and `Z`, an offset, or nothing after it.
    /// Without an offset the time is taken as UTC: a record that does not
    /// say its zone cannot be corrected here. Digits finer than a tick are
    /// dropped. Never allocates.
    pub fn parse(text: &[u8]) -> Option<Timestamp> {
        let mut cursor = Cursor(text.trim_ascii());
        let year = cursor.digits(4)?;
        cursor.byte(b"-/")?;
        let month = cursor.digits(2)?;
        cursor.byte(b"-/")?;
        let day = cursor.digits(2)?;
        if cursor.0.is_empty() {
            return Timestamp::from_parts((year, month, day), (0, 0, 0), 0, 0);
        }
        cursor.byte(b"T t")?;
        let time = cursor.time_of_day()?;
        let fraction = cursor.fraction()?;
        let offset = cursor.offset()?;
        Timestamp::from_parts((year, month, day), time, fraction, offset)
    }

    /// Reads the `MM/DD/YYYY hh:mm:ss AM` that heads a classic text event,
    /// fraction optional, and the `MM/DD/YY` of the C locale. The zone is not
    /// given; UTC is assumed.
    pub(crate) fn parse_us(text: &[u8]) -> Option<Timestamp> {
        Timestamp::parse_us_in(text, 2)
    }

    /// The same as tables have it, `2/3/2024, 4:05:06.000 AM`: numbers may
    /// have one digit, and a comma may stand behind the date.
    pub(crate) fn parse_us_short(text: &[u8]) -> Option<Timestamp> {
        Timestamp::parse_us_in(text, 1)
    }

    fn parse_us_in(text: &[u8], least_digits: usize) -> Option<Timestamp> {
        let mut cursor = Cursor(text.trim_ascii());
        let month = cursor.one_or_two(least_digits)?;
        cursor.byte(b"/")?;
        let day = cursor.one_or_two(least_digits)?;
        cursor.byte(b"/")?;
        let year = match cursor.digits(4) {
            Some(year) => year,
            None => cursor.digits(2)?.checked_add(2000)?,
        };
        if least_digits == 1 {
            cursor.0 = cursor.0.strip_prefix(b",").unwrap_or(cursor.0);
        }
        cursor.byte(b" ")?;
        let hour = cursor.one_or_two(least_digits)?;
        cursor.byte(b":")?;
        let minute = cursor.digits(2)?;
        cursor.byte(b":")?;
        let second = cursor.digits(2)?;
        let fraction = cursor.fraction()?;
        let hour = match cursor.0.trim_ascii() {
            b"AM" | b"am" if hour <= 12 => hour % 12,
            b"PM" | b"pm" if hour <= 12 => (hour % 12).checked_add(12)?,
            b"" => hour,
            _ => return None,
        };
        let time = (hour, minute, second);
        Timestamp::from_parts((year, month, day), time, fraction, 0)
    }

    /// Reads `Feb 3, 2024 @ 04:05:06.000`, as Kibana shows a time. The zone
    /// is not given; UTC is assumed.
    pub(crate) fn parse_kibana(text: &[u8]) -> Option<Timestamp> {
        let mut cursor = Cursor(text.trim_ascii());
        let (name, rest) = cursor.0.split_first_chunk::<3>()?;
        let month = MONTHS.iter().position(|month| *month == name)?;
        let month = i64::try_from(month).ok()?.checked_add(1)?;
        cursor.0 = rest.strip_prefix(b" ")?;
        let day = cursor.one_or_two(1)?;
        cursor.0 = cursor.0.strip_prefix(b", ")?;
        let year = cursor.digits(4)?;
        cursor.0 = cursor.0.strip_prefix(b" @ ")?;
        let time = cursor.time_of_day()?;
        let fraction = cursor.fraction()?;
        if !cursor.0.is_empty() {
            return None;
        }
        Timestamp::from_parts((year, month, day), time, fraction, 0)
    }

    /// Reads a time whose month is a name: `Sat Feb  3 04:05:06 2024`, with
    /// `UTC` or nothing behind it, `2024 Feb 03 04:05:06` and others of the
    /// same words. UTC is assumed, for no other zone is known by its name.
    pub(crate) fn parse_named(text: &[u8]) -> Option<Timestamp> {
        const DAYS: [&[u8]; 7] =
            [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
        let (mut year, mut month, mut day, mut time) =
            (None, None, None, None);
        let words = text.split(u8::is_ascii_whitespace);
        for word in words.filter(|word| !word.is_empty()) {
            let is_number = word.iter().all(u8::is_ascii_digit);
            if let Some(at) = MONTHS.iter().position(|name| *name == word) {
                month = i64::try_from(at).ok()?.checked_add(1);
            } else if is_number && word.len() == 4 {
                year = bytes::number(word);
            } else if is_number && word.len() <= 2 {
                day = bytes::number(word);
            } else if word.contains(&b':') {
                let mut cursor = Cursor(word);
                time = Some((cursor.time_of_day()?, cursor.fraction()?));
                if !cursor.0.is_empty() {
                    return None;
                }
            } else if !DAYS.contains(&word)
                && !matches!(word, b"UTC" | b"GMT" | b"Z")
            {
                return None;
            }
        }
        let (time, fraction) = time?;
        Timestamp::from_parts((year?, month?, day?), time, fraction, 0)
    }

    /// Reads `/Date(1706933106000)/`, milliseconds since the Unix epoch, as
    /// .NET's older JSON writers and so PowerShell 5 have it. An offset
    /// behind the number, `/Date(1706933106000+0100)/`, says in which zone
    /// to show the time, and does not change it.
    pub(crate) fn parse_dotnet(text: &[u8]) -> Option<Timestamp> {
        let text = text.strip_prefix(b"/Date(")?.strip_suffix(b")/")?;
        let (text, is_negative) = match text.strip_prefix(b"-") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let is_sign = |byte: &u8| matches!(byte, b'+' | b'-');
        let end = text.iter().position(is_sign).unwrap_or(text.len());
        let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
        let millis = bytes::number(digits)?;
        let millis = if is_negative { millis.checked_neg()? } else { millis };
        Some(Timestamp(millis.checked_mul(TICKS / 1000)?))
    }

    /// Reads a bare count since the Unix epoch: seconds (10 digits, with a
    /// fraction or not), or milli-, micro- or nanoseconds (13, 16 or 19
    /// digits); or one of Windows' ticks since 1601 (18 digits).
    pub(crate) fn parse_epoch(text: &[u8]) -> Option<Timestamp> {
        if text.iter().all(u8::is_ascii_digit) {
            // Told apart by their lengths: these begin in 2001 and end in
            // 2286, whatever the unit.
            match text.len() {
                13 => {
                    let millis = Cursor(text).digits(13)?;
                    return Some(Timestamp::from_unix_millis(millis));
                }
                // Windows' own, since 1601.
                18 => {
                    let since_1601 = Cursor(text).digits(18)?;
                    let ticks = since_1601.checked_sub(TICKS_FROM_1601)?;
                    return Some(Timestamp(ticks));
                }
                16 | 19 => {
                    let seconds = Timestamp::parse_unix(text.get(..10)?)?;
                    let mut fraction = [b'0'; 9];
                    let given = text.get(10..)?;
                    fraction.get_mut(..given.len())?.copy_from_slice(given);
                    let nanos = Cursor(&fraction).digits(9)?;
                    let ticks = nanos.checked_div(100)?;
                    return Some(Timestamp(seconds.0.checked_add(ticks)?));
                }
                _ => {}
            }
        }
        let seconds = text.split(|&byte| byte == b'.').next()?;
        if seconds.len() == 10 { Timestamp::parse_unix(text) } else { None }
    }

    /// Reads `seconds.fraction` since the Unix epoch, as auditd writes it.
    pub(crate) fn parse_unix(text: &[u8]) -> Option<Timestamp> {
        let mut cursor = Cursor(text);
        let digits =
            text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Twelve digits of seconds end in the year 33658.
        if digits == 0 || digits > 12 {
            return None;
        }
        let seconds = cursor.digits(digits)?;
        let fraction = cursor.fraction()?;
        if !cursor.0.is_empty() || seconds > 253_402_300_799 {
            return None;
        }
        let ticks = seconds.checked_mul(TICKS)?;
        Some(Timestamp(ticks.checked_add(fraction)?))
    }
}

/// A point in time as people read it, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl Timestamp {
    pub(crate) fn calendar(self) -> Calendar {
        let seconds = self.0.div_euclid(TICKS);
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(days);
        Calendar {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
        }
    }

    /// The week of the year, by ISO 8601: the Thursday of the same week tells
    /// the year that it is of, and how far into it it is.
    pub(crate) fn week(self) -> i64 {
        let days = self.0.div_euclid(TICKS).div_euclid(86_400);
        // The epoch was a Thursday; weeks begin on Monday.
        let since_monday = days.saturating_add(3).rem_euclid(7);
        let thursday = days.saturating_sub(since_monday).saturating_add(3);
        let (year, ..) = civil_from_days(thursday);
        let new_year = days_from_civil(year, 1, 1);
        (thursday.saturating_sub(new_year) / 7).saturating_add(1)
    }
}

/// RFC 3339 in UTC, with as many fraction digits as the time has.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Calendar { year, month, day, hour, minute, second, .. } =
            self.calendar();
        let fraction = self.0.rem_euclid(TICKS);
        // Digit by digit: with the formatter's widths each of seven numbers
        // takes as long as all of this.
        let mut text = *b"0000-00-00T00:00:00.0000000";
        for (value, end, count) in [
            (year, 4, 4),
            (month, 7, 2),
            (day, 10, 2),
            (hour, 13, 2),
            (minute, 16, 2),
            (second, 19, 2),
            (fraction, 27, 7),
        ] {
            put_digits(value, text.get_mut(..end), count);
        }
        let mut text = str::from_utf8(&text).unwrap_or_default();
        if !(0..=9999).contains(&year) {
            // A time that was reckoned, not read.
            write!(f, "{year:04}")?;
            text = text.get(4..).unwrap_or_default();
        }
        // Without the zeros that it ends with, if anything is left then.
        if fraction == 0 {
            text = text.strip_suffix(".0000000").unwrap_or(text);
        } else {
            text = text.trim_end_matches('0');
        }
        f.write_str(text)?;
        f.write_str("Z")
    }
}

/// Writes the last digits of a number at the end of a text.
fn put_digits(mut number: i64, text: Option<&mut [u8]>, count: usize) {
    let text = text.unwrap_or_default();
    for digit in text.iter_mut().rev().take(count) {
        *digit = b'0'.saturating_add((number % 10) as u8);
        number /= 10;
    }
}

/// Names of months, in Kibana's English.
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep",
    b"Oct", b"Nov", b"Dec",
];

/// What is left to read of a written time.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let number = bytes::number(digits)?;
        self.0 = rest;
        Some(number)
    }

    /// A number of two digits, or of one where that will do.
    fn one_or_two(&mut self, least: usize) -> Option<i64> {
        let is_long = self.0.get(1).is_some_and(u8::is_ascii_digit);
        self.digits(if is_long { 2 } else { least })
    }

    fn byte(&mut self, any_of: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        any_of.contains(&first).then_some(first)
    }

    fn time_of_day(&mut self) -> Option<(i64, i64, i64)> {
        let hour = self.digits(2)?;
        self.byte(b":")?;
        let minute = self.digits(2)?;
        self.byte(b":")?;
        Some((hour, minute, self.digits(2)?))
    }

    /// The ticks after a decimal point, zero when there is none.
    fn fraction(&mut self) -> Option<i64> {
        let Some((b'.' | b',', mut rest)) = self.0.split_first() else {
            return Some(0);
        };
        let mut ticks = 0_i64;
        let mut unit = TICKS / 10;
        while let Some((&digit, after)) = rest.split_first() {
            let Some(digit) = char::from(digit).to_digit(10) else { break };
            ticks = ticks.checked_add(unit.checked_mul(digit.into())?)?;
            unit /= 10;
            rest = after;
        }
        self.0 = rest;
        Some(ticks)
    }

    /// `Z`, `+hh:mm`, `-hhmm` or nothing, to the end of the text.
    fn offset(&mut self) -> Option<i64> {
        match self.0.trim_ascii() {
            b"" | b"Z" | b"z" | b"UTC" => Some(0),
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let mut cursor = Cursor(rest);
                let hours = cursor.digits(2)?;
                if cursor.0.first() == Some(&b':') {
                    cursor.byte(b":")?;
                }
                let minutes =
                    if cursor.0.is_empty() { 0 } else { cursor.digits(2)? };
                if !cursor.0.is_empty() || hours > 23 || minutes > 59 {
                    return None;
                }
                let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
                minutes.checked_mul(if *sign == b'-' { -60 } else { 60 })
            }
            _ => None,
        }
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": a year that
// begins in March puts the leap day last, so months fall on a straight line.

#[expect(
    clippy::arithmetic_side_effects,
    reason = "a year has at most four digits"
)]
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "an i64 of ticks has at most eight digits of days"
)]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524
        - day_of_era / 146_096)
        / 365;
    let day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Timestamp::parse(text.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn kibana_and_dotnet_have_spellings_of_their_own() {
        for (text, expected) in [
            ("Feb 3, 2024 @ 04:05:06.007", Some("2024-02-03T04:05:06.007Z")),
            ("Dec 31, 2024 @ 23:59:59", Some("2024-12-31T23:59:59Z")),
            ("Feb 3, 2024 @ 04:05:06.007 x", None),
            ("Foo 3, 2024 @ 04:05:06.007", None),
            ("Feb 30, 2024 @ 04:05:06", None),
        ] {
            let time = Timestamp::parse_kibana(text.as_bytes());
            let time = time.map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("/Date(1706933106007)/", Some("2024-02-03T04:05:06.007Z")),
            ("/Date(1706933106007+0100)/", Some("2024-02-03T04:05:06.007Z")),
            ("/Date(-1000)/", Some("1969-12-31T23:59:59Z")),
            ("/Date()/", None),
            ("/Date(9223372036854775807)/", None),
            ("/Date(1706933106007", None),
        ] {
            let time = Timestamp::parse_dotnet(text.as_bytes());
            let time = time.map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("2020-08-01 06:49:15", "2020-08-01T06:49:15Z"),
            ("2024-03-04T03:52:18.856458200Z", "2024-03-04T03:52:18.8564582Z"),
            ("2020-02-29T23:59:59.5+02:00", "2020-02-29T21:59:59.5Z"),
            ("2020-01-01T00:00:00-0130", "2020-01-01T01:30:00Z"),
            ("0000-01-01 00:00:00", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "2021-02-29 00:00:00",
            "2021-13-01 00:00:00",
            "yesterday",
            "2021-01-01 24:00:00",
            "2021-01-01 00:00",
            "2021-01-01T00:00:00X",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn us_and_unix() {
        let shown = |time: Option<Timestamp>| time.map(|t| t.to_string());
        assert_eq!(
            shown(Timestamp::parse_us(b"01/31/2026 10:38:34.049 PM")),
            Some("2026-01-31T22:38:34.049Z".into()),
        );
        assert_eq!(
            shown(Timestamp::parse_us(b"03/12/2021 12:00:14 AM")),
            Some("2021-03-12T00:00:14Z".into()),
        );
        assert_eq!(
            shown(Timestamp::parse_us(b"12/31/26 23:59:58.120")),
            Some("2026-12-31T23:59:58.12Z".into()),
        );
        assert_eq!(
            shown(Timestamp::parse_unix(b"1650675533.683")),
            Some("2022-04-23T00:58:53.683Z".into()),
        );
        assert_eq!(Timestamp::parse_unix(b"99999999999999"), None);
    }

    #[test]
    fn months_may_be_names_in_any_order() {
        for (text, expected) in [
            ("Sat Feb  3 04:05:06 2024", Some("2024-02-03T04:05:06Z")),
            ("Sat Feb 03 04:05:06.5 2024 UTC", Some("2024-02-03T04:05:06.5Z")),
            ("2024 Feb 3 04:05:06", Some("2024-02-03T04:05:06Z")),
            ("Feb 03 2024 04:05:06", Some("2024-02-03T04:05:06Z")),
            ("Feb 3 04:05:06", None),
            ("Sat Feb 3 04:05:06 CEST 2024", None),
            ("Sat Feb 3 04:05:06x 2024", None),
            ("Feb 30 2024 04:05:06", None),
            ("", None),
        ] {
            let time = Timestamp::parse_named(text.as_bytes());
            let time = time.map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("2/3/2024, 4:05:06.000 AM", Some("2024-02-03T04:05:06Z")),
            ("02/03/2024 04:05:06 PM", Some("2024-02-03T16:05:06Z")),
            ("2/3/2024", None),
        ] {
            let time = Timestamp::parse_us_short(text.as_bytes());
            let time = time.map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text}");
        }
    }
}
