//! [`Fetch`]: the HTTP client of the server, for callbacks and whatever else it asks of others.
//!
//! A server that does not answer costs who asks it a clear [`Error`] in bounded time, and costs nobody else anything:
//! calls to one host wait in lines of their own, answers are read up to a cap, and connections and ciphers run on the
//! runtime that [`Fetch`] was given, not on that of the caller.
#![forbid(unsafe_code)]

mod call;
mod fetch;
mod hosts;
#[doc(hidden)]
pub mod testing;
mod tls;

pub use call::{Answer, Body, Call, without_secrets};
pub use fetch::{Bounds, Error, Fetch};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use tls::Roots;
