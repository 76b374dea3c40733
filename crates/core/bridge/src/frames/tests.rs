use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_audio::{Target, Transcoder};
use weir_codec::{AudioInfo, Codec, VideoInfo};
use weir_flv::tag::TagKind;
use weir_hub::testing::request;
use weir_hub::{
    ClientKind, Flags, Follower, Frame, Packet, PacketFormat, PacketTrack, Publisher, Stream, Track, TrackInfo,
};
use weir_rtp::payload::{DEFAULT_MAX_PAYLOAD, Options, Packetizer};
use weir_rtp::video;

use super::{LINGER, frames};
use crate::fixture::{AV1_OPUS, H264_AAC, VP9_FLAC, frames_at, hub};

const OPTIONS: Options = Options { max_payload: DEFAULT_MAX_PAYLOAD, merge_units: false, keep_sei: true };

fn track(codec: Codec, clock_rate: u32, layers: usize) -> PacketTrack {
    let channels = if codec.is_video() { 0 } else { 2 };
    let format = PacketFormat { codec, clock_rate, channels, parameters: String::new() };
    let layers = (0..layers).map(|layer| layer.to_string()).collect();
    PacketTrack { is_video: codec.is_video(), formats: vec![format], layers }
}

/// The packets that a publisher of WebRTC would send of a file, in the order of their captures; sound as Opus.
fn packets_of(file: &[u8]) -> (Codec, Vec<Packet>) {
    let base = Instant::now();
    let frames = frames_at(file, 0);
    let codec = frames.iter().find(|frame| frame.kind == TagKind::Video).expect("pictures").codec;
    let mut pictures = Packetizer::new(codec, OPTIONS).expect("a payload format");
    let mut sounds = Packetizer::new(Codec::Opus, OPTIONS).expect("a payload format");
    let mut transcoder = None;
    let mut made = Vec::new();
    let mut sequences = [100_u64, 70_000];
    let mut packet = |track: usize, codec: Codec, ticks: i64, at: Duration, payload: weir_rtp::payload::Payload| {
        sequences[track] += 1;
        Packet {
            epoch: 0,
            track: track as u8,
            layer: 0,
            format: 0,
            marker: payload.marker,
            peek: video::peek(codec, &payload.bytes),
            numbers: video::numbers(codec, &payload.bytes),
            sequence: sequences[track],
            timestamp: ticks as u32,
            captured: base + at,
            audio_level: None,
            orientation: None,
            payload: payload.bytes,
        }
    };
    let span = |nanos: i64| Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
    for frame in frames.iter().filter(|frame| !frame.flags.has(Flags::NOTE)) {
        match (frame.kind, frame.flags.has(Flags::CONFIG)) {
            (TagKind::Video, true) => pictures.configure(frame.payload()).expect("a record"),
            (TagKind::Video, false) => {
                let (ticks, at) = (frame.dts.to_ticks(90_000), span(frame.dts.nanos()));
                let key = frame.flags.has(Flags::KEY);
                let mut put = |payload| made.push(packet(0, codec, ticks, at, payload));
                pictures.packetize(frame.payload(), key, &mut put).expect("a picture");
            }
            (TagKind::Audio, true) if frame.codec == Codec::Aac => {
                let target = Target { codec: Codec::Opus, bitrate: 64_000, channels: 2 };
                transcoder = Some(Transcoder::new(Codec::Aac, frame.payload(), target).expect("a decoder"));
            }
            (TagKind::Audio, false) => {
                let mut sound = Vec::new();
                match &mut transcoder {
                    Some(transcoder) => transcoder.push(frame.dts, frame.payload(), &mut sound).expect("sound"),
                    None if frame.codec == Codec::Opus => {
                        sound.push(weir_audio::Packet { pts: frame.dts, samples: 960, payload: frame.payload_bytes() })
                    }
                    None => {}
                }
                for one in sound {
                    let (ticks, at) = (one.pts.to_ticks(48_000), span(one.pts.nanos()));
                    let mut put = |payload| made.push(packet(1, Codec::Opus, ticks, at, payload));
                    sounds.packetize(&one.payload, true, &mut put).expect("sound");
                }
            }
            _ => {}
        }
    }
    made.sort_by_key(|packet| packet.captured);
    let passed = base.elapsed();
    made.iter_mut().for_each(|packet| packet.captured += passed);
    (codec, made)
}

async fn publish(codec: Codec, layers: usize) -> Publisher {
    let hub = hub("rtc { enabled on; rtc_to_rtmp on; }");
    let mut publisher = hub.publish(&request(ClientKind::RtcPublish, "cam")).await.expect("nobody else publishes");
    let infos = vec![
        Track { number: 0, info: TrackInfo::Video(VideoInfo::of(codec)) },
        Track { number: 0, info: TrackInfo::Audio(AudioInfo::of(Codec::Opus, 48_000, 2)) },
    ];
    publisher.begin_packets(vec![track(codec, 90_000, layers), track(Codec::Opus, 48_000, 0)], infos);
    tokio::spawn(frames(publisher.stream().clone()));
    publisher
}

/// What comes until nothing more does.
async fn read(follower: &mut Follower) -> Vec<Frame> {
    let mut all = Vec::new();
    loop {
        all.extend(follower.pending().cloned());
        follower.advance(follower.pending().count());
        if tokio::time::timeout(Duration::from_millis(600), follower.appended()).await.is_err() {
            return all;
        }
    }
}

/// Waits until the bridge reads.
async fn joined(stream: &Stream) {
    while stream.packets().take_asks().next().is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn of(kind: TagKind, frames: &[Frame]) -> Vec<&Frame> {
    frames.iter().filter(|frame| frame.kind == kind && !frame.flags.is_kept()).collect()
}

async fn check(file: &[u8], has_sound: bool) {
    let (codec, packets) = packets_of(file);
    let mut publisher = publish(codec, 0).await;
    let stream = publisher.stream().clone();
    let mut follower = stream.follow();
    joined(&stream).await;
    for packet in packets {
        publisher.send_packet(packet, Instant::now());
    }
    let made = read(&mut follower).await;
    let sent: Vec<Frame> = frames_at(file, 0);
    let (sent, pictures) = (of(TagKind::Video, &sent), of(TagKind::Video, &made));
    let sent: Vec<&&Frame> = sent.iter().filter(|frame| !frame.payload().is_empty()).collect();
    assert_eq!(pictures.len(), sent.len(), "{codec:?}");
    let apart = pictures[0].dts - sent[0].dts;
    for (picture, sent) in pictures.iter().zip(&sent) {
        assert_eq!((picture.codec, picture.flags.has(Flags::KEY)), (codec, sent.flags.has(Flags::KEY)));
        let off = (picture.dts - sent.dts - apart).millis();
        assert!((-2..=2).contains(&off), "{codec:?}: a picture is {off} ms off");
    }
    let configs: Vec<Codec> =
        made.iter().filter(|frame| frame.flags.has(Flags::CONFIG)).map(|frame| frame.codec).collect();
    assert!(configs.contains(&codec) && made[0].flags.has(Flags::CONFIG), "{configs:?}");
    let sound = of(TagKind::Audio, &made);
    assert_eq!((!sound.is_empty(), configs.contains(&Codec::Aac)), (has_sound, has_sound), "{configs:?}");
    assert!(sound.iter().all(|frame| frame.codec == Codec::Aac));
    if let (Some(first), Some(last)) = (sound.first(), sound.last()) {
        assert!((first.dts - pictures[0].dts).millis().abs() < 60, "sound begins with the pictures");
        let span = (last.dts - first.dts).millis();
        let most = (pictures[pictures.len() - 1].dts - pictures[0].dts).millis();
        assert!((span - most).abs() < 150, "{span} ms of sound, {most} ms of pictures");
    }
    let framed: Vec<Codec> = stream.framed().iter().map(|track| track.codec()).collect();
    assert_eq!(framed, if has_sound { vec![codec, Codec::Aac] } else { vec![codec] });
    assert_eq!(stream.tracks()[1].codec(), Codec::Opus, "the API tells what is published");
    assert_eq!(stream.faults().len(), 0, "{:?}", stream.faults());
}

#[tokio::test]
async fn pictures_stay_what_they_are_and_sound_becomes_aac() {
    check(H264_AAC, true).await;
    check(AV1_OPUS, true).await;
    check(VP9_FLAC, false).await;
}

#[tokio::test]
async fn a_lost_packet_costs_pictures_up_to_the_next_key_frame_which_is_asked_for() {
    let (codec, packets) = packets_of(H264_AAC);
    let mut publisher = publish(codec, 0).await;
    let stream = publisher.stream().clone();
    let mut follower = stream.follow();
    joined(&stream).await;
    let is_lost = |packet: &Packet| packet.track == 0 && !packet.peek.key && packet.marker;
    let places: Vec<usize> = (0..packets.len()).filter(|place| is_lost(&packets[*place])).collect();
    let lost = [places[0], places[places.len() - 2]];
    for (index, packet) in packets.into_iter().enumerate() {
        if !lost.contains(&index) {
            publisher.send_packet(packet, Instant::now());
        }
    }
    let made = read(&mut follower).await;
    let pictures = of(TagKind::Video, &made);
    let sent = frames_at(H264_AAC, 0);
    assert!(!pictures.is_empty() && pictures.len() < of(TagKind::Video, &sent).len());
    let behind = pictures.windows(2).find(|pair| (pair[1].dts - pair[0].dts).millis() > 100);
    assert!(behind.is_none_or(|pair| pair[1].flags.has(Flags::KEY)), "it goes on at a key frame");
    assert!(stream.packets().take_asks().any(|asked| asked == (0, 0)), "a key frame is asked for");
}

#[tokio::test]
async fn packets_in_disorder_become_the_same_frames() {
    let (codec, mut packets) = packets_of(H264_AAC);
    for pair in packets[1..].chunks_mut(4) {
        pair.reverse();
    }
    let mut publisher = publish(codec, 0).await;
    let stream = publisher.stream().clone();
    let mut follower = stream.follow();
    joined(&stream).await;
    for packet in packets {
        publisher.send_packet(packet, Instant::now());
    }
    let made = read(&mut follower).await;
    let sent = frames_at(H264_AAC, 0);
    let sent = of(TagKind::Video, &sent).into_iter().filter(|frame| !frame.payload().is_empty()).count();
    assert_eq!(of(TagKind::Video, &made).len(), sent);
}

#[tokio::test]
async fn the_best_layer_that_comes_is_taken() {
    let (codec, packets) = packets_of(H264_AAC);
    let mut publisher = publish(codec, 3).await;
    let stream = publisher.stream().clone();
    let mut follower = stream.follow();
    joined(&stream).await;
    // The largest one does not come at all.
    let layered = packets.into_iter().flat_map(|packet| {
        let layers = if packet.track == 0 { 0..2 } else { 0..1 };
        layers.map(move |layer| Packet { layer, ..packet.clone() })
    });
    let layered: Vec<Packet> = layered.collect();
    let mut pictures = 0;
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.extend(stream.packets().take_asks());
        for packet in &layered {
            publisher.send_packet(packet.clone(), Instant::now());
        }
        pictures += of(TagKind::Video, &read(&mut follower).await).len();
    }
    assert!(pictures > 0);
    assert!(asked.contains(&(0, 1)), "the middle one is taken: {asked:?}");
}

#[tokio::test]
async fn nothing_is_made_while_nobody_reads_and_it_goes_on_when_somebody_comes_again() {
    let (codec, packets) = packets_of(VP9_FLAC);
    let mut publisher = publish(codec, 0).await;
    let stream = publisher.stream().clone();
    let send = |publisher: &mut Publisher, packets: &[Packet]| {
        packets.iter().for_each(|packet| publisher.send_packet(packet.clone(), Instant::now()));
    };
    send(&mut publisher, &packets);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(stream.lane().frames(), 0, "nobody reads");
    let mut times = Vec::new();
    for _ in 0..2 {
        let mut follower = stream.follow();
        joined(&stream).await;
        send(&mut publisher, &packets);
        let made = read(&mut follower).await;
        times.extend(of(TagKind::Video, &made).iter().map(|frame| frame.dts));
        drop(follower);
        tokio::time::sleep(LINGER + Duration::from_secs(1)).await;
    }
    assert!(!times.is_empty());
    drop(publisher);
    let ended: Arc<Stream> = stream;
    assert!(ended.fill_frames().is_none());
}
