//! The bandwidth of a listener's path, and the part of the scene that is sent over it.
//!
//! [`BandwidthEstimate`] reads the client's transport-wide feedback and says how many bits per second the path carries;
//! [`allocate`] shares them out among a listener's slots, the stage before the tiles; [`Probe`] finds out by padding
//! whether there is room for more, before a picture is risked on it. None of them sends anything or reads the clock of
//! the machine.

mod allocate;
mod estimate;
mod probe;

pub use allocate::{Demand, Priority, allocate, total_demand};
pub use estimate::BandwidthEstimate;
pub use probe::Probe;
