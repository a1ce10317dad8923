//! Which clinician signed in, by `fhirUser`: a Practitioner or PractitionerRole of the server of the session, and nobody else.

use super::Trouble;
use crate::ehr::Access;

/// Longest `fhirUser`, in bytes.
const LONGEST: usize = 1024;
/// Who may write.
const CLINICIANS: [&str; 2] = ["Practitioner", "PractitionerRole"];
/// Who has no business here, in small letters.
const OTHERS: [&str; 2] = ["patient", "relatedperson"];

/// The clinician as `Type/id`; `None` where the EHR names nobody, or somebody of whom nothing can be written.
///
/// # Errors
///
/// [`Trouble::NotClinician`] for a patient or a relative, however that is written.
pub(super) fn clinician(fhir_user: Option<&str>, server: &Access) -> Result<Option<String>, Trouble> {
    let Some(named) = fhir_user.filter(|it| it.len() <= LONGEST) else { return Ok(None) };
    let here = |kind: &&str| Some(format!("{kind}/{}", server.id_here(named, kind)?));
    if let Some(user) = CLINICIANS.iter().find_map(here) {
        return Ok(Some(user));
    }
    let mut words = named.split(|it: char| !it.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    // What is escaped may spell anything.
    if named.contains('%') || words.any(|word| OTHERS.contains(&&*word)) {
        return Err(Trouble::NotClinician);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_a_practitioner_of_the_server_may_write() {
        let base = "https://ehr.example.org/fhir".parse().unwrap();
        let server = Access::of_app(&base, "token", "", Duration::from_secs(60)).unwrap();
        let of = |named: &str| clinician(Some(named), &server);
        for (named, user) in [
            ("Practitioner/1", Some("Practitioner/1")),
            ("PractitionerRole/1", Some("PractitionerRole/1")),
            ("https://ehr.example.org/fhir/Practitioner/1", Some("Practitioner/1")),
            ("https://ehr.example.org/fhir/Practitioner/1/_history/2", Some("Practitioner/1")),
            ("https://evil.example/fhir/Practitioner/1", None),
            ("https://ehr.example.org/other/Practitioner/1", None),
            ("Practitioner/", None),
            ("Practitioner/a b", None),
            ("practitioner/1", None),
            ("Device/1", None),
            ("", None),
        ] {
            assert_eq!(of(named).unwrap().as_deref(), user, "{named}");
        }
        for named in [
            "Patient/1",
            "https://ehr.example.org/fhir/Patient/1",
            "https://ehr.example.org/fhir/Patient/1/",
            "Patient/1/_history/2",
            "Patient/1?x=y",
            "patient/1",
            "PATIENT/1",
            " Patient/1",
            "Pati%65nt/1",
            "RelatedPerson/1",
            "relatedperson/1",
            "Practitioner/../Patient/1",
        ] {
            assert_eq!(of(named), Err(Trouble::NotClinician), "{named}");
        }
        assert_eq!(clinician(None, &server), Ok(None));
        assert_eq!(of(&format!("Practitioner/{}", "1".repeat(2_000))), Ok(None));
    }
}
