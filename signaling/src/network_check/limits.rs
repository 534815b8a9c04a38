//! What the machine grants: file descriptors, socket buffers, a clock that is right, space on the disk.

use std::{net::SocketAddr, path::Path, process::Command};

use plenary_transport::udp::{KERNEL_BUFFER_BYTES, Socket};

use super::Finding;
use crate::{descriptors, machine, settings::Settings};

/// The parts of the process's descriptors of which one is for connections without a seat (`docs/operators.md`).
const DESCRIPTOR_SHARES: u64 = 4;

/// Looks at all of them.
pub fn check(settings: &Settings) -> Vec<Finding> {
    [
        Some(of_descriptors(settings)),
        of_buffers(settings.media),
        Some(of_clock()),
        of_disk(settings),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_descriptors(settings: &Settings) -> Finding {
    let wanted = settings.limits.connections as u64 * DESCRIPTOR_SHARES;
    match descriptors::highest() {
        Some(limit) if limit < wanted => Finding::warning(
            format!(
                "{limit} file descriptors (ulimit -Hn): fewer than limits.connections counts on"
            ),
            format!("Raise the limit to {wanted}, by LimitNOFILE= in systemd."),
        ),
        Some(limit) => Finding::good(format!("{limit} file descriptors")),
        None => Finding::good("file descriptors without a limit"),
    }
}

/// None if the system does not say.
fn of_buffers(media: SocketAddr) -> Option<Finding> {
    let any_port = SocketAddr::new(media.ip(), 0);
    let granted = Socket::bind(any_port, false).ok()?.buffer_bytes().ok()?;
    let kibibytes = granted / 1024;
    let wanted = KERNEL_BUFFER_BYTES;
    Some(if granted < wanted {
        Finding::warning(
            format!(
                "the kernel holds {kibibytes} KiB for the media port: a busy moment loses packets"
            ),
            format!(
                "sysctl -w net.core.rmem_max={wanted} net.core.wmem_max={wanted}, and the same in /etc/sysctl.d."
            ),
        )
    } else {
        Finding::good(format!(
            "the kernel holds {kibibytes} KiB for the media port"
        ))
    })
}

fn of_clock() -> Finding {
    // systemd-timesyncd makes this file; timedatectl knows of the others too.
    let synchronized = Path::new("/run/systemd/timesync/synchronized")
        .exists()
        .then_some(true);
    match synchronized.or_else(ask_timedatectl) {
        Some(true) => Finding::good("the machine's clock is synchronized"),
        Some(false) => Finding::warning(
            "the machine's clock is not synchronized",
            "timedatectl set-ntp true. Invitations end, and the record is stamped, by this clock.",
        ),
        None => Finding::warning(
            "it is not known here whether the machine's clock is synchronized",
            "Compare it with another clock; invitations end, and the record is stamped, by it.",
        ),
    }
}

fn ask_timedatectl() -> Option<bool> {
    let mut command = Command::new("timedatectl");
    let output = command
        .args(["show", "--property=NTPSynchronized", "--value"])
        .output();
    match String::from_utf8(output.ok()?.stdout).ok()?.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// None if the system does not say, as for a folder that does not exist yet.
fn of_disk(settings: &Settings) -> Option<Finding> {
    let space = machine::disk_space(&settings.data)?;
    let gigabytes = space.free_bytes / 1_000_000_000;
    let folder = settings.data.display();
    Some(if space.free_bytes < settings.min_free {
        Finding::warning(
            format!("{gigabytes} GB are free for {folder}: less than recording.min_free"),
            "Nothing can be recorded until there is more; a record itself needs tens of megabytes a day.",
        )
    } else {
        Finding::good(format!("{gigabytes} GB are free for {folder}"))
    })
}
