//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::{aac, av1, avc, hevc, mp3, nal, opus, vp9};

/// Decoder configurations and parameter sets of all codecs: any bytes.
pub fn sps(data: &[u8]) {
    let _ = avc::Sps::parse(data);
    let _ = hevc::Sps::parse(data);
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
    let _ = vp9::DecoderConfig::parse(data);
    audio(data);
    nal_units(data);
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
