//! The description of the interface, for programs that read such.

/// The `OpenAPI` document, as it is served.
#[must_use]
pub const fn document() -> &'static [u8] {
    include_bytes!("openapi.json")
}
