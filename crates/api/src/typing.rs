//! Who is typing (spec: "Typing notifications").

mod create_typing_event;

use ruma::api::client::typing::create_typing_event::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Write, create_typing_event::handle)
}
