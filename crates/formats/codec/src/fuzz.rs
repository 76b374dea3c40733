//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::{Codec, aac, ac3, av1, avc, codec_string, flac, frame_duration, hevc, mp3, nal, opus, vp8, vp9};

/// Decoder configurations and parameter sets of all codecs: any bytes.
pub fn sps(data: &[u8]) {
    let _ = avc::Sps::parse(data);
    let _ = hevc::Sps::parse(data);
    let _ = hevc::vps_frame_rate(data);
    if let Ok(record) = avc::DecoderConfig::parse(data) {
        record.info();
        let mut out = Vec::new();
        record.write_to(&mut out);
        let again = avc::DecoderConfig::parse(&out).expect("what was written parses");
        assert_eq!(again, record);
    }
    if let Ok(record) = hevc::DecoderConfig::parse(data) {
        record.info();
    }
    if let Ok(record) = av1::DecoderConfig::parse(data) {
        record.info();
    }
    let _ = av1::SequenceHeader::parse(data);
    if let Ok(record) = vp9::DecoderConfig::parse(data) {
        let mut out = Vec::new();
        record.write_to(&mut out);
        assert_eq!(vp9::DecoderConfig::parse(&out), Ok(record));
    }
    names(data);
    audio(data);
    nal_units(data);
}

/// Heads of frames of all codecs: any bytes.
pub fn frames(data: &[u8]) {
    let _ = vp8::FrameHeader::parse(data).map(|frame| frame.info());
    let _ = vp9::FrameHeader::parse(data).map(|frame| (frame.info(), frame.config()));
    if let Ok(frame) = ac3::SyncFrame::parse(data) {
        frame.info();
        assert!(frame.frame_len >= 2 && (1..=6).contains(&frame.channels()));
        assert_eq!(ac3::dac3(&frame).is_some(), frame.codec() == Codec::Ac3);
    }
    if let Ok(payload) = ac3::dec3(data) {
        assert!((5..=34).contains(&payload.len()));
    }
    if let Ok(info) = flac::StreamInfo::parse(data) {
        let mut out = Vec::new();
        info.write_to(&mut out);
        assert_eq!(flac::StreamInfo::parse(&out), Ok(info));
        info.info();
    }
    for codec in [Codec::Aac, Codec::Mp3, Codec::Opus, Codec::Flac, Codec::Ac3, Codec::Eac3, Codec::G711a] {
        let _ = frame_duration(codec, data, data);
    }
}

/// Names go into playlists between quotation marks, so they may hold nothing but letters, digits and dots.
fn names(data: &[u8]) {
    for codec in [Codec::H264, Codec::H265, Codec::Av1, Codec::Vp9, Codec::Vp8, Codec::Aac] {
        if let Some(name) = codec_string(codec, data) {
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'), "{name}");
        }
    }
}

fn audio(data: &[u8]) {
    if let Ok(config) = aac::AudioSpecificConfig::parse(data) {
        let mut out = Vec::new();
        config.write_to(&mut out);
        let again = aac::AudioSpecificConfig::parse(&out).expect("what was written parses");
        assert_eq!(again.channel_config, config.channel_config);
        assert_eq!(again.sample_rate, config.sample_rate);
    }
    if let Ok(header) = aac::AdtsHeader::parse(data) {
        let payload = header.frame_len - header.header_len;
        if let Ok(ours) = aac::AdtsHeader::for_frame(&header.config(), payload) {
            let mut out = Vec::new();
            ours.write_to(&mut out);
            assert_eq!(aac::AdtsHeader::parse(&out), Ok(ours));
        }
    }
    if let Ok(header) = mp3::FrameHeader::parse(data) {
        assert!(header.frame_len >= 4);
    }
    let _ = opus::OpusHead::parse(data);
}

fn nal_units(data: &[u8]) {
    for size in [1, 2, 4] {
        let whole: usize = nal::length_prefixed(data, size).flatten().map(|nal| nal.len() + usize::from(size)).sum();
        assert!(whole <= data.len());
    }
    for unit in nal::annex_b(data) {
        assert!(!unit.is_empty() && !unit.windows(3).any(|window| window == [0, 0, 1]));
    }
    assert!(nal::unescape(data, 64).len() <= data.len().min(64));
}

#[cfg(test)]
mod tests;
