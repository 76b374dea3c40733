//! Which source of RTP is of which track: that is told by headers.

use std::time::{Duration, Instant};

use str0m::media::Rid;
use weir_rtp::{Header, Kind};

use super::{Extension, Live, Peer, TrackDirection};

/// A track that was heard within this keeps its source.
const KEEPS: Duration = Duration::from_secs(1);

impl Peer {
    /// Makes the source of an RTP packet known by what its header says. False when the packet is to be ignored: its track has
    /// another source, which is heard.
    pub(super) fn admit(&mut self, packet: &[u8], now: Instant) -> bool {
        let Some(ssrc) = weir_rtp::peek_ssrc(packet) else { return true };
        let mut direct = self.rtc.direct_api();
        if ssrc == 0 || direct.stream_rx(&ssrc.into()).is_some() {
            return true;
        }
        let Some(Named { index, rid, is_again }) = named(&self.tracks, &self.names, packet) else { return true };
        let Some(live) = self.tracks.get(index) else { return true };
        if is_again {
            // Nothing is sent again before it was sent; and the source of media may be named here as that of this.
            return live.heard.iter().any(Option::is_some);
        }
        let rid = rid.map(|rid| Rid::from(rid.as_str()));
        let mut rtx = None;
        if let Some(stream) = direct.stream_rx_by_mid(live.mid, rid) {
            let heard = live.layer(rid).and_then(|layer| *live.heard.get(layer)?);
            if heard.is_some_and(|heard| now.saturating_duration_since(heard) < KEEPS) {
                return false;
            }
            rtx = stream.rtx();
            // str0m never goes back to a source that it had before.
            let ssrc = stream.ssrc();
            direct.remove_stream_rx(ssrc);
        }
        direct.expect_stream_rx(ssrc.into(), rtx, live.mid, rid);
        true
    }
}

/// The numbers of the extensions that name a source.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    mid: Option<u8>,
    rid: Option<u8>,
}

impl Names {
    pub(super) fn new(extensions: &[(u8, Extension)]) -> Names {
        let number = |wanted| extensions.iter().find(|(_, extension)| *extension == wanted).map(|(number, _)| *number);
        Names { mid: number(Extension::Mid), rid: number(Extension::Rid) }
    }
}

/// What a packet says it is of.
struct Named {
    /// The track.
    index: usize,
    /// The layer.
    rid: Option<String>,
    /// It is a retransmission.
    is_again: bool,
}

/// The track, and its layer, that a packet says it is of: by its extensions, else by its payload type where the description
/// says nothing of sources. Nothing for retransmissions of layers.
fn named(tracks: &[Live], names: &Names, packet: &[u8]) -> Option<Named> {
    let (header, _) = Header::parse(packet).ok().filter(|_| Kind::of(packet) == Kind::Rtp)?;
    let element = |number: Option<u8>| {
        let wanted = number?;
        let found = header.extension?.elements().find(|(number, _)| *number == wanted)?.1;
        str::from_utf8(found).ok().map(str::to_owned)
    };
    let takes = |live: &&Live| live.setup.formats.iter().any(|format| format.pt == header.payload_type);
    if let Some(mid) = element(names.mid) {
        let index = tracks.iter().position(|live| live.setup.mid == mid)?;
        let live = tracks.get(index)?;
        let TrackDirection::Receive { rids, .. } = &live.setup.direction else { return None };
        if !takes(&live) {
            let is_again = live.setup.formats.iter().any(|format| format.rtx == Some(header.payload_type));
            return (is_again && rids.is_empty()).then_some(Named { index, rid: None, is_again });
        }
        let rid = element(names.rid).filter(|_| !rids.is_empty());
        let is_known = rid.as_ref().map_or(rids.is_empty(), |rid| rids.contains(rid));
        return is_known.then_some(Named { index, rid, is_again: false });
    }
    let is_bare = |live: &Live| match &live.setup.direction {
        TrackDirection::Receive { ssrcs, rids } => ssrcs.is_empty() && rids.is_empty(),
        TrackDirection::Send { .. } => false,
    };
    let index = tracks.iter().position(|live| is_bare(live) && takes(&live))?;
    Some(Named { index, rid: None, is_again: false })
}
