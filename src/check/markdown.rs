//! HTML in markdown, as a reader of GitHub Flavored Markdown finds it: not what is escaped or stands in code.

use pulldown_cmark::{Event, Options, Parser};

/// The first piece of HTML in a text, comments included.
pub(super) fn first_html(text: &str) -> Option<&str> {
    let gfm = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(text, gfm).into_offset_iter();
    let html = events.filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    html.filter_map(|(_, place)| text.get(place)).map(str::trim).find(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_told_from_what_looks_like_it() {
        for plain in [
            "T < 3 days and > 5",
            "<https://example.org/a>",
            "\\<b\\> is escaped, &lt;b&gt; too",
            "`<br>` is code",
            "```\n<table>\n```",
            "| a | b |\n|---|---|\n| 1 | <2 |",
        ] {
            assert_eq!(first_html(plain), None, "{plain}");
        }
        assert_eq!(first_html("one<br/>two"), Some("<br/>"));
        assert_eq!(first_html("<div>\n*x*\n</div>"), Some("<div>"));
        assert_eq!(first_html("a <!-- b --> c"), Some("<!-- b -->"));
        assert_eq!(first_html("see <script>alert(1)</script>"), Some("<script>"));
    }
}
