//! How large a picture is, from its first bytes.

use shared::gemini::dimensions::Dimensions;

/// The dimensions of a PNG, JPEG, GIF, WebP or BMP, whatever its label says; none where the bytes are none of them,
/// or do not say it (a JPEG may begin with more than was fetched of it).
pub(super) fn dimensions(bytes: &[u8]) -> Option<Dimensions> {
    let size = imagesize::blob_size(bytes).ok()?;
    Dimensions::new(u64::try_from(size.width).ok()?, u64::try_from(size.height).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<&str>) {
        assert_eq!(dimensions(bytes).map(|size| size.to_string()).as_deref(), expected, "{bytes:.8?}");
    }

    #[test]
    fn a_picture_says_how_large_it_is() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0\0\0\0\0";
        check(png, Some("640 x 480"));
        check(b"GIF89a\x80\x02\xe0\x01\xf7\0\0\0\0\0\0\0\0\0", Some("640 x 480"));
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\
                     \xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
        check(jpeg, Some("640 x 480"));
        let webp = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x80\x02\xe0\x01\0\0\0\0\0\0";
        check(webp, Some("640 x 480"));
        let wide = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0\0\0\0\0";
        check(wide, Some("640 x 480"));
    }

    #[test]
    fn what_is_no_picture_has_no_size() {
        check(b"", None);
        check(b"# A page", None);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0", None);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\0\x08\x02\0\0\0", None);
        check(b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", None);
    }
}
