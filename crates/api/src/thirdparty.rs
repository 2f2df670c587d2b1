//! Networks of other kinds behind bridges (spec: "Third-party networks"), of which this server has none.

mod get_protocols;

use ruma::api::client::thirdparty::get_protocols::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, get_protocols::handle)
}
