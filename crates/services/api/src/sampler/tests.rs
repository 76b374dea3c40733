use weir_conf::{Config, Env, Facts, Live, Source};

use super::*;

fn sampler(stats: &str) -> Arc<Sampler> {
    let text = format!("listen 1935; stats {{ enabled {stats}; }} vhost v {{}}");
    let source = Source::Text { name: "test.conf".to_owned(), text };
    let loaded = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration");
    Sampler::new(Hub::new(Live::new(loaded.config)))
}

/// Waits until the clock shows another millisecond than that of the last sample.
fn pass_a_millisecond() {
    let now = unix_ms();
    while unix_ms() <= now {
        std::hint::spin_loop();
    }
}

fn ticks_of_each(sample: &Sample) -> [Option<i64>; 4] {
    [
        sample.usage.as_ref().map(|at| at.ms),
        sample.memory.as_ref().map(|at| at.ms),
        sample.disk.as_ref().map(|at| at.ms),
        sample.network.as_ref().map(|at| at.ms),
    ]
}

// row: ops.md §7 CPU/memory/network/disk sampled
#[test]
fn measures_are_taken_at_their_own_ticks() {
    let sampler = sampler("on");
    assert_eq!(ticks_of_each(&sampler.last()), [None; 4]);
    sampler.sample(0);
    assert!(ticks_of_each(&sampler.last()).iter().all(Option::is_some), "everything at once at the start");
    for (tick, due) in
        [(1, [true, false, false, false]), (2, [true, true, true, false]), (3, [true, false, false, true])]
    {
        let before = ticks_of_each(&sampler.last());
        pass_a_millisecond();
        sampler.sample(tick);
        let after = ticks_of_each(&sampler.last());
        let moved: Vec<bool> = before.iter().zip(after).map(|(before, after)| *before != after).collect();
        assert_eq!(moved, due, "tick {tick}");
    }
}

// row: http-api.md §3.2 kbps values refresh every 3 s and only when stats.enabled
#[test]
fn rates_come_from_the_samples() {
    for (stats, expect) in [("on", true), ("off", false)] {
        let sampler = sampler(stats);
        sampler.sample(0);
        sampler.hub.traffic().sent(1_000_000);
        pass_a_millisecond();
        sampler.sample(1);
        assert_eq!(sampler.hub.traffic().rates().send_30s > 0, expect, "stats {stats}");
    }
}

#[tokio::test(start_paused = true)]
async fn sampling_ends_when_told() {
    let sampler = sampler("on");
    let stop = CancellationToken::new();
    let run = tokio::spawn({
        let (sampler, stop) = (sampler.clone(), stop.clone());
        async move { sampler.run(stop).await }
    });
    tokio::time::sleep(Duration::from_secs(7)).await;
    stop.cancel();
    run.await.expect("it ends");
    assert!(sampler.last().traffic_ms > 0);
}
