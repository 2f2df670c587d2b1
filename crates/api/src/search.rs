//! Searching rooms (spec: "Server Side Search"): what of them is readable. Encrypted messages are not.

mod context;
mod matching;
mod search_events;

use ruma::api::client::search::search_events::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, search_events::handle)
}
