//! The HTTP listener that the API and the HTTP server share: request heads, limits, CORS, basic auth, routing to sites.
#![forbid(unsafe_code)]

pub mod query;
mod site;

pub use site::{Answer, Asked, Body, Reply, Site};
