//! Sockets: listeners, TLS, the shards that connections live on, and the fan-out that sends a stream to its players.
//!
//! A connection lives on one [`shard`] (one thread) from its first byte to its last. Players of one stream on one shard
//! are one [`fanout`] group: an append wakes the group, not the players, and the group writes to all of them in one pass.
#![forbid(unsafe_code)]

mod accept;
mod closed;
mod connections;
pub mod fanout;
mod gather;
mod listen;
mod load;
pub mod pages;
pub mod shard;
#[doc(hidden)]
pub mod testing;
pub mod tls;
mod udp;

pub use accept::{Accepted, Door};
pub use closed::closed;
pub use connections::{Connections, Place};
pub use gather::Gather;
pub use listen::{BindError, bind};
pub use load::{Gauge, thread_cpu};
pub use udp::{Buffers, Came, Udp, bind_udp};
