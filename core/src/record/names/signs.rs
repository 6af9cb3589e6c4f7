//! Members that tell what a record is, as bits.

/// The signs that shapes are told by, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs([u64; 5]);

impl Signs {
    pub(crate) const NONE: Signs = Signs([0; 5]);
    pub(super) const ALL: Signs = Signs([u64::MAX; 5]);
    pub(super) const COUNT: u16 = 320;

    /// The word of a sign, and its bit in there.
    #[inline]
    pub(super) const fn bit(sign: u16) -> Option<(usize, u64)> {
        match sign.checked_sub(1) {
            None => None,
            Some(index) => {
                Some(((index >> 6_u32) as usize, 1 << (index & 63)))
            }
        }
    }

    /// Whether it has a sign.
    #[inline]
    pub(super) const fn has(self, sign: u16) -> bool {
        let Signs([first, second, third, fourth, fifth]) = self;
        match Signs::bit(sign) {
            None => false,
            Some((0, bit)) => first & bit != 0,
            Some((1, bit)) => second & bit != 0,
            Some((2, bit)) => third & bit != 0,
            Some((3, bit)) => fourth & bit != 0,
            Some((_, bit)) => fifth & bit != 0,
        }
    }

    /// The sign of the highest number.
    pub(super) const fn last(self) -> Option<u16> {
        let mut sign = Signs::COUNT;
        while sign > 0 {
            if self.has(sign) {
                return Some(sign);
            }
            sign = sign.saturating_sub(1);
        }
        None
    }

    /// The number of each sign that there is.
    #[inline]
    pub(super) fn each(self, mut each: impl FnMut(usize)) {
        for (word, mut bits) in self.0.into_iter().enumerate() {
            while bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                each((word << 6_u32 | bit).saturating_add(1));
                bits &= bits.wrapping_sub(1);
            }
        }
    }

    pub(super) const fn of(sign: u16) -> Signs {
        let mut signs = Signs::NONE;
        signs.add(sign);
        signs
    }

    #[inline]
    pub(super) const fn add(&mut self, sign: u16) {
        if let Some((word, bit)) = Signs::bit(sign) {
            let [first, second, third, fourth, fifth] = &mut self.0;
            match word {
                0 => *first |= bit,
                1 => *second |= bit,
                2 => *third |= bit,
                3 => *fourth |= bit,
                _ => *fifth |= bit,
            }
        }
    }

    #[inline]
    pub(super) const fn or(self, other: Signs) -> Signs {
        let Signs([a, b, c, d, e]) = self;
        let Signs([f, g, h, i, j]) = other;
        Signs([a | f, b | g, c | h, d | i, e | j])
    }

    #[inline]
    pub(crate) const fn and(self, other: Signs) -> Signs {
        let Signs([a, b, c, d, e]) = self;
        let Signs([f, g, h, i, j]) = other;
        Signs([a & f, b & g, c & h, d & i, e & j])
    }

    #[inline]
    pub(crate) const fn is_empty(self) -> bool {
        let Signs([a, b, c, d, e]) = self;
        a | b | c | d | e == 0
    }

    /// Whether it has all of some signs.
    #[inline]
    pub(crate) const fn has_all(self, signs: Signs) -> bool {
        let Signs([a, b, c, d, e]) = self;
        let Signs([f, g, h, i, j]) = signs;
        (f & !a) | (g & !b) | (h & !c) | (i & !d) | (j & !e) == 0
    }

    /// Whether it has any of some signs, or there are none.
    #[inline]
    pub(crate) const fn has_any(self, signs: Signs) -> bool {
        signs.is_empty() || !self.and(signs).is_empty()
    }
}
