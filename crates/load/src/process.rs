//! The CPU time of the server's process as the system counts it, so that servers are measured alike, whatever they say
//! of themselves.

use std::io;

use rustix::param::clock_ticks_per_second;

use crate::failure::LoadError;

/// The CPU time that the process has taken, in all its threads.
pub fn cpu_seconds(process: u32) -> Result<f64, LoadError> {
    let unreadable = |error| LoadError::NoProcess(process, error);
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).map_err(unreadable)?;
    let ticks = ticks(&stat).ok_or_else(|| unreadable(io::ErrorKind::InvalidData.into()))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a process takes no 2^53 ticks, and there are a hundred in a second"
    )]
    let seconds = ticks as f64 / clock_ticks_per_second() as f64;
    Ok(seconds)
}

/// User and system time are the fields 14 and 15; the second is the program's name, in parentheses and with anything in it.
fn ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 500 0 0 0 130 21 9 9 20 0 9 0 100\n";
        assert_eq!(ticks(stat), Some(151));
        assert_eq!(ticks("42 (cut) S 1"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn the_own_process_has_taken_some_time_and_none_has_the_number_zero() {
        assert!(cpu_seconds(std::process::id()).is_ok());
        let sentence = cpu_seconds(0).unwrap_err().to_string();
        assert!(sentence.contains("process 0 cannot be read"), "{sentence}");
    }
}
