//! The reload of the configuration: all of it, or nothing.

use std::sync::Arc;

use weir_api::{Reloads, Step};
use weir_conf::{CONFIG_INVALID, Config, Diff, Env, Reload, Source};
use weir_hub::Hub;
use weir_net::Connections;

use crate::{facts, secrets};

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
    pub(crate) reloads: Arc<Reloads>,
}

/// Why the configuration stays as it is.
struct Failed {
    step: Step,
    code: u16,
    why: String,
}

impl Reloader {
    /// Reloads whenever somebody asks for it.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.reloads.asked().await;
            let this = self.clone();
            // Reading thousands of vhosts takes a while.
            if let Err(error) = tokio::task::spawn_blocking(move || this.reload()).await {
                tracing::error!("a reload broke off: {error}");
            }
        }
    }

    fn reload(&self) {
        self.reloads.tell(Step::Parsing, None);
        match self.load().and_then(|config| self.apply(config)) {
            Ok(words) => {
                self.reloads.tell(Step::Finished, None);
                tracing::info!("the configuration was reloaded: {words}");
            }
            Err(Failed { step, code, why }) => {
                self.reloads.tell(step, Some((code, format!("code={code}(ConfigInvalid) : {why}"))));
                tracing::error!("the configuration stays as it was: {why} (code {code})");
            }
        }
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
        let filled = secrets::fill(&mut config);
        filled.map_err(|error| Failed { step: Step::Transforming, code: CONFIG_INVALID, why: error.to_string() })?;
        Ok(config)
    }

    fn apply(&self, config: Config) -> Result<String, Failed> {
        let diff = Diff::between(&self.hub.conf(), &config);
        if let Some(why) = self.in_use(&diff) {
            return Err(Failed { step: Step::Transforming, code: CONFIG_INVALID, why });
        }
        let limit = usize::try_from(config.max_connections).unwrap_or(0);
        self.hub.reconfigure(config);
        self.connections.set_limit(limit);
        Ok(words(&diff))
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
    let (later, now): (Vec<_>, Vec<_>) = diff.changes.iter().partition(|change| change.reload == Reload::Restart);
    let list = |changes: &[_]| changes.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ");
    let parts = [
        (!now.is_empty()).then(|| format!("changed {}", list(&now))),
        (!diff.added.is_empty()).then(|| format!("vhosts added {}", diff.added.join(", "))),
        (!diff.removed.is_empty()).then(|| format!("vhosts removed {}", diff.removed.join(", "))),
        (!later.is_empty()).then(|| format!("after a restart {}", list(&later))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
