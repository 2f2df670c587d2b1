//! `GET /_matrix/client/versions`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::discovery::get_supported_versions::Response;

use crate::{error::ApiError, extract::Ruma, mailing::Mailing};

/// Versions of the specification whose mandatory parts are served, as far as they concern users.
const VERSIONS: [&str; 17] = [
    "r0.6.1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.6", "v1.7", "v1.8", "v1.9", "v1.10", "v1.11", "v1.12", "v1.13",
    "v1.14", "v1.15", "v1.16",
];

/// What clients ask for by a name of before it was in the specification, and what is of this server alone.
const FEATURES: [&str; 13] = [
    "org.hearth.expiry",
    "org.matrix.simplified_msc3575",
    "org.matrix.e2e_cross_signing",
    "org.matrix.msc2285.stable",
    "org.matrix.msc3440.stable",
    "org.matrix.msc3771",
    "org.matrix.msc3773",
    "org.matrix.msc3916.stable",
    "uk.half-shot.msc2666.query_mutual_rooms",
    "uk.half-shot.msc2666.query_mutual_rooms.stable",
    "uk.tcpip.msc4133",
    "uk.tcpip.msc4133.stable",
    "uk.timedout.msc4323",
];

/// By these a client knows that rooms are encrypted whether or not it asks for it.
const ENCRYPTED: [&str; 3] =
    ["io.element.e2ee_forced.public", "io.element.e2ee_forced.private", "io.element.e2ee_forced.trusted_private"];

/// By this a client knows that the server sends email, and links for new passwords.
const SENDS_EMAIL: &str = "org.hearth.email";

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(mailing): State<Mailing>,
) -> Result<Ruma<Response>, ApiError> {
    let mut response = Response::new(VERSIONS.map(str::to_owned).to_vec());
    let forced = engine.policy().require_encryption;
    let features = FEATURES.map(|name| (name, true)).into_iter().chain(ENCRYPTED.map(|name| (name, forced)));
    let features = features.chain([(SENDS_EMAIL, mailing.is_on())]);
    response.unstable_features = features.map(|(name, is_on)| (name.to_owned(), is_on)).collect();
    Ok(Ruma(response))
}
