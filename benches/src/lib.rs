/*!
What t1053 costs, and what its peers cost on the same records.

The benchmarks are beside this crate's `src`:

- `cargo bench -p t1053-benches --bench peers` prints a table of this library
  and its peers; `--features hyperscan` adds Hyperscan's column, and needs
  libhyperscan. After `--`, `--quick` takes a minute's fraction, `--record`
  keeps the results.
- `evaluate`, `scan`, `construct` and `hostile` are criterion's, for work on
  one part; `cargo run --release -p t1053-benches --example profile` does one
  thing over and over, for a profiler.

Records are made up, the same in each run, and real ones where there are any:
see [`corpus`].
*/

pub mod allocations;
pub mod corpus;
pub mod events;
#[cfg(feature = "hyperscan")]
pub mod hyperscan;
pub mod log;
pub mod machine;
pub mod measure;
pub mod peers;
pub mod random;
pub mod rules;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;
