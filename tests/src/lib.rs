//! What crosses crates is tested in `tests/`; the main job is measured in `benches/`.
