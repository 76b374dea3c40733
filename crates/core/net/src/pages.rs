//! [`Pages`]: bytes that the kernel sends from where they are, as it sends a file, instead of copying them for each player.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::libc::{MSG_MORE, MSG_NOSIGNAL};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::sendfile::sendfile64;
use nix::unistd::{SysconfVar, sysconf};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Where Linux says in how large pieces shared memory comes, of all sizes and of each.
const HUGE: &str = "/sys/kernel/mm/transparent_hugepage";

/// Memory without a name, in the shape of a file: [`Pages`] are parts of it. It counts as shared memory, not as that of
/// the process.
#[derive(Debug)]
pub struct Pool {
    file: File,
    /// Memory is given back in units of this.
    page: u64,
    /// Where the next part begins. No place is used twice, so that what the kernel still has to send stays what it was.
    next: AtomicU64,
}

/// Bytes in a [`Pool`]. Their memory is given back when this is dropped, or when the last of them is sent.
#[derive(Debug)]
pub struct Pages {
    pool: Arc<Pool>,
    at: u64,
    len: usize,
}

impl Pool {
    /// An empty one. Fails where the system has none or the process no file descriptor left, and where shared memory comes
    /// in huge pages: a part of such a page that is given back is overwritten, also where the kernel still has to send it.
    pub fn new() -> io::Result<Arc<Pool>> {
        let page = sysconf(SysconfVar::PAGE_SIZE)?.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let page = page.ok_or(io::ErrorKind::Unsupported)?;
        if has_huge_pages(Path::new(HUGE)) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "shared memory comes in huge pages"));
        }
        let file = memfd_create(c"weir", MFdFlags::MFD_CLOEXEC)?;
        Ok(Arc::new(Pool { file: file.into(), page, next: AtomicU64::new(0) }))
    }

    /// Copies bytes into it.
    pub fn store(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Pages> {
        let room = (bytes.len() as u64).next_multiple_of(self.page);
        let pages = Pages { pool: self.clone(), at: self.next.fetch_add(room, Ordering::Relaxed), len: bytes.len() };
        self.file.write_all_at(bytes, pages.at)?;
        Ok(pages)
    }
}

impl Pages {
    /// How many bytes they are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sends what a socket takes of the bytes behind the first `from` ones. Fails with `WouldBlock` when that is nothing.
    pub fn try_send(&self, socket: &TcpStream, from: usize) -> io::Result<usize> {
        let mut at = i64::try_from(self.at.saturating_add(from as u64)).map_err(io::Error::other)?;
        let left = self.len.saturating_sub(from);
        socket
            .try_io(Interest::WRITABLE, || Ok(sendfile64(socket.as_fd(), self.pool.file.as_fd(), Some(&mut at), left)?))
    }
}

/// True when files in memory may be made of huge pages without asking for them: the global switch says so, or that of one
/// size. A system without the switches has no such pages.
fn has_huge_pages(folder: &Path) -> bool {
    let sizes = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    sizes.chain([folder.to_owned()]).any(|folder| {
        let chosen = std::fs::read_to_string(folder.join("shmem_enabled")).unwrap_or_default();
        ["[always]", "[within_size]", "[force]"].iter().any(|huge| chosen.contains(huge))
    })
}

/// Sends what a socket takes of bytes that others follow: the kernel waits for those.
pub fn try_send_before(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let flags = MSG_MORE | MSG_NOSIGNAL;
    socket.try_io(Interest::WRITABLE, || SockRef::from(socket).send_with_flags(bytes, flags))
}

impl Drop for Pages {
    fn drop(&mut self) {
        let hole = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let room = (self.len as u64).next_multiple_of(self.pool.page);
        if let (Ok(at), Ok(room)) = (i64::try_from(self.at), i64::try_from(room))
            && room > 0
        {
            // Memory that cannot be given back now is given back with the process.
            let _ = fallocate(self.pool.file.as_fd(), hole, at, room);
        }
    }
}

#[cfg(test)]
mod tests;
