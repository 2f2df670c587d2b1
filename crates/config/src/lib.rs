//! Typed settings: one section, one file. Defaults first, then a TOML file, then `HEARTH_*` of the environment.
//!
//! The example file is generated from the same definitions, so that it cannot tell anything else than the code does.
//! Nothing in here starts, opens or checks anything outside: a valid configuration may still name a port that is taken.

mod all;
mod change;
mod environment;
mod error;
mod example;
mod file;
mod from_text;
mod load;
mod names;
mod section;

pub use all::Config;
pub use change::Change;
pub use environment::{PREFIX, settings_of_environment};
pub use error::ConfigError;
pub use example::example_toml;
pub use file::File;
pub use section::backup::Backup;
pub use section::calls::{Calls, STUN_PORT, StunListen};
pub use section::directory::Directory;
pub use section::email::{Email, SmtpTls};
pub use section::https::{Https, Lan, LanHost};
pub use section::limits::Limits;
pub use section::media::Media;
pub use section::push::Push;
pub use section::registration::{Registration, RegistrationMode};
pub use section::registration_token::RegistrationToken;
pub use section::retention::Retention;
pub use section::rooms::Rooms;
pub use section::server::{Server, TrustedProxies};
pub use section::sessions::Sessions;
pub use section::telemetry::{Telemetry, TelemetryFormat};
