//! The settings, in layers: built-in defaults, `plenary.toml`, the environment, flags.
//!
//! Every layer is a list of `section.key = value`, and goes through the one table in [`Settings::set`]. So all layers
//! know the same keys, and refuse an unknown one with the nearest known key.

use std::{
    env, fmt, fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

/// The file that is read if none is named.
pub const DEFAULT_FILE: &str = "plenary.toml";

/// The settings of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `listen.http`: the address for browsers and the API.
    pub http: SocketAddr,
    /// `listen.media`: the address of the one UDP port for media.
    pub media: SocketAddr,
    /// `listen.ops`: the address for health and metrics, without a token.
    pub ops: SocketAddr,
    /// `listen.proxies`: the proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Vec<IpAddr>,
    /// `data.dir`: the folder of keys and records.
    pub data: PathBuf,
    /// `public.url`: the URL that browsers use, if it is not `listen.http`.
    pub url: Option<String>,
    /// `public.addresses`: the ICE candidates for media; if empty, the machine's own addresses, loopback last.
    pub addresses: Vec<IpAddr>,
    /// `log.filter`: a filter in the syntax of `tracing`.
    pub log_filter: String,
    /// `log.format`: the format of a log line.
    pub log_format: LogFormat,
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Plain text for people.
    Text,
    /// A JSON object.
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

/// What is wrong with the settings, and where.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read { path: PathBuf, error: io::Error },
    /// The file is not TOML.
    #[error("{path}: {error}")]
    Syntax {
        path: PathBuf,
        error: Box<toml::de::Error>,
    },
    /// A layer has a key that does not exist.
    #[error("{origin}: there is no setting \"{key}\"; did you mean \"{nearest}\"?")]
    Unknown {
        origin: Origin,
        key: String,
        nearest: &'static str,
    },
    /// A key has a value that it cannot take.
    #[error("{origin}: {key} cannot be \"{value}\": {reason}")]
    Value {
        origin: Origin,
        key: &'static str,
        value: String,
        reason: String,
    },
}

/// The layer of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A settings file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Environment(name) => write!(out, "the environment variable {name}"),
            Self::Flag => out.write_str("the command line"),
        }
    }
}

/// Begins the name of a variable that is a setting, as `PLENARY_LISTEN__HTTP`.
const VARIABLE_PREFIX: &str = "PLENARY_";

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
            // rtc-dtls warns in every handshake about the extensions of DTLS 1.3 that browsers offer, and about the address
            // that a session without a socket does not have.
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

    /// Reads the defaults, then the file (or [`DEFAULT_FILE`], if it exists), then the environment. [`Settings::flag`] overrides
    /// them with the flags of the command line.
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

    /// Applies a flag of the command line, if it was given.
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

    /// Whether the public URL is known before the server runs. With port 0 the server picks a free port when it starts.
    pub fn has_public_url(&self) -> bool {
        self.url.is_some() || self.http.port() != 0
    }

    /// The URL that browsers use; `http` is the address on which the server listens.
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

    /// Variables without `__`, such as `PLENARY_BIN`, are no settings.
    fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), SettingsError> {
        for (name, value) in variables {
            let Some((section, key)) = name
                .strip_prefix(VARIABLE_PREFIX)
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
        done.map_err(|reason| SettingsError::Value {
            origin: origin.clone(),
            key,
            value: value.to_owned(),
            reason,
        })
    }
}

fn take<T: FromStr<Err: fmt::Display>>(place: &mut T, value: &str) -> Result<(), String> {
    *place = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(())
}

/// None if it is empty.
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

/// Refuses an empty name, which would mean the current folder of the server.
fn folder(value: &str) -> Result<PathBuf, String> {
    if value.is_empty() {
        return Err("it names no folder; remove it for the default, \"data\"".to_owned());
    }
    Ok(PathBuf::from(value))
}

fn filter(value: &str) -> Result<String, String> {
    let read = tracing_subscriber::EnvFilter::try_new(value);
    let why =
        |error| format!("{error}; write a level such as \"info\", or \"info,plenary_room=debug\"");
    read.map(|_| value.to_owned()).map_err(why)
}

/// A list separated by commas, or an array as in the file.
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

/// A value of the file as the environment would have it, a list separated by commas.
fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(values) => values.into_iter().map(plain).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        // No setting has one of these types, so no setting accepts the name of the type.
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
    fn the_environment_overrides_the_file_and_a_flag_overrides_both() {
        let mut settings = read("[listen]\nhttp = \"127.0.0.1:1\"\nops = \"127.0.0.1:9\"").unwrap();
        settings
            .environment(variable("PLENARY_LISTEN__HTTP", "127.0.0.1:2"))
            .unwrap();
        assert_eq!(settings.http.port(), 2);
        settings.flag("listen.http", Some("127.0.0.1:3")).unwrap();
        assert_eq!((settings.http.port(), settings.ops.port()), (3, 9));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
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
    fn a_variable_that_is_no_setting_is_ignored() {
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
    fn a_list_in_the_environment_may_also_be_an_array() {
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
    fn an_empty_folder_and_a_malformed_filter_are_refused_in_a_sentence() {
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
    fn a_refused_value_names_its_file_and_key() {
        let error = read("[listen]\nhttp = 8080").unwrap_err().to_string();
        assert!(
            error.contains("plenary.toml: listen.http cannot be \"8080\""),
            "{error}"
        );
    }
}
