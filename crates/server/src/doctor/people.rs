//! Who can come in, and from where.

use config::{Config, RegistrationMode};

use super::finding::Finding;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut found = vec![registration(config)];
    found.extend(proxies(config));
    found
}

fn registration(config: &Config) -> Finding {
    const CHECK: &str = "sign-up";
    match config.registration.mode {
        RegistrationMode::Open if !is_local(&config.server.name) => Finding::warn(
            CHECK,
            format!("Anybody who reaches {} can make an account.", config.server.name),
            "Unless that is what you want, set registration.mode (HEARTH_REGISTRATION) to invite or closed.",
        ),
        RegistrationMode::Open => Finding::ok(CHECK, "Open; the server is called localhost."),
        RegistrationMode::Invite => Finding::ok(CHECK, "By invitation."),
        RegistrationMode::Closed => Finding::ok(CHECK, "Closed."),
    }
}

/// HTTPS that the server does not speak itself is a proxy's.
fn proxies(config: &Config) -> Option<Finding> {
    let is_https = config.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    (is_https && !config.https.is_on() && config.server.trusted_proxies == config::TrustedProxies::default()).then(|| {
        Finding::warn(
            "proxies",
            "server.public_url is HTTPS, so a proxy stands in front, and server.trusted_proxies names none: all people are one to the limits.",
            "Set server.trusted_proxies (HEARTH_TRUSTED_PROXIES) to the proxy's address.",
        )
    })
}

fn is_local(name: &str) -> bool {
    let host = name.split(':').next().unwrap_or(name);
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1"
}
