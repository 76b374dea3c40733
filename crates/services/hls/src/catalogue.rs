//! [`Catalogue`]: which path of a request is what.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::blob::Blob;
use crate::group::Group;
use crate::output::Output;
use crate::plan::{Folder, Plan, Scope};

/// What there is at a path.
#[derive(Clone, Debug)]
pub(crate) enum Resource {
    /// The playlist of a stream.
    Playlist(Arc<Output>),
    /// The master playlist of a group.
    Group(Arc<Group>),
    /// A file, and what it is of.
    Blob(Arc<Blob>, Arc<Plan>),
    /// A part that comes next.
    Hint(Arc<Output>),
}

type Paths = HashMap<String, Resource>;

/// Every path of every stream. Paths that are not in it make no trace.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    tables: RwLock<Tables>,
    /// Who writes a playlist on disk.
    claims: Mutex<HashMap<PathBuf, Weak<Output>>>,
}

#[derive(Debug, Default)]
struct Tables {
    server: Paths,
    vhosts: HashMap<Arc<str>, Paths>,
}

impl Catalogue {
    /// What a request for a decoded path finds, that was made to a vhost.
    pub(crate) fn find(&self, vhost: &str, path: &str) -> Option<Resource> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let of_vhost = tables.vhosts.get(vhost).and_then(|paths| paths.get(path));
        of_vhost.or_else(|| tables.server.get(path)).cloned()
    }

    /// Puts something at a path of a folder.
    pub(crate) fn put(&self, folder: &Folder, path: &str, resource: Resource) {
        self.with(folder, |paths| {
            paths.insert(path.to_owned(), resource);
        });
    }

    /// Takes a file out, if it is still the one at its path.
    pub(crate) fn remove_blob(&self, folder: &Folder, blob: &Arc<Blob>) {
        self.remove_if(
            folder,
            &blob.file.url,
            |found| matches!(found, Resource::Blob(one, _) if Arc::ptr_eq(one, blob)),
        );
    }

    /// Takes out what is at a path, if it is of this kind.
    pub(crate) fn remove_if(&self, folder: &Folder, path: &str, is_it: impl Fn(&Resource) -> bool) {
        self.with(folder, |paths| {
            if paths.get(path).is_some_and(is_it) {
                paths.remove(path);
            }
        });
    }

    fn with(&self, folder: &Folder, change: impl FnOnce(&mut Paths)) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        match &folder.scope {
            Scope::Server => change(&mut tables.server),
            Scope::Vhost(vhost) => {
                let paths = tables.vhosts.entry(vhost.clone()).or_default();
                change(paths);
                if paths.is_empty() {
                    tables.vhosts.remove(vhost);
                }
            }
        }
    }

    /// Makes `output` the one that writes all of some playlists, or tells who writes one of them.
    pub(crate) fn claim(&self, paths: &[PathBuf], output: &Arc<Output>) -> Result<(), Arc<Output>> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.retain(|_, holder| holder.strong_count() > 0);
        let mut holders = paths.iter().filter_map(|path| claims.get(path).and_then(Weak::upgrade));
        if let Some(holder) = holders.find(|holder| !Arc::ptr_eq(holder, output)) {
            return Err(holder);
        }
        drop(holders);
        claims.extend(paths.iter().map(|path| (path.clone(), Arc::downgrade(output))));
        Ok(())
    }

    /// Gives playlists up.
    pub(crate) fn release(&self, paths: &[PathBuf]) {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().for_each(|path| {
            claims.remove(path);
        });
    }

    /// Paths of what comes next.
    #[cfg(test)]
    pub(crate) fn hints(&self) -> Vec<String> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let all = tables.vhosts.values().flatten().chain(&tables.server);
        all.filter(|(_, found)| matches!(found, Resource::Hint(_))).map(|(path, _)| path.clone()).collect()
    }

    /// Paths in it.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.server.len() + tables.vhosts.values().map(HashMap::len).sum::<usize>()
    }
}
