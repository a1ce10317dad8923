//! Doses and techniques of radiotherapy, as words.
//!
//! "24 Gy in 2 fractions", "24Gy/2#", "8 Gy x 1", "2 x 12 Gy", "5 fractions of 6 Gy". A range, two schemes, or words of an
//! earlier treatment make a text unclear, and it then states no scheme.

use super::Words;
use super::imaging::denied;
use engine::domain::Technique;

/// A dose and the number of fractions that it is given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// Total dose in cGy.
    pub total_cgy: u32,
    /// Number of fractions.
    pub fractions: u16,
}

/// The one scheme that a text states.
pub fn scheme(text: &str) -> Option<Scheme> {
    // A dose is a figure.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let tokens = tokens(text);
    let earlier = |token: &Token| matches!(token, Token::Word(word) if EARLIER.contains(&word.as_str()));
    let two = |at: usize| dose(&tokens, at).is_some() && joined(&tokens, at);
    if tokens.iter().any(earlier) || (0..tokens.len()).any(two) {
        return None;
    }
    let mut found = (0..tokens.len()).filter_map(|at| scheme_at(&tokens, at));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The technique that a text says; `None` when it says none, or both.
pub fn technique(text: &str) -> Option<Technique> {
    let words = Words::of(text);
    let says = |list: &[&str]| (0..words.len()).any(|i| words.is(i, list) && !denied(&words, i, i));
    let declined = |i: usize| words.is_at(i, -1, &["non"]) || words.is_at(i, 1, &["biopsy", "frame"]);
    let stereotactic = (0..words.len()).any(|i| {
        words.is(i, STEREOTACTIC) && !denied(&words, i, i) && !declined(i) && !not_a_candidate(&words, i)
    });
    match (stereotactic, says(CONVENTIONAL)) {
        (true, false) => Some(Technique::Sbrt),
        (false, true) => Some(Technique::Conventional),
        _ => None,
    }
}

/// Whether a text calls the treatment external beam radiotherapy.
pub fn says_external_beam(text: &str) -> bool {
    let words = Words::of(text);
    (0..words.len()).any(|i| {
        let named = words.is(i, EXTERNAL_BEAM) || words.is(i, &["external"]) && words.is_at(i, 1, &["beam"]);
        named && !denied(&words, i, i)
    })
}

/// Words of a treatment that is not the one at hand.
const EARLIER: &[&str] = &["previous", "previously", "prior", "history", "earlier"];
const STEREOTACTIC: &[&str] = &["sbrt", "sabr", "stereotactic", "stereotactically", "radiosurgery", "srs"];
const EXTERNAL_BEAM: &[&str] = &["ebrt", "xrt", "teletherapy", "teleradiotherapy"];
const CONVENTIONAL: &[&str] = &["cebrt", "conventional", "conventionally"];
const GRAY: &[&str] = &["gy", "gray", "grays"];
const CENTIGRAY: &[&str] = &["cgy", "centigray", "rad", "rads"];
const FRACTION: &[&str] = &[
    "fraction",
    "fractions",
    "fx",
    "fxs",
    "frac",
    "fracs",
    "fr",
    "frs",
    "f",
    "session",
    "sessions",
    "treatment",
    "treatments",
];
/// What may stand between a dose and the number of its fractions.
const BETWEEN: &[&str] = &["total", "dose", "given", "delivered", "in", "over", "as", "a"];
/// What may follow a number of fractions that is not called so.
const AFTER_A_BARE_NUMBER: &[&str] = &["to", "for", "at", "sbrt", "sabr", "ebrt", "cebrt", "rt", "spine"];
const NUMBERS: &[&str] = &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
/// No course of radiotherapy has more, in cGy.
const MOST_TOTAL: u32 = 9_000;
/// No fraction has more, in cGy.
const MOST_A_FRACTION: u32 = 3_000;
const MOST_FRACTIONS: u16 = 50;

fn not_a_candidate(words: &Words, at: usize) -> bool {
    let from = at.saturating_sub(5);
    (from..at).any(|i| words.is(i, &["not", "unsuitable", "ineligible"]))
}

/// A piece of text.
#[derive(Debug, PartialEq)]
enum Token {
    /// A number, in hundredths; `glued`: it is a part of a word ("T8").
    Number { hundredths: u32, glued: bool },
    /// A word in lower case.
    Word(String),
    /// Any other sign.
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut number = String::from(c);
            while let Some(next) = chars.next_if(|next| next.is_ascii_digit() || matches!(next, '.' | ',')) {
                number.push(next);
            }
            let end = number.trim_end_matches(['.', ',']);
            let glued = before.is_alphabetic() && !matches!(before, 'x' | 'X');
            match hundredths(end) {
                Some(hundredths) => found.push(Token::Number { hundredths, glued }),
                None => found.push(Token::Sign('?')),
            }
            before = '0';
            found.extend(number.chars().skip(end.chars().count()).take(1).map(Token::Sign));
        } else if c.is_alphabetic() {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|next| next.is_alphabetic()) {
                word.push(next);
            }
            before = word.chars().next_back().unwrap_or(c);
            let word = word.to_lowercase();
            // "12Gyx2"
            match word.strip_suffix('x').filter(|unit| GRAY.contains(unit)) {
                Some(unit) => found.extend([unit, "x"].map(|part| Token::Word(part.to_owned()))),
                None => found.push(Token::Word(word)),
            }
        } else {
            before = c;
            if !c.is_whitespace() {
                found.push(Token::Sign(c));
            }
        }
    }
    found
}

/// "24", "27.5", "7,5", "3,000".
fn hundredths(number: &str) -> Option<u32> {
    let plain = match number.split_once(',') {
        Some((whole, rest)) if rest.len() == 3 && !whole.is_empty() => format!("{whole}{rest}"),
        Some((whole, rest)) => format!("{whole}.{rest}"),
        None => number.to_owned(),
    };
    super::super::quantity::rounded(plain.parse::<f64>().ok()? * 100.0)
}

fn word(tokens: &[Token], at: usize, list: &[&str]) -> bool {
    matches!(tokens.get(at), Some(Token::Word(word)) if list.contains(&word.as_str()))
}

fn sign(tokens: &[Token], at: usize, list: &[char]) -> bool {
    matches!(tokens.get(at), Some(Token::Sign(sign)) if list.contains(sign))
}

fn is_times(tokens: &[Token], at: usize) -> bool {
    word(tokens, at, &["x"]) || sign(tokens, at, &['×', '*'])
}

fn is_number(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at), Some(Token::Number { .. }))
}

/// A number of fractions: a figure or a word, not a part of a range.
fn count(tokens: &[Token], at: usize) -> Option<u16> {
    let count = match tokens.get(at)? {
        Token::Number { hundredths, .. } if hundredths % 100 == 0 => u16::try_from(hundredths / 100).ok()?,
        Token::Word(word) if word == "single" => 1,
        Token::Word(word) => u16::try_from(NUMBERS.iter().position(|n| n == word)? + 1).ok()?,
        _ => return None,
    };
    (1..=MOST_FRACTIONS).contains(&count).then_some(count)
}

/// The word "fraction" or the number sign; a hyphen may stand before it ("single-fraction").
fn fraction_word(tokens: &[Token], at: usize) -> bool {
    word(tokens, at, FRACTION)
        || sign(tokens, at, &['#'])
        || sign(tokens, at, &['-']) && word(tokens, at + 1, FRACTION)
}

/// The dose that begins at a token, in cGy.
fn dose(tokens: &[Token], at: usize) -> Option<u32> {
    let Token::Number { hundredths, glued: false } = tokens.get(at)? else { return None };
    let cgy = if word(tokens, at + 1, GRAY) {
        *hundredths
    } else if word(tokens, at + 1, CENTIGRAY) {
        hundredths / 100
    } else {
        return None;
    };
    Some(cgy)
}

/// Whether the dose at a token is an end of a range, or one of two.
fn joined(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|i| {
        (sign(tokens, i, &['-', '–', '—', '/']) || word(tokens, i, &["to", "or"]))
            && i.checked_sub(1).is_some_and(|j| {
                matches!(tokens.get(j), Some(Token::Number { glued: false, .. }))
                    || word(tokens, j, GRAY)
                    || word(tokens, j, CENTIGRAY)
            })
    })
}

fn scheme_at(tokens: &[Token], at: usize) -> Option<Scheme> {
    let dose = dose(tokens, at)?;
    let (total_cgy, fractions) = times_after(tokens, at, dose)
        .or_else(|| count_after(tokens, at).map(|n| (dose, n)))
        .or_else(|| count_before(tokens, at, dose))?;
    let possible =
        (1..=MOST_TOTAL).contains(&total_cgy) && total_cgy <= MOST_A_FRACTION * u32::from(fractions);
    possible.then_some(Scheme { total_cgy, fractions })
}

/// "8 Gy x 3": a dose per fraction.
fn times_after(tokens: &[Token], at: usize, dose: u32) -> Option<(u32, u16)> {
    let n = is_times(tokens, at + 2).then(|| count(tokens, at + 3)).flatten()?;
    let other = word(tokens, at + 4, GRAY) || sign(tokens, at + 4, &['-', '–']);
    (!other).then_some((dose.checked_mul(u32::from(n))?, n))
}

/// "24 Gy in 2 fractions", "24Gy/2#", "8 Gy single fraction", "8 Gy in 1".
fn count_after(tokens: &[Token], at: usize) -> Option<u16> {
    let mut next = at + 2;
    let mut connected = false;
    while word(tokens, next, BETWEEN) || sign(tokens, next, &['(', ',', '/', ':']) {
        connected |= word(tokens, next, &["in", "over"]) || sign(tokens, next, &['/']);
        next += 1;
    }
    let n = count(tokens, next)?;
    if fraction_word(tokens, next + 1) {
        return Some(n);
    }
    let ends = match tokens.get(next + 1) {
        None => true,
        Some(Token::Sign(sign)) => matches!(sign, ',' | ';' | ')' | '.'),
        Some(Token::Word(word)) => AFTER_A_BARE_NUMBER.contains(&word.as_str()),
        Some(Token::Number { .. }) => false,
    };
    // "or 3 fractions" and "to 10 fractions" make it a range.
    let range = word(tokens, next + 1, &["to"]) && is_number(tokens, next + 2);
    (connected && ends && !range).then_some(n)
}

/// "2 x 12 Gy", "5 fractions of 6 Gy", "single fraction of 8 Gy".
fn count_before(tokens: &[Token], at: usize, dose: u32) -> Option<(u32, u16)> {
    let own = |i: usize| !matches!(tokens.get(i), Some(Token::Number { glued: true, .. }));
    let per_fraction = |n: u16| Some((dose.checked_mul(u32::from(n))?, n));
    let last = at.checked_sub(1)?;
    if is_times(tokens, last) {
        let mut first = last.checked_sub(1)?;
        if word(tokens, first, FRACTION) {
            first = first.checked_sub(1)?;
        }
        return count(tokens, first).filter(|_| own(first)).and_then(per_fraction);
    }
    let connected = word(tokens, last, &["of", "at"]) || sign(tokens, last, &['@']);
    let fraction = if connected { last.checked_sub(1)? } else { last };
    if !word(tokens, fraction, FRACTION) {
        return None;
    }
    let mut first = fraction.checked_sub(1)?;
    if sign(tokens, first, &['-']) {
        first = first.checked_sub(1)?;
    }
    let n = count(tokens, first).filter(|_| own(first))?;
    // Only of a single fraction is it clear without "of" that the dose is a fraction's.
    (connected || n == 1).then(|| per_fraction(n)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_in_their_usual_forms() {
        for (text, total, n) in [
            ("24 Gy in 2 fractions", 2400, 2),
            ("24Gy/2#", 2400, 2),
            ("SBRT T8 24 Gy / 2 fx", 2400, 2),
            ("24Gy/2", 2400, 2),
            ("2 x 12 Gy", 2400, 2),
            ("12 Gy x 2", 2400, 2),
            ("12Gyx2", 2400, 2),
            ("8 Gy x 1", 800, 1),
            ("8 Gy × 1 to T8", 800, 1),
            ("8 Gy single fraction to L3", 800, 1),
            ("8 Gy in a single fraction", 800, 1),
            ("single-fraction 8 Gy", 800, 1),
            ("Single fraction of 8 Gy", 800, 1),
            ("8 Gy in 1", 800, 1),
            ("8Gy/1#", 800, 1),
            ("20 Gy in five fractions", 2000, 5),
            ("20 Gy in 5 to T8", 2000, 5),
            ("3000 cGy in 10 fractions", 3000, 10),
            ("3,000 cGy in 10 fractions", 3000, 10),
            ("30 Gy in 10 fractions of 3 Gy", 3000, 10),
            ("30 Gy (10 fractions of 3 Gy)", 3000, 10),
            ("5 fractions of 6 Gy", 3000, 5),
            ("5 x 4 Gy L2", 2000, 5),
            ("27.5 Gy in 5 fractions", 2750, 5),
            ("7,5 Gy x 4", 3000, 4),
            ("T8 24 Gy in 2 fractions.", 2400, 2),
            ("Radiotherapy T7-T9, 20 Gy, 5 fractions", 2000, 5),
        ] {
            assert_eq!(scheme(text), Some(Scheme { total_cgy: total, fractions: n }), "{text}");
        }
    }

    #[test]
    fn what_is_unclear_is_no_scheme() {
        for text in [
            "",
            "8 Gy",
            "24 Gy to T8",
            "16-24 Gy in 1 fraction",
            "20 to 30 Gy in 10 fractions",
            "30 Gy in 5-10 fractions",
            "24 Gy in 2 or 3 fractions",
            "24 Gy in 2 weeks",
            "8 Gy x 1 or 20 Gy in 5 fractions",
            "previous 20 Gy in 5 fractions",
            "2 Gy per fraction",
            "2 Gy/day",
            "24 in 2 fractions",
            "L2 x 12 Gy",
            "T8 fraction of 12 Gy",
            "60 Gy in 1 fraction",
            "20 Gy x 50",
            "0 Gy x 1",
            "24 Gy in 2.5 fractions",
            "24 mGy in 2 fractions",
            "100000000000000000000 Gy in 2 fractions",
            "1.2.3 Gy in 2 fractions",
        ] {
            assert_eq!(scheme(text), None, "{text}");
        }
    }

    #[test]
    fn techniques_are_said_or_not() {
        for (text, expected) in [
            ("SBRT to T8", Some(Technique::Sbrt)),
            ("Stereotactic ablative radiotherapy", Some(Technique::Sbrt)),
            ("spine SABR 24Gy/2#", Some(Technique::Sbrt)),
            ("conventional radiotherapy", Some(Technique::Conventional)),
            ("cEBRT 20 Gy in 5", Some(Technique::Conventional)),
            ("SBRT instead of conventional radiotherapy", Some(Technique::Sbrt)),
            ("SBRT or conventional radiotherapy", None),
            ("no SBRT", None),
            ("SBRT not possible", None),
            ("patient is not a candidate for SBRT", None),
            ("non-stereotactic radiotherapy", None),
            ("stereotactic biopsy", None),
            ("external beam radiotherapy", None),
            ("", None),
        ] {
            assert_eq!(technique(text), expected, "{text}");
        }
    }
}
