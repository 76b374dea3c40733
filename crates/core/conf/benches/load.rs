//! How long does it take to read a configuration?

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use weir_conf::{Config, Diff};

/// Vhosts as operators have them: addresses, callbacks, HLS.
fn text(vhosts: usize) -> String {
    let mut text = "listen 1935;\n".to_owned();
    for at in 0..vhosts {
        let _ = writeln!(
            text,
            "vhost v{at}.example {{ security {{ enabled on; deny play 10.0.{}.0/24; allow play all; }} \
             http_hooks {{ enabled on; on_publish http://127.0.0.1:8085/api; }} hls {{ enabled on; hls_fragment 4; }} }}",
            at % 256
        );
    }
    text
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("how_long_does_a_configuration_take");
    group.sample_size(10);
    for vhosts in [1, 100, 10_000] {
        let text = text(vhosts);
        group.bench_with_input(BenchmarkId::new("to_read_vhosts", vhosts), &text, |bencher, text| {
            bencher.iter(|| Config::from_text(black_box(text)).expect("a configuration"));
        });
    }
    let many = Config::from_text(&text(10_000)).expect("a configuration").config;
    group.bench_function("to_find_one_of_10000_vhosts", |bencher| {
        bencher.iter(|| many.vhost(black_box("v9999.example")));
    });
    let other = many.clone();
    group.bench_function("to_compare_10000_vhosts", |bencher| bencher.iter(|| Diff::between(&many, &other)));
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
