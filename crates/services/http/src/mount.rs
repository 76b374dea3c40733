//! Mounts: which URLs a vhost gives to live streams and to folders.

use std::sync::Arc;

use weir_conf::{Config, DEFAULT_VHOST, Vhost};

/// The template of a live mount, such as `[vhost]/[app]/[stream].flv`, for one vhost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    App,
    Stream,
}

/// The stream that a path names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Named {
    /// Nothing when the template has no place for it.
    pub(crate) app: Option<String>,
    /// Without the extension.
    pub(crate) stream: String,
}

impl Template {
    /// The template of `http_remux.mount` for the vhost `name`; nothing when it can match no request for that vhost.
    pub(crate) fn parse(mount: &str, name: &str) -> Option<Template> {
        let path = path_for(mount, name)?.replace("[vhost]", name);
        let mut parts = Vec::new();
        let mut rest = path.as_str();
        while !rest.is_empty() {
            let variable = [("[app]", Part::App), ("[stream]", Part::Stream)];
            if let Some((text, part)) = variable.into_iter().find(|(text, _)| rest.starts_with(text)) {
                rest = rest.get(text.len()..).unwrap_or_default();
                parts.push(part);
                continue;
            }
            let end = ["[app]", "[stream]"].iter().filter_map(|text| rest.find(text)).min().unwrap_or(rest.len());
            let (text, tail) = rest.split_at(end);
            parts.push(Part::Text(text.to_owned()));
            rest = tail;
        }
        Some(Template { parts })
    }

    /// True when the template ends in `extension`, which has its dot.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        matches!(self.parts.last(), Some(Part::Text(text)) if text.ends_with(extension))
    }

    /// The same template for another extension.
    pub(crate) fn with_extension(mut self, old: &str, new: &str) -> Template {
        if let Some(Part::Text(text)) = self.parts.last_mut()
            && let Some(stem) = text.strip_suffix(old)
        {
            *text = format!("{stem}{new}");
        }
        self
    }

    /// The stream that a path names. An app may come out with slashes in it: whether that counts is for the caller.
    pub(crate) fn find(&self, path: &str) -> Option<Named> {
        let mut named = Named::default();
        let mut rest = path;
        let mut parts = self.parts.iter();
        while let Some(part) = parts.next() {
            if let Part::Text(text) = part {
                rest = rest.strip_prefix(text.as_str())?;
                continue;
            }
            let value = match parts.next() {
                None => std::mem::take(&mut rest),
                Some(Part::Text(text)) => {
                    let (value, tail) = match parts.len() {
                        0 => (rest.strip_suffix(text.as_str())?, ""),
                        _ => rest.rsplit_once(text.as_str())?,
                    };
                    rest = tail;
                    value
                }
                // Nothing tells where one name ends and the next begins.
                Some(_) => return None,
            };
            match part {
                Part::App => named.app = Some(value.to_owned()).filter(|app| !app.is_empty()),
                _ => named.stream = value.to_owned(),
            }
        }
        if named.app.is_none() {
            named.app = path
                .rsplit_once('/')
                .map(|(folder, _)| folder.trim_matches('/'))
                .filter(|app| !app.is_empty())
                .map(str::to_owned);
        }
        let whole = rest.is_empty() && !named.stream.is_empty() && !named.stream.contains('/');
        whole.then_some(named)
    }
}

/// A folder that a path is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Folder {
    /// The beginning of its URLs: ends with `/`.
    pub(crate) prefix: String,
    /// Where its files are.
    pub(crate) dir: String,
}

/// The folder whose prefix matches the most of a path: of the vhost's `http_static`, else `http_server.dir`.
pub(crate) fn folder(conf: &Config, vhost: &str, path: &str) -> Folder {
    let of_vhost = conf.vhost(vhost).filter(|vhost| vhost.enabled).and_then(|vhost| static_mount(&vhost));
    // The default vhost's mount has no host in it: it serves every host.
    let of_default = conf.vhosts.iter().find(|vhost| vhost.name == DEFAULT_VHOST).and_then(static_mount);
    let root = Folder { prefix: "/".to_owned(), dir: conf.http_server.dir.clone() };
    let matches = |folder: &Folder| path.starts_with(&folder.prefix) || path == folder.prefix.trim_end_matches('/');
    [Some(root), of_default, of_vhost]
        .into_iter()
        .flatten()
        .filter(matches)
        .max_by_key(|folder| folder.prefix.len())
        .unwrap_or_else(|| Folder { prefix: "/".to_owned(), dir: conf.http_server.dir.clone() })
}

fn static_mount(vhost: &Arc<Vhost>) -> Option<Folder> {
    let settings = &vhost.http_static;
    if !settings.enabled {
        return None;
    }
    let mut prefix = path_for(&settings.mount, &vhost.name)?.replace("[vhost]", &vhost.name);
    if !prefix.ends_with('/') {
        prefix.push('/');
    }
    Some(Folder { prefix, dir: settings.dir.clone() })
}

/// The part of a mount from its first slash on, when its host is that of the vhost.
fn path_for<'a>(mount: &'a str, vhost: &str) -> Option<&'a str> {
    let path = match mount.strip_prefix("[vhost]") {
        Some(path) => path,
        None => mount.strip_prefix(vhost).unwrap_or(mount),
    };
    path.starts_with('/').then_some(path)
}

#[cfg(test)]
mod tests;
