//! National Drug Codes: labeler, product and package, as numbers.
//!
//! Charts write them with dashes in ten digits (4-4-2, 5-3-2, 5-4-1) or eleven (5-4-2), and in eleven digits without dashes; a
//! product has the first two parts alone. A value set that lists a product means every package of it.
//!
//! Deliberately absent: ten digits without dashes, which can be three different codes, and codes with letters or asterisks.
//! They match only what a value set writes in the same way.

use super::codes::{ConceptSet, Lookup};

/// A code in one form, whichever way it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ndc {
    labeler: u32,
    product: u32,
    /// `None`: the product, in whatever package.
    package: Option<u32>,
}

impl Ndc {
    fn new(code: &str) -> Option<Self> {
        let mut parts = code.trim().split('-');
        let (first, second, third) = (parts.next()?, parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (labeler, product, package) = match (first.len(), second.map(str::len), third.map(str::len)) {
            (11, None, None) => (first.get(..5)?, first.get(5..9)?, Some(first.get(9..)?)),
            (4, Some(4), None | Some(2))
            | (5, Some(3), None | Some(2))
            | (5, Some(4), None | Some(1 | 2)) => (first, second?, third),
            _ => return None,
        };
        let package = match package {
            Some(package) => Some(number(package)?),
            None => None,
        };
        Some(Self { labeler: number(labeler)?, product: number(product)?, package })
    }
}

/// A number of digits alone.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Whether a code names a product, which stands for its packages and is not searched for.
pub(super) fn is_product(code: &str) -> bool {
    Ndc::new(code).is_some_and(|code| code.package.is_none())
}

/// The codes of the system.
#[derive(Debug, Default)]
pub(super) struct NdcTable {
    codes: Lookup<Ndc>,
    /// What has no form that can be told apart, as it is written.
    others: Lookup<Box<str>>,
}

impl NdcTable {
    pub(super) fn concepts(&self, code: &str) -> ConceptSet {
        let Some(ndc) = Ndc::new(code) else {
            return self.others.get(code.trim()).copied().unwrap_or_default();
        };
        let of = |ndc: Ndc| self.codes.get(&ndc).copied().unwrap_or_default();
        of(ndc).union(of(Ndc { package: None, ..ndc }))
    }

    pub(super) fn insert(&mut self, code: &str, concepts: ConceptSet) {
        let set = match Ndc::new(code) {
            Some(ndc) => self.codes.entry(ndc).or_default(),
            None => self.others.entry(code.into()).or_default(),
        };
        *set = set.union(concepts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concept::Concept;

    #[test]
    fn a_product_is_found_however_its_package_is_written() {
        let mut table = NdcTable::default();
        let drug = ConceptSet::NONE.with(Concept::ZoledronicAcid);
        table.insert("0078-0590", drug);
        for code in
            ["0078-0590-61", "00078-0590-61", "00078059061", " 00078059061 ", "0078-0590", "00078-0590"]
        {
            assert_eq!(table.concepts(code), drug, "{code}");
        }
        // 00780-590-61 has the same ten digits; so they tell nothing without their dashes.
        for code in [
            "00780-590-61",
            "0078059061",
            "0078-590-61",
            "00078-0591-61",
            "000780590",
            "78-590",
            "0078-0590-61-1",
            "0078-059O-61",
            "+078-0590-61",
            "0078-*590-61",
            "0078–0590–61",
            "",
            "-",
            "--",
            "0078-0590-",
            "٠٠٧٨٠٥٩٠٦١١",
        ] {
            assert!(table.concepts(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn each_of_the_three_forms_of_ten_digits_is_its_own_code() {
        let mut table = NdcTable::default();
        let drug = ConceptSet::NONE.with(Concept::Corticosteroid);
        table.insert("55150-305", drug);
        table.insert("63323-0506", drug);
        assert_eq!(table.concepts("55150-305-01"), drug);
        assert_eq!(table.concepts("55150030501"), drug);
        assert_eq!(table.concepts("63323-0506-1"), drug);
        assert_eq!(table.concepts("63323050601"), drug);
        assert!(table.concepts("5515-0305-01").is_empty());
    }

    #[test]
    fn a_package_stands_for_itself_and_an_odd_code_for_its_own_writing() {
        let mut table = NdcTable::default();
        let drug = ConceptSet::NONE.with(Concept::BoneAgent);
        table.insert("55513-0730-01", drug);
        table.insert("5551373002", drug);
        assert_eq!(table.concepts("55513073001"), drug);
        assert_eq!(table.concepts("5551373002"), drug);
        for code in ["55513-0730", "55513-0730-02", "55513073002", "5551373001"] {
            assert!(table.concepts(code).is_empty(), "{code}");
        }
        assert!(is_product("55513-0730") && !is_product("55513-0730-01") && !is_product("5551373002"));
    }
}
