//! Members that tell what a record is, as bits.

/// The signs that shapes are told by, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs([u64; 4]);

impl Signs {
    pub(crate) const NONE: Signs = Signs([0; 4]);
    pub(super) const ALL: Signs = Signs([u64::MAX; 4]);
    pub(super) const COUNT: usize = 256;

    /// The word of a sign, and its bit in there.
    #[inline]
    pub(super) const fn bit(sign: u8) -> Option<(usize, u64)> {
        match sign.checked_sub(1) {
            None => None,
            Some(index) => {
                Some(((index >> 6_u32) as usize, 1 << (index & 63)))
            }
        }
    }

    /// Whether it has a sign.
    #[inline]
    pub(super) const fn has(self, sign: u8) -> bool {
        let Signs([first, second, third, fourth]) = self;
        match Signs::bit(sign) {
            None => false,
            Some((0, bit)) => first & bit != 0,
            Some((1, bit)) => second & bit != 0,
            Some((2, bit)) => third & bit != 0,
            Some((_, bit)) => fourth & bit != 0,
        }
    }

    /// The sign of the highest number.
    pub(super) const fn last(self) -> Option<u8> {
        let mut sign = u8::MAX;
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

    pub(super) const fn of(sign: u8) -> Signs {
        let mut signs = Signs::NONE;
        signs.add(sign);
        signs
    }

    #[inline]
    pub(super) const fn add(&mut self, sign: u8) {
        if let Some((word, bit)) = Signs::bit(sign) {
            let [first, second, third, fourth] = &mut self.0;
            match word {
                0 => *first |= bit,
                1 => *second |= bit,
                2 => *third |= bit,
                _ => *fourth |= bit,
            }
        }
    }

    #[inline]
    pub(super) const fn or(self, other: Signs) -> Signs {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = other;
        Signs([a | e, b | f, c | g, d | h])
    }

    #[inline]
    pub(crate) const fn and(self, other: Signs) -> Signs {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = other;
        Signs([a & e, b & f, c & g, d & h])
    }

    #[inline]
    pub(crate) const fn is_empty(self) -> bool {
        let Signs([a, b, c, d]) = self;
        a | b | c | d == 0
    }

    /// Whether it has all of some signs.
    #[inline]
    pub(crate) const fn has_all(self, signs: Signs) -> bool {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = signs;
        (e & !a) | (f & !b) | (g & !c) | (h & !d) == 0
    }

    /// Whether it has any of some signs, or there are none.
    #[inline]
    pub(crate) const fn has_any(self, signs: Signs) -> bool {
        signs.is_empty() || !self.and(signs).is_empty()
    }
}
