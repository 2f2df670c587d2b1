//! The settings that concern the API alone, as it has them.

use api::{ApiSettings, CallServers, Registration, Strangers, Support, TurnCredentials};
use config::{Config, RegistrationMode};
use domain::directory::{RegistrationToken, RegistrationTokenHash};

/// The API's choices by this configuration, on a server that answers STUN on these ports.
pub(super) fn of(config: &Config, stun_ports: &[u16]) -> ApiSettings {
    let registration = match config.registration.mode {
        RegistrationMode::Open => Registration::Open,
        RegistrationMode::Invite => Registration::Invite(registration_tokens(config)),
        RegistrationMode::Closed => Registration::Closed,
    };
    ApiSettings {
        public_url: config.server.public_url.clone(),
        registration,
        strangers: Strangers {
            profiles: config.directory.profiles_without_login,
            public_rooms: config.directory.public_rooms_without_login,
        },
        access_token_lifetime_ms: config.sessions.access_token_lifetime_s.saturating_mul(1_000),
        access_token_in_url: config.sessions.access_token_in_url,
        upload_bytes_max: usize::try_from(config.limits.upload_bytes_max).unwrap_or(usize::MAX),
        search_all_users: config.directory.search_all_users,
        search_by_email: config.directory.search_by_email,
        presence: config.server.presence,
        push_to_private_addresses: config.push.allow_private_addresses,
        support: Support { email: config.server.support_email.clone(), page: config.server.support_page.clone() },
        calls: call_servers(config, stun_ports),
        ..ApiSettings::default()
    }
}

fn registration_tokens(config: &Config) -> Vec<RegistrationToken> {
    let tokens = config.registration.tokens.iter().map(|token| RegistrationToken {
        hash: RegistrationTokenHash::of(&token.token),
        uses_max: token.uses,
        expires_at_ms: token.expires_at_ms,
    });
    tokens.collect()
}

/// What clients are told of the servers that help calls.
fn call_servers(config: &Config, stun_ports: &[u16]) -> CallServers {
    let calls = &config.calls;
    let credentials = match (&calls.turn_shared_secret, &calls.turn_username, &calls.turn_password) {
        (Some(secret), _, _) => Some(TurnCredentials::SharedSecret(secret.clone())),
        (None, Some(username), Some(password)) => {
            Some(TurnCredentials::Fixed { username: username.clone(), password: password.clone() })
        }
        _ => None,
    };
    CallServers {
        stun_ports: stun_ports.to_vec(),
        stun_public_address: calls.stun_public_address.clone(),
        turn_uris: calls.turn_uris.clone(),
        credentials,
        ttl_s: calls.turn_ttl_s,
    }
}
