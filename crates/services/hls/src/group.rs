//! [`Group`]: several streams that are renditions of one another, offered as one (`hls_group`).

use std::sync::Arc;

use weir_hub::StreamKey;
use weir_playlist::{MasterPlaylist, Variant, append_query};

use crate::output::Shared;
use crate::plan::{Folder, Plan, relative};

/// A name under which streams are offered together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    /// Vhost, app and the name of the group.
    pub(crate) key: StreamKey,
    /// Where its playlist is.
    pub(crate) folder: Folder,
    /// The path of its playlist.
    pub(crate) url: String,
    /// The streams, the one to start with first.
    pub(crate) members: Vec<StreamKey>,
}

impl Group {
    /// The groups that a stream is in.
    pub(crate) fn of(plan: &Plan, key: &StreamKey) -> Vec<Arc<Group>> {
        let groups = plan.hls.hls_group.iter().filter(|group| group.streams.iter().any(|one| **one == *key.name));
        groups
            .filter_map(|group| {
                let named = |name: &str| StreamKey { name: name.into(), ..key.clone() };
                let (key, members) = (named(&group.name), group.streams.iter().map(|name| named(name)).collect());
                let playlist = plan.playlist_of(&key)?;
                Some(Arc::new(Group { key, folder: plan.folder.clone(), url: playlist.url, members }))
            })
            .collect()
    }

    /// Its master playlist; `query` is added to the URI of each variant. Nothing when none of its streams is there.
    pub(crate) fn playlist(&self, shared: &Shared, query: &str) -> Option<String> {
        let outputs = self.members.iter().filter_map(|key| shared.output(key));
        let variants: Vec<Variant> = outputs
            .filter_map(|output| {
                let (variant, url) = output.variant()?;
                Some(Variant { uri: append_query(&relative(&self.url, &url), query), ..variant })
            })
            .collect();
        if variants.is_empty() {
            return None;
        }
        let mut text = String::new();
        MasterPlaylist { variants, ..MasterPlaylist::default() }.write_to(&mut text);
        Some(text)
    }
}
