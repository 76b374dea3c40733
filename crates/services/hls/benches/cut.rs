//! What does it cost to cut 100 streams of 600 kb/s? Ten seconds of media with all wake-ups, in virtual time: a result of
//! 100 ms is one percent of a core. `none` is what publishing alone costs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use nix::sys::resource::{UsageWho, getrusage};
use tokio::runtime::{Builder, Handle};
use weir_base::MediaTime;
use weir_conf::{Config, Live};
use weir_flv::tag::TagKind;
use weir_hls::Hls;
use weir_hub::{ClientKind, Frame, Hub, Publisher, testing};

/// As in the server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STREAMS: usize = 100;
/// How long one measurement is.
const SPAN: Duration = Duration::from_secs(10);
/// Before it, so that every stream has begun.
const LEAD: Duration = Duration::from_secs(3);
/// Publishers that nobody watches are read so often.
const READ: Duration = Duration::from_millis(100);

/// An avcC record and an AudioSpecificConfig.
const AVCC: &[u8] = &[
    0x01, 0x64, 0x00, 0x0a, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x44, 0x7f, 0x9f, 0x01, 0x10,
    0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x59, 0x60, 0x01, 0x00, 0x05, 0x68, 0xeb,
    0xec, 0xb2, 0x2c, 0xfd, 0xf8, 0xf8, 0x00,
];
const ASC: &[u8] = &[0x12, 0x10];

/// 536 kb/s of pictures, 25 a second, and 64 kb/s of sound.
const KEY: usize = 30_000;
const INTER: usize = 2_125;
const SOUND: usize = 186;
const GOP: i64 = 50;

fn body(head: &[u8], payload: &[u8]) -> Bytes {
    Bytes::from([head, payload].concat())
}

/// A picture of one NAL unit.
fn picture(number: i64) -> Frame {
    let key = number % GOP == 0;
    let len = if key { KEY } else { INTER };
    let mut unit = vec![0x5a; len];
    let size = u32::try_from(len - 4).expect("it is small").to_be_bytes();
    unit.iter_mut().zip(size).for_each(|(byte, size)| *byte = size);
    unit[4] = if key { 0x65 } else { 0x41 };
    let head = [if key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    Frame::from_flv(TagKind::Video, MediaTime::from_millis(number * 40), body(&head, &unit))
}

fn sound(number: i64) -> Frame {
    let at = MediaTime::from_millis(number * 1024 * 1000 / 44_100);
    Frame::from_flv(TagKind::Audio, at, body(&[0xaf, 1], &[0x21; SOUND]))
}

/// The media of every stream, in the order of its times.
fn media() -> Vec<Frame> {
    let seconds = i64::try_from((LEAD + SPAN).as_secs()).expect("it is short");
    let mut frames: Vec<Frame> = (0..seconds * 25).map(picture).chain((0..seconds * 44).map(sound)).collect();
    frames.sort_by_key(|frame| frame.dts);
    frames
}

async fn publish(hub: &Arc<Hub>, number: usize) -> Publisher {
    let request = testing::request(ClientKind::FmlePublish, &format!("cam{number}"));
    let mut publisher = hub.publish(&request).await.expect("nobody publishes");
    let now = Instant::now();
    publisher.send(Frame::from_flv(TagKind::Video, MediaTime::ZERO, body(&[0x17, 0, 0, 0, 0], AVCC)), now);
    publisher.send(Frame::from_flv(TagKind::Audio, MediaTime::ZERO, body(&[0xaf, 0], ASC)), now);
    publisher
}

/// Processor time of all threads.
fn used() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the system tells");
    let span = |time: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or(0))
    };
    span(usage.user_time()) + span(usage.system_time())
}

/// Runs all streams for [`SPAN`], and says how much processor time that took.
fn run(settings: Option<&str>, media: &[Frame]) -> Duration {
    // In memory: in virtual time files come and go faster than file systems on disk are made for.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let hub = Hub::new(Live::new(config(folder.path(), settings)));
        let hls = Hls::start(hub.clone(), Handle::current());
        let mut publishers = Vec::new();
        for number in 0..STREAMS {
            publishers.push(publish(&hub, number).await);
        }
        let (mut passed, mut sent, mut began) = (Duration::ZERO, 0, Duration::ZERO);
        while passed < LEAD + SPAN {
            passed += READ;
            let until = MediaTime::from_millis(i64::try_from(passed.as_millis()).expect("it is short"));
            let due = media.iter().skip(sent).take_while(|frame| frame.dts < until).count();
            for publisher in &mut publishers {
                for frame in media.iter().skip(sent).take(due) {
                    publisher.send(frame.clone(), Instant::now());
                }
            }
            sent += due;
            tokio::time::advance(READ).await;
            for _ in 0..STREAMS {
                tokio::task::yield_now().await;
            }
            if passed == LEAD {
                began = used();
            }
        }
        let took = used().saturating_sub(began);
        drop(publishers);
        hls.shutdown().await;
        took
    })
}

fn config(folder: &Path, settings: Option<&str>) -> Config {
    let (dir, enabled) = (folder.display(), if settings.is_some() { "on" } else { "off" });
    let settings = settings.unwrap_or_default();
    let text = format!(
        "listen 1935; http_server {{ enabled on; dir {dir}; }}
         vhost __defaultVhost__ {{ hls {{ enabled {enabled}; hls_path {dir}; hls_fragment 2; hls_window 10; {settings} }} }}"
    );
    Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config
}

fn cut(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100 streams for 10 s");
    group.sample_size(10).warm_up_time(Duration::from_millis(1));
    let cases = [
        ("none", None),
        ("ts in memory", Some("hls_disk off;")),
        ("ts", Some("")),
        ("ts with keys", Some("hls_keys on;")),
        ("mp4", Some("hls_use_fmp4 on;")),
        ("ts with parts", Some("hls_low_latency on;")),
        ("mp4 with parts", Some("hls_low_latency on; hls_use_fmp4 on;")),
        ("mp4 with parts in memory", Some("hls_low_latency on; hls_use_fmp4 on; hls_disk off;")),
    ];
    let media = media();
    for (name, settings) in cases {
        let run = || run(settings, &media);
        group.bench_function(name, |bencher| bencher.iter_custom(|times| (0..times).map(|_| run()).sum()));
    }
    group.finish();
}

criterion_group!(benches, cut);
criterion_main!(benches);
