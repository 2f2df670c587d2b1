//! Reports to whoever runs the server (spec: "Reporting Content").

mod report_content;
mod report_room;
mod report_user;

use ruma::api::client::{
    reporting::report_user::v3 as user_v3,
    room::{report_content::v3 as content_v3, report_room::v3 as room_v3},
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<content_v3::Request, _, _>(Class::Write, report_content::handle)
        .endpoint::<room_v3::Request, _, _>(Class::Write, report_room::handle)
        .endpoint::<user_v3::Request, _, _>(Class::Write, report_user::handle)
}
