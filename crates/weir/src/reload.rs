//! The reload of the configuration: all of it, or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use weir_api::{Reloads, Step};
use weir_conf::{CONFIG_INVALID, Config, Diff, Env, Reload, Source};
use weir_hub::Hub;
use weir_net::Connections;

use crate::listeners::Listeners;
use crate::{Failure, facts, open_doors, secrets};

/// Names in a line of the log; of more, their number.
const LISTED: usize = 20;

/// Bytes of what the log and the API say of a reload that failed: a word of the file may be as long as the file.
const MAX_WHY: usize = 4096;

/// Where the configuration came from, so that it can be read again.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// A file is named from the root, since the server may have gone to `work_dir`.
    pub(crate) source: Source,
    /// The environment.
    pub(crate) env: Env,
}

/// Puts new configurations in force.
pub(crate) struct Reloader {
    pub(crate) origin: Origin,
    pub(crate) hub: Arc<Hub>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) listeners: Arc<Listeners>,
    /// Whether the log has times of UTC.
    pub(crate) log_utc: Arc<AtomicBool>,
    pub(crate) reloads: Arc<Reloads>,
}

/// Why the configuration stays as it is.
struct Failed {
    step: Step,
    code: u16,
    why: String,
}

impl Failed {
    /// The configuration cannot be put in force.
    fn invalid(why: String) -> Failed {
        Failed { step: Step::Transforming, code: CONFIG_INVALID, why }
    }
}

impl Reloader {
    /// Reloads whenever somebody asks for it.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.reloads.begin().await;
            let this = self.clone();
            // Reading thousands of vhosts takes a while.
            if let Err(error) = tokio::task::spawn_blocking(move || this.reload()).await {
                self.failed(Failed::invalid(format!("the reload broke off: {error}")));
            }
        }
    }

    fn reload(&self) {
        self.reloads.tell(Step::Parsing, None);
        match self.load().and_then(|config| self.apply(config)) {
            Ok(diff) => {
                tracing::info!("the configuration was reloaded: {}", words(&diff));
                self.reloads.finish(after_restart(&diff));
            }
            Err(failed) => self.failed(failed),
        }
    }

    fn failed(&self, Failed { step, code, mut why }: Failed) {
        if why.len() > MAX_WHY {
            let whole = (0..=MAX_WHY).rev().find(|at| why.is_char_boundary(*at));
            why.truncate(whole.unwrap_or(0));
            why.push('…');
        }
        tracing::error!("the configuration stays as it was: {why} (code {code})");
        // What cannot be put in force is a port that is taken.
        let name = if step == Step::Applying { "SocketBind" } else { "ConfigInvalid" };
        self.reloads.tell(step, Some((code, format!("code={code}({name}) : {why}"))));
    }

    fn load(&self) -> Result<Config, Failed> {
        let Origin { source, env } = self.origin.clone();
        let loaded = Config::load(source, &env, &facts::of_this_machine()).map_err(|report| Failed {
            step: Step::Parsing,
            code: report.code(),
            // Not the lines themselves: keys stand in them.
            why: report.lines().join(" | "),
        })?;
        for warning in &loaded.warnings {
            tracing::warn!("{}", warning.line());
        }
        let mut config = loaded.config;
        // Another file counts after a restart.
        let filled = secrets::fill(&mut config, &self.hub.conf().secrets);
        filled.map_err(|error| Failed::invalid(error.to_string()))?;
        Ok(config)
    }

    fn apply(&self, mut config: Config) -> Result<Diff, Failed> {
        let old = self.hub.conf();
        let diff = Diff::between(&old, &config);
        config.hold_back(&old, &diff);
        if let Some(why) = self.in_use(&diff) {
            return Err(Failed::invalid(why));
        }
        let cannot = |error: Failure| Failed { step: Step::Applying, code: error.code(), why: error.to_string() };
        let taken = self.listeners.take(&config.listen).map_err(cannot)?;
        let opened = open_doors::of(&old);
        for door in open_doors::of(&config).into_iter().filter(|door| !opened.contains(door)) {
            tracing::warn!("{door}");
        }
        let limit = usize::try_from(config.max_connections).unwrap_or(0);
        self.log_utc.store(config.utc_time, Ordering::Relaxed);
        self.hub.reconfigure(config);
        self.connections.set_limit(limit);
        self.listeners.serve(taken);
        Ok(diff)
    }

    /// A vhost that somebody publishes to cannot be taken away under him.
    fn in_use(&self, diff: &Diff) -> Option<String> {
        let streams = self.hub.streams();
        let of_vhost = |vhost: &String| streams.iter().find(|one| one.is_live() && *one.key.vhost == **vhost);
        let stream = diff.removed.iter().find_map(of_vhost)?;
        Some(format!(
            "vhost {} is gone from it, but {} is published there: end that first, or turn the vhost off (enabled off)",
            stream.key.vhost, stream.key
        ))
    }
}

/// What a reload changed, for the log.
fn words(diff: &Diff) -> String {
    if diff.is_empty() {
        return "nothing is different".to_owned();
    }
    let changed = diff.changes.iter().filter(|change| !change.waits()).map(ToString::to_string);
    let unread = diff.changes.iter().filter(|change| change.reload == Reload::Never).map(ToString::to_string);
    let parts = [
        list("changed", changed.collect()),
        list("vhosts added", diff.added.clone()),
        list("vhosts removed", diff.removed.clone()),
        after_restart(diff),
        list("without effect", unread.collect()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What of it counts at the next start.
fn after_restart(diff: &Diff) -> Option<String> {
    let later = diff.changes.iter().filter(|change| change.reload == Reload::Restart);
    list("after a restart", later.map(ToString::to_string).collect())
}

/// What they are, and the first of them.
fn list(what: &str, names: Vec<String>) -> Option<String> {
    let more = names.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let first = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{what} {first}{more}"))
}

#[cfg(test)]
mod tests;
