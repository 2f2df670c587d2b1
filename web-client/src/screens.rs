//! What fills the page, one at a time: entering, standing still, and the workspace with its panes.

pub mod auth;
pub mod conversation;
pub mod recovery;
pub mod settings;
pub mod sidebar;
pub mod standstill;
pub mod workspace;
