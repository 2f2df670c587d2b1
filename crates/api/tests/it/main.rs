//! The API as a client sees it: requests against the router, over an engine with its log and rows in memory.

mod http;
mod rooms;
mod rooms_refused;
