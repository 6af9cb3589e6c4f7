//! What the numbers of many events come to.

use core::fmt;

use super::measure::Order;

/// What numbers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The number below which so many of a hundred are, from 0 to 100;
    /// between two of them in proportion.
    Percentile(u8),
}

impl Statistic {
    /// Of numbers in ascending order; `None` if there are none.
    pub(crate) fn of(self, sorted: &[f64]) -> Option<f64> {
        let sum = || sorted.iter().sum::<f64>();
        let last = sorted.len().checked_sub(1)?;
        match self {
            Statistic::Sum => Some(sum()),
            Statistic::Average => Some(sum() / sorted.len() as f64),
            Statistic::Percentile(percent) => {
                let place = last as f64 * f64::from(percent.min(100)) / 100.0;
                let [below, above] = [place.floor(), place.ceil()]
                    .map(|place| sorted.get(place as usize).copied());
                let (below, above) = (below?, above?);
                Some(below + (above - below) * place.fract())
            }
        }
    }

    /// Whether a number counts.
    pub(crate) fn takes(self, number: f64) -> bool {
        number >= 0.0 || !self.grows()
    }

    /// Whether more numbers that count never make it smaller.
    pub(crate) fn grows(self) -> bool {
        self == Statistic::Sum
    }
}

/// In words: `sum`, `average`, `percentile 95`.
impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::Sum => f.write_str("sum"),
            Statistic::Average => f.write_str("average"),
            Statistic::Percentile(50) => f.write_str("median"),
            Statistic::Percentile(percent) => {
                write!(f, "percentile {percent}")
            }
        }
    }
}

/// What a statistic has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// How it stands to the number.
    pub order: Order,
    /// The number; finite.
    pub number: f64,
}

impl Bound {
    pub(crate) fn holds(self, value: f64) -> bool {
        self.order.holds(value, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_few_numbers() {
        let numbers = [1.0, 2.0, 4.0, 13.0];
        for (statistic, expected) in [
            (Statistic::Sum, 20.0),
            (Statistic::Average, 5.0),
            (Statistic::Percentile(0), 1.0),
            (Statistic::Percentile(50), 3.0),
            (Statistic::Percentile(90), 10.3),
            (Statistic::Percentile(100), 13.0),
        ] {
            let found = statistic.of(&numbers).unwrap();
            assert!((found - expected).abs() < 1e-9, "{statistic}: {found}");
            assert_eq!(statistic.of(&[7.0]), Some(7.0), "{statistic}");
            assert_eq!(statistic.of(&[]), None, "{statistic}");
        }
    }
}
