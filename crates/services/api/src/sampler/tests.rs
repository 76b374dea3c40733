use weir_conf::{Config, Env, Facts, Live, Source};

use super::*;

fn sampler() -> Arc<Sampler> {
    let source = Source::Text { name: "test.conf".to_owned(), text: "listen 1935; vhost v {}".to_owned() };
    let loaded = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration");
    Sampler::new(Hub::new(Live::new(loaded.config)))
}

fn ticks_of_each(sample: &Sample) -> [Option<i64>; 4] {
    [
        sample.usage.as_ref().map(|at| at.ms),
        sample.memory.as_ref().map(|at| at.ms),
        sample.disk.as_ref().map(|at| at.ms),
        sample.network.as_ref().map(|at| at.ms),
    ]
}

#[test]
fn measures_are_taken_at_their_own_ticks() {
    let sampler = sampler();
    assert_eq!(ticks_of_each(&sampler.last()), [None; 4]);
    sampler.sample(0);
    assert!(ticks_of_each(&sampler.last()).iter().all(Option::is_some), "everything at once at the start");
    for (tick, due) in
        [(1, [true, false, false, false]), (2, [true, true, true, false]), (3, [true, false, false, true])]
    {
        let before = ticks_of_each(&sampler.last());
        while unix_ms() <= sampler.last().traffic_ms {
            std::hint::spin_loop();
        }
        sampler.sample(tick);
        let after = ticks_of_each(&sampler.last());
        let moved: Vec<bool> = before.iter().zip(after).map(|(before, after)| *before != after).collect();
        assert_eq!(moved, due, "tick {tick}");
    }
}

#[tokio::test(start_paused = true)]
async fn sampling_ends_when_told() {
    let sampler = sampler();
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
