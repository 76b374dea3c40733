//! Sample entries of sound.

use super::{Entry, Head, SoundHead};
use crate::Error;
use crate::boxes::{BoxWriter, saturated};
use crate::track::{Media, Track};
use weir_base::ByteReader;
use weir_codec::{Codec, aac, flac, opus};

/// objectTypeIndication of AAC, of MPEG-1 layer III and of its half rates (ISO/IEC 14496-1 table 5).
const OBJECT_AAC: u8 = 0x40;
const OBJECT_MPEG1_AUDIO: u8 = 0x6b;
const OBJECT_MPEG2_AUDIO: u8 = 0x69;

/// Rates up to this one are those that MPEG-2 added to layer III.
const MAX_MPEG2_RATE: u32 = 24_000;

/// Bytes of OpusHead before the table of channels.
const OPUS_HEAD: usize = 19;

/// Bytes of AC3SpecificBox, and the least of EC3SpecificBox (ETSI TS 102 366 clauses F.4 and F.6).
const DAC3: usize = 3;
const MIN_DEC3: usize = 5;

pub(super) fn entry(track: &Track, head: SoundHead) -> Result<Entry, Error> {
    let (codec, config) = (track.codec, &track.config[..]);
    let made = match codec {
        Codec::Aac => aac_entry(config, head),
        Codec::Mp3 => Ok(mp4a(mp3_object_type(&track.media), &[], head)),
        Codec::Opus => opus_entry(config),
        Codec::Flac => flac_entry(config),
        Codec::Ac3 => dolby_entry(b"ac-3", b"dac3", config, DAC3..=DAC3, head),
        Codec::Eac3 => dolby_entry(b"ec-3", b"dec3", config, MIN_DEC3..=usize::MAX, head),
        _ => return Err(Error::NoMapping { codec }),
    };
    made.map_err(|source| Error::Config { codec, source })
}

fn aac_entry(config: &[u8], head: SoundHead) -> Result<Entry, weir_codec::Error> {
    aac::AudioSpecificConfig::parse(config)?;
    Ok(mp4a(OBJECT_AAC, config, head))
}

/// The objectTypeIndication of MP3.
fn mp3_object_type(media: &Media) -> u8 {
    match media {
        Media::Audio { sample_rate, .. } if *sample_rate <= MAX_MPEG2_RATE => OBJECT_MPEG2_AUDIO,
        _ => OBJECT_MPEG1_AUDIO,
    }
}

/// `mp4a` with an ES_Descriptor (ISO/IEC 14496-1 clause 7.2.6.5) whose sizes take four bytes, as all writers do.
fn mp4a(object_type: u8, decoder_info: &[u8], head: SoundHead) -> Entry {
    const DESCRIPTOR: usize = 5;
    let info_len = if decoder_info.is_empty() { 0 } else { DESCRIPTOR + decoder_info.len() };
    let mut record = Vec::with_capacity(64);
    let mut w = BoxWriter::new(&mut record);
    // Version and flags of `esds`.
    w.zeros(4);
    write_descriptor(&mut w, 3, 3 + DESCRIPTOR + 13 + info_len + DESCRIPTOR + 1);
    // ES_ID, which files leave 0, and no optional parts.
    w.zeros(3);
    write_descriptor(&mut w, 4, 13 + info_len);
    w.u8(object_type);
    // An audio stream; buffer size and bit rates are not told.
    w.u8(0x15);
    w.zeros(11);
    if !decoder_info.is_empty() {
        write_descriptor(&mut w, 5, decoder_info.len());
        w.bytes(decoder_info);
    }
    // The predefined SLConfigDescriptor of files.
    write_descriptor(&mut w, 6, 1);
    w.u8(2);
    Entry { kind: b"mp4a", head: Head::Sound(head), record_kind: b"esds", record }
}

/// Tag and size of a descriptor; the size has 28 bits, seven to a byte.
fn write_descriptor(w: &mut BoxWriter<'_>, tag: u8, len: usize) {
    let len = saturated(len).min(0x0fff_ffff);
    w.u8(tag);
    for shift in [21, 14, 7] {
        w.u8((len >> shift & 0x7f) as u8 | 0x80);
    }
    w.u8((len & 0x7f) as u8);
}

/// `dOps` (Encapsulation of Opus in ISO-BMFF clause 4.3.2): OpusHead without its magic and in big-endian.
fn opus_entry(config: &[u8]) -> Result<Entry, weir_codec::Error> {
    let opus = opus::OpusHead::parse(config)?;
    let mut record = Vec::with_capacity(16);
    let mut w = BoxWriter::new(&mut record);
    w.u8(0);
    w.u8(opus.channels);
    w.u16(opus.pre_skip);
    // The rate before encoding is for information only, and Chromium refuses any that differs from the entry's, which
    // must be 48 kHz.
    w.u32(opus::SAMPLE_RATE);
    w.u16(opus.gain as u16);
    w.u8(opus.mapping_family);
    if opus.mapping_family != 0 {
        let mut table = ByteReader::new(config.get(OPUS_HEAD..).unwrap_or_default());
        w.bytes(table.take(2 + usize::from(opus.channels))?);
    }
    let head = SoundHead { channels: opus.channels.into(), bits: 16, rate: opus::SAMPLE_RATE as u16 };
    Ok(Entry { kind: b"Opus", head: Head::Sound(head), record_kind: b"dOps", record })
}

/// `dfLa` (Encapsulation of FLAC in ISO-BMFF clause 3.3.2) with STREAMINFO only: comments and pictures are not needed
/// to decode. Rate, channels and bits come from it, because Chromium refuses an entry that contradicts it.
fn flac_entry(config: &[u8]) -> Result<Entry, weir_codec::Error> {
    let info = flac::StreamInfo::parse(config)?;
    // Version and flags.
    let mut record = vec![0; 4];
    info.write_to(&mut record);
    let rate = regular_division(info.sample_rate);
    let head = SoundHead { channels: info.channels.into(), bits: info.bits.into(), rate };
    Ok(Entry { kind: b"fLaC", head: Head::Sound(head), record_kind: b"dfLa", record })
}

/// The rate that FLAC's sample entry has: halved until 16 bits hold it (clause 3.3.1).
fn regular_division(mut rate: u32) -> u16 {
    loop {
        match u16::try_from(rate) {
            Ok(rate) => return rate,
            Err(_) => rate /= 2,
        }
    }
}

fn dolby_entry(
    kind: &'static [u8; 4],
    record_kind: &'static [u8; 4],
    config: &[u8],
    len: std::ops::RangeInclusive<usize>,
    head: SoundHead,
) -> Result<Entry, weir_codec::Error> {
    if !len.contains(&config.len()) {
        let value = config.len() as u64;
        return Err(weir_codec::Error::Unexpected { field: "length of the AC-3 specific box", value });
    }
    Ok(Entry { kind, head: Head::Sound(head), record_kind, record: config.to_vec() })
}
