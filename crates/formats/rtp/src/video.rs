//! What the payload of one packet says of the picture it belongs to, without its neighbours.

mod av1;
mod h264;
mod h265;
mod nal;
mod number;
mod vp8;
mod vp9;

use weir_codec::Codec;

pub use number::Numbers;
pub(crate) use number::PictureId;
pub(crate) use vp8::Descriptor as Vp8Descriptor;
pub(crate) use vp9::Descriptor as Vp9Descriptor;

/// What a payload says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peek {
    /// A picture can start with this packet. Of H.264, H.265 and AV1 several packets of one picture may say so: each
    /// that has parameter sets or messages ahead of the picture. They all have its timestamp.
    pub starts_frame: bool,
    /// Decoding can start with this packet: it starts a key frame, or has parameter sets that are sent ahead of one.
    pub key: bool,
    /// It has parameter sets or a sequence header, whole or their start; key frames of VP8 and VP9 are their own.
    pub config: bool,
}

impl Peek {
    /// What every packet of sound says.
    pub const WHOLE: Peek = Peek { starts_frame: true, key: true, config: true };

    fn or(self, other: Peek) -> Peek {
        Peek {
            starts_frame: self.starts_frame || other.starts_frame,
            key: self.key || other.key,
            config: self.config || other.config,
        }
    }
}

/// Looks at the payload of an RTP packet. Sound is [`Peek::WHOLE`]; of an unknown codec, or of a payload that is none,
/// nothing is said.
pub fn peek(codec: Codec, payload: &[u8]) -> Peek {
    match codec {
        Codec::H264 => h264::peek(payload),
        Codec::H265 => h265::peek(payload),
        Codec::Vp8 => vp8::peek(payload),
        Codec::Vp9 => vp9::peek(payload),
        Codec::Av1 => av1::peek(payload),
        codec if codec.is_audio() => Peek::WHOLE,
        _ => Peek::default(),
    }
}

/// Width and height in pixels, where this packet tells them: in the whole parameter set or sequence header that it has
/// (H.264, H.265, AV1), in its key frame (VP8), in its scalability structure or key frame (VP9: the largest layer).
/// Costs more than [`peek`], and tells nothing unless that said `config`.
pub fn size(codec: Codec, payload: &[u8]) -> Option<(u32, u32)> {
    match codec {
        Codec::H264 => h264::size(payload),
        Codec::H265 => h265::size(payload),
        Codec::Vp8 => vp8::size(payload),
        Codec::Vp9 => vp9::size(payload),
        Codec::Av1 => av1::size(payload),
        _ => None,
    }
}

/// The numbers of pictures and layers that a payload of VP8 or VP9 has; none in those of other codecs.
pub fn numbers(codec: Codec, payload: &[u8]) -> Numbers {
    match codec {
        Codec::Vp8 => vp8::numbers(payload),
        Codec::Vp9 => vp9::numbers(payload),
        _ => Numbers::default(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
