//! The sections, all of them.

use crate::{
    change::Change,
    error::ConfigError,
    section::{
        Check as _, Section, backup::Backup, calls::Calls, directory::Directory, email::Email, https::Https, limits::Limits,
        media::Media, push::Push, registration::Registration, retention::Retention, rooms::Rooms, sections, server::Server,
        sessions::Sessions, telemetry::Telemetry,
    },
};

sections! {
    /// Everything an admin can set.
    Config {
        /// Names, addresses and folders.
        server: Server,
        /// Encrypted connections.
        https: Https,
        /// What is sent to people's addresses.
        email: Email,
        /// Who may sign up.
        registration: Registration,
        /// What access tokens are good for.
        sessions: Sessions,
        /// What is true of all rooms.
        rooms: Rooms,
        /// How much one client may ask for.
        limits: Limits,
        /// How much uploaded files may take.
        media: Media,
        /// What wakes people's clients.
        push: Push,
        /// Who finds whom.
        directory: Directory,
        /// Voice and video.
        calls: Calls,
        /// What the server says about itself.
        telemetry: Telemetry,
        /// Backups that the server makes by itself.
        backup: Backup,
        /// How long what people write is kept.
        retention: Retention,
    }
}
