//! How large a picture is.

use std::fmt;
use std::num::NonZeroU32;

/// Width and height of a picture in pixels; neither is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    width: NonZeroU32,
    height: NonZeroU32,
}

impl Dimensions {
    /// From two numbers of pixels; none where one of them is nothing, or more than [`Self::LONGEST`]: such
    /// numbers come from damaged files.
    #[must_use]
    pub fn new(width: u64, height: u64) -> Option<Self> {
        let side = |pixels: u64| {
            u32::try_from(pixels).ok().filter(|pixels| *pixels <= Self::LONGEST).and_then(NonZeroU32::new)
        };
        Some(Self { width: side(width)?, height: side(height)? })
    }

    /// A longer side is none.
    pub const LONGEST: u32 = 1_000_000;

    /// Pixels in a line.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width.get()
    }

    /// Lines.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height.get()
    }
}

impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_two_sides_within_reason() {
        assert_eq!(Dimensions::new(640, 480).map(|size| size.to_string()).as_deref(), Some("640 x 480"));
        assert_eq!(Dimensions::new(0, 480), None);
        assert_eq!(Dimensions::new(640, u64::from(u32::MAX)), None);
    }
}
