//! The settings, in layers: built-in defaults, `plenary.toml`, the environment, flags.
//!
//! Every layer is a list of `section.key = value`, and goes through the one table in [`Settings::set`]. So all layers
//! know the same keys, and refuse an unknown one with the nearest known key.

mod values;

use std::{
    env,
    ffi::OsString,
    fmt, fs, io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

use self::values::{bytes, count, filter, folder, list, optional, plain, quota, switch, take, url};
use crate::{
    data_folder::Missing,
    limits::Limits,
    proxies::Proxies,
    relays::Relays,
    tls::{AcmeSettings, TlsSettings},
};

/// The file that is read if none is named.
pub const DEFAULT_FILE: &str = "plenary.toml";

/// The settings of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `listen.http`: the address for browsers and the API, without TLS.
    pub http: SocketAddr,
    /// `listen.https`: the same with TLS, if the server does that itself.
    pub https: Option<SocketAddr>,
    /// `listen.media`: the address of the one port for media, UDP and TCP.
    pub media: SocketAddr,
    /// `listen.ops`: the address for health and metrics, without a token.
    pub ops: SocketAddr,
    /// `listen.proxies` and `listen.proxy_header`: the proxies that name the client.
    pub proxies: Proxies,
    /// `listen.proxy_protocol`: whether those proxies name the client before everything else, by the PROXY protocol.
    pub proxy_protocol: bool,
    /// `tls`: the certificate of the https address.
    pub tls: TlsSettings,
    /// `acme`: the server that gives that certificate, if it does not come from files.
    pub acme: AcmeSettings,
    /// `data.dir`: the folder of keys and records.
    pub data: PathBuf,
    /// The flag `--begin-anew`, which is no setting: it is for one start.
    pub missing: Missing,
    /// `public.url`: the URL that browsers use, if it is not `listen.http`.
    pub url: Option<String>,
    /// `public.addresses`: the ICE candidates for media; if empty, the machine's own addresses, loopback last.
    pub addresses: Vec<IpAddr>,
    /// `turn`: the relays for clients that reach the media port by nothing else.
    pub relays: Relays,
    /// `media.max_recording`: the largest file of the media library, in bytes.
    pub max_recording: u64,
    /// `recording.min_free`: what stays free on the disk of the data folder, for the log, in bytes.
    pub min_free: u64,
    /// `limits`: how much a person or an address may do.
    pub limits: Limits,
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

/// The fault in the settings, and its place.
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
    /// A variable of the environment or a flag is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
    /// A key has a value that it cannot take.
    #[error("{origin}: {key} cannot be \"{}\": {reason}", value.escape_debug())]
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
            https: None,
            media: SocketAddr::from(([0, 0, 0, 0], 8081)),
            ops: SocketAddr::from(([127, 0, 0, 1], 8082)),
            proxies: Proxies::default(),
            proxy_protocol: false,
            tls: TlsSettings::default(),
            acme: AcmeSettings::default(),
            data: PathBuf::from("data"),
            missing: Missing::default(),
            url: None,
            addresses: Vec::new(),
            relays: Relays::default(),
            max_recording: plenary_library::Limits::default().max_bytes,
            min_free: plenary_recorder::Limits::default().min_free_bytes,
            limits: Limits::default(),
            // rtc-dtls warns in every handshake about the extensions of DTLS 1.3 that browsers offer, and about the address
            // that a session without a socket does not have.
            log_filter: "info,rtc_dtls=error".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

impl Settings {
    /// What the media library accepts.
    pub fn library_limits(&self) -> plenary_library::Limits {
        plenary_library::Limits {
            max_bytes: self.max_recording,
            ..plenary_library::Limits::default()
        }
    }

    /// What the recorder of the rooms may take, and what it must leave.
    pub fn recorder_limits(&self) -> plenary_recorder::Limits {
        plenary_recorder::Limits {
            min_free_bytes: self.min_free,
            ..plenary_recorder::Limits::default()
        }
    }

    /// Every key, in the order of `config/plenary.toml`.
    pub const KEYS: &'static [&'static str] = &[
        "listen.http",
        "listen.https",
        "listen.media",
        "listen.ops",
        "listen.proxies",
        "listen.proxy_header",
        "listen.proxy_protocol",
        "tls.certificate",
        "tls.key",
        "acme.domains",
        "acme.email",
        "acme.directory",
        "acme.ca",
        "data.dir",
        "public.url",
        "public.addresses",
        "turn.enabled",
        "turn.external",
        "turn.secret",
        "media.max_recording",
        "recording.min_free",
        "limits.connections",
        "limits.connections_per_address",
        "limits.people_per_address",
        "limits.devices_per_person",
        "limits.displays_per_link",
        "limits.displays_per_address",
        "limits.joins_per_minute",
        "limits.chat_bytes_per_minute",
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
        settings.environment(env::vars_os())?;
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

    /// Applies the flag `--data`, if it was given.
    pub fn data_flag(&mut self, folder: Option<&Path>) -> Result<(), SettingsError> {
        let Some(folder) = folder else { return Ok(()) };
        // Another spelling would be another folder.
        let name = folder.to_str();
        let name = name.ok_or_else(|| SettingsError::NotUtf8("--data".to_owned()))?;
        self.flag("data.dir", Some(name))
    }

    /// The address that browsers use, unless a proxy is in front.
    pub fn pages(&self) -> SocketAddr {
        self.https.unwrap_or(self.http)
    }

    /// Whether the public URL is known before the server runs. With port 0 the server picks a free port when it starts.
    pub fn has_public_url(&self) -> bool {
        self.url.is_some() || self.pages().port() != 0
    }

    /// The URL that browsers use; `pages` is the address on which the server listens for them.
    pub fn public_url(&self, pages: SocketAddr) -> String {
        if let Some(url) = &self.url {
            return url.trim_end_matches('/').to_owned();
        }
        let (scheme, usual_port) = match self.https {
            Some(_) => ("https", 443),
            None => ("http", 80),
        };
        let host = match (self.acme.domains.first(), pages.ip()) {
            // The certificate is for this name, and for no address.
            (Some(domain), _) if self.https.is_some() => domain.to_string(),
            (_, any) if any.is_unspecified() => "localhost".to_owned(),
            (_, IpAddr::V4(address)) => address.to_string(),
            (_, IpAddr::V6(address)) => format!("[{address}]"),
        };
        if pages.port() == usual_port {
            return format!("{scheme}://{host}");
        }
        format!("{scheme}://{host}:{}", pages.port())
    }

    /// The path of `public.url`, such as `/plenary`; empty where it has none.
    pub fn base_path(&self) -> &str {
        let url = self.url.as_deref().unwrap_or_default();
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        path.trim_end_matches('/')
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
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<(), SettingsError> {
        for (name, value) in variables {
            // The name of a setting is ASCII, so one that is not UTF-8 comes out as an unknown setting.
            let name = name.to_string_lossy().into_owned();
            let Some((section, key)) = name
                .strip_prefix(VARIABLE_PREFIX)
                .and_then(|rest| rest.split_once("__"))
            else {
                continue;
            };
            let path = format!("{section}.{key}").to_lowercase();
            let origin = Origin::Environment(name);
            let Some(value) = value.to_str() else {
                return Err(SettingsError::NotUtf8(origin.to_string()));
            };
            self.set(&path, value, &origin)?;
        }
        Ok(())
    }

    fn set(&mut self, path: &str, value: &str, origin: &Origin) -> Result<(), SettingsError> {
        let Some(key) = Self::KEYS.iter().copied().find(|key| *key == path) else {
            return Err(unknown(path, origin.clone()));
        };
        let limits = &mut self.limits;
        let done = match key {
            "listen.http" => take(&mut self.http, value),
            "listen.https" => optional(value).map(|address| self.https = address),
            "listen.media" => take(&mut self.media, value),
            "listen.ops" => take(&mut self.ops, value),
            "listen.proxies" => list(value).map(|networks| self.proxies.networks = networks),
            "listen.proxy_header" => take(&mut self.proxies.header, value),
            "listen.proxy_protocol" => switch(value).map(|on| self.proxy_protocol = on),
            "tls.certificate" => optional(value).map(|path| self.tls.certificate = path),
            "tls.key" => optional(value).map(|path| self.tls.key = path),
            "acme.domains" => list(value).map(|domains| self.acme.domains = domains),
            "acme.email" => optional(value).map(|email| self.acme.email = email),
            "acme.directory" => take(&mut self.acme.directory, value),
            "acme.ca" => optional(value).map(|path| self.acme.ca = path),
            "data.dir" => folder(value).map(|folder| self.data = folder),
            "public.url" => url(value).map(|url| self.url = url),
            "public.addresses" => list(value).map(|addresses| self.addresses = addresses),
            "turn.enabled" => switch(value).map(|on| self.relays.enabled = on),
            "turn.external" => list(value).map(|urls| self.relays.external = urls),
            "turn.secret" => take(&mut self.relays.secret, value),
            "media.max_recording" => bytes(value).map(|bytes| self.max_recording = bytes),
            "recording.min_free" => bytes(value).map(|bytes| self.min_free = bytes),
            "limits.connections" => count(&mut limits.connections, value),
            "limits.connections_per_address" => count(&mut limits.connections_per_address, value),
            "limits.people_per_address" => count(&mut limits.people_per_address, value),
            "limits.devices_per_person" => count(&mut limits.devices_per_person, value),
            "limits.displays_per_link" => count(&mut limits.displays_per_link, value),
            "limits.displays_per_address" => count(&mut limits.displays_per_address, value),
            "limits.joins_per_minute" => {
                quota(value, Limits::JOIN_BURST_MINUTES).map(|quota| limits.joins = quota)
            }
            "limits.chat_bytes_per_minute" => {
                quota(value, Limits::CHAT_BURST_MINUTES).map(|quota| limits.chat_bytes = quota)
            }
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
mod tests;
