//! What one person is shown of rooms: where timelines and relations meet what the person may see. It stands above the views
//! and has no rows of its own.

mod render;
#[cfg(test)]
mod tests;
mod threads;

pub use render::{Viewer, render, render_state};
pub use threads::{ThreadScope, thread_roots};
