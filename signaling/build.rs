//! Makes sure that there is a browser client to embed.

use std::{env, fs, path::Path, process::exit};

fn main() {
    println!("cargo:rerun-if-changed=web/dist");
    println!("cargo:rerun-if-env-changed=PLENARY_WEB_OPTIONAL");
    let dist = Path::new("web/dist");
    if dist.join("index.html").exists() {
        return;
    }
    if env::var_os("PLENARY_WEB_OPTIONAL").is_none_or(|value| value != "1") {
        eprintln!("plenary: the browser client is not built: run `make web` first.");
        eprintln!("plenary: (PLENARY_WEB_OPTIONAL=1 builds a server that serves none.)");
        exit(1);
    }
    // The folder has to exist to be embedded, though nothing is in it.
    if let Err(error) = fs::create_dir_all(dist) {
        eprintln!("plenary: web/dist cannot be made: {error}");
        exit(1);
    }
}
