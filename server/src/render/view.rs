//! A view: what a screen shows, with its two templates.

/// Filled into two templates; neither says more than the other.
pub trait View: Send + Sync {
    /// As gemtext.
    ///
    /// # Errors
    ///
    /// When the template cannot be filled in.
    fn gemtext(&self) -> askama::Result<String>;

    /// As HTML.
    ///
    /// # Errors
    ///
    /// When the template cannot be filled in.
    fn html(&self) -> askama::Result<String>;
}

/// Gives a view its two templates, in which it is called `view`: `view!(Home, "home/page.gmi", "home/page.html")`.
macro_rules! view {
    ($name:ident, $gemtext:literal, $html:literal) => {
        const _: () = {
            #[derive(askama::Template)]
            #[template(path = $gemtext)]
            struct Gemtext<'a> {
                view: &'a $name,
            }

            #[derive(askama::Template)]
            #[template(path = $html)]
            struct Html<'a> {
                view: &'a $name,
            }

            impl $crate::render::view::View for $name {
                fn gemtext(&self) -> askama::Result<String> {
                    askama::Template::render(&Gemtext { view: self })
                }

                fn html(&self) -> askama::Result<String> {
                    askama::Template::render(&Html { view: self })
                }
            }
        };
    };
}

pub(crate) use view;
