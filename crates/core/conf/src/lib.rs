//! The configuration: SRS's language, every directive of it in one table, and a typed model.
//!
//! Two steps: a [`Tree`] is what was written, each word with its place; a [`Config`] is what it means, after the
//! environment had its say and every start-up check passed. Nothing here reads the process environment or the machine:
//! [`Env`] and [`Facts`] are arguments.
#![forbid(unsafe_code)]

mod check;
mod diff;
mod docs;
mod endpoint;
mod env;
mod expand;
#[doc(hidden)]
pub mod fuzz;
mod lexer;
mod live;
mod load;
mod lookup;
mod model;
mod number;
mod place;
mod report;
pub mod table;
mod transform;
mod tree;

pub use diff::{Change, Diff};
pub use docs::{full_conf, reference};
pub use endpoint::Endpoint;
pub use env::Env;
pub use expand::{MOUNT_VARIABLES, expand};
pub use live::Live;
pub use load::{Facts, Loaded, Source};
pub use model::*;
pub use place::{Place, Pos, SourceFile};
pub use report::{CONFIG_INVALID, Level, Note, Report};
pub use table::Reload;
pub use tree::{Arg, Directive, Tree};
