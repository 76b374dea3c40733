use super::*;

const ALL: [Codec; 22] = {
    use Codec::*;
    [
        H264,
        H265,
        Av1,
        Vp9,
        Vp8,
        Vp6,
        SorensonH263,
        ScreenVideo,
        OtherVideo,
        Aac,
        Mp3,
        Opus,
        Flac,
        Ac3,
        Eac3,
        G711a,
        G711u,
        Speex,
        Nellymoser,
        Pcm,
        Adpcm,
        OtherAudio,
    ]
};

#[test]
fn what_is_carried_is_what_the_containers_have_a_place_for() {
    for codec in ALL {
        let media = match codec.is_video() {
            true => weir_bridge::track::Media::Video { width: 16, height: 16, frame_rate: None },
            false => weir_bridge::track::Media::Audio { rate: 48_000, channels: 2 },
        };
        let track = Description { codec, config: Bytes::new(), media };
        let ts = Container::new(Format::Ts, false).set_track(&track);
        let has_no_place = matches!(ts, Err(Error::Ts(weir_mpegts::Error::NoMapping { .. })));
        assert_eq!(carries(Format::Ts, codec), !has_no_place, "{codec:?}");
        let mp4 = Container::new(Format::Mp4, false).set_track(&track);
        let has_no_place = matches!(mp4, Err(Error::Mp4(weir_mp4::Error::NoMapping { .. })));
        assert_eq!(carries(Format::Mp4, codec), !has_no_place, "{codec:?}");
    }
}
