//! [`Takes`]: what a reader can take.

use crate::tag::TagKind;
use std::fmt;
use weir_codec::Codec;

/// How the head of a body names its codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By an id of four bits.
    Legacy,
    /// By FourCC.
    Enhanced,
}

/// What a reader can take: codecs in either form, and how bodies of Enhanced RTMP may be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Takes(u32);

/// Codecs with a FourCC; a codec's place is its bit. The last two stand for FourCCs without a name here.
const CODECS: [Codec; 13] = [
    Codec::H264,
    Codec::H265,
    Codec::Av1,
    Codec::Aac,
    Codec::Mp3,
    Codec::Vp9,
    Codec::Vp8,
    Codec::Opus,
    Codec::Flac,
    Codec::Ac3,
    Codec::Eac3,
    Codec::OtherVideo,
    Codec::OtherAudio,
];

/// So many of them, from the first on, have an id too, whose bit is this far above that of the FourCC.
const WITH_ID: u32 = 5;
const ID: u32 = 16;

const MULTITRACK: u32 = 1 << 30;
const MOD_EX: u32 = 1 << 31;

impl Takes {
    /// Whatever comes, as it comes.
    pub const EVERYTHING: Takes = Takes(u32::MAX);

    /// What every player of RTMP reads: H.264, AAC and MP3 by their ids, and the codecs of Flash.
    pub const LEGACY: Takes =
        Takes(0).with(Form::Legacy, Codec::H264).with(Form::Legacy, Codec::Aac).with(Form::Legacy, Codec::Mp3);

    /// The same, and a codec in a form.
    pub const fn with(self, form: Form, codec: Codec) -> Takes {
        Takes(self.0 | bit(form, codec))
    }

    /// The same without a codec in a form.
    pub const fn without(self, form: Form, codec: Codec) -> Takes {
        Takes(self.0 & !bit(form, codec))
    }

    /// The same, and every FourCC of a kind.
    pub fn with_every_fourcc(self, kind: TagKind) -> Takes {
        let of_kind = |codec: &Codec| codec.is_video() == (kind == TagKind::Video);
        CODECS.into_iter().filter(of_kind).fold(self, |takes, codec| takes.with(Form::Enhanced, codec))
    }

    /// The same, and several tracks.
    pub const fn with_multitrack(self) -> Takes {
        Takes(self.0 | MULTITRACK)
    }

    /// The same, and ModEx prefixes.
    pub const fn with_mod_ex(self) -> Takes {
        Takes(self.0 | MOD_EX)
    }

    /// Several tracks.
    pub const fn has_multitrack(self) -> bool {
        self.0 & MULTITRACK != 0
    }

    /// ModEx prefixes.
    pub const fn has_mod_ex(self) -> bool {
        self.0 & MOD_EX != 0
    }

    /// A codec in this form. Codecs of Flash have one form only, which nobody declines.
    pub const fn has(self, form: Form, codec: Codec) -> bool {
        match (index(codec), form) {
            (Some(_), Form::Enhanced) => self.0 & bit(form, codec) != 0,
            (Some(WITH_ID..), Form::Legacy) => matches!(codec, Codec::OtherVideo | Codec::OtherAudio),
            (Some(_), Form::Legacy) => self.0 & bit(form, codec) != 0,
            (None, _) => matches!(form, Form::Legacy),
        }
    }

    /// A codec in any form.
    pub const fn has_codec(self, codec: Codec) -> bool {
        self.0 & (bit(Form::Enhanced, codec) | bit(Form::Legacy, codec)) != 0 || index(codec).is_none()
    }

    /// Whatever comes, as it comes.
    pub const fn is_everything(self) -> bool {
        self.0 == u32::MAX
    }

    /// The same number for readers that take the same.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// For the fuzzer: some reader for each number.
    pub(crate) const fn of_bits(bits: u32) -> Takes {
        Takes(bits)
    }
}

const fn index(codec: Codec) -> Option<u32> {
    let mut at = 0;
    let mut left: &[Codec] = &CODECS;
    while let [first, rest @ ..] = left {
        if *first as u8 == codec as u8 {
            return Some(at);
        }
        (left, at) = (rest, at + 1);
    }
    None
}

/// 0 where nobody is asked.
const fn bit(form: Form, codec: Codec) -> u32 {
    match (index(codec), form) {
        (Some(at), Form::Enhanced) => 1 << at,
        (Some(at @ ..WITH_ID), Form::Legacy) => 1 << (ID + at),
        _ => 0,
    }
}

/// The codecs, as a list for people.
impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for codec in CODECS.into_iter().filter(|codec| self.has_codec(*codec)) {
            write!(f, "{comma}{}", codec.label())?;
            comma = ", ";
        }
        Ok(())
    }
}
