//! Whether people are there (spec: "Presence"). Held in memory: after a restart nobody is known to be there until they sync.

mod get_presence;
pub(crate) mod set_presence;
pub(crate) mod told;

use ruma::api::client::presence::{get_presence::v3 as get_v3, set_presence::v3 as set_v3};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_presence::handle)
        .endpoint::<set_v3::Request, _, _>(Class::Write, set_presence::handle)
}
