//! What fills the page, one at a time: entering, standing still, and the workspace with its panes.

pub(crate) mod admin;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod chat_options;
pub(crate) mod conversation;
pub(crate) mod lost;
pub(crate) mod recovery;
pub(crate) mod request;
pub(crate) mod reset;
pub(crate) mod settings;
pub(crate) mod sidebar;
pub(crate) mod standstill;
pub(crate) mod verification;
pub(crate) mod workspace;
