//! Read markers (spec: "Fully read markers").

mod set_read_marker;

use ruma::api::client::read_marker::set_read_marker::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Write, set_read_marker::handle)
}
