//! Random numbers from a seed, the same on every machine (SplitMix64).

/// A source of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of chart `chart` in the run of `seed`.
    pub(crate) fn new(seed: u64, chart: u64) -> Self {
        let mut random = Self(seed ^ chart.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of `from..to`.
    pub(crate) fn number(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).unwrap();
        from + i64::try_from(self.next() % width).unwrap()
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.number(0, 100) < percent
    }

    /// One of several values, each as likely as the others.
    pub(crate) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.number(0, i64::try_from(values.len()).unwrap())).unwrap()]
    }
}
