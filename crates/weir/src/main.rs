//! weir: a real-time media server that reads an SRS configuration.
//!
//! This crate is the top floor: the command line, the process (daemon, pid file, log, signals) and [`doors`], the one
//! list of services.
#![forbid(unsafe_code)]

mod callbacks;
mod cli;
mod doors;
mod facts;
mod listeners;
mod log;
mod open_doors;
mod pidfile;
mod process;
mod reload;
mod rtc;
mod secrets;
mod server_id;
mod signals;

use std::process::ExitCode;

use weir_conf::{CONFIG_INVALID, Config, Env, Loaded, LogTank, Source};

use crate::cli::Command;
use crate::log::{Log, Tank};
use crate::reload::Origin;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    signals::keep_hangup();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let env = Env::from_process();
    match cli::parse(&args, &env) {
        Ok(Command::Help) => print!("{}", cli::help()),
        Ok(Command::Version) => println!("{}", env!("CARGO_PKG_VERSION")),
        Ok(Command::Signature) => println!("{}", weir_base::SIGNATURE),
        Ok(Command::Run { source, test }) => return run(source, test, &env),
        Err(error) => {
            eprintln!("weir: {error}");
            return exit(CONFIG_INVALID);
        }
    }
    ExitCode::SUCCESS
}

/// A code of SRS as an exit status: its lowest 8 bits, as the system keeps them.
fn exit(code: u16) -> ExitCode {
    ExitCode::from((code & 0xff) as u8)
}

fn run(source: Source, test: bool, env: &Env) -> ExitCode {
    facts::raise_open_files();
    let embedded = source == cli::embedded();
    let loaded = match Config::load(source.clone(), env, &facts::of_this_machine()) {
        Ok(loaded) => loaded,
        Err(report) => {
            eprintln!("{report}");
            return exit(report.code());
        }
    };
    if test {
        loaded.warnings.iter().for_each(|warning| eprintln!("{warning}"));
        println!("the configuration is fine");
        return ExitCode::SUCCESS;
    }
    let origin = Origin { source: from_root(source), env: env.clone() };
    start(loaded, origin, embedded).unwrap_or_else(|failure| {
        eprintln!("weir: {failure}");
        exit(failure.code())
    })
}

/// The same file, whatever folder the server goes to.
fn from_root(source: Source) -> Source {
    match source {
        Source::File(path) => Source::File(std::path::absolute(&path).unwrap_or(path)),
        other => other,
    }
}

/// What ends the server before or while it runs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// `work_dir` cannot be entered.
    #[error("cannot enter {path} (work_dir): {source}")]
    WorkDir {
        /// The folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The keys of the server cannot be had.
    #[error(transparent)]
    Secrets(#[from] secrets::SecretsError),
    /// The pid file cannot be had.
    #[error(transparent)]
    PidFile(#[from] pidfile::PidFileError),
    /// A port cannot be had.
    #[error(transparent)]
    Bind(#[from] weir_net::BindError),
    /// A listen value cannot be read.
    #[error("{directive} {value}: expected PORT, IP:PORT or [IPv6]:PORT")]
    Listen {
        /// The directive.
        directive: String,
        /// As configured.
        value: String,
    },
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] weir_net::tls::CertificateError),
    /// There is no HTTP client.
    #[error("cannot call other servers: {0}")]
    Fetch(#[from] weir_fetch::Error),
    /// The process that started this one has ended (`asprocess`).
    #[error("the process that started this one has ended (asprocess)")]
    ParentEnded,
    /// This process was not started by one whose end would mean anything (`asprocess`).
    #[error("the parent is process {0}: there is nobody to follow (asprocess)")]
    NoParent(i32),
    /// The system refused something else.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl Failure {
    fn code(&self) -> u16 {
        match self {
            Failure::WorkDir { .. } | Failure::Secrets(_) | Failure::System(_) => 1042,
            Failure::PidFile(error) => error.code(),
            Failure::Bind(error) => error.code(),
            Failure::Certificate(error) => error.code(),
            Failure::Fetch(_) => 4042,
            Failure::ParentEnded => 1073,
            Failure::NoParent(_) => 1021,
            Failure::Listen { .. } => CONFIG_INVALID,
        }
    }
}

/// Leaves the terminal when asked to, then serves until a signal ends it. Fails when there is no log yet to say why.
fn start(loaded: Loaded, origin: Origin, embedded: bool) -> Result<ExitCode, Failure> {
    let config = &loaded.config;
    let started_in = std::env::current_dir()?;
    std::env::set_current_dir(&config.work_dir)
        .map_err(|source| Failure::WorkDir { path: config.work_dir.clone(), source })?;
    if config.runs_as_daemon() {
        if !process::is_detached() {
            // What is certain to fail in the background fails here, where its exit status is seen.
            pidfile::PidFile::probe(config.pid.as_ref())?;
            doors::probe(config)?;
        }
        if process::detach(&started_in)? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let tank = match config.srs_log_tank {
        LogTank::Console => Tank::Console,
        LogTank::File => Tank::File(config.srs_log_file.clone().into()),
    };
    let cid = weir_hub::connection_id();
    let on_console = tank == Tank::Console;
    let log = Log::start(config, tank, &cid)?;
    match serve(loaded, origin, &log, embedded) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) => {
            tracing::error!("the server ends: {failure} (code {})", failure.code());
            if !on_console {
                eprintln!("weir: {failure}");
            }
            Ok(exit(failure.code()))
        }
    }
}

fn serve(loaded: Loaded, origin: Origin, log: &Log, embedded: bool) -> Result<(), Failure> {
    process::banner();
    for warning in &loaded.warnings {
        tracing::warn!("{}", warning.line());
    }
    let mut config = loaded.config;
    for door in open_doors::of(&config) {
        tracing::warn!("{door}");
    }
    let _pid_file = pidfile::PidFile::lock(config.pid.as_ref())?;
    let secrets = config.secrets.clone();
    // Behind the lock: two that start at once make keys once.
    let made = secrets::fill(&mut config, &secrets)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("control").enable_all().build()?;
    runtime.block_on(doors::serve(config, origin, log, embedded.then_some(made)))
}
