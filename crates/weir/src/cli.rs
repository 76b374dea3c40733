//! The command line, in SRS's own letters, and one of weir's.

use weir_conf::{Env, Source};

/// The configuration behind `-d`.
const EMBEDDED: &str = include_str!("../../../conf/weir.conf");

/// What the command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    /// Print the help and exit 0.
    Help,
    /// Print the version and exit 0.
    Version,
    /// Print the signature and exit 0.
    Signature,
    /// Read a configuration, then test it or serve.
    Run {
        /// Where the configuration comes from.
        source: Source,
        /// Check the configuration and exit.
        test: bool,
    },
}

/// The command line cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// A letter without meaning.
    #[error("unknown option -{0}: try weir -h")]
    Unknown(char),
    /// -c without a file.
    #[error("option -c needs a file: weir -c FILE")]
    NoFile,
    /// No configuration was named.
    #[error("no configuration: name a file with -c FILE, take the environment with -e, or the built-in one with -d")]
    NoConfiguration,
}

/// The text of `-h`.
pub(crate) fn help() -> String {
    format!(
        "weir {version}, a real-time media server\n\
         \n\
         Usage: weir [-t] -c FILE | -e | -d\n\
         \n  \
         -c FILE   serve the configuration FILE (the environment variable SRS_CONFIG_FILE comes first)\n  \
         -e        serve what the environment says: SRS_LISTEN=1935 weir -e (so does SRS_ENV_ONLY)\n  \
         -d        serve the built-in configuration: RTMP 1935, HTTP 8080, API 1985\n  \
         -t        check the configuration and exit\n  \
         -v        print the version\n  \
         -g        print the signature\n  \
         -h        print this\n\
         \n\
         Signals: QUIT waits for the clients before it ends, TERM and INT end at once, USR1 opens the log file again.\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// Reads the arguments after the program's name. Of the environment, SRS_CONFIG_FILE and SRS_ENV_ONLY count.
///
/// SRS: letters may be combined (`-tc FILE`), and long options work because they are read as letters.
pub(crate) fn parse(args: &[String], env: &Env) -> Result<Command, UsageError> {
    let (mut test, mut env_only, mut embedded, mut file) = (false, false, false, None);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let Some(letters) = arg.strip_prefix('-') else { return Ok(Command::Help) };
        let letters = letters.trim_start_matches('-');
        for (at, letter) in letters.char_indices() {
            match letter {
                'h' | '?' => return Ok(Command::Help),
                'v' | 'V' => return Ok(Command::Version),
                'g' | 'G' => return Ok(Command::Signature),
                't' => test = true,
                'e' => env_only = true,
                'd' => embedded = true,
                'c' => {
                    let attached = letters.get(at + 1..).unwrap_or_default();
                    let named = if attached.is_empty() { rest.next().map(String::as_str) } else { Some(attached) };
                    file = Some(named.filter(|name| !name.is_empty()).ok_or(UsageError::NoFile)?.into());
                    break;
                }
                unknown => return Err(UsageError::Unknown(unknown)),
            }
        }
    }
    match Source::choose(file, env_only, env) {
        Some(source) => Ok(Command::Run { source, test }),
        None if embedded => Ok(Command::Run { source: self::embedded(), test }),
        None if args.is_empty() => Ok(Command::Help),
        None => Err(UsageError::NoConfiguration),
    }
}

/// The built-in configuration.
pub(crate) fn embedded() -> Source {
    Source::Text { name: "conf/weir.conf (built in)".to_owned(), text: EMBEDDED.to_owned() }
}

#[cfg(test)]
mod tests;
