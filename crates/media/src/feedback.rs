//! Transport-wide feedback to publishers (draft-holmer-rmcat-transport-wide-cc-extensions-01): when each packet came.
//! Without it Chromium falls to 33 kbit/s.

use std::{collections::BTreeMap, time::Instant};

use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
    SymbolTypeTcc, TransportLayerCc,
};

use crate::packet_index::nearest_index;

/// Packets that one report covers at most.
const MAX_PACKETS_PER_REPORT: u64 = 400;
/// Symbols in a status vector of two bits each.
const SYMBOLS_PER_VECTOR: usize = 7;

/// The arrivals not yet reported, of one publisher.
#[derive(Debug, Default)]
pub struct TwccArrivals {
    highest: Option<u64>,
    next: Option<u64>,
    times: BTreeMap<u64, u64>,
    reports: u8,
}

impl TwccArrivals {
    /// Takes note of a packet's arrival; `epoch` is any fixed instant.
    pub fn packet(&mut self, sequence: u16, now: Instant, epoch: Instant) {
        let index = self
            .highest
            .map_or((1 << 16) + u64::from(sequence), |highest| {
                nearest_index(highest, sequence)
            });
        self.highest = Some(self.highest.map_or(index, |highest| highest.max(index)));
        let micros = now.saturating_duration_since(epoch).as_micros();
        self.times
            .insert(index, u64::try_from(micros).unwrap_or(u64::MAX));
    }

    /// The next report, while there is something to report.
    pub fn report(&mut self, sender_ssrc: u32, media_ssrc: u32) -> Option<TransportLayerCc> {
        let (&first, &first_at) = self.times.first_key_value()?;
        // Packets lost since the last report are part of this one.
        let base = self
            .next
            .filter(|next| *next < first && first - next < MAX_PACKETS_PER_REPORT)
            .unwrap_or(first);
        let reference = first_at / 64_000;
        let mut clock = reference * 64_000;
        let (mut symbols, mut deltas, mut next) = (Vec::new(), Vec::new(), base);
        while let Some((&index, &at)) = self
            .times
            .first_key_value()
            .filter(|(index, _)| **index < base + MAX_PACKETS_PER_REPORT)
        {
            symbols.resize(
                usize::try_from(index.saturating_sub(base)).unwrap_or(0),
                SymbolTypeTcc::PacketNotReceived,
            );
            // In steps of 250 µs, and measured from the rounded value so that errors do not add up.
            let step = (at.cast_signed() - clock.cast_signed()).div_euclid(250);
            let symbol = match step {
                0..=255 => SymbolTypeTcc::PacketReceivedSmallDelta,
                -32_768..=32_767 => SymbolTypeTcc::PacketReceivedLargeDelta,
                _ => break,
            };
            clock = clock.saturating_add_signed(step * 250);
            symbols.push(symbol);
            deltas.push(RecvDelta {
                type_tcc_packet: symbol,
                delta: step * 250,
            });
            next = index + 1;
            self.times.remove(&index);
        }
        self.next = Some(next);
        let count = u16::try_from(symbols.len()).ok()?;
        symbols.resize(
            symbols.len().next_multiple_of(SYMBOLS_PER_VECTOR),
            SymbolTypeTcc::PacketNotReceived,
        );
        let chunks = symbols.chunks(SYMBOLS_PER_VECTOR).map(|symbols| {
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list: symbols.to_vec(),
            })
        });
        let report = TransportLayerCc {
            sender_ssrc,
            media_ssrc,
            base_sequence_number: u16::try_from(base & 0xffff).ok()?,
            packet_status_count: count,
            reference_time: u32::try_from(reference & 0xff_ffff).ok()?,
            fb_pkt_count: self.reports,
            packet_chunks: chunks.collect(),
            recv_deltas: deltas,
        };
        self.reports = self.reports.wrapping_add(1);
        Some(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc_shared::marshal::{Marshal, Unmarshal};
    use std::time::Duration;

    #[test]
    fn a_report_survives_the_wire_and_names_what_was_lost() {
        let epoch = Instant::now();
        let mut arrivals = TwccArrivals::default();
        for (sequence, millis) in [(65_535, 1000), (1, 1010), (2, 1200)] {
            arrivals.packet(sequence, epoch + Duration::from_millis(millis), epoch);
        }
        let report = arrivals.report(1, 2).unwrap();
        assert_eq!(
            (report.base_sequence_number, report.packet_status_count),
            (65_535, 4)
        );
        let mut wire = report.marshal().unwrap().freeze();
        let read = TransportLayerCc::unmarshal(&mut wire).unwrap();
        assert_eq!(
            read.recv_deltas
                .iter()
                .map(|delta| delta.delta)
                .collect::<Vec<_>>(),
            [40_000, 10_000, 190_000]
        );
        assert!(arrivals.report(1, 2).is_none());
    }
}
