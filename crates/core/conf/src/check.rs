//! Everything that is looked at before the server starts, reloads, or answers `-t` (config.md §14), in its order.

use crate::load::Facts;
use crate::lookup::Context;
use crate::model::Config;

mod later;
mod names;
mod values;

/// Notes every error and warning of a configuration.
pub(crate) fn check(context: &Context<'_>, config: &Config, facts: &Facts) {
    let values = values::Values::new(context, config, facts);
    if !context.env_only {
        values.not_empty();
    }
    names::root(context);
    if !context.env_only {
        values.listen_given();
    }
    values.listen();
    values.heartbeat();
    values.stats();
    values.http();
    values.operators();
    values.log_file();
    values.webrtc();
    names::stream_casters(context);
    names::vhosts(context);
    values.vhosts();
    values.chunk_sizes();
    values.process();
    later::warn(context);
}

#[cfg(test)]
mod tests;
