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
}
