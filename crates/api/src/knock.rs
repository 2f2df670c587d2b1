//! Knocking: asking to be let in.

mod knock_room;

use ruma::api::client::knock::knock_room::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Write, knock_room::handle)
}
