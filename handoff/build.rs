//! What is embedded is built anew when a file is added to it, too.

fn main() {
    println!("cargo::rerun-if-changed=../stdlib/executors");
    println!("cargo::rerun-if-changed=templates");
}
