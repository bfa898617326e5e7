//! How a behaviour is declared: its name, its number in the catalogue of hostile servers, and one sentence that
//! is its documentation and what the command line shows.

/// Declares a closed list of behaviours.
macro_rules! behaviours {
    ($(#[$about:meta])* $name:ident { $(#[doc = $says:literal] $variant:ident = $number:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $says] $variant,)*
        }

        impl $name {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number in the catalogue.
            pub fn catalogue(self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// What it does, in a sentence.
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says.trim_ascii(),)* }
            }

            /// The stage and the name, in the form `body-drip`.
            pub fn name(self) -> String {
                let variant = match self { $(Self::$variant => stringify!($variant),)* };
                $crate::catalogue::kebab(stringify!($name), variant)
            }
        }
    };
}
pub(crate) use behaviours;

/// `Body` and `EndlessFast` to `body-endless-fast`.
pub(crate) fn kebab(stage: &str, variant: &str) -> String {
    let mut name = stage.to_ascii_lowercase();
    for c in variant.chars() {
        if c.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
