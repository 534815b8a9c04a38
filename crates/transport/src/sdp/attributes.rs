//! The `a=` lines of a description.

use rtc_sdp::description::{common::Attribute, media::MediaDescription};

/// Every value of an attribute.
pub(super) fn values<'a>(attributes: &'a [Attribute], key: &str) -> impl Iterator<Item = &'a str> {
    attributes
        .iter()
        .filter(move |attribute| attribute.key == key)
        .filter_map(|attribute| attribute.value.as_deref())
}

/// The first value of an attribute of a media line.
pub(super) fn value<'a>(media: &'a MediaDescription, key: &str) -> Option<&'a str> {
    values(&media.attributes, key).next()
}
