//! [`Codec`]: the closed set of codecs that weir can name.

/// How a track is coded. What weir does not know by name is still relayed: it is [`Codec::OtherVideo`] or
/// [`Codec::OtherAudio`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// H.264, also called AVC.
    H264,
    /// H.265, also called HEVC.
    H265,
    /// AV1.
    Av1,
    /// VP9.
    Vp9,
    /// VP8.
    Vp8,
    /// On2 VP6, with or without an alpha plane.
    Vp6,
    /// Sorenson's variant of H.263 (FLV codec 2).
    SorensonH263,
    /// Flash screen video, version 1 or 2 (FLV codecs 3 and 6).
    ScreenVideo,
    /// A video codec without a name here.
    OtherVideo,
    /// AAC of any object type.
    Aac,
    /// MPEG-1 or MPEG-2 audio layer III.
    Mp3,
    /// Opus.
    Opus,
    /// FLAC.
    Flac,
    /// Dolby AC-3.
    Ac3,
    /// Dolby E-AC-3.
    Eac3,
    /// G.711 A-law.
    G711a,
    /// G.711 µ-law.
    G711u,
    /// Speex.
    Speex,
    /// Nellymoser Asao.
    Nellymoser,
    /// Uncompressed samples.
    Pcm,
    /// Flash's ADPCM.
    Adpcm,
    /// An audio codec without a name here.
    OtherAudio,
    /// AMF data: metadata, cue points, captions.
    Script,
}

impl Codec {
    /// The name in the HTTP API: H264, HEVC, AV1, VP6, AAC, MP3, Opus, and Other for the rest.
    ///
    /// Dashboards written for SRS match on these words, so the set does not grow; see [`Codec::label`] for people.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::H264 => "H264",
            Codec::H265 => "HEVC",
            Codec::Av1 => "AV1",
            Codec::Vp6 => "VP6",
            Codec::Aac => "AAC",
            Codec::Mp3 => "MP3",
            Codec::Opus => "Opus",
            _ => "Other",
        }
    }

    /// The name in a log line, where every codec has one.
    pub const fn label(self) -> &'static str {
        match self {
            Codec::H264 => "H.264",
            Codec::H265 => "H.265",
            Codec::Av1 => "AV1",
            Codec::Vp9 => "VP9",
            Codec::Vp8 => "VP8",
            Codec::Vp6 => "VP6",
            Codec::SorensonH263 => "Sorenson H.263",
            Codec::ScreenVideo => "screen video",
            Codec::OtherVideo => "unknown video",
            Codec::Aac => "AAC",
            Codec::Mp3 => "MP3",
            Codec::Opus => "Opus",
            Codec::Flac => "FLAC",
            Codec::Ac3 => "AC-3",
            Codec::Eac3 => "E-AC-3",
            Codec::G711a => "G.711 A-law",
            Codec::G711u => "G.711 µ-law",
            Codec::Speex => "Speex",
            Codec::Nellymoser => "Nellymoser",
            Codec::Pcm => "PCM",
            Codec::Adpcm => "ADPCM",
            Codec::OtherAudio => "unknown audio",
            Codec::Script => "script",
        }
    }

    /// True for pictures.
    pub const fn is_video(self) -> bool {
        use Codec::*;
        matches!(self, H264 | H265 | Av1 | Vp9 | Vp8 | Vp6 | SorensonH263 | ScreenVideo | OtherVideo)
    }

    /// True for sound.
    pub const fn is_audio(self) -> bool {
        !self.is_video() && !matches!(self, Codec::Script)
    }
}

#[cfg(test)]
mod tests;
