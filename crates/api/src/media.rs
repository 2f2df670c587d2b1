//! Media (spec: "Content repository"), for people who are logged in.

mod conditions;
mod create_content;
mod create_content_async;
mod create_mxc_uri;
mod get_content;
mod get_content_thumbnail;
mod get_media_config;
mod legacy;
mod serve;
mod stored;
pub(crate) mod thumbnail;
mod under_way;
mod upload;
pub(crate) mod work;

use axum::http::Method;
use ruma::api::client::{
    authenticated_media::{
        get_content::v1 as get_v1, get_content_as_filename::v1 as get_named_v1, get_content_thumbnail::v1 as thumbnail_v1,
        get_media_config::v1 as config_v1,
    },
    media::{
        create_content::v3 as create_v3, create_content_async::v3 as create_async_v3, create_mxc_uri::v1 as announce_v1,
    },
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<create_v3::Request, _, _>(Class::Upload, create_content::handle)
        .endpoint::<announce_v1::Request, _, _>(Class::Write, create_mxc_uri::handle)
        .endpoint::<create_async_v3::Request, _, _>(Class::Upload, create_content_async::handle)
        .endpoint::<get_v1::Request, _, _>(Class::Download, get_content::handle)
        .endpoint::<get_named_v1::Request, _, _>(Class::Download, get_content::handle_named)
        .endpoint::<thumbnail_v1::Request, _, _>(Class::Download, get_content_thumbnail::handle)
        .endpoint::<config_v1::Request, _, _>(Class::Read, get_media_config::handle)
        .paths(Class::Public, Method::GET, &legacy::DOWNLOAD, legacy::download)
        .paths(Class::Public, Method::GET, &legacy::DOWNLOAD_NAMED, legacy::download_named)
        .paths(Class::Public, Method::GET, &legacy::THUMBNAIL, legacy::thumbnail)
        .paths(Class::Read, Method::GET, &legacy::CONFIG, get_media_config::handle)
}
