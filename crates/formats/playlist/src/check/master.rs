//! Rules for a master playlist (clause 4.4.6).

use super::{Finding, Findings};
use crate::{MasterPlaylist, Rendition};

impl MasterPlaylist {
    /// The rules that the playlist breaks.
    pub fn check(&self) -> Vec<Finding> {
        let mut found = Findings::default();
        found.must(!self.variants.is_empty(), "no-variant", || "no EXT-X-STREAM-INF".to_owned());
        for variant in &self.variants {
            let uri = &variant.uri;
            let average = variant.average_bandwidth.unwrap_or(variant.bandwidth);
            found.must(variant.bandwidth > 0 && average <= variant.bandwidth, "bandwidth", || {
                format!("BANDWIDTH of {uri} is {}, AVERAGE-BANDWIDTH is {average}", variant.bandwidth)
            });
            found.should(!variant.codecs.is_empty(), "codecs", || format!("{uri} has no CODECS"));
            let of_video = variant.resolution.is_some() == variant.frame_rate.is_some();
            found.should(of_video, "frame-rate", || format!("{uri} has only one of RESOLUTION and FRAME-RATE"));
            if let Some(audio) = &variant.audio {
                let there = self.renditions.iter().any(|rendition| rendition.group == *audio);
                found.must(there, "group", || format!("{uri} names the audio group {audio}, which has no rendition"));
            }
        }
        for (index, rendition) in self.renditions.iter().enumerate() {
            let before = self.renditions.get(..index).unwrap_or_default();
            check_rendition(&mut found, before, rendition);
        }
        found.0
    }
}

fn check_rendition(found: &mut Findings, before: &[Rendition], rendition: &Rendition) {
    let Rendition { group, name, .. } = rendition;
    let mut same_group = before.iter().filter(|other| other.group == *group);
    found.must(!group.is_empty() && !name.is_empty(), "names", || format!("group {group:?}, name {name:?}"));
    found.must(same_group.clone().all(|other| other.name != *name), "names", || {
        format!("two renditions {name} in group {group}")
    });
    found.must(!rendition.default || same_group.all(|other| !other.default), "default", || {
        format!("two renditions with DEFAULT=YES in group {group}")
    });
    found.must(!rendition.default || rendition.autoselect, "default", || {
        format!("rendition {name} of group {group} has DEFAULT=YES without AUTOSELECT=YES")
    });
}
