//! Any text compiles to something, with findings that point into it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whimbrel_fuzz::compile(bytes));
