//! The settings, in layers: built-in defaults, `plenary.toml`, the environment, flags.
//!
//! Every layer is a list of `section.key = value`, and goes through the one table in [`Settings::set`]; so a key that
//! is unknown to one layer is unknown to all, and is refused with the nearest known one.

use std::{
    env, fmt, fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "plenary.toml";

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `listen.http`: browsers and the API.
    pub http: SocketAddr,
    /// `listen.media`: one UDP port for all media.
    pub media: SocketAddr,
    /// `listen.ops`: health and metrics, without a token.
    pub ops: SocketAddr,
    /// `listen.proxies`: who may say by `X-Forwarded-For` whence a request comes.
    pub proxies: Vec<IpAddr>,
    /// `data.dir`: keys and records.
    pub data: PathBuf,
    /// `public.url`: how browsers reach us, if it is not `listen.http`.
    pub url: Option<String>,
    /// `public.addresses`: how media reaches us; empty means the machine's own, loopback last.
    pub addresses: Vec<IpAddr>,
    /// `log.filter`: what is logged, as `tracing` writes filters.
    pub log_filter: String,
    /// `log.format`: for people or for programs.
    pub log_format: LogFormat,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("the formats are \"text\" and \"json\""),
        }
    }
}

/// What is wrong with the settings, and where it stands.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file is not TOML.
    #[error("{path}: {error}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// No such key.
    #[error("{origin}: there is no setting \"{key}\"; did you mean \"{nearest}\"?")]
    Unknown {
        /// Where it stands.
        origin: Origin,
        /// What stands there.
        key: String,
        /// What may have been meant.
        nearest: &'static str,
    },
    /// A value that cannot be.
    #[error("{origin}: {key} cannot be \"{value}\": {why}")]
    Value {
        /// Where it stands.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// Why not.
        why: String,
    },
}

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File(PathBuf),
    /// In the environment, under that name.
    Environment(String),
    /// On the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Environment(name) => write!(out, "the environment's {name}"),
            Self::Flag => out.write_str("the command line"),
        }
    }
}

/// A variable of the environment that is a setting: `PLENARY_LISTEN__HTTP`.
const PREFIX: &str = "PLENARY_";

impl Default for Settings {
    fn default() -> Self {
        Self {
            http: SocketAddr::from(([127, 0, 0, 1], 8080)),
            media: SocketAddr::from(([0, 0, 0, 0], 8081)),
            ops: SocketAddr::from(([127, 0, 0, 1], 8082)),
            proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            data: PathBuf::from("data"),
            url: None,
            addresses: Vec::new(),
            // rtc-dtls warns of every handshake: of extensions of DTLS 1.3 that browsers offer, and of an address that a
            // session without a socket does not have.
            log_filter: "info,rtc_dtls=error".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

impl Settings {
    /// Every key, in the order of `config/plenary.toml`.
    pub const KEYS: &'static [&'static str] = &[
        "listen.http",
        "listen.media",
        "listen.ops",
        "listen.proxies",
        "data.dir",
        "public.url",
        "public.addresses",
        "log.filter",
        "log.format",
    ];

    /// The defaults, under the file (or [`DEFAULT_FILE`], if it is there), under the environment. Flags go on top by
    /// [`Settings::flag`].
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        match file {
            Some(path) => settings.file(path)?,
            None if Path::new(DEFAULT_FILE).exists() => settings.file(Path::new(DEFAULT_FILE))?,
            None => {}
        }
        settings.environment(env::vars())?;
        Ok(settings)
    }

    /// A flag of the command line, where it was given.
    pub fn flag(
        &mut self,
        key: &'static str,
        value: Option<impl Into<String>>,
    ) -> Result<(), SettingsError> {
        match value {
            Some(value) => self.set(key, &value.into(), &Origin::Flag),
            None => Ok(()),
        }
    }

    /// Whether it can be said before the server runs how browsers reach us: port 0 is a free one, which is picked then.
    pub fn has_public_url(&self) -> bool {
        self.url.is_some() || self.http.port() != 0
    }

    /// How browsers reach us; `http` is the address that is really listened on.
    pub fn public_url(&self, http: SocketAddr) -> String {
        if let Some(url) = &self.url {
            return url.trim_end_matches('/').to_owned();
        }
        if http.ip().is_unspecified() {
            return format!("http://localhost:{}", http.port());
        }
        format!("http://{http}")
    }

    fn file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let text = fs::read_to_string(path).map_err(|error| SettingsError::Read {
            path: path.into(),
            error,
        })?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| SettingsError::Syntax {
            path: path.into(),
            error: Box::new(error),
        })?;
        let origin = Origin::File(path.into());
        for (section, values) in table {
            let toml::Value::Table(values) = values else {
                return Err(unknown(&section, origin));
            };
            for (key, value) in values {
                self.set(&format!("{section}.{key}"), &plain(value), &origin)?;
            }
        }
        Ok(())
    }

    /// Variables without `__` are not settings: `PLENARY_BIN` and the like belong to others.
    fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), SettingsError> {
        for (name, value) in variables {
            let Some((section, key)) = name
                .strip_prefix(PREFIX)
                .and_then(|rest| rest.split_once("__"))
            else {
                continue;
            };
            let path = format!("{section}.{key}").to_lowercase();
            self.set(&path, &value, &Origin::Environment(name.clone()))?;
        }
        Ok(())
    }

    fn set(&mut self, path: &str, value: &str, origin: &Origin) -> Result<(), SettingsError> {
        let Some(key) = Self::KEYS.iter().copied().find(|key| *key == path) else {
            return Err(unknown(path, origin.clone()));
        };
        let done = match key {
            "listen.http" => take(&mut self.http, value),
            "listen.media" => take(&mut self.media, value),
            "listen.ops" => take(&mut self.ops, value),
            "listen.proxies" => addresses(value).map(|addresses| self.proxies = addresses),
            "data.dir" => folder(value).map(|folder| self.data = folder),
            "public.url" => url(value).map(|url| self.url = url),
            "public.addresses" => addresses(value).map(|addresses| self.addresses = addresses),
            "log.filter" => filter(value).map(|filter| self.log_filter = filter),
            _ => take(&mut self.log_format, value),
        };
        done.map_err(|why| SettingsError::Value {
            origin: origin.clone(),
            key,
            value: value.to_owned(),
            why,
        })
    }
}

fn take<T: FromStr<Err: fmt::Display>>(place: &mut T, value: &str) -> Result<(), String> {
    *place = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(())
}

/// Empty means: none.
fn url(value: &str) -> Result<Option<String>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['#', '?', ' ']) => {
            Ok(Some(value.to_owned()))
        }
        _ => Err("it begins with http:// or https:// and has no query".to_owned()),
    }
}

/// An empty one would be the folder in which the server happens to stand.
fn folder(value: &str) -> Result<PathBuf, String> {
    if value.is_empty() {
        return Err("it names no folder; leave it out for \"data\"".to_owned());
    }
    Ok(PathBuf::from(value))
}

fn filter(value: &str) -> Result<String, String> {
    let read = tracing_subscriber::EnvFilter::try_new(value);
    let why =
        |error| format!("{error}; write a level such as \"info\", or \"info,plenary_room=debug\"");
    read.map(|_| value.to_owned()).map_err(why)
}

/// Separated by commas, or an array as the file has it, which is JSON too.
fn addresses(value: &str) -> Result<Vec<IpAddr>, String> {
    #[derive(serde::Deserialize)]
    struct Line {
        addresses: Vec<String>,
    }
    let array = value.trim_start().starts_with('[');
    let listed = if array {
        let line: Line = toml::from_str(&format!("addresses = {value}"))
            .map_err(|error| error.message().to_owned())?;
        line.addresses.join(",")
    } else {
        value.to_owned()
    };
    let words = listed
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| word.parse().map_err(|error| format!("{word}: {error}")))
        .collect()
}

/// A value of the file as the environment would have it: a list is separated by commas.
fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(values) => values.into_iter().map(plain).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        // No setting is of these types: what it is called will not be understood as a value.
        other => other.type_str().to_owned(),
    }
}

fn unknown(key: &str, origin: Origin) -> SettingsError {
    let nearest = Settings::KEYS
        .iter()
        .copied()
        .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)))
        .unwrap_or_default();
    SettingsError::Unknown {
        origin,
        key: key.to_owned(),
        nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plenary.toml");
        fs::write(&path, text).unwrap();
        let mut settings = Settings::default();
        settings.file(&path).map(|()| settings)
    }

    fn variable(name: &str, value: &str) -> std::vec::IntoIter<(String, String)> {
        vec![(name.to_owned(), value.to_owned())].into_iter()
    }

    #[test]
    fn the_environment_goes_over_the_file_and_a_flag_over_both() {
        let mut settings = read("[listen]\nhttp = \"127.0.0.1:1\"\nops = \"127.0.0.1:9\"").unwrap();
        settings
            .environment(variable("PLENARY_LISTEN__HTTP", "127.0.0.1:2"))
            .unwrap();
        assert_eq!(settings.http.port(), 2);
        settings.flag("listen.http", Some("127.0.0.1:3")).unwrap();
        assert_eq!((settings.http.port(), settings.ops.port()), (3, 9));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
        for text in ["[listen]\nhtpp = \"x\"", "[listne]\nhttp = \"x\""] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("did you mean \"listen.http\""), "{error}");
        }
        let error = Settings::default()
            .environment(variable("PLENARY_LISTEN__HTPP", "x"))
            .unwrap_err();
        assert!(
            error.to_string().contains("PLENARY_LISTEN__HTPP"),
            "{error}"
        );
    }

    #[test]
    fn a_variable_of_somebody_else_is_left_alone() {
        let mut settings = Settings::default();
        settings
            .environment(variable("PLENARY_BIN", "/usr/bin/plenary"))
            .unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn a_list_is_an_array_in_the_file_and_commas_in_the_environment() {
        let mut settings = read("[public]\naddresses = [\"203.0.113.5\", \"::1\"]").unwrap();
        let from_file = settings.addresses.clone();
        settings
            .environment(variable("PLENARY_PUBLIC__ADDRESSES", "203.0.113.5, ::1"))
            .unwrap();
        assert_eq!((from_file.len(), settings.addresses), (2, from_file));
    }

    #[test]
    fn a_list_in_the_environment_may_also_be_an_array_as_in_the_file() {
        for list in ["[\"203.0.113.5\", \"::1\"]", "203.0.113.5,::1"] {
            let mut settings = Settings::default();
            settings
                .environment(variable("PLENARY_PUBLIC__ADDRESSES", list))
                .unwrap();
            assert_eq!(settings.addresses.len(), 2, "{list}");
        }
        let broken = variable("PLENARY_PUBLIC__ADDRESSES", "[\"203.0.113.5\"");
        let error = Settings::default().environment(broken).unwrap_err();
        assert!(
            error.to_string().contains("PLENARY_PUBLIC__ADDRESSES"),
            "{error}"
        );
    }

    #[test]
    fn no_folder_and_a_filter_that_cannot_be_read_are_refused_in_words() {
        for (name, value, words) in [
            ("PLENARY_DATA__DIR", "", "names no folder"),
            ("PLENARY_LOG__FILTER", "plenary=loud", "write a level"),
        ] {
            let error = Settings::default()
                .environment(variable(name, value))
                .unwrap_err()
                .to_string();
            assert!(error.contains(name) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_says_where_it_stands() {
        let error = read("[listen]\nhttp = 8080").unwrap_err().to_string();
        assert!(
            error.contains("plenary.toml: listen.http cannot be \"8080\""),
            "{error}"
        );
    }
}
