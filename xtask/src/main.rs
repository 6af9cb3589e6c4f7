//! Developer commands of t1053.

fn main() {}
