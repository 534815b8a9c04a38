//! The layers of the settings, and what is refused in them.

use super::*;
use crate::{proxies::ProxyHeader, rate::Quota};

fn read(text: &str) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plenary.toml");
    fs::write(&path, text).unwrap();
    let mut settings = Settings::default();
    settings.file(&path).map(|()| settings)
}

fn variable(name: &str, value: &str) -> std::vec::IntoIter<(OsString, OsString)> {
    vec![(name.into(), value.into())].into_iter()
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
fn the_base_path_is_what_follows_the_host_of_the_public_url() {
    for (url, base_path) in [
        ("", ""),
        ("https://host.example", ""),
        ("https://host.example/", ""),
        ("https://host.example:8443/plenary/", "/plenary"),
        ("http://host.example/a/b", "/a/b"),
    ] {
        let mut settings = Settings::default();
        settings.flag("public.url", Some(url)).unwrap();
        assert_eq!(settings.base_path(), base_path, "{url}");
    }
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
fn a_variable_that_is_not_utf_8_is_refused_by_its_name_and_another_programs_is_ignored() {
    use std::os::unix::ffi::OsStringExt;
    let broken = || OsString::from_vec(vec![b'd', 0xff]);
    let mut settings = Settings::default();
    let foreign = vec![("LC_SOMETHING".into(), broken()), (broken(), broken())];
    settings.environment(foreign.into_iter()).unwrap();
    assert_eq!(settings, Settings::default());
    for (variable, words) in [
        (
            ("PLENARY_DATA__DIR".into(), broken()),
            "the environment variable PLENARY_DATA__DIR is not UTF-8",
        ),
        (
            (
                OsString::from_vec(b"PLENARY_DATA__DIR\xff".to_vec()),
                "x".into(),
            ),
            "did you mean \"data.dir\"",
        ),
    ] {
        let error = settings
            .environment(vec![variable].into_iter())
            .unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_public_url_is_one_line_without_control_characters() {
    for bad in [
        "https://a.example/\nhttps://evil.example",
        "https://a.example/\r\nX: y",
        "https://a.example\u{0}",
        "https://a.example\u{85}",
        "https://a.example\u{2028}",
        "https://a.example/ b",
        "https://a.example/\"><b>",
    ] {
        let set = Settings::default().environment(variable("PLENARY_PUBLIC__URL", bad));
        let error = set.unwrap_err().to_string();
        assert!(error.contains("public.url cannot be"), "{error}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
    for good in [
        "https://a.example/plenary/",
        "http://[::1]:8080",
        "https://會議.tw",
    ] {
        let mut settings = Settings::default();
        let set = settings.environment(variable("PLENARY_PUBLIC__URL", good));
        set.unwrap();
        assert_eq!(settings.url.as_deref(), Some(good));
    }
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

#[test]
fn a_limit_is_a_whole_number_from_1_on_and_a_bucket_holds_a_few_minutes_of_it() {
    let settings = read("[limits]\nconnections = 7\njoins_per_minute = 30").unwrap();
    assert_eq!(settings.limits.connections, 7);
    let joins = Quota {
        burst: 60,
        per_minute: 30,
    };
    assert_eq!(settings.limits.joins, joins);
    for wrong in ["0", "-1", "1.5", "\"many\""] {
        let error = read(&format!("[limits]\ndevices_per_person = {wrong}")).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("limits.devices_per_person"), "{said}");
        assert!(said.contains("a whole number from 1 on"), "{said}");
    }
}

#[test]
fn the_largest_recording_is_a_number_of_bytes() {
    let settings = read("[media]\nmax_recording = 5000000000").unwrap();
    assert_eq!(settings.library_limits().max_bytes, 5_000_000_000);
    for wrong in ["0", "\"2 GiB\""] {
        let error = read(&format!("[media]\nmax_recording = {wrong}")).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("media.max_recording"), "{said}");
        assert!(said.contains("a number of bytes"), "{said}");
    }
}

#[test]
fn proxies_are_addresses_or_networks_and_name_the_client_in_one_header() {
    let written = "[listen]\nproxies = [\"10.0.0.0/8\", \"::1\"]\nproxy_header = \"Forwarded\"";
    let proxies = read(written).unwrap().proxies;
    let holds = |address: &str| proxies.contains(address.parse().unwrap());
    assert!(holds("10.9.8.7") && holds("::1") && !holds("127.0.0.1"));
    assert_eq!(proxies.header, ProxyHeader::Forwarded);
    for (line, word) in [
        ("proxies = [\"10.0.0.0/40\"]", "from 0 to 32"),
        ("proxy_header = \"x-real-ip\"", "x-forwarded-for"),
    ] {
        let said = read(&format!("[listen]\n{line}")).unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn https_is_off_until_it_has_an_address_and_is_the_public_url_then() {
    let mut settings = Settings::default();
    assert_eq!(
        settings.public_url(settings.pages()),
        "http://127.0.0.1:8080"
    );
    for (address, url) in [
        ("0.0.0.0:443", "https://localhost"),
        ("[::]:8443", "https://localhost:8443"),
        ("192.0.2.1:443", "https://192.0.2.1"),
        ("[2001:db8::1]:443", "https://[2001:db8::1]"),
    ] {
        settings.flag("listen.https", Some(address)).unwrap();
        assert_eq!(settings.public_url(settings.pages()), url);
    }
    settings.flag("listen.https", Some("")).unwrap();
    assert_eq!(settings.https, None);
}

#[test]
fn a_switch_is_true_or_false() {
    let settings = read("[listen]\nproxy_protocol = true").unwrap();
    assert!(settings.proxy_protocol);
    let error = read("[listen]\nproxy_protocol = \"v2\"").unwrap_err();
    assert!(error.to_string().contains("true or false"), "{error}");
}

#[test]
fn relays_are_read_and_what_is_no_relay_is_refused() {
    let text = "[turn]\nenabled = false\nexternal = [\"turn:turn.example.org:3478?transport=udp\", \"turns:turn.example.org\"]\nsecret = \"north\"";
    let settings = read(text).unwrap();
    assert!(!settings.relays.enabled);
    assert_eq!(settings.relays.external.len(), 2);
    assert_eq!(settings.relays.secret, "north");
    assert!(!format!("{settings:?}").contains("north"));
    for (wrong, key) in [
        ("external = [\"https://turn.example.org\"]", "turn.external"),
        ("enabled = \"perhaps\"", "turn.enabled"),
    ] {
        let error = read(&format!("[turn]\n{wrong}")).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
}

#[test]
fn acme_is_on_with_a_domain_and_the_first_one_is_where_links_lead() {
    let mut settings = read(
        "[listen]\nhttps = \"0.0.0.0:443\"\n[acme]\ndomains = [\"A.example.org\", \"b.example.org\"]\nemail = \"\"",
    )
    .unwrap();
    assert!(settings.acme.is_on() && settings.acme.email.is_none());
    assert_eq!(
        settings.public_url(settings.pages()),
        "https://a.example.org"
    );
    settings.flag("listen.https", Some("[::]:8443")).unwrap();
    assert_eq!(
        settings.public_url(settings.pages()),
        "https://a.example.org:8443"
    );
    let without = read("[acme]\ndomains = []\nemail = \"a@example.org\"").unwrap();
    assert!(!without.acme.is_on());
    for (line, word) in [
        ("domains = [\"*.example.org\"]", "wildcard"),
        ("domains = \"192.0.2.1\"", "address"),
        ("email = \"operators\"", "one address"),
        ("directory = \"http://ca.example.org/dir\"", "https://"),
        ("directory = \"\"", "https://"),
    ] {
        let said = read(&format!("[acme]\n{line}")).unwrap_err().to_string();
        assert!(said.contains("acme.") && said.contains(word), "{said}");
    }
}
