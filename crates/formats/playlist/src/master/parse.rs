//! A master playlist from text.

use super::{MasterPlaylist, Rendition, Variant};
use crate::Error;
use crate::text::read::{Line, Lines, integer};

/// Tags that only media playlists have.
const MEDIA_TAGS: [&str; 4] = ["EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PART"];

impl MasterPlaylist {
    /// Reads a playlist. Tags and attributes that this crate does not write are passed over, renditions other than audio
    /// among them.
    ///
    /// Fails with the number of the line that breaks the syntax, and for a media playlist.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut playlist = MasterPlaylist::default();
        let (mut variant, mut last) = (None, 0);
        for line in Lines::of(text)? {
            let line = line?;
            last = line.number;
            match line.tag {
                None => {
                    let lone = Error::Lone { line: line.number, what: "URI without EXT-X-STREAM-INF" };
                    let variant: Variant = variant.take().ok_or(lone)?;
                    playlist.variants.push(Variant { uri: line.value.to_owned(), ..variant });
                }
                Some("#EXT-X-INDEPENDENT-SEGMENTS") => playlist.independent_segments = true,
                Some("#EXT-X-MEDIA") => playlist.renditions.extend(read_rendition(&line)?),
                Some("#EXT-X-STREAM-INF") => variant = Some(read_variant(&line)?),
                Some(other) => refuse_media_tag(other, &line)?,
            }
        }
        match variant {
            Some(_) => Err(Error::Lone { line: last, what: "EXT-X-STREAM-INF without a URI" }),
            None => Ok(playlist),
        }
    }
}

fn refuse_media_tag(tag: &str, line: &Line<'_>) -> Result<(), Error> {
    match MEDIA_TAGS.iter().find(|media| tag.strip_prefix('#') == Some(media)) {
        Some(tag) => Err(Error::OtherKind { line: line.number, tag }),
        None => Ok(()),
    }
}

fn read_rendition(line: &Line<'_>) -> Result<Option<Rendition>, Error> {
    const TAG: &str = "EXT-X-MEDIA";
    let list = line.attributes(TAG)?;
    match list.get("TYPE") {
        Some("AUDIO") => {}
        Some(_) => return Ok(None),
        None => return Err(line.missing(TAG, "TYPE")),
    }
    let yes = |name| list.get(name) == Some("YES");
    // Channels may be followed by what else they are, such as objects.
    let channels = list.quoted("CHANNELS").map(|channels| channels.split('/').next().unwrap_or_default());
    let channels = match channels {
        Some(text) => Some(integer(text).ok_or_else(|| line.bad("CHANNELS", text))?),
        None => None,
    };
    Ok(Some(Rendition {
        group: line.quoted(&list, TAG, "GROUP-ID")?,
        name: line.quoted(&list, TAG, "NAME")?,
        default: yes("DEFAULT"),
        autoselect: yes("AUTOSELECT"),
        channels,
        uri: list.quoted("URI").map(str::to_owned),
    }))
}

fn read_variant(line: &Line<'_>) -> Result<Variant, Error> {
    const TAG: &str = "EXT-X-STREAM-INF";
    let list = line.attributes(TAG)?;
    let average_bandwidth = match list.get("AVERAGE-BANDWIDTH") {
        Some(_) => Some(line.number(&list, TAG, "AVERAGE-BANDWIDTH")?),
        None => None,
    };
    let resolution = match list.get("RESOLUTION") {
        Some(text) => Some(read_resolution(text).ok_or_else(|| line.bad("RESOLUTION", text))?),
        None => None,
    };
    let frame_rate = match list.get("FRAME-RATE") {
        Some(_) => Some(line.seconds(&list, TAG, "FRAME-RATE")?.as_secs_f64()),
        None => None,
    };
    let codecs = list.quoted("CODECS").filter(|codecs| !codecs.is_empty());
    Ok(Variant {
        bandwidth: line.number(&list, TAG, "BANDWIDTH")?,
        average_bandwidth,
        codecs: codecs.map_or(Vec::new(), |codecs| codecs.split(',').map(|codec| codec.trim().to_owned()).collect()),
        resolution,
        frame_rate,
        audio: list.quoted("AUDIO").map(str::to_owned),
        uri: String::new(),
    })
}

fn read_resolution(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((integer(width)?, integer(height)?))
}
