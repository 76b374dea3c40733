#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_mp4::fuzz::mp4(data));
