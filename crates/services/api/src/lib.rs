//! The HTTP API: what runs, who publishes, who plays, how busy the machine is; and the door to put a client out.
//!
//! Paths, keys, their order and the form of numbers are those of SRS (`http-api.md` §1 to §3.2), so that dashboards
//! written for SRS read weir; so are the metrics for Prometheus (§3.5). What weir tells beyond SRS is in `docs/api.md`.
//! [`ApiSite`] answers on the API's listener, [`VersionsSite`] on that of the HTTP server,
//! and [`Sampler`] watches the machine for both.
#![forbid(unsafe_code)]

mod clusters;
mod detail;
mod exposition;
mod machine;
mod measures;
mod metrics;
mod objects;
mod page;
mod proc;
mod raw;
mod reply;
mod sampler;
mod server;
mod site;

pub use exposition::MetricKind;
pub use metrics::{Meter, Reading};
pub use raw::{Attempt, Reloads, Step};
pub use sampler::Sampler;
pub use server::{Features, Identity};
pub use site::{ApiSite, Parts, VersionsSite};
