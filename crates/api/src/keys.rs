//! Keys for end-to-end encryption (spec: "End-to-end encryption", key management API).

mod claim_keys;
mod get_key_changes;
mod get_keys;
mod raw;
pub(crate) mod upload_keys;
mod upload_signatures;
mod upload_signing_keys;

use ruma::api::client::keys::{
    claim_keys::v3 as claim, get_key_changes::v3 as changes, get_keys::v3 as query, upload_keys::v3 as upload,
    upload_signatures::v3 as sign, upload_signing_keys::v3 as upload_signing,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<upload::Request, _, _>(Class::Bulk, upload_keys::handle)
        .endpoint::<query::Request, _, _>(Class::Read, get_keys::handle)
        .endpoint::<claim::Request, _, _>(Class::Write, claim_keys::handle)
        .endpoint::<changes::Request, _, _>(Class::Read, get_key_changes::handle)
        .endpoint::<upload_signing::Request, _, _>(Class::Bulk, upload_signing_keys::handle)
        .endpoint::<sign::Request, _, _>(Class::Bulk, upload_signatures::handle)
}
