//! A master playlist as text.

use super::{MasterPlaylist, Rendition, Variant};
use crate::text::{AttributeList, push_uri};
use std::ops::RangeInclusive;

/// Pictures a second that can be written with three decimals and mean something.
const FRAME_RATES: RangeInclusive<f64> = 0.001..=1e6;

impl MasterPlaylist {
    /// Appends the playlist.
    ///
    /// A value that would break the syntax is replaced: in URIs, quotation marks, spaces, `#` and control characters are
    /// percent-encoded; elsewhere, quotation marks become apostrophes and control characters spaces.
    pub fn write_to(&self, out: &mut String) {
        out.push_str("#EXTM3U\n");
        if self.independent_segments {
            out.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
        }
        for rendition in &self.renditions {
            write_rendition(out, rendition);
        }
        for variant in &self.variants {
            write_variant(out, variant);
        }
    }
}

fn write_rendition(out: &mut String, rendition: &Rendition) {
    let mut list = AttributeList::new(out, "#EXT-X-MEDIA");
    list.plain("TYPE", "AUDIO").quoted("GROUP-ID", &rendition.group).quoted("NAME", &rendition.name);
    list.yes("DEFAULT", rendition.default).yes("AUTOSELECT", rendition.autoselect || rendition.default);
    if let Some(channels) = rendition.channels {
        list.plain("CHANNELS", format_args!("\"{channels}\""));
    }
    if let Some(uri) = &rendition.uri {
        list.uri(uri);
    }
    list.end();
}

fn write_variant(out: &mut String, variant: &Variant) {
    let mut list = AttributeList::new(out, "#EXT-X-STREAM-INF");
    list.plain("BANDWIDTH", variant.bandwidth);
    if let Some(average) = variant.average_bandwidth {
        list.plain("AVERAGE-BANDWIDTH", average);
    }
    let codecs: Vec<&str> = variant.codecs.iter().map(String::as_str).filter(|codec| !codec.is_empty()).collect();
    if !codecs.is_empty() {
        list.quoted("CODECS", &codecs.join(","));
    }
    if let Some((width, height)) = variant.resolution {
        list.plain("RESOLUTION", format_args!("{width}x{height}"));
    }
    if let Some(rate) = variant.frame_rate.filter(|rate| FRAME_RATES.contains(rate)) {
        list.plain("FRAME-RATE", format_args!("{rate:.3}"));
    }
    if let Some(audio) = &variant.audio {
        list.quoted("AUDIO", audio);
    }
    list.end();
    push_uri(out, &variant.uri);
    out.push('\n');
}
