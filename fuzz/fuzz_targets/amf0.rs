#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_flv::amf0::fuzz::amf0(data));
