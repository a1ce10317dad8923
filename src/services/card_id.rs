//! Ids of cards and suggestions that say what they are: feedback is attributed by reading the id, so that the hot path
//! writes nothing (design.md section 3; rows C-1, S-2, FB-3).
//!
//! An id is a UUIDv8 (RFC 9562). Of its 128 bits 6 are fixed; the other 122 are, first bit first:
//!
//! | bits | what |
//! |---|---|
//! | 1 | 0 a card, 1 a suggestion |
//! | 3 | service: its place in [`OFFERED`](super::offered::OFFERED) |
//! | 8 | lead recommendation of the card: [`Code::number`] |
//! | 12 | guideline version: 7 bits year since 2000, 5 bits number within the year |
//! | 20 | hours since 2000-01-01T00:00Z, until 2119 |
//! | 38 | random; on a card that may be answered for a while (`[repeat]`) a keyed hash of what it is about |
//! | 40 | tag: the first bits of HMAC-SHA256 over the 82 bits before it and the name of the client |
//!
//! An id is one only for the client that was shown the card: nobody can answer for another hospital. A made-up id passes
//! once in 2⁴⁰ for each key that is read; 10,000 cards of one kind in one hour share an id once in 5,500 hours. Nothing in an id is about a patient.
//! Deliberately absent: where the key is kept.

use crate::guideline::{Code, GUIDELINE_VERSION};
use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use uuid::{Uuid, Variant, Version};

/// Length of the key, in bytes.
pub const KEY_LENGTH: usize = 32;

/// 2000-01-01T00:00Z in hours since 1970.
const FIRST_HOUR: i64 = 262_968;

const SERVICE_BITS: u32 = 3;
const CODE_BITS: u32 = 8;
const VERSION_BITS: u32 = 12;
const HOUR_BITS: u32 = 20;
const RANDOM_BITS: u32 = 38;
const TAG_BITS: u32 = 40;

/// A key that may be replaced while calls are under way; reading it takes no lock.
pub type SharedIdKey = Arc<ArcSwap<IdKey>>;

/// What an id identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A card.
    Card,
    /// A suggestion; the rest of its id is that of its card.
    Suggestion,
}

/// What an id says. Numbers, not names: an id of a newer release is ours, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardId {
    /// The id itself.
    pub uuid: Uuid,
    /// What it identifies.
    pub kind: Kind,
    /// Place of the service in [`OFFERED`](super::offered::OFFERED).
    pub service: u8,
    /// Lead recommendation of the card: [`Code::number`].
    pub recommendation: u8,
    /// Version of the decisions that made the card, as `2026.1`.
    pub guideline_version: String,
    /// When it was issued, in hours since 1970.
    pub issued_hour: i64,
    /// What the card is about, as [`IdKey::digests`] makes it; a random number where nothing is remembered. Below 2³⁸.
    pub digest: u64,
}

/// The key that makes ids, and all that recognise them.
#[derive(Debug, Clone)]
pub struct IdKey {
    key: hmac::Key,
    /// Further keys whose ids are read: those before it, and the one after it that replicas are to know in time.
    read: Vec<hmac::Key>,
    version: u128,
}

/// Makes the ids of one call.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    key: &'a IdKey,
    client: &'a str,
    service: u8,
    hour: u128,
}

impl IdKey {
    /// The key with these secret bytes.
    pub fn new(secret: &[u8; KEY_LENGTH]) -> Self {
        let version = version_number(GUIDELINE_VERSION).unwrap_or_default();
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            read: Vec::new(),
            version: u128::from(version),
        }
    }

    /// The first makes ids, those of all are read; `None` without any.
    pub fn of(secrets: &[[u8; KEY_LENGTH]]) -> Option<Self> {
        let (first, others) = secrets.split_first()?;
        let read = others.iter().map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret)).collect();
        Some(Self { read, ..Self::new(first) })
    }

    /// A key of its own for this process: its ids mean nothing to anybody else.
    pub fn random() -> Self {
        Self::new(&new_secret())
    }

    /// The key as it is shared between those who make ids and those who read them.
    pub fn shared(self) -> SharedIdKey {
        Arc::new(ArcSwap::from_pointee(self))
    }

    /// What stands for a text where the text must not be guessed: HMAC-SHA256 in base64, of another use than that of ids.
    pub fn tag_of(&self, text: &str) -> String {
        let whole = [b"a text beside ids\0".as_slice(), text.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &whole))
    }

    /// Makes ids for a call of this client to the service with this number at `now`. A clock outside of what an id can hold
    /// counts as its nearest end.
    pub fn issuer<'a>(&'a self, client: &'a str, service: u8, now: DateTime<Utc>) -> Issuer<'a> {
        let hours = hour_of(now).saturating_sub(FIRST_HOUR).clamp(0, (1 << HOUR_BITS) - 1);
        Issuer { key: self, client, service, hour: u128::try_from(hours).unwrap_or_default() }
    }

    /// What an id says; `None` when it was not made with this key for this client. Takes any usual way to write a UUID:
    /// `urn:uuid:`, braces, capitals, no hyphens.
    pub fn decode(&self, id: &str, client: &str) -> Option<CardId> {
        let id = id.trim();
        let bare = match id.get(..9) {
            Some(prefix) if prefix.eq_ignore_ascii_case("urn:uuid:") => id.get(9..)?,
            _ => id,
        };
        let uuid = Uuid::try_parse(bare).ok()?;
        if uuid.get_version() != Some(Version::Custom) || uuid.get_variant() != Variant::RFC4122 {
            return None;
        }
        let bits = gather(uuid);
        let said = bits >> TAG_BITS;
        let sent = (bits & ones(TAG_BITS)).to_be_bytes();
        let is_of = |key| {
            let tag = tag(key, said, client).to_be_bytes();
            aws_lc_rs::constant_time::verify_slices_are_equal(&tag, &sent).is_ok()
        };
        std::iter::once(&self.key).chain(&self.read).find(|key| is_of(key))?;

        let digest = u64::try_from(said & ones(RANDOM_BITS)).unwrap_or_default();
        let mut rest = said >> RANDOM_BITS;
        let mut take = |width: u32| {
            let field = rest & ones(width);
            rest >>= width;
            u32::try_from(field).unwrap_or_default()
        };
        let (hour, version) = (take(HOUR_BITS), take(VERSION_BITS));
        let (recommendation, service) = (take(CODE_BITS), take(SERVICE_BITS));
        Some(CardId {
            uuid,
            kind: if take(1) == 0 { Kind::Card } else { Kind::Suggestion },
            service: u8::try_from(service).ok()?,
            recommendation: u8::try_from(recommendation).ok()?,
            guideline_version: version_text(version),
            issued_hour: FIRST_HOUR + i64::from(hour),
            digest,
        })
    }

    /// What stands for something in the id of a card: the first bits of HMAC-SHA256 over it, below 2³⁸. First by the key that
    /// makes ids, then by all whose ids are read.
    pub fn digests(&self, about: &[u8]) -> Vec<u64> {
        let whole = [b"what a card is about\0".as_slice(), about].concat();
        let digest = |key| {
            let signed = hmac::sign(key, &whole);
            let bits = signed.as_ref().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte));
            bits >> (u64::BITS - RANDOM_BITS)
        };
        std::iter::once(&self.key).chain(&self.read).map(digest).collect()
    }

    fn encode(&self, kind: Kind, recommendation: u8, digest: Option<u64>, of: &Issuer<'_>) -> Uuid {
        let Issuer { client, service, hour, .. } = *of;
        let kind = u128::from(kind == Kind::Suggestion);
        let mut said = kind << SERVICE_BITS | (u128::from(service) & ones(SERVICE_BITS));
        said = said << CODE_BITS | u128::from(recommendation);
        said = said << VERSION_BITS | self.version;
        said = said << HOUR_BITS | hour;
        let last = digest.map_or_else(|| Uuid::new_v4().as_u128(), u128::from);
        said = said << RANDOM_BITS | (last & ones(RANDOM_BITS));
        spread(said << TAG_BITS | tag(&self.key, said, client))
    }
}

fn tag(key: &hmac::Key, said: u128, client: &str) -> u128 {
    let mut signed = hmac::Context::with_key(key);
    signed.update(&said.to_be_bytes());
    signed.update(client.as_bytes());
    signed.sign().as_ref().iter().take(5).fold(0, |tag, byte| tag << 8 | u128::from(*byte))
}

impl Issuer<'_> {
    /// A fresh id for a card that leads with `lead`.
    pub fn card(&self, lead: Code) -> String {
        self.key.encode(Kind::Card, lead.number(), None, self).to_string()
    }

    /// The id of a card that leads with `lead` and is about what has this digest ([`IdKey::digests`]): within an hour it is
    /// the same each time.
    pub fn card_about(&self, lead: Code, digest: u64) -> String {
        self.key.encode(Kind::Card, lead.number(), Some(digest), self).to_string()
    }

    /// A fresh id for a suggestion of a card that leads with `lead`.
    pub fn suggestion(&self, lead: Code) -> String {
        self.key.encode(Kind::Suggestion, lead.number(), None, self).to_string()
    }
}

/// Fresh bytes for a key. Two random UUIDs: 244 of the 256 bits are random, which is more than the tag can use.
pub fn new_secret() -> [u8; KEY_LENGTH] {
    let mut secret = [0; KEY_LENGTH];
    let halves = [Uuid::new_v4(), Uuid::new_v4()];
    for (to, from) in secret.iter_mut().zip(halves.iter().flat_map(|half| half.as_bytes())) {
        *to = *from;
    }
    secret
}

/// Whole hours since 1970.
pub fn hour_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

/// A guideline version as a number that fits an id; `None` when it is not written as `2026.1`.
pub fn version_number(text: &str) -> Option<u16> {
    let (year, number) = text.split_once('.')?;
    let year = year.parse::<u16>().ok()?.checked_sub(2000).filter(|year| *year < 1 << 7)?;
    let number = number.parse::<u16>().ok().filter(|number| *number < 1 << 5)?;
    Some(year << 5 | number)
}

fn version_text(number: u32) -> String {
    format!("{}.{}", 2000 + (number >> 5), number & 0b1_1111)
}

const fn ones(width: u32) -> u128 {
    (1 << width) - 1
}

/// Puts 122 bits around the version and the variant.
fn spread(bits: u128) -> Uuid {
    let (head, middle, tail) = (bits >> 74, bits >> 62 & ones(12), bits & ones(62));
    Uuid::from_u128(head << 80 | 8 << 76 | middle << 64 | 0b10 << 62 | tail)
}

/// The 122 bits without version and variant.
fn gather(uuid: Uuid) -> u128 {
    let all = uuid.as_u128();
    (all >> 80) << 74 | (all >> 64 & ones(12)) << 62 | (all & ones(62))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "general-hospital";

    fn key() -> IdKey {
        IdKey::new(&[7; KEY_LENGTH])
    }

    fn now() -> DateTime<Utc> {
        "2026-05-05T08:59:59Z".parse().unwrap()
    }

    #[test]
    fn an_id_says_what_it_is() {
        let key = key();
        for code in Code::ALL {
            for service in 0..3 {
                let issuer = key.issuer(CLIENT, service, now());
                let (card, suggestion) = (issuer.card(*code), issuer.suggestion(*code));
                let said = key.decode(&card, CLIENT).unwrap();
                assert_eq!(said.kind, Kind::Card);
                assert_eq!((said.service, Code::numbered(said.recommendation)), (service, Some(*code)));
                assert_eq!(said.guideline_version, GUIDELINE_VERSION);
                assert_eq!(said.issued_hour, hour_of("2026-05-05T08:00:00Z".parse().unwrap()));
                let beside = key.decode(&suggestion, CLIENT).unwrap();
                assert_eq!(beside.kind, Kind::Suggestion);
                let (uuid, digest) = (beside.uuid, beside.digest);
                assert_eq!(beside, CardId { uuid, digest, kind: Kind::Suggestion, ..said });
            }
        }
    }

    #[test]
    fn an_id_is_a_uuid_of_version_8_in_any_spelling() {
        let id = key().issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
        let uuid = Uuid::parse_str(&id).unwrap();
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (8, Variant::RFC4122));
        assert_eq!(id, uuid.hyphenated().to_string());
        for spelling in [
            format!("urn:uuid:{id}"),
            format!("URN:UUID:{}", id.to_uppercase()),
            id.to_uppercase(),
            format!("{{{id}}}"),
            id.replace('-', ""),
            format!(" {id}\n"),
        ] {
            assert_eq!(key().decode(&spelling, CLIENT).unwrap().uuid, uuid, "{spelling}");
        }
    }

    #[test]
    fn every_changed_bit_makes_an_id_foreign() {
        let id =
            Uuid::parse_str(&key().issuer(CLIENT, 1, now()).card(Code::SurgeryPreferred)).unwrap().as_u128();
        for bit in 0..128 {
            let forged = Uuid::from_u128(id ^ 1 << bit).to_string();
            assert_eq!(key().decode(&forged, CLIENT), None, "bit {bit}");
        }
    }

    #[test]
    fn foreign_ids_are_not_ours() {
        let other = IdKey::new(&[8; KEY_LENGTH]).issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
        let random = Uuid::new_v4().to_string();
        for id in ["", "urn:uuid:", "x", "ü8f0a7c1e", "8f0a7c1e-2b7d-8b8e-9c39-0a4de0a7b1f3", &other, &random]
        {
            assert_eq!(key().decode(id, CLIENT), None, "{id}");
        }
    }

    #[test]
    fn ids_of_every_key_are_read_and_the_first_makes_them() {
        let (old, new) = ([7; KEY_LENGTH], [8; KEY_LENGTH]);
        let both = IdKey::of(&[new, old]).unwrap();
        let id = |key: &IdKey| key.issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
        assert!(both.decode(&id(&IdKey::new(&old)), CLIENT).is_some());
        assert!(IdKey::new(&new).decode(&id(&both), CLIENT).is_some());
        assert!(IdKey::new(&old).decode(&id(&both), CLIENT).is_none());
        assert!(both.decode(&id(&IdKey::new(&[9; KEY_LENGTH])), CLIENT).is_none());
        assert!(IdKey::of(&[]).is_none());
    }

    #[test]
    fn a_clock_out_of_reach_counts_as_the_nearest_hour() {
        let key = key();
        let hour = |at: &str| {
            let id = key.issuer(CLIENT, 0, at.parse().unwrap()).card(Code::MriWithin12h);
            key.decode(&id, CLIENT).unwrap().issued_hour
        };
        assert_eq!(hour("1970-01-01T00:00:00Z"), FIRST_HOUR);
        assert_eq!(hour("2000-01-01T00:30:00Z"), hour_of("2000-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(hour("2500-01-01T00:00:00Z"), FIRST_HOUR + (1 << 20) - 1);
    }

    #[test]
    fn fresh_ids_and_keys_differ() {
        let card = || key().issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
        assert_ne!(card(), card());
        assert_ne!(new_secret(), new_secret());
    }

    #[test]
    fn versions_are_numbers_within_their_bounds() {
        assert_eq!(version_text(u32::from(version_number(GUIDELINE_VERSION).unwrap())), GUIDELINE_VERSION);
        for wrong in ["", "2026", "2026.", "1999.1", "2128.0", "2026.32", "2026.1.1", "x.y"] {
            assert_eq!(version_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_is_one_for_its_client_alone() {
        let id = key().issuer("north", 0, now()).card(Code::MriWithin12h);
        assert!(key().decode(&id, "north").is_some());
        for other in ["south", "", "nort", "northh"] {
            assert_eq!(key().decode(&id, other), None, "{other}");
        }
    }

    #[test]
    fn an_id_says_what_its_card_is_about_under_the_key_of_that_time() {
        let (old, new) = ([7; KEY_LENGTH], [8; KEY_LENGTH]);
        let (one, both) = (IdKey::new(&old), IdKey::of(&[new, old]).unwrap());
        let about = one.digests(b"this");
        assert_eq!(about.len(), 1);
        assert_eq!(both.digests(b"this"), [IdKey::new(&new).digests(b"this")[0], about[0]]);
        assert!(both.digests(b"this")[0] != about[0] && one.digests(b"that") != about);
        let id = one.issuer(CLIENT, 0, now()).card_about(Code::MriWithin12h, about[0]);
        assert_eq!(one.decode(&id, CLIENT).unwrap().digest, about[0]);
        assert_eq!(id, one.issuer(CLIENT, 0, now()).card_about(Code::MriWithin12h, about[0]));
    }

    #[test]
    fn a_text_has_one_tag_under_one_key() {
        let (one, other) = (IdKey::new(&[1; KEY_LENGTH]), IdKey::new(&[2; KEY_LENGTH]));
        assert_eq!(one.tag_of("ecog 1"), one.tag_of("ecog 1"));
        assert_ne!(one.tag_of("ecog 1"), one.tag_of("ecog 2"));
        assert_ne!(one.tag_of("ecog 1"), other.tag_of("ecog 1"));
    }
}
