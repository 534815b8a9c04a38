//! The folder of the takes: a folder for each room, a file for each take.

use std::path::{Path, PathBuf};

use plenary_ids::{RoomId, TakeId};

/// The end of the name of a file that is not whole yet.
pub(crate) const PART_SUFFIX: &str = ".part";

/// The folder of a room's takes.
pub fn room_folder(folder: &Path, room: &RoomId) -> PathBuf {
    let name = room.as_str();
    // "." and ".." are ids, and folders of another kind. No id has an equals sign.
    if name.starts_with('.') {
        folder.join(format!("={name}"))
    } else {
        folder.join(name)
    }
}

/// The file of a take that is whole; none if it is not there.
pub fn take_file(folder: &Path, room: &RoomId, take: &TakeId) -> Option<PathBuf> {
    let folder = room_folder(folder, room);
    ["webm", "mkv"]
        .into_iter()
        .map(|suffix| folder.join(format!("{take}.{suffix}")))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_has_its_takes_outside_the_folder() {
        let of = |room| room_folder(Path::new("takes"), &RoomId::new(room).unwrap());
        assert_eq!(of("climate"), Path::new("takes/climate"));
        assert_eq!(of(".."), Path::new("takes/=.."));
    }
}
