//! The certificate of the https address: whether the server can use it, and whether browsers will accept it.

use std::{fs, os::unix::fs::MetadataExt, path::Path, time::Duration};

use plenary_ids::{Moment, rfc3339};
use plenary_room::Clock;
use tokio_rustls::rustls::{
    RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{Finding, public_url};
use crate::{
    settings::Settings,
    tls::{
        AcmeClient, AcmeSettings, Certificate, CertificateError, CertificateFiles,
        CertificateSource, ends_soon, provider, roots,
    },
};

/// Looks at the certificate that the settings name, if there is one.
pub fn check(settings: &Settings) -> Vec<Finding> {
    let authorities = roots(None).ok();
    check_at(settings, Clock::new().now(), authorities.as_ref())
}

fn check_at(settings: &Settings, now: Moment, authorities: Option<&RootCertStore>) -> Vec<Finding> {
    let is_on = settings.https.is_some();
    let files = match CertificateSource::of(&settings.tls, &settings.acme, is_on) {
        Ok(Some(CertificateSource::Files(files))) => files,
        Ok(Some(CertificateSource::Acme(acme))) => return vec![of_acme(acme, settings, now)],
        Ok(None) => return Vec::new(),
        Err(error) => {
            let advice = "The server does not start before that.";
            return vec![Finding::fault(error.to_string(), advice)];
        }
    };
    let certificate = match Certificate::read(&files.certificate, &files.key, now) {
        Ok(certificate) => certificate,
        Err(error) => return vec![Finding::fault(error.to_string(), advice(&error))],
    };
    let chain = &certificate.key.cert;
    let path = &files.certificate;
    let mut findings = vec![of_time(&certificate, path, now)];
    findings.extend(of_secrecy(&files));
    let parsed = chain.first().map(ParsedCertificate::try_from);
    let Some(Ok(parsed)) = parsed else {
        return findings;
    };
    findings.extend(of_names(&parsed, settings, path));
    findings.push(of_chain(&parsed, chain, path, now, authorities));
    findings
}

/// What an ACME server has given, which the server keeps current itself.
fn of_acme(acme: AcmeSettings, settings: &Settings, now: Moment) -> Finding {
    let directory = acme.directory.clone();
    let names: Vec<String> = acme.domains.iter().map(ToString::to_string).collect();
    match AcmeClient::open(acme, &settings.data, now) {
        Ok((_, Some(certificate))) => Finding::good(format!(
            "the certificate from {directory} is valid until {}, and the server renews it",
            rfc3339::text(certificate.ends)
        )),
        Ok((_, None)) => Finding::warning(
            format!(
                "there is no certificate from {directory} yet; the server orders one when it starts"
            ),
            format!(
                "Port 443 of {} has to lead to listen.https, from the whole internet.",
                names.join(" and of ")
            ),
        ),
        Err(error) => Finding::fault(error.to_string(), "The server does not start before that."),
    }
}

/// What to do about a certificate that the server refuses.
fn advice(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Forbidden { .. } | CertificateError::Read { .. } => {
            "Name files that the server's user can read in tls.certificate and tls.key."
        }
        CertificateError::NoCertificate { .. }
        | CertificateError::NoKey { .. }
        | CertificateError::Malformed { .. } => {
            "Write the file again as PEM; of certbot these are fullchain.pem and privkey.pem."
        }
        CertificateError::Mismatch { .. } => {
            "Name a certificate and the key with which it was issued."
        }
        CertificateError::Expired { .. } => {
            "Renew it; a running server reads the files again when they change."
        }
        CertificateError::NotYetValid { .. } => {
            "Set the machine's clock right, or wait until then."
        }
    }
}

fn of_time(certificate: &Certificate, path: &Path, now: Moment) -> Finding {
    let ends = rfc3339::text(certificate.ends);
    let path = path.display();
    if ends_soon((certificate.begins, certificate.ends), now) {
        return Finding::warning(
            format!("the certificate in {path} fits its key, and expires soon, on {ends}"),
            "Renew it; a running server reads the files again when they change.",
        );
    }
    Finding::good(format!(
        "the certificate in {path} fits its key, and is valid until {ends}"
    ))
}

/// None if the key is as it should be, or the system does not say.
fn of_secrecy(files: &CertificateFiles) -> Option<Finding> {
    let mode = fs::metadata(&files.key).ok()?.mode();
    let key = files.key.display();
    (mode & 0o007 != 0).then(|| {
        Finding::warning(
            format!("every user of this machine can read the key {key}"),
            format!("chmod 640 {key}, and give it to the group of the server's user."),
        )
    })
}

/// None if `public.url` names no host.
fn of_names(
    certificate: &ParsedCertificate<'_>,
    settings: &Settings,
    path: &Path,
) -> Option<Finding> {
    let (host, _, _) = public_url::parts(settings.url.as_deref()?)?;
    let name = ServerName::try_from(host.as_str()).ok()?;
    let path = path.display();
    Some(match verify_server_name(certificate, &name) {
        Ok(()) => Finding::good(format!(
            "the certificate is for {host}, the host of public.url"
        )),
        Err(_) => Finding::fault(
            format!(
                "the certificate in {path} is not for {host}, the host of public.url, so browsers refuse the pages"
            ),
            format!("Get a certificate for {host}, or set public.url to a name that this one has."),
        ),
    })
}

fn of_chain(
    certificate: &ParsedCertificate<'_>,
    chain: &[CertificateDer<'_>],
    path: &Path,
    now: Moment,
    authorities: Option<&RootCertStore>,
) -> Finding {
    let Some(authorities) = authorities else {
        return Finding::warning(
            "whether the certificate leads to a known authority is not known here, because this machine has no list of them",
            "apt install ca-certificates, or open the pages in a browser.",
        );
    };
    let intermediates = chain.get(1..).unwrap_or_default();
    let led = verify_server_cert_signed_by_trust_anchor(
        certificate,
        authorities,
        intermediates,
        UnixTime::since_unix_epoch(Duration::from_millis(now.0)),
        provider().signature_verification_algorithms.all,
    );
    let path = path.display();
    match led {
        Ok(()) => Finding::good("the certificate leads to an authority that this machine knows"),
        Err(_) if intermediates.is_empty() => Finding::warning(
            format!(
                "{path} has one certificate only, which no authority that this machine knows has signed"
            ),
            "Use the file with the whole chain (of certbot fullchain.pem); browsers refuse the pages otherwise, unless they know the authority.",
        ),
        Err(error) => Finding::warning(
            format!(
                "the certificates in {path} lead to no authority that this machine knows: {error}"
            ),
            "Put the missing certificates behind that of the server. An authority of your own has to be known to the browser of every participant.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use tempfile::TempDir;

    use super::*;
    use crate::{network_check::Level, tls::TlsSettings};

    type Issuer = CertifiedIssuer<'static, KeyPair>;

    fn authority_params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = rcgen::DnValue::from(name);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params
    }

    /// An authority, one that it has signed, and a folder with a certificate of the latter.
    struct Files {
        root: Issuer,
        intermediate: Issuer,
        key: KeyPair,
        leaf: String,
        folder: TempDir,
    }

    impl Files {
        fn new() -> Self {
            let params = authority_params("root");
            let root = Issuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
            let (params, key) = (authority_params("middle"), KeyPair::generate().unwrap());
            let intermediate = Issuer::signed_by(params, key, &root).unwrap();
            let mut params = CertificateParams::new(["plenary.example".to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2026, 1, 1);
            params.not_after = rcgen::date_time_ymd(2026, 4, 1);
            let key = KeyPair::generate().unwrap();
            let leaf = params.signed_by(&key, &intermediate).unwrap().pem();
            let folder = tempfile::tempdir().unwrap();
            let files = Self {
                root,
                intermediate,
                key,
                leaf,
                folder,
            };
            files.write(&files.whole(), &files.key.serialize_pem());
            files
        }

        fn whole(&self) -> String {
            format!("{}{}", self.leaf, self.intermediate.pem())
        }

        fn write(&self, certificate: &str, key: &str) {
            let path = |name| self.folder.path().join(name);
            fs::write(path("cert.pem"), certificate).unwrap();
            fs::write(path("key.pem"), key).unwrap();
            let mode = fs::Permissions::from_mode(0o640);
            fs::set_permissions(path("key.pem"), mode).unwrap();
        }

        fn settings(&self) -> Settings {
            let path = |name| Some(self.folder.path().join(name));
            Settings {
                https: Some("127.0.0.1:443".parse().unwrap()),
                url: Some("https://plenary.example/p".to_owned()),
                tls: TlsSettings {
                    certificate: path("cert.pem"),
                    key: path("key.pem"),
                },
                ..Settings::default()
            }
        }

        fn authorities(&self) -> RootCertStore {
            let mut authorities = RootCertStore::empty();
            authorities.add(self.root.der().clone()).unwrap();
            authorities
        }

        fn check(&self, now: &str) -> Vec<Finding> {
            let authorities = self.authorities();
            check_at(&self.settings(), at(now), Some(&authorities))
        }
    }

    fn at(day: &str) -> Moment {
        let time: jiff::Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
        Moment(u64::try_from(time.as_millisecond()).unwrap())
    }

    fn levels(findings: &[Finding]) -> Vec<Level> {
        findings.iter().map(|it| it.level).collect()
    }

    #[test]
    fn a_certificate_that_fits_its_key_the_host_and_an_authority_is_good_and_one_that_ends_soon_warned_of()
     {
        let files = Files::new();
        let found = files.check("2026-02-01");
        assert_eq!(levels(&found), [Level::Good; 3], "{found:?}");
        assert!(found[0].text.contains("until 2026-04-01"), "{found:?}");
        let found = files.check("2026-03-25");
        assert_eq!(levels(&found), [Level::Warning, Level::Good, Level::Good]);
        assert!(
            found[0].text.contains("expires soon, on 2026-04-01"),
            "{found:?}"
        );
    }

    #[test]
    fn a_pair_that_the_server_would_refuse_is_a_fault_with_its_reason() {
        let files = Files::new();
        let fault = |now: &str| {
            let found = files.check(now);
            assert_eq!(levels(&found), [Level::Fault], "{found:?}");
            assert!(found[0].advice.is_some());
            found[0].text.clone()
        };
        assert!(fault("2026-04-02").contains("has expired on 2026-04-01"));
        assert!(fault("2025-12-01").contains("valid only from"));
        let other = KeyPair::generate().unwrap().serialize_pem();
        files.write(&files.whole(), &other);
        assert!(fault("2026-02-01").contains("is not the key of the certificate"));
        files.write("", &other);
        assert!(fault("2026-02-01").contains("has no certificate"));
        fs::remove_file(files.folder.path().join("cert.pem")).unwrap();
        assert!(fault("2026-02-01").contains("cannot be read"));
    }

    #[test]
    fn a_certificate_for_another_host_is_a_fault() {
        let files = Files::new();
        let settings = Settings {
            url: Some("https://elsewhere.example".to_owned()),
            ..files.settings()
        };
        let authorities = files.authorities();
        let found = check_at(&settings, at("2026-02-01"), Some(&authorities));
        assert_eq!(levels(&found), [Level::Good, Level::Fault, Level::Good]);
        let text = &found[1].text;
        assert!(text.contains("is not for elsewhere.example"), "{text}");
    }

    #[test]
    fn a_chain_with_a_gap_and_an_unknown_authority_are_warned_of() {
        let files = Files::new();
        files.write(&files.leaf, &files.key.serialize_pem());
        let found = files.check("2026-02-01");
        assert_eq!(levels(&found), [Level::Good, Level::Good, Level::Warning]);
        assert!(found[2].text.contains("has one certificate only"));
        files.write(&files.whole(), &files.key.serialize_pem());
        let elsewhere = Files::new().authorities();
        let settings = files.settings();
        let chain = |authorities: Option<&RootCertStore>| {
            let found = check_at(&settings, at("2026-02-01"), authorities);
            assert_eq!(levels(&found), [Level::Good, Level::Good, Level::Warning]);
            found[2].text.clone()
        };
        assert!(chain(Some(&elsewhere)).contains("lead to no authority"));
        assert!(chain(None).contains("no list of them"));
    }

    #[test]
    fn a_key_that_everybody_may_read_is_warned_of() {
        let files = Files::new();
        let key = files.folder.path().join("key.pem");
        fs::set_permissions(key, fs::Permissions::from_mode(0o644)).unwrap();
        let found = files.check("2026-02-01");
        assert_eq!(found[1].level, Level::Warning);
        assert!(found[1].text.contains("every user"), "{found:?}");
    }

    #[test]
    fn https_without_a_certificate_is_a_fault_and_without_https_there_is_nothing_to_say() {
        let mut settings = Settings::default();
        let now = at("2026-02-01");
        assert_eq!(check_at(&settings, now, None), []);
        settings.https = Some("127.0.0.1:443".parse().unwrap());
        let found = check_at(&settings, now, None);
        assert_eq!(levels(&found), [Level::Fault]);
        assert!(found[0].text.contains("listen.https needs a certificate"));
    }

    #[test]
    fn with_acme_a_certificate_that_is_not_there_yet_is_warned_of_and_a_missing_authority_a_fault()
    {
        let files = Files::new();
        let mut settings = Settings {
            tls: TlsSettings::default(),
            data: files.folder.path().join("data"),
            ..files.settings()
        };
        settings.acme.domains = vec!["plenary.example".parse().unwrap()];
        let check = |settings: &Settings| check_at(settings, at("2026-02-01"), None);
        let found = check(&settings);
        assert_eq!(levels(&found), [Level::Warning], "{found:?}");
        let advice = found[0].advice.clone().unwrap();
        assert!(advice.contains("443 of plenary.example has"), "{advice}");
        settings.acme.ca = Some(files.folder.path().join("nowhere.pem"));
        assert_eq!(levels(&check(&settings)), [Level::Fault]);
    }
}
