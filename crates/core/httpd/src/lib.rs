//! The HTTP listener that the API and the HTTP server share: request heads, limits, CORS, basic auth, routing to sites.
//!
//! A connection lives on one shard. Its request heads are read here, within limits; a live mount takes the socket over
//! from there, requests without a body are answered, anything else goes to hyper, which gives back what leaves HTTP. A
//! [`Site`] answers on the control runtime, so that nothing slow runs on a thread that sends media, but for what it has
//! at once.
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
mod local;
mod operator;
pub mod path;
mod payload;
mod plain;
mod proxy;
pub mod query;
mod refuse;
mod reply;
mod site;
mod switch;
mod wire;

pub use httpd::{Beside, Httpd, Timeouts};
pub use live::{Live, LocalTask, Taken};
pub use refuse::{refuse, refuse_head, refuse_with};
pub use reply::{CORS, SERVER, refusal_status};
pub use site::{Answer, Asked, Body, Reply, Site};
pub use switch::{Switch, Switched};
