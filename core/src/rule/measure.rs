//! What a number is compared with: a value, or a part of the time it holds.

use crate::time::Timestamp;

/// What of a value is compared with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// The value itself, where it is a number: decimal, or hexadecimal after
    /// `0x`.
    Value,
    /// The minute of the time that it holds, from 0.
    Minute,
    /// The hour, from 0.
    Hour,
    /// The day of the month, from 1.
    Day,
    /// The week of the year by ISO 8601, from 1.
    Week,
    /// The month, from 1.
    Month,
    /// The year.
    Year,
}

impl Measure {
    /// Sigma's modifier for it; nothing for the value itself.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::rule::Measure;
    ///
    /// assert_eq!(Measure::Hour.name(), "hour");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Measure::Value => "",
            Measure::Minute => "minute",
            Measure::Hour => "hour",
            Measure::Day => "day",
            Measure::Week => "week",
            Measure::Month => "month",
            Measure::Year => "year",
        }
    }

    /// What it is of a value; `None` where that holds no number, or no time
    /// with a date. A time with an offset is brought to UTC first.
    pub(crate) fn of(self, value: &[u8]) -> Option<f64> {
        if self == Measure::Value {
            return number(value);
        }
        let timestamp = Timestamp::parse(value)?;
        let time = timestamp.calendar();
        let part = match self {
            Measure::Value => return None,
            Measure::Minute => time.minute,
            Measure::Hour => time.hour,
            Measure::Day => time.day,
            Measure::Week => timestamp.week(),
            Measure::Month => time.month,
            Measure::Year => time.year,
        };
        i32::try_from(part).ok().map(f64::from)
    }
}

/// How a number stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// It is the same.
    Same,
    /// `lt`
    Below,
    /// `lte`
    AtMost,
    /// `gt`
    Above,
    /// `gte`
    AtLeast,
}

impl Order {
    /// Sigma's modifier for it; nothing for the same number.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::rule::Order;
    ///
    /// assert_eq!(Order::AtMost.name(), "lte");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Order::Same => "",
            Order::Below => "lt",
            Order::AtMost => "lte",
            Order::Above => "gt",
            Order::AtLeast => "gte",
        }
    }

    /// Whether a number stands so to a bound.
    pub(crate) fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            // Both were read from decimal digits.
            Order::Same => number.total_cmp(&bound).is_eq(),
            Order::Below => number < bound,
            Order::AtMost => number <= bound,
            Order::Above => number > bound,
            Order::AtLeast => number >= bound,
        }
    }
}

/// The number that a value is, blanks around it aside. Neither infinity nor
/// what is no number is one.
pub(crate) fn number(value: &[u8]) -> Option<f64> {
    let text = str::from_utf8(value.trim_ascii()).ok()?;
    let hexadecimal =
        text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        let is_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(digits, 16).ok();
        return number.filter(|_| is_digits).map(|number| number as f64);
    }
    // The standard library reads `inf` and `nan` too.
    let is_number = |byte: u8| {
        byte.is_ascii_digit()
            || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
    };
    if !text.bytes().all(is_number) {
        return None;
    }
    // Zero has one sign here.
    let number: Option<f64> = text.parse().ok();
    number.filter(|number| number.is_finite()).map(|number| number + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_number_whole_is_one() {
        for (value, expected) in [
            ("5", Some(5.0)),
            (" 5 ", Some(5.0)),
            ("-1.5", Some(-1.5)),
            ("1e3", Some(1000.0)),
            ("0x1F", Some(31.0)),
            ("-0", Some(0.0)),
            ("", None),
            ("5a", None),
            ("0x", None),
            ("0x+1", None),
            ("inf", None),
            ("NaN", None),
            ("1e999", None),
        ] {
            let found = number(value.as_bytes());
            assert_eq!(found, expected, "{value}");
        }
        assert!(Order::Same.holds(number(b"-0").unwrap(), 0.0));
        assert_eq!(number(b"\xff"), None);
    }

    #[test]
    fn parts_of_a_time() {
        let of = |measure: Measure, value: &str| measure.of(value.as_bytes());
        let time = "2024-12-30T23:07:00.5-01:30";
        for (measure, expected) in [
            (Measure::Minute, 37.0),
            (Measure::Hour, 0.0),
            (Measure::Day, 31.0),
            (Measure::Week, 1.0),
            (Measure::Month, 12.0),
            (Measure::Year, 2024.0),
        ] {
            assert_eq!(of(measure, time), Some(expected), "{measure:?}");
            assert_eq!(of(measure, "23:07"), None);
        }
        // By ISO 8601, the week that holds the year's first Thursday is 1.
        for (date, week) in [
            ("2021-01-03 00:00:00", 53.0),
            ("2021-01-04 00:00:00", 1.0),
            ("2020-12-31 00:00:00", 53.0),
            ("2026-12-31 00:00:00", 53.0),
            ("2023-01-01 00:00:00", 52.0),
            ("1970-01-01 00:00:00", 1.0),
            ("1960-02-29 00:00:00", 9.0),
        ] {
            assert_eq!(of(Measure::Week, date), Some(week), "{date}");
        }
    }
}
