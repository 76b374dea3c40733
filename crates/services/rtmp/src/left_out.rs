//! [`LeftOut`]: what a player does not get, in words for the log.

use std::sync::Arc;

use tokio::sync::watch;
use weir_codec::Codec;
use weir_flv::fit::Takes;
use weir_flv::tag::TagKind;
use weir_hub::Stream;

/// Compares what a player takes with what its stream is made of, and says each thing once.
#[derive(Debug)]
pub(crate) struct LeftOut {
    takes: Takes,
    stream: Arc<Stream>,
    described: watch::Receiver<()>,
    codecs: Vec<Codec>,
    tracks: Vec<TagKind>,
}

impl LeftOut {
    /// For a player of a stream; nothing for one that takes everything.
    pub(crate) fn new(takes: Takes, stream: Arc<Stream>) -> Option<LeftOut> {
        (!takes.is_everything()).then(|| {
            let described = stream.described();
            LeftOut { takes, stream, described, codecs: Vec::new(), tracks: Vec::new() }
        })
    }

    /// Ends when the stream is made of something else.
    pub(crate) async fn changed(&mut self) {
        if self.described.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// What the player does not get and why, unless it was said before.
    pub(crate) fn words(&mut self) -> Vec<String> {
        let tracks = self.stream.framed();
        let mut words = Vec::new();
        for (kind, name) in [(TagKind::Video, "video"), (TagKind::Audio, "audio")] {
            let of_kind = || tracks.iter().filter(|track| track.kind() == kind);
            let count = of_kind().count();
            // Who gets one track gets the first.
            let sent = if self.takes.has_multitrack() { count } else { 1 };
            if count > sent && !self.tracks.contains(&kind) {
                self.tracks.push(kind);
                words.push(format!(
                    "gets one of {count} {name} tracks: its connect did not announce that it takes several (capsEx)"
                ));
            }
            for track in of_kind().take(sent) {
                let codec = track.codec();
                if self.takes.has_codec(codec) || self.codecs.contains(&codec) {
                    continue;
                }
                self.codecs.push(codec);
                words.push(format!(
                    "gets no {} {name}: its connect announced only {} (fourCcList, videoFourCcInfoMap, audioFourCcInfoMap)",
                    codec.label(),
                    self.takes,
                ));
            }
        }
        words
    }
}

#[cfg(test)]
mod tests;
