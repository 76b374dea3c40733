//! What publishers send: one encoding, made or read once and shared by all.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::{BufMut, Bytes, BytesMut};
use weir_flv::tag::TagKind;
use weir_flv::{TagReader, amf0};

/// Pictures a second of the built-in stream.
const FPS: u32 = 25;
/// Pictures from one key frame to the next: 2 s.
const GOP: u32 = 50;
/// Bytes of the pictures of one GOP: 62.5 KB/s.
const GOP_BYTES: usize = 125_000;
/// A key frame is about so many times as long as another picture.
const KEY_FACTOR: usize = 6;
/// AAC frames hold 1,024 samples.
const AUDIO_RATE: f64 = 44_100.0 / 1024.0;
/// Bytes of an audio frame: 12.5 KB/s, which makes 600 kb/s together with the pictures.
const AUDIO_BYTES: usize = 290;
/// How much of it is made before it begins again, with timestamps that go on.
const LOOP: Duration = Duration::from_secs(20);

/// H.264 High, level 1.0, 64×36, as x264 describes it.
const AVC_CONFIG: &[u8] = b"\x17\x00\x00\x00\x00\x01\x64\x00\x0a\xff\xe1\x00\x19\x67\x64\x00\x0a\xac\xd9\x44\x7f\x9f\
    \x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\x20\xf1\x22\x59\x60\x01\x00\x06\x68\xeb\xe3\xcb\x22\xc0\xfd\xf8\xf8\x00";
/// AAC-LC, 44,100 Hz, stereo.
const AAC_CONFIG: &[u8] = b"\xaf\x00\x12\x10";

/// Before the time in a marked frame.
const MARK: &[u8; 8] = b"weirMARK";
/// Bytes of a mark: [`MARK`] and nanoseconds.
pub(crate) const MARK_LEN: usize = 16;
/// Where a mark stands in a picture: behind 5 bytes of tag head, 4 of length and 2 of NAL unit.
const VIDEO_MARK_AT: usize = 11;
/// Where it stands in an audio frame: behind the tag head.
const AUDIO_MARK_AT: usize = 2;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) kind: TagKind,
    /// From the start of the loop.
    pub(crate) at: Duration,
    /// The body of the FLV tag.
    pub(crate) body: Bytes,
}

/// A stream that can be sent for as long as one likes.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    /// Metadata and sequence headers: sent once.
    pub(crate) heads: Vec<Message>,
    frames: Vec<Message>,
    length: Duration,
}

impl Media {
    /// 600 kb/s in the shape of H.264 (25 pictures a second, a key frame every 2 s) and AAC (43 frames a second). The
    /// sequence headers are real, the frames hold random bytes.
    pub(crate) fn synthetic() -> Self {
        let heads = [
            (TagKind::Script, Bytes::from(metadata())),
            (TagKind::Video, Bytes::from_static(AVC_CONFIG)),
            (TagKind::Audio, Bytes::from_static(AAC_CONFIG)),
        ];
        let heads = heads.map(|(kind, body)| Message { kind, at: Duration::ZERO, body });
        let mut random = fastrand::Rng::with_seed(1);
        let pictures = LOOP.as_secs() as u32 * FPS;
        let mut frames: Vec<Message> = (0..pictures).map(|i| picture(i, &mut random)).collect();
        frames.extend((0..(LOOP.as_secs_f64() * AUDIO_RATE) as u32).map(|i| sound(i, &mut random)));
        frames.sort_by_key(|frame| frame.at);
        Self { heads: heads.into(), frames, length: LOOP }
    }

    /// An FLV file, which begins again at its end.
    pub(crate) fn from_file(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::from_flv(&bytes).with_context(|| path.display().to_string())
    }

    fn from_flv(bytes: &[u8]) -> Result<Self> {
        let mut reader = TagReader::new();
        reader.push(bytes);
        let mut media = Self { heads: Vec::new(), frames: Vec::new(), length: Duration::ZERO };
        while let Some(tag) = reader.poll_tag()? {
            let (kind, body) = match tag.kind {
                TagKind::Audio => (TagKind::Audio, tag.body),
                TagKind::Video => (TagKind::Video, tag.body),
                TagKind::Script => (TagKind::Script, set_data_frame(&tag.body)),
            };
            let message = Message { kind, at: Duration::from_millis(tag.timestamp_ms.into()), body };
            if kind == TagKind::Script || is_sequence_header(kind, &message.body) {
                media.heads.push(message);
            } else if !message.body.is_empty() {
                media.frames.push(message);
            }
        }
        let (Some(first), Some(last)) = (media.frames.first(), media.frames.last()) else {
            bail!("holds no frames");
        };
        // The last frame lasts as long as the others do in the middle.
        let (first, last) = (first.at, last.at);
        let step = last.saturating_sub(first) / u32::try_from(media.frames.len()).unwrap_or(u32::MAX);
        media.length = last.saturating_sub(first) + step.max(Duration::from_millis(1));
        media.frames.iter_mut().for_each(|frame| frame.at = frame.at.saturating_sub(first));
        Ok(media)
    }

    /// Frame number `index` of the endless stream, and when it is due.
    pub(crate) fn frame(&self, index: usize) -> Option<(&Message, Duration)> {
        let rounds = u32::try_from(index.checked_div(self.frames.len())?).unwrap_or(u32::MAX);
        let frame = self.frames.get(index.checked_rem(self.frames.len())?)?;
        Some((frame, frame.at + self.length * rounds))
    }

    /// Bits a second of the bodies.
    #[cfg(test)]
    fn bit_rate(&self) -> f64 {
        self.frames.iter().map(|frame| frame.body.len()).sum::<usize>() as f64 * 8.0 / self.length.as_secs_f64()
    }
}

/// Where a mark goes in the body of a frame, if there is room.
pub(crate) fn mark_range(kind: TagKind, len: usize) -> Option<std::ops::Range<usize>> {
    let at = if kind == TagKind::Video { VIDEO_MARK_AT } else { AUDIO_MARK_AT };
    (kind != TagKind::Script && len >= at + MARK_LEN).then_some(at..at + MARK_LEN)
}

/// The bytes that say "sent at `nanos`".
pub(crate) fn mark(nanos: u64) -> [u8; MARK_LEN] {
    let mut out = [0; MARK_LEN];
    let (name, time) = out.split_at_mut(MARK.len());
    name.copy_from_slice(MARK);
    time.copy_from_slice(&nanos.to_be_bytes());
    out
}

/// When the frame was sent, if it is marked.
pub(crate) fn read_mark(kind: TagKind, body: &[u8]) -> Option<u64> {
    parse_mark(body.get(mark_range(kind, body.len())?)?)
}

/// The time of a mark.
pub(crate) fn parse_mark(found: &[u8]) -> Option<u64> {
    let time = found.strip_prefix(MARK)?;
    Some(u64::from_be_bytes(time.try_into().ok()?))
}

fn picture(index: u32, random: &mut fastrand::Rng) -> Message {
    let key = index.is_multiple_of(GOP);
    let share = GOP_BYTES / (GOP as usize - 1 + KEY_FACTOR);
    let len = if key { share * KEY_FACTOR } else { random.usize(share * 4 / 5..share * 6 / 5) };
    let mut body = BytesMut::with_capacity(len);
    // AVC NAL units, composition time 0.
    body.put_slice(if key { b"\x17\x01\x00\x00\x00" } else { b"\x27\x01\x00\x00\x00" });
    body.put_u32(u32::try_from(len - 9).unwrap_or(0));
    body.put_slice(if key { b"\x65\x88" } else { b"\x41\x9a" });
    fill(&mut body, len, random);
    Message { kind: TagKind::Video, at: Duration::from_secs(1) / FPS * index, body: body.freeze() }
}

fn sound(index: u32, random: &mut fastrand::Rng) -> Message {
    let mut body = BytesMut::with_capacity(AUDIO_BYTES);
    body.put_slice(b"\xaf\x01");
    fill(&mut body, AUDIO_BYTES, random);
    let at = Duration::from_secs_f64(f64::from(index) / AUDIO_RATE);
    Message { kind: TagKind::Audio, at, body: body.freeze() }
}

fn fill(body: &mut BytesMut, len: usize, random: &mut fastrand::Rng) {
    let from = body.len();
    body.resize(len, 0);
    random.fill(body.get_mut(from..).unwrap_or_default());
}

fn metadata() -> Vec<u8> {
    let properties = [
        ("width", 64.0),
        ("height", 36.0),
        ("videocodecid", 7.0),
        ("framerate", f64::from(FPS)),
        ("videodatarate", 500.0),
        ("audiocodecid", 10.0),
        ("audiosamplerate", 44_100.0),
        ("audiodatarate", 100.0),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), amf0::Value::Number(value)));
    let mut out = Vec::new();
    amf0::write_string(&mut out, "@setDataFrame");
    amf0::write_string(&mut out, "onMetaData");
    amf0::write_ecma_array(&mut out, 8, &properties);
    out
}

fn set_data_frame(body: &[u8]) -> Bytes {
    let mut out = Vec::new();
    amf0::write_string(&mut out, "@setDataFrame");
    out.extend_from_slice(body);
    out.into()
}

/// Legacy AVC, HEVC, AAC: packet type 0 in the second byte. Enhanced video: packet type 0 in the low bits of the first.
fn is_sequence_header(kind: TagKind, body: &[u8]) -> bool {
    match (kind, body) {
        (TagKind::Video, [first, ..]) if first & 0x80 != 0 => first & 0x0f == 0,
        (TagKind::Video, [first, packet, ..]) => matches!(first & 0x0f, 7 | 12 | 13) && *packet == 0,
        (TagKind::Audio, [first, packet, ..]) => first >> 4 == 10 && *packet == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
