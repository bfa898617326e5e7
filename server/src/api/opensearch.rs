//! How a browser adds this search to its own: an `OpenSearch` description, without suggestions, for with these every
//! keystroke would reach us.

use crate::app::App;
use crate::paths;
use crate::render::answer::{Answer, Data, Readers};

/// The description.
#[must_use]
pub fn answer(app: &App) -> Answer {
    let (web, search, icon) = (&app.web, paths::SEARCH, paths::ICON);
    let text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>Sextant</ShortName>
<Description>Search Geminispace</Description>
<InputEncoding>UTF-8</InputEncoding>
<Image width="64" height="64" type="image/svg+xml">{web}{icon}</Image>
<Url type="text/html" method="get" template="{web}{search}?q={{searchTerms}}"/>
<Url type="application/json" method="get" template="{web}/api/v1/search?q={{searchTerms}}"/>
</OpenSearchDescription>
"#
    );
    Answer::Data(Data {
        media_type: "application/opensearchdescription+xml",
        bytes: text.into_bytes(),
        readers: Readers::OurPages,
        problem: None,
    })
}
