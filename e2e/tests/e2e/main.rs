//! The built server against real clients, by what the clients see.
#![allow(clippy::unwrap_used, reason = "tests")]

mod clients;
mod codecs;
mod config;
mod hls;
mod live;
mod pages;
mod process;
mod reload;
mod secure;
