//! What handlers are given. Each asks for the part it needs (`State<Engine>`), none for the whole.

use std::{sync::Arc, time::Duration};

use axum::extract::FromRef;
use domain::directory::{RegistrationToken, RegistrationTokenHash};
use engine::Engine;
use parking_lot::RwLock;

use crate::{
    bodies::Bodies, counters::Counters, host::Host, limits::Limits, mailing::Mailing, media::work::MediaWork,
    own_writes::OwnWrites, receipts::Receipts, sync::connections::Connections, uiaa::remembered::Authentications, web_links,
};

/// Who may sign up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Who has one of these tokens or one of an invite (UIA stage `m.login.registration_token`).
    Invite(Vec<RegistrationToken>),
    /// Nobody.
    Closed,
}

/// What people without a session may ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strangers {
    /// Anybody's profile, and with it whether there is such a person.
    pub profiles: bool,
    /// The public list of rooms.
    pub public_rooms: bool,
}

/// The admin's choices that concern the API alone.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where clients reach this server, without a slash at the end; none: where the request came to.
    pub public_url: Option<String>,
    /// Where people open the web client, without a slash at the end.
    pub web_url: String,
    /// Who may sign up.
    pub registration: Registration,
    /// The token that makes the first account, and an admin of it, while there is none; in every mode of registration.
    pub first_account: Option<RegistrationTokenHash>,
    /// What people without a session may ask.
    pub strangers: Strangers,
    /// How long the access token of a client lives that can refresh it, milliseconds.
    pub access_token_lifetime_ms: u64,
    /// Whether an access token may stand in the address of a request, where proxies write it into their logs.
    pub access_token_in_url: bool,
    /// Largest media upload, bytes.
    pub upload_bytes_max: usize,
    /// Whether the user directory finds people who share no room with the one who searches by a part of their names.
    pub search_all_users: bool,
    /// Whether the user directory finds people by their whole email address.
    pub search_by_email: bool,
    /// The longest that a sync waits.
    pub sync_timeout_max: Duration,
    /// Whether people are told who is there.
    pub presence: bool,
    /// Whether push gateways may be asked without HTTPS.
    pub push_to_private_addresses: bool,
    /// How people who need help reach whoever runs the server.
    pub support: Support,
    /// STUN and TURN for calls.
    pub calls: CallServers,
}

impl ApiSettings {
    /// The link by which somebody signs up with a token.
    #[must_use]
    pub fn join_link(&self, token: &str) -> String {
        web_links::join(&self.web_url, token)
    }

    /// The link by which somebody sets a new password.
    #[must_use]
    pub fn reset_link(&self, token: &str) -> String {
        web_links::reset(&self.web_url, token)
    }
}

/// The admin's choices as they are now. Cheap to clone; whoever has a clone sees the same.
#[derive(Clone, Debug)]
pub struct LiveSettings(Arc<RwLock<Arc<ApiSettings>>>);

impl LiveSettings {
    /// These, until they are replaced.
    #[must_use]
    pub fn new(settings: ApiSettings) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(settings))))
    }

    /// What they are now. A request that asks once goes on with the same ones.
    #[must_use]
    pub fn now(&self) -> Arc<ApiSettings> {
        Arc::clone(&self.0.read())
    }

    /// From now on these are the choices.
    pub fn replace(&self, settings: ApiSettings) {
        *self.0.write() = Arc::new(settings);
    }
}

impl FromRef<App> for Arc<ApiSettings> {
    fn from_ref(app: &App) -> Self {
        app.settings.now()
    }
}

/// How people who need help reach whoever runs the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// An email address.
    pub email: Option<String>,
    /// The address of a page.
    pub page: Option<String>,
}

/// What clients are told of the servers that help calls to come about.
#[derive(Clone, Default)]
pub struct CallServers {
    /// The UDP ports on which this server answers STUN; none when it does not.
    pub stun_ports: Vec<u16>,
    /// The host, with or without a port, by which clients reach this server's STUN; none: the host by which they reach
    /// the server.
    pub stun_public_address: Option<String>,
    /// The admin's own STUN and TURN servers.
    pub turn_uris: Vec<String>,
    /// What clients show to those.
    pub credentials: Option<TurnCredentials>,
    /// How long the answer may be used, in seconds.
    pub ttl_s: u32,
}

/// What clients show to a TURN server.
#[derive(Clone)]
pub enum TurnCredentials {
    /// Names and passwords for a time are made from this, as in the TURN REST API draft.
    SharedSecret(String),
    /// The same for everybody.
    Fixed {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
}

/// Does not print the secrets.
impl std::fmt::Debug for CallServers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallServers")
            .field("stun_ports", &self.stun_ports)
            .field("stun_public_address", &self.stun_public_address)
            .field("turn_uris", &self.turn_uris)
            .finish_non_exhaustive()
    }
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            web_url: "http://localhost:8008".to_owned(),
            registration: Registration::Open,
            first_account: None,
            strangers: Strangers::default(),
            access_token_lifetime_ms: 60 * 60 * 1_000,
            access_token_in_url: false,
            upload_bytes_max: 50 * 1024 * 1024,
            search_all_users: false,
            search_by_email: false,
            sync_timeout_max: Duration::from_secs(60),
            presence: true,
            push_to_private_addresses: false,
            support: Support::default(),
            calls: CallServers::default(),
        }
    }
}

/// The state of the router. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct App {
    /// Commands and queries.
    pub engine: Engine,
    /// The admin's choices.
    pub settings: LiveSettings,
    /// Uploads and thumbnails under way.
    pub media: MediaWork,
    /// Who has asked how often.
    pub limits: Limits,
    /// What sliding sync connections have told.
    pub connections: Connections,
    /// The request bodies that are held.
    pub bodies: Bodies,
    /// How many requests were answered how.
    pub counters: Counters,
    /// Requests that wait for their senders to authenticate.
    pub authentications: Authentications,
    /// Writes that are not answered yet.
    pub own_writes: OwnWrites,
    /// What is sent to people's addresses.
    pub mailing: Mailing,
    /// How far erasures are.
    pub receipts: Receipts,
    /// What the program around the API tells admins; none where there is no such program.
    pub host: Option<Arc<dyn Host>>,
}
