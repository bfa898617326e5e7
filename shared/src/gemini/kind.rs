//! What a page is, for people who look for one kind of thing.

use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What a page is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word it is stored, searched (`kind:word`) and shown by.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A page of text.
    Page = "page",
    /// A post of a gemlog.
    Gemlog = "gemlog",
    /// A list of posts that can be subscribed to.
    Feed = "feed",
    /// A prompt that waits for words.
    Input = "input",
    /// A picture.
    Image = "image",
    /// Sound.
    Audio = "audio",
    /// Moving pictures.
    Video = "video",
    /// A packed archive.
    Archive = "archive",
    /// A document to download: PDF, EPUB, office files.
    Document = "document",
    /// A picture made of characters.
    AsciiArt = "ascii-art",
    /// News brought over from the web.
    News = "news",
    /// A mirror of web pages or RFCs.
    WebMirror = "web-mirror",
    /// The archive of a mailing list.
    MailingList = "mailing-list",
    /// The log of a chat.
    ChatLog = "chat-log",
    /// Any other file.
    File = "file",
}

impl Kind {
    /// Whether it is mass material, which ranks after personal pages unless asked for.
    #[must_use]
    pub const fn is_mass(self) -> bool {
        match self {
            Self::News | Self::WebMirror | Self::MailingList | Self::ChatLog => true,
            Self::Page
            | Self::Gemlog
            | Self::Feed
            | Self::Input
            | Self::Image
            | Self::Audio
            | Self::Video
            | Self::Archive
            | Self::Document
            | Self::AsciiArt
            | Self::File => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of page")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| UnknownKind(word.to_owned()))
    }
}
