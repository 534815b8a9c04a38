//! The server's own counters, from its `/metrics`.

use crate::{failure::LoadError, server::Server};

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counters {
    /// CPU time of the process since its start, in seconds.
    pub cpu_seconds: Option<f64>,
    pub packets_received: Option<f64>,
    pub packets_forwarded: Option<f64>,
}

/// Where the counters are read.
pub struct Source {
    server: Server,
    token: Option<String>,
}

impl Source {
    /// Counters at that address, such as `http://127.0.0.1:8082/metrics`.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, LoadError> {
        let server = Server::new(url, None)?;
        Ok(Self { server, token })
    }

    pub async fn read(&self) -> Result<Counters, LoadError> {
        let text = self.server.text(self.token.as_deref()).await?;
        Ok(parse(&text))
    }
}

/// Reads the text format of Prometheus, as far as it is needed.
fn parse(text: &str) -> Counters {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(' ')?;
            value.split(' ').next()?.parse().ok()
        })
    };
    Counters {
        cpu_seconds: value("process_cpu_seconds_total"),
        packets_received: value("plenary_media_packets_received_total"),
        packets_forwarded: value("plenary_media_packets_forwarded_total"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_by_their_whole_name() {
        let text = "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1.25\n\
                    plenary_media_packets_forwarded_total_by 7\nplenary_media_packets_forwarded_total 42 1700\n";
        let counters = parse(text);
        assert_eq!(counters.cpu_seconds, Some(1.25));
        assert_eq!(counters.packets_forwarded, Some(42.0));
        assert_eq!(counters.packets_received, None);
    }
}
