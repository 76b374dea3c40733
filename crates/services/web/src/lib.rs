//! The pages that weir brings along: what is live, how to push, and players. They are written in `web/`, built by
//! `make web`, and embedded when weir is built; a weir that was built without them has one small page that says so.
#![forbid(unsafe_code)]

mod assets;
mod site;

pub use assets::{Asset, get, is_built};
pub use site::Pages;
