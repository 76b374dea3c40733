//! [`Group`]: several playlists that are renditions of one another, offered as one: streams (`hls_group`), or the tracks of
//! one stream (`hls_tracks`).

use std::collections::BTreeSet;
use std::sync::Arc;

use weir_hub::StreamKey;
use weir_playlist::{MasterPlaylist, Rendition, Variant, append_query};

use crate::output::{Offer, Shared};
use crate::plan::{Folder, Plan, relative};
use crate::source::{Source, Tracks};

/// GROUP-ID of further sound.
const SOUND: &str = "audio";

/// A name under which playlists are offered together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    /// Vhost, app and the name of the group, or of the stream with the tracks.
    pub(crate) key: StreamKey,
    /// Where its playlist is.
    pub(crate) folder: Folder,
    /// The path of its playlist.
    pub(crate) url: String,
    /// What is offered, the one to start with first.
    pub(crate) members: Vec<Source>,
    /// It has no playlist before all have one: what a player is not told at once it never learns.
    waits: bool,
}

impl Group {
    /// The groups that a playlist is in.
    pub(crate) fn of(plan: &Plan) -> Vec<Arc<Group>> {
        let (stream, is_first) = (&plan.source.stream, plan.source.tracks == Tracks::First);
        let named = |name: &str| StreamKey { name: name.into(), ..stream.clone() };
        let configured =
            plan.hls.hls_group.iter().filter(|group| group.streams.iter().any(|one| **one == *stream.name));
        let configured = configured.filter(|_| is_first).filter_map(|group| {
            let key = named(&group.name);
            let members = group.streams.iter().map(|name| Source::first(&named(name))).collect();
            let url = plan.playlist_of(&key)?.url;
            Some(Group { key, folder: plan.folder.clone(), url, members, waits: false })
        });
        let of_tracks = plan.master.iter().map(|master| Group {
            key: stream.clone(),
            folder: plan.folder.clone(),
            url: master.url.clone(),
            members: plan.offered.iter().map(|tracks| Source { stream: stream.clone(), tracks: *tracks }).collect(),
            waits: true,
        });
        configured.chain(of_tracks).map(Arc::new).collect()
    }

    /// What stands for the grid of a playlist that is in groups. Groups that share a stream share a grid.
    pub(crate) fn grid_of(plan: &Plan) -> Option<StreamKey> {
        let groups = &plan.hls.hls_group;
        let mut names = BTreeSet::from([&*plan.source.stream.name]);
        let is_met = |streams: &[String], names: &BTreeSet<&str>| streams.iter().any(|name| names.contains(&**name));
        let mut known = 0;
        while known < names.len() {
            known = names.len();
            for group in groups {
                if is_met(&group.streams, &names) {
                    names.extend(group.streams.iter().map(String::as_str));
                }
            }
        }
        let is_in_group = groups.iter().any(|group| is_met(&group.streams, &names));
        let name = names.first().filter(|_| is_in_group || plan.master.is_some())?;
        Some(StreamKey { name: (*name).into(), ..plan.source.stream.clone() })
    }

    /// Its master playlist; `query` is added to the URI of each variant. Nothing when none of its members is there.
    pub(crate) fn playlist(&self, shared: &Shared, query: &str) -> Option<String> {
        let uri = |offer: &Offer| append_query(&relative(&self.url, &offer.url), query);
        let offers = self.members.iter().filter_map(|source| Some((source.tracks, shared.output(source)?.offer()?)));
        let offers: Vec<(Tracks, Offer)> = offers.collect();
        if self.waits && offers.len() < self.members.len() {
            return None;
        }
        let independent_segments = offers.iter().all(|(_, offer)| offer.independent);
        let is_sound = |tracks: &Tracks| matches!(tracks, Tracks::Audio(_));
        let (sounds, pictures): (Vec<_>, Vec<_>) = offers.into_iter().partition(|(tracks, _)| is_sound(tracks));
        let mut master = MasterPlaylist { independent_segments, ..MasterPlaylist::default() };
        for (_, offer) in &pictures {
            master.variants.push(Variant { uri: uri(offer), ..offer.variant.clone() });
        }
        if master.variants.is_empty() {
            return None;
        }
        // The first sound is in the segments of the variants.
        if let Some(channels) = pictures.iter().find_map(|(_, offer)| offer.channels).filter(|_| !sounds.is_empty()) {
            master.renditions.push(sound(0, Some(channels), None));
        }
        for (tracks, offer) in &sounds {
            let number = tracks.numbers().1.unwrap_or_default();
            master.renditions.push(sound(number, offer.channels, Some(uri(offer))));
        }
        if let Some(first) = master.renditions.first_mut() {
            first.default = true;
            first.autoselect = true;
        }
        master.variants.iter_mut().for_each(|variant| add_sounds(variant, &sounds));
        let mut text = String::new();
        master.write_to(&mut text);
        Some(text)
    }
}

fn sound(number: u8, channels: Option<u8>, uri: Option<String>) -> Rendition {
    let name = format!("Audio {}", u16::from(number) + 1);
    Rendition { group: SOUND.to_owned(), name, channels, uri, ..Rendition::default() }
}

/// Players may choose any of the sounds: a variant's bandwidth has room for the largest of them, its codecs name all.
fn add_sounds(variant: &mut Variant, sounds: &[(Tracks, Offer)]) {
    let all = || sounds.iter().map(|(_, offer)| &offer.variant);
    let Some(largest) = all().map(|sound| sound.bandwidth).max() else { return };
    let average = all().filter_map(|sound| sound.average_bandwidth).max().unwrap_or_default();
    variant.audio = Some(SOUND.to_owned());
    variant.bandwidth = variant.bandwidth.saturating_add(largest);
    variant.average_bandwidth = variant.average_bandwidth.map(|own| own.saturating_add(average));
    for codec in all().flat_map(|sound| &sound.codecs) {
        if !variant.codecs.contains(codec) {
            variant.codecs.push(codec.clone());
        }
    }
}
