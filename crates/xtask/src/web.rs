//! Packing the web client: what the browser loads, under names that change with the content.

pub(crate) mod compress;
pub(crate) mod pack;
