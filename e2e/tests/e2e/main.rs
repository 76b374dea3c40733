//! The built server against real clients, by what the clients see.
#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod alone;
mod api;
mod bridges;
mod changes;
mod clients;
mod codecs;
mod config;
mod hls;
mod hooks;
mod live;
mod pages;
mod parsers;
mod payloads;
mod process;
mod reload;
mod rtc;
mod secure;
mod table;
