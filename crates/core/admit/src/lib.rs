//! Who may do what: the gates that every client of every protocol passes, in one order.
//!
//! [`Rules`] decides by the address and the page of a client, [`Tokens`] by a key or a signed token. The order is that of
//! `Hub::guard`, which is given in one place of the server. [`Jwts`] verifies signed tokens for whoever asks.
#![forbid(unsafe_code)]

mod jwt;
mod rules;
pub mod token;
mod tokens;

pub use jwt::{Claims, Fault, Jwts, Words};
pub use rules::Rules;
pub use tokens::Tokens;
