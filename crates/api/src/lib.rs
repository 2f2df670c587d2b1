//! The Matrix Client-Server API on axum: each handler reads a request, submits a command or asks a view, and renders.
//!
//! One endpoint is one file, under the same path as ruma's module of it. Rules live in `domain`, not here.

mod account;
mod app;
mod backup;
mod body;
mod config;
mod device;
mod discovery;
mod endpoint;
mod error;
mod extract;
mod filter;
mod keys;
mod limits;
mod media;
mod own;
mod presence;
mod profile;
mod push;
mod read_marker;
mod receipt;
mod routes;
mod session;
mod sync;
mod tag;
mod to_device;
mod typing;
mod uiaa;
mod user_directory;
mod voip;

pub use app::{ApiSettings, App, Registration};
pub use error::ApiError;
pub use limits::{RateLimits, Limits};
pub use routes::{router, unrecognized};
pub use sync::Connections;
