//! Text from the record, made safe to show.

/// Text from the record, safe inside GitHub Flavored Markdown: no tags, no links, no formatting, one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A scheme or "www." would become a link.
    if out.contains("://") || out.contains("www.") {
        return out.replace("://", "\\://").replace("www.", "www\\.");
    }
    out
}

/// Most characters that a description of an action takes from the record.
const LABEL_LENGTH: usize = 120;

/// Text from the record for plain text, which clients may yet show as HTML or markdown: what marks up there is left out.
pub(super) fn bare(text: &str) -> String {
    let marks_up = |c: char| c.is_control() || "<>`*_~[]#|\\".contains(c);
    let text: String = text.chars().map(|c| if marks_up(c) { ' ' } else { c }).collect();
    let words = text.split_whitespace().filter(|word| !word.contains("://") && !word.starts_with("www."));
    words.collect::<Vec<_>>().join(" ").chars().take(LABEL_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_record_cannot_format_link_or_open_a_tag() {
        assert_eq!(escape("<b>x</b> & y"), "&lt;b&gt;x&lt;/b&gt; &amp; y");
        assert_eq!(escape("[a](http://b.example) *c*\n# d"), "\\[a\\](http\\://b.example) \\*c\\* \\# d");
        assert_eq!(escape("www.example.org"), "www\\.example.org");
        assert_eq!(escape("Condition/c-1"), "Condition/c-1");
    }

    #[test]
    fn text_from_the_record_marks_nothing_up_where_only_plain_text_is_due() {
        assert_eq!(bare("CT <b>head</b> (procedure)"), "CT b head /b (procedure)");
        assert_eq!(bare("[CT](https://b.example)\n*now* & then"), "CT now & then");
        assert_eq!(bare("see https://b.example www.example.org"), "see");
        assert_eq!(bare(&"x".repeat(500)).chars().count(), LABEL_LENGTH);
    }
}
