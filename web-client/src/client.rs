//! The only code that talks to matrix-sdk. It hands changes for `hearth_web_state` outward and takes plain values in.
//!
//! Nothing here renders, and nothing outside names a type of matrix-sdk.

mod account;
mod admin;
mod blocking;
mod call_news;
mod calls;
mod chats;
mod conversation;
mod emails;
mod entry;
mod files;
mod http;
mod identity;
mod keeping;
mod keys;
mod link;
mod muting;
mod names;
mod openings;
mod people;
mod profile;
mod reinstate;
mod reset;
mod rows;
mod session;
mod sync;
mod token;
mod trouble;
mod verification;

pub(crate) use account::Account;
pub(crate) use admin::Answered;
pub(crate) use calls::{IceServers, KeptServers};
pub(crate) use conversation::{OpenConversation, PAGE};
pub(crate) use emails::{EmailLine, sends_email};
pub(crate) use entry::{SignUp, does_invite_count, is_username_free, log_in, log_in_again, sign_up};
pub(crate) use keys::{NewKey, Protection};
pub(crate) use names::skeleton;
pub(crate) use people::Person;
pub(crate) use profile::{DeviceLine, Profile};
pub(crate) use reset::{send_reset_link, set_new_password, whose_password};
pub(crate) use session::{Session, end_session};
pub(crate) use verification::Comparison;
