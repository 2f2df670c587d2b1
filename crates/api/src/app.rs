//! What handlers are given. Each asks for the part it needs (`State<Engine>`), none for the whole.

use std::{sync::Arc, time::Duration};

use axum::extract::FromRef;
use engine::{BlobStore, Engine};

use crate::{limits::Limits, sync::Connections};

/// Who may sign up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Who has one of these tokens (UIA stage `m.login.registration_token`).
    Invite(Vec<String>),
    /// Nobody.
    Closed,
}

/// The admin's choices that concern the API alone.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where clients reach this server, without a slash at the end; none: where the request came to.
    pub public_url: Option<String>,
    /// Who may sign up.
    pub registration: Registration,
    /// Largest media upload, bytes.
    pub upload_bytes_max: usize,
    /// Whether the user directory finds people who share no room with the one who searches.
    pub search_all_users: bool,
    /// Whether the user directory finds people by their whole email address.
    pub search_by_email: bool,
    /// The longest that a sync waits.
    pub sync_timeout_max: Duration,
    /// STUN and TURN addresses for calls.
    pub turn_uris: Vec<String>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            registration: Registration::Open,
            upload_bytes_max: 50 * 1024 * 1024,
            search_all_users: true,
            search_by_email: false,
            sync_timeout_max: Duration::from_secs(60),
            turn_uris: Vec::new(),
        }
    }
}

/// The state of the router. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct App {
    /// Commands and queries.
    pub engine: Engine,
    /// The admin's choices.
    pub settings: Arc<ApiSettings>,
    /// Media bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Who has asked how often.
    pub limits: Limits,
    /// What sliding sync connections have told.
    pub connections: Connections,
}
