//! The pid file: a lock that keeps a second server away, and the number for the init script.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// The pid file cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PidFileError {
    /// Another process holds it.
    #[error("the pid file {} is held by process {holder}: that server is running already (pid)", .path.display())]
    Held {
        /// The file.
        path: PathBuf,
        /// Who holds it.
        holder: i32,
    },
    /// It cannot be opened, locked or written.
    #[error("cannot use the pid file {}: {source} (pid)", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl PidFileError {
    /// SRS's number for it.
    pub(crate) fn code(&self) -> u16 {
        match self {
            PidFileError::Held { .. } => 1035,
            PidFileError::Io { .. } => 1034,
        }
    }
}

/// A locked pid file. It stays locked while this value lives; the file is not removed at the end, as in SRS.
#[derive(Debug)]
pub(crate) struct PidFile {
    _file: File,
}

impl PidFile {
    /// Claims the file and writes the pid: decimal, without a newline.
    pub(crate) fn lock(path: &Path) -> Result<PidFile, PidFileError> {
        let mut file = PidFile::claim(path)?;
        let written = file.set_len(0).and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(|source| PidFileError::Io { path: path.to_owned(), source })?;
        Ok(PidFile { _file: file })
    }

    /// Fails when [`PidFile::lock`] would; leaves the content alone.
    pub(crate) fn probe(path: &Path) -> Result<(), PidFileError> {
        PidFile::claim(path).map(drop)
    }

    /// Creates the file and its folder, and locks it whole for writing.
    fn claim(path: &Path) -> Result<File, PidFileError> {
        let io = |source: io::Error| PidFileError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o644).open(path).map_err(io)?;
        while fcntl(&file, FcntlArg::F_SETLK(&whole_file())).is_err() {
            let mut lock = whole_file();
            fcntl(&file, FcntlArg::F_GETLK(&mut lock)).map_err(|errno| io(errno.into()))?;
            // Unlocked: the holder ended between the two questions.
            if i32::from(lock.l_type) != libc::F_UNLCK {
                return Err(PidFileError::Held { path: path.to_owned(), holder: lock.l_pid });
            }
        }
        Ok(file)
    }
}

fn whole_file() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}
