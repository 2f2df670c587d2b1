//! Puts a handler on every path that ruma knows for an endpoint, with its method.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, on},
};
use ruma::api::{
    IncomingRequest,
    path_builder::{SinglePath, VersionHistory},
};

use crate::app::App;

/// The paths of an endpoint, stable and unstable, in axum's form (which is ruma's: `/rooms/{room_id}`).
pub(crate) trait Paths {
    fn paths(&self) -> Vec<&'static str>;
}

impl Paths for VersionHistory {
    fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.unstable_paths().map(|(_, path)| path).collect();
        paths.extend(self.stable_paths().map(|(_, path)| path));
        paths.sort_unstable();
        paths.dedup();
        paths
    }
}

impl Paths for SinglePath {
    fn paths(&self) -> Vec<&'static str> {
        vec![self.path()]
    }
}

/// Adds endpoints to a router.
pub(crate) trait Endpoints: Sized {
    /// Serves the endpoint of request type `R` by `handler`.
    fn endpoint<R, H, T>(self, handler: H) -> Self
    where
        R: IncomingRequest,
        R::PathBuilder: Paths,
        H: Handler<T, App>,
        T: 'static;
}

impl Endpoints for Router<App> {
    fn endpoint<R, H, T>(mut self, handler: H) -> Self
    where
        R: IncomingRequest,
        R::PathBuilder: Paths,
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(R::METHOD).unwrap_or(MethodFilter::POST);
        for path in R::PATH_BUILDER.paths() {
            self = self.route(path, on(filter, handler.clone()));
        }
        self
    }
}
