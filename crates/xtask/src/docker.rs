//! Docker, for the commands that make or try the image.

pub(crate) mod base_image;
mod compose_plugin;
mod engine;

pub(crate) use engine::Engine;
