/*!
What t1053 costs, and what its peers cost on the same records.

The benchmarks are beside this crate's `src`: `peers` prints the table for
the README, the others are criterion's, for work on one part.
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
