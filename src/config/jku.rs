//! A file of `jku` values that the tokens of a client may name: one URL a line, `#` begins a comment.

use url::Url;

/// Reads such a file.
///
/// # Errors
///
/// The first line that is no URL, by its number.
pub fn read_list(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Err("it is empty; a comment alone takes every value back".to_owned());
    }
    let mut listed = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let comment = line.find([' ', '\t']).and_then(|from| line.get(from..)?.find('#').map(|at| from + at));
        let line = line.get(..comment.unwrap_or(line.len())).unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !Url::parse(line).is_ok_and(|url| url.has_host()) {
            return Err(format!("line {} is no absolute URL", number + 1));
        }
        listed.push(line.to_owned());
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_url_a_line() {
        let text =
            "# Published by the vendor\n\nhttps://a.example/keys\r\n  https://b.example/keys # second\n";
        assert_eq!(read_list(text).unwrap(), ["https://a.example/keys", "https://b.example/keys"]);
        assert_eq!(read_list("https://a.example/keys\t# x").unwrap(), ["https://a.example/keys"]);
        assert_eq!(read_list("# none").unwrap(), Vec::<String>::new());
        assert!(read_list("").unwrap_err().contains("empty"));
        assert_eq!(read_list("https://a.example/\nkeys").unwrap_err(), "line 2 is no absolute URL");
    }
}
