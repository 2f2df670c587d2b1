//! What the web client shows, as plain data and folds: `fold(&mut State, Change)`.
//!
//! Nothing here knows the DOM, the network or matrix-sdk, so all of it runs and is tested on the host.
//! It is not the place for effects: `hearth-web`'s `client` folder runs those and hands changes in.

pub mod admin;
pub mod avatar;
pub mod backoff;
pub mod calendar;
pub mod call;
pub mod chats;
pub mod composing;
pub mod connection;
pub mod conversation;
pub mod drafts;
pub mod emoji;
pub mod emoji_table;
pub mod files;
pub mod gesture;
pub mod identifier;
pub mod identity;
pub mod keeping;
pub mod list;
pub mod markdown;
pub mod message;
pub mod names;
pub mod password;
pub mod renewal;
pub mod rich_text;
pub mod safety;
pub mod sendable;
pub mod session;
pub mod text;
pub mod theme;
pub mod told;
pub mod trouble;
pub mod verification;
