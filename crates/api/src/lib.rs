//! The Matrix Client-Server API on axum: each handler reads a request, submits a command or asks a view, and renders.
//!
//! One endpoint is one file, under the same path as ruma's module of it. Rules live in `domain`, not here.
//! The file of an area lists its endpoints and nothing else, so that what endpoints share stands below them.

mod account;
mod admin;
mod alias;
mod app;
mod backup;
mod bodies;
mod body;
pub mod budget;
mod class;
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
mod host;
mod json;
mod keys;
mod knock;
mod lazy_members;
mod limits;
mod mailing;
mod media;
mod membership;
mod memory;
mod message;
mod operator;
mod own_writes;
mod paged;
mod path_checks;
mod people;
mod presence;
mod profile;
mod push;
mod read_marker;
mod reader;
mod receipt;
mod receipts;
mod redact;
mod relations;
mod report;
mod reporting;
mod request_id;
mod room;
mod room_name;
mod room_summary;
mod routes;
mod search;
mod sender;
mod session;
mod space;
mod state;
mod sync;
mod tag;
mod thirdparty;
mod threads;
mod to_device;
mod typing;
mod uiaa;
mod user_directory;
mod voip;
mod web_links;

pub use app::{ApiSettings, App, CallServers, LiveSettings, Registration, Strangers, Support, TurnCredentials};
pub use bodies::Bodies;
pub use class::Class;
pub use client_address::ClientAddress;
pub use counters::Counters;
pub use endpoint::{KnownClient, Route};
pub use error::ApiError;
pub use host::{
    Backups, Day, Finding, Host, HostFault, LogStanding, RECORDS_TOLD_MAX, Rehearsal, Standing, Storage, ToldCheckpoint,
    ToldRecord, Verification, VerificationState,
};
pub use limits::{Limits, RateLimits};
pub use mailing::{CONFIRM_TIME_MS, Composer, MailKey, Mailing, PROOF_TIME_MS};
pub use media::work::MediaWork;
pub use memory::{MEMORY_BYTES_MIN, MemoryPlan, StorageMemory, TooLittleMemory};
pub use operator::Operator;
pub use own_writes::OwnWrites;
pub use receipts::{Erasure, Receipts};
pub use request_id::RequestId;
pub use routes::{operator_router, route_table, router, unrecognized};
pub use sync::connections::Connections;
pub use uiaa::remembered::Authentications;
