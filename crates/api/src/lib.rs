//! The Matrix Client-Server API on axum: each handler reads a request, submits a command or asks a view, and renders.
//!
//! One endpoint is one file, under the same path as ruma's module of it. Rules live in `domain`, not here.
//! The file of an area lists its endpoints and nothing else, so that what endpoints share stands below them.

mod account;
mod alias;
mod app;
mod backup;
mod body;
mod client_address;
mod config;
mod context;
mod counters;
mod dehydrated_device;
mod device;
mod directory;
mod discovery;
mod endpoint;
mod error;
mod expiry;
mod extract;
mod filter;
mod json;
mod keys;
mod knock;
mod lazy_members;
mod limits;
mod media;
mod membership;
mod message;
mod path_checks;
mod people;
mod presence;
mod profile;
mod push;
mod read_marker;
mod reader;
mod receipt;
mod redact;
mod relations;
mod report;
mod request_id;
mod room;
mod room_name;
mod room_summary;
mod routes;
mod sender;
mod session;
mod space;
mod state;
mod sync;
mod tag;
mod threads;
mod to_device;
mod typing;
mod uiaa;
mod user_directory;
mod voip;

pub use app::{ApiSettings, App, CallServers, Registration, Strangers, TurnCredentials};
pub use client_address::ClientAddress;
pub use counters::Counters;
pub use endpoint::{Class, Route};
pub use error::ApiError;
pub use limits::{Limits, RateLimits};
pub use request_id::RequestId;
pub use routes::{route_table, router, unrecognized};
pub use sync::connections::Connections;
