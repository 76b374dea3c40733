//! The HTTP listener that the API and the HTTP server share: request heads, limits, CORS, basic auth, routing to sites.
//!
//! A connection lives on one shard. Its first request head is read here, within limits; a live mount takes the socket
//! over from there, anything else goes to hyper, which gives back what leaves HTTP. A [`Site`] answers on the control runtime, so that nothing slow runs on
//! a thread that sends media.
#![forbid(unsafe_code)]

mod accept;
mod connection;
mod exchange;
mod filter;
#[doc(hidden)]
pub mod fuzz;
mod head;
mod httpd;
mod jsonp;
mod live;
pub mod path;
mod payload;
pub mod query;
mod refuse;
mod reply;
mod site;
mod switch;
mod wire;

pub use httpd::{Httpd, Timeouts};
pub use live::{Live, LocalTask, Taken};
pub use refuse::refuse;
pub use reply::{CORS, SERVER, refusal_status};
pub use site::{Answer, Asked, Body, Reply, Site};
pub use switch::{Switch, Switched};
