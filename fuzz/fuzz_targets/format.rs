//! Whatever can be laid out keeps its tree, and its layout the second time.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whimbrel_fuzz::format(bytes));
