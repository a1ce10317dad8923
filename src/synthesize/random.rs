//! Random numbers from a seed, the same on every machine (SplitMix64).

/// A source of random numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of chart `chart` in the run of `seed`. Its place in the cycle is drawn, too: counted in steps, the numbers
    /// of one chart would be those of the next, moved by one.
    pub fn new(seed: u64, chart: u64) -> Self {
        Self(seed ^ Self(chart).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of `from..to`.
    pub fn number(&mut self, from: i64, to: i64) -> i64 {
        let width = to.abs_diff(from).max(1);
        from.wrapping_add_unsigned(self.next() % width)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.number(0, 100) < percent
    }

    /// One of several values, each as likely as the others.
    #[expect(
        clippy::indexing_slicing,
        reason = "the place is below the length, and a list to choose from is not empty"
    )]
    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.place(values.len())]
    }

    /// A place below a length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.number(0, i64::try_from(length).unwrap_or(i64::MAX))).unwrap_or_default()
    }

    /// Puts values into another order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for end in (1..values.len()).rev() {
            values.swap(end, self.place(end + 1));
        }
    }
}
