//! Codes whose beginning is their category: ICD-9, -10 and -11, ATC, HCPCS.

/// Such a code in one form: upper case, without the dot, its characters from the lowest byte up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CategoryCode(u64);

impl CategoryCode {
    const SHORTEST_CATEGORY: u32 = 3;

    /// `None` when it is not built like such a code, or longer than eight characters: then it matches nothing. The marks
    /// that national editions append (dagger, asterisk, dash for "any subdivision") fall away, and so does what ICD-11 adds to
    /// a stem code after `&` or `/`; a range of codes ("C00-C75") is not a code.
    pub(super) fn new(code: &str) -> Option<Self> {
        let stem = code.split(['&', '/']).next().unwrap_or_default();
        let stem = stem.trim().trim_end_matches(['*', '+', '!', '†', '-', '.']);
        let mut bytes = [0; 8];
        let mut places = bytes.iter_mut();
        for byte in stem.bytes().filter(|byte| *byte != b'.') {
            *places.next()? = byte.is_ascii_alphanumeric().then_some(byte.to_ascii_uppercase())?;
        }
        let code = Self(u64::from_le_bytes(bytes));
        (code.len() > 0).then_some(code)
    }

    const fn len(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(8)
    }

    /// Whether it is long enough for a category.
    pub(super) const fn is_category(self) -> bool {
        self.len() >= Self::SHORTEST_CATEGORY
    }

    /// Whether it is the category or a code of it.
    pub(super) fn is_in(self, category: Self) -> bool {
        category.len() <= self.len() && category.0 == self.0 & (u64::MAX >> (64 - 8 * category.len()))
    }

    /// Every category that it can belong to, itself included.
    pub(super) fn categories(self) -> impl Iterator<Item = Self> {
        (Self::SHORTEST_CATEGORY..=self.len())
            .map(move |length| Self(self.0 & (u64::MAX >> (64 - 8 * length))))
    }
}
