//! Redactions.

mod redact_event;

use ruma::api::client::redact::redact_event::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Write, redact_event::handle)
}
