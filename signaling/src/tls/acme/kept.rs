//! What an ACME server has given, kept in the data folder: the account, and the certificate with its key.
//!
//! Each directory has a folder of its own, so that a change of `acme.directory` mixes nothing, and neither does a change
//! back. Every file is replaced in one step, has the mode 0600, and holds a key.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use instant_acme::AccountCredentials;
use plenary_ids::Moment;
use tempfile::NamedTempFile;

use super::{Certificate, CertificateError, DirectoryUrl};

/// The folder of all directories, in the data folder.
const FOLDER: &str = "acme";
const ACCOUNT_FILE: &str = "account.json";
/// The key, then the certificate and those that lead to a known authority.
const CERTIFICATE_FILE: &str = "certificate.pem";
/// The longest name of a directory's folder, which file systems limit to 255 bytes.
const MAX_FOLDER_BYTES: usize = 200;

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum KeepError {
    /// The disk, or a permission.
    #[error("{path} cannot be used: {error}")]
    File { path: PathBuf, error: io::Error },
    /// The thread that works with files has failed.
    #[error("the files of ACME cannot be used: {0}")]
    Thread(io::Error),
}

/// The folder of one ACME server.
#[derive(Debug, Clone)]
pub struct AcmeFolder(PathBuf);

impl AcmeFolder {
    /// The folder of that directory, which need not exist yet.
    pub fn of(data: &Path, directory: &DirectoryUrl) -> Self {
        let url = directory.as_str().trim_start_matches("https://");
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        };
        let name: String = url.chars().map(plain).take(MAX_FOLDER_BYTES).collect();
        // A name that begins with a dot would be hidden, or another folder.
        let name = name.trim_start_matches('.');
        Self(data.join(FOLDER).join(name))
    }

    /// The kept certificate; none if there is none yet.
    pub fn certificate(&self, now: Moment) -> Result<Option<Certificate>, CertificateError> {
        match fs::read(self.certificate_path()) {
            Ok(pem) => self.read(&pem, now).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CertificateError::Read {
                path: self.certificate_path(),
                error,
            }),
        }
    }

    /// Reads a certificate as it is kept.
    pub fn read(
        &self,
        pem: impl AsRef<[u8]>,
        now: Moment,
    ) -> Result<Certificate, CertificateError> {
        let (path, pem) = (self.certificate_path(), pem.as_ref());
        Certificate::from_pem((&path, pem), (&path, pem), now)
    }

    /// Keeps a certificate in place of the former one.
    pub fn keep_certificate(&self, pem: &str) -> Result<(), KeepError> {
        self.replace(CERTIFICATE_FILE, pem.as_bytes())
    }

    /// The account; none if there is none yet, or its file is broken.
    pub fn account(&self) -> Result<Option<AccountCredentials>, KeepError> {
        let path = self.0.join(ACCOUNT_FILE);
        match fs::read(&path) {
            Ok(json) => Ok(serde_json::from_slice(&json).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeepError::File { path, error }),
        }
    }

    /// Keeps the account in place of the former one.
    pub fn keep_account(&self, credentials: &AccountCredentials) -> Result<(), KeepError> {
        let json = serde_json::to_vec(credentials).map_err(|error| KeepError::File {
            path: self.0.join(ACCOUNT_FILE),
            error: error.into(),
        })?;
        self.replace(ACCOUNT_FILE, &json)
    }

    fn certificate_path(&self) -> PathBuf {
        self.0.join(CERTIFICATE_FILE)
    }

    /// Writes a file that is whole after a crash, too: the old one or the new one.
    fn replace(&self, name: &str, content: &[u8]) -> Result<(), KeepError> {
        let path = self.0.join(name);
        let write = || {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.0)?;
            let mut file = NamedTempFile::new_in(&self.0)?; // mode 0600 from its creation
            file.write_all(content)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|error: io::Error| KeepError::File {
            path: path.clone(),
            error,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn pem(names: &[&str]) -> String {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key);
        key.serialize_pem() + &certificate.unwrap().pem()
    }

    #[test]
    fn a_certificate_is_kept_with_its_key_for_the_server_alone_and_found_again() {
        let data = tempfile::tempdir().unwrap();
        let folder = AcmeFolder::of(data.path(), &DirectoryUrl::default());
        assert!(folder.certificate(NOW).unwrap().is_none());
        for names in [&["a.example.org"][..], &["a.example.org", "b.example.org"]] {
            folder.keep_certificate(&pem(names)).unwrap();
            let kept = folder.certificate(NOW).unwrap().unwrap();
            assert!(kept.is_for(names.iter().copied()));
            assert!(!kept.is_for(["a.example.org", "c.example.org"].into_iter()));
        }
        let own = data
            .path()
            .join("acme/acme-v02.api.letsencrypt.org-directory");
        assert_eq!(mode(&own), 0o700);
        assert_eq!(mode(&own.join("certificate.pem")), 0o600);
        assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_certificate_and_a_folder_that_takes_nothing_are_sentences_and_a_broken_account_is_none()
     {
        let data = tempfile::tempdir().unwrap();
        let folder = AcmeFolder::of(data.path(), &"https://localhost:14000/dir".parse().unwrap());
        folder.keep_certificate("no certificate").unwrap();
        let said = folder.certificate(NOW).unwrap_err().to_string();
        assert!(
            said.contains("localhost-14000-dir/certificate.pem has no certificate"),
            "{said}"
        );
        folder.replace(ACCOUNT_FILE, b"{").unwrap();
        assert!(folder.account().unwrap().is_none());

        let other = AcmeFolder::of(data.path(), &DirectoryUrl::default());
        fs::write(&other.0, "a file in place of the folder").unwrap();
        let said = other.keep_certificate("").unwrap_err().to_string();
        assert!(said.contains("certificate.pem cannot be used"), "{said}");
    }

    #[test]
    fn directories_have_folders_of_their_own_below_the_one_of_acme() {
        let name = |url: &str| {
            let folder = AcmeFolder::of(Path::new("data"), &url.parse().unwrap());
            folder.0.to_str().unwrap().to_owned()
        };
        assert_eq!(name("https://ca.example/../x"), "data/acme/ca.example-..-x");
        assert_ne!(name("https://ca.example/a"), name("https://ca.example/b"));
        assert!(name(&format!("https://ca.example/{}", "a".repeat(400))).len() < 255);
    }
}
