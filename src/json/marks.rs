//! The bytes of a text at which something begins or ends, found 64 at a time.
//!
//! Of each block the classes of its bytes are made as numbers of 64 bits, one for each byte, and a few operations on these tell what is inside of
//! strings. Every byte of a text is looked at here: control characters, and escapes that JSON does not know, end the search. Deliberately absent:
//! the grammar, which sees the marks alone and must look at the bytes at them.

use wide::u8x16;

/// Bytes of a block.
const BLOCK: usize = 64;

/// Where a text has quotes that are not escaped; outside of strings, where it has one of `{}[],:`; and the first byte of anything else that
/// is no blank: a number or a literal, or a fault.
pub(super) struct Marks<'t> {
    bytes: &'t [u8],
    /// The marks of the block that were not taken yet; the lowest bit is its first byte.
    left: u64,
    /// Where the block begins, and the next.
    block: usize,
    next: usize,
    /// The last block ended within a string: all bits or none.
    in_string: u64,
    /// It ended with a backslash that escapes: 0 or 1.
    escape: u64,
    /// It ended with a byte of a number or a literal: 0 or 1.
    plain: u64,
    /// The byte after the last backslash of the blocks so far.
    after_backslash: usize,
    /// Nothing so far that no JSON text has.
    is_sound: bool,
}

/// The classes of the bytes of a block, a bit for each byte.
#[derive(Default)]
struct Classes {
    quotes: u64,
    backslashes: u64,
    /// `{}[],:`
    structure: u64,
    /// All up to the space.
    blanks: u64,
    spaces: u64,
}

impl Classes {
    fn of(block: &[u8; BLOCK]) -> Self {
        let mut classes = Self::default();
        let (parts, _) = block.as_chunks::<16>();
        for (place, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            // Both kinds of brackets differ in one bit.
            let folded = bytes | u8x16::splat(0x20);
            let braces = folded.simd_eq(u8x16::splat(b'{')) | folded.simd_eq(u8x16::splat(b'}'));
            let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * place);
            classes.quotes |= bits(is(b'"'));
            classes.backslashes |= bits(is(b'\\'));
            classes.structure |= bits(braces | is(b',') | is(b':'));
            classes.blanks |= bits(bytes.simd_le(u8x16::splat(b' ')));
            classes.spaces |= bits(is(b' '));
        }
        classes
    }
}

impl<'t> Marks<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            left: 0,
            block: 0,
            next: 0,
            in_string: 0,
            escape: 0,
            plain: 0,
            after_backslash: 0,
            is_sound: true,
        }
    }

    /// The next mark and its byte; `None` where there is none, or something that no JSON text has.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<(usize, u8)> {
        if self.left == 0 {
            self.fill()?;
        }
        let at = self.block + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some((at, *self.bytes.get(at)?))
    }

    /// Whether the text has ended after all marks, and may be JSON as far as this search can tell.
    pub(super) fn is_over(&mut self) -> bool {
        self.take().is_none() && self.is_sound && self.next >= self.bytes.len()
    }

    /// Whether a backslash may stand behind a place that was passed.
    #[inline]
    pub(super) const fn may_have_backslash(&self, start: usize) -> bool {
        // Blocks are read ahead of marks, so the last backslash may stand behind what is asked about.
        self.after_backslash > start
    }

    /// Whether any string so far has a backslash.
    pub(super) const fn any_backslash(&self) -> bool {
        self.after_backslash > 0
    }

    /// On to the next block that has marks.
    #[inline(never)]
    fn fill(&mut self) -> Option<()> {
        while self.left == 0 {
            self.advance()?;
        }
        Some(())
    }

    /// Finds the marks of the next block.
    #[inline]
    fn advance(&mut self) -> Option<()> {
        if !self.is_sound {
            return None;
        }
        self.block = self.next;
        let rest = self.bytes.get(self.next..).filter(|rest| !rest.is_empty())?;
        self.next += BLOCK;
        let classes = match rest.first_chunk::<BLOCK>() {
            Some(block) => Classes::of(block),
            None => {
                let mut padded = [b' '; BLOCK];
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                Classes::of(&padded)
            }
        };
        let Classes { quotes, backslashes, structure, blanks, spaces } = classes;
        let escaped = self.escaped(backslashes);
        let quotes = quotes & !escaped;
        // From each opening quote up to the byte before the closing one.
        let in_string = up_to(quotes) ^ self.in_string;
        self.in_string = 0_u64.wrapping_sub(in_string >> 63);
        let controls = blanks & !spaces;
        // A backslash outside of strings is the first byte of no value, and follows none.
        if controls != 0 && !self.controls_are_blanks(controls, in_string)
            || escaped != 0 && !self.escapes_are_known(escaped)
        {
            self.is_sound = false;
            return None;
        }
        let plain = !(structure | blanks | quotes | in_string);
        let begins = plain & !(plain << 1 | self.plain);
        self.plain = plain >> 63;
        self.left = quotes | structure & !in_string | begins;
        Some(())
    }

    /// Which bytes of the block follow a backslash that is not escaped itself: of a run of backslashes, every second byte from its second on.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        if backslashes == 0 {
            return std::mem::take(&mut self.escape);
        }
        self.after_backslash = self.block + BLOCK - backslashes.leading_zeros() as usize;
        let escaping = backslashes & !self.escape;
        let followers = escaping << 1 | self.escape;
        // Adding a run to its first bit carries behind its end: runs that begin at an odd place are told from the others by that.
        let odd_starts = escaping & !EVEN & !followers;
        let (ends, carry) = odd_starts.overflowing_add(escaping);
        self.escape = u64::from(carry);
        (EVEN ^ ends << 1) & followers
    }

    /// Whether control characters are blanks between values.
    fn controls_are_blanks(&self, controls: u64, in_string: u64) -> bool {
        let byte = |at: u32| self.bytes.get(self.block + at as usize);
        controls & in_string == 0 && bits(controls).all(|at| matches!(byte(at), Some(b'\n' | b'\r' | b'\t')))
    }

    /// Whether all bytes that are escaped may be.
    fn escapes_are_known(&self, escaped: u64) -> bool {
        bits(escaped).all(|at| match self.bytes.get(self.block + at as usize..) {
            Some([b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..]) => true,
            Some([b'u', a, b, c, d, ..]) => [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit),
            // A text that ends with a backslash ends in a string.
            rest => rest.is_none_or(<[u8]>::is_empty),
        })
    }
}

/// Of each two bits in turn, all from the first up to the one before the second.
const fn up_to(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// The places of bits, from the lowest.
fn bits(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(place)
    })
}
