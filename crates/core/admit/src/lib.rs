//! Who may do what: the gates that every client of every protocol passes, in one order.
//!
//! [`Rules`] decides by the address and the page of a client. The order is that of `Hub::guard`, which is given in one
//! place of the server.
#![forbid(unsafe_code)]

mod rules;

pub use rules::Rules;
