//! Receipts (spec: "Receipts").

mod create_receipt;

use ruma::api::client::receipt::create_receipt::v3 as create_v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<create_v3::Request, _, _>(Class::Write, create_receipt::handle)
}
