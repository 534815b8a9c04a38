//! Sharing out a path among the slots of a listener.

/// An upgrade must fit with so much to spare (a fraction of itself), or it would be taken back at the next breath.
const MARGIN: u64 = 15;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Who is on stage.
    Stage,
    /// What is shared on stage.
    Screen,
    /// Who is shown small: the smallest layer, or nothing.
    Tile,
}

/// What one slot could carry.
#[derive(Debug, Clone)]
pub struct Ask {
    /// How important it is.
    pub rank: Rank,
    /// The layers that it can carry and their bits per second, best first.
    pub layers: Vec<(usize, u64)>,
    /// The layer that it carries now; none while it is paused.
    pub now: Option<usize>,
}

impl Ask {
    fn smallest(&self) -> Option<(usize, u64)> {
        self.layers.last().copied()
    }

    /// What it takes to have this layer: an upgrade needs a margin, what flows already does not.
    fn price(&self, (layer, rate): (usize, u64)) -> u64 {
        let place = |layer| self.layers.iter().position(|(other, _)| *other == layer);
        let flows = self
            .now
            .is_some_and(|now| place(now).is_some_and(|now| place(layer) >= Some(now)));
        if flows {
            rate
        } else {
            rate.saturating_add(rate.saturating_mul(MARGIN) / 100)
        }
    }
}

/// The layer of each slot, none for those that pause. `budget` is what the path carries, bits per second; none: whatever
/// is asked.
///
/// What is on stage always has its smallest layer, whatever the path; then it has the best that fits; then tiles have
/// their smallest, as many as fit, in their order.
pub fn allocate(budget: Option<u64>, asks: &[Ask]) -> Vec<Option<usize>> {
    let mut left = budget.unwrap_or(u64::MAX);
    let mut given: Vec<Option<(usize, u64)>> = asks
        .iter()
        .map(|ask| ask.smallest().filter(|_| ask.rank != Rank::Tile))
        .collect();
    for (_, rate) in given.iter().flatten() {
        left = left.saturating_sub(*rate);
    }
    let mut order: Vec<usize> = (0..asks.len()).collect();
    order.sort_by_key(|at| asks.get(*at).map(|ask| ask.rank));
    for at in order {
        let (Some(ask), Some(given)) = (asks.get(at), given.get_mut(at)) else {
            continue;
        };
        let wished: Vec<_> = match ask.rank {
            Rank::Tile => ask.smallest().into_iter().collect(),
            Rank::Stage | Rank::Screen => ask.layers.clone(),
        };
        let has = given.map_or(0, |(_, rate)| rate);
        let best = wished
            .into_iter()
            .find(|layer| ask.price(*layer) <= left.saturating_add(has));
        if let Some(best) = best {
            left = left.saturating_add(has).saturating_sub(best.1);
            *given = Some(best);
        }
    }
    given
        .into_iter()
        .map(|given| given.map(|(layer, _)| layer))
        .collect()
}

/// What all slots would take if the path carried everything, margins included; bits per second.
pub fn whole(asks: &[Ask]) -> u64 {
    let of = |ask: &Ask| {
        let best = match ask.rank {
            Rank::Tile => ask.smallest(),
            Rank::Stage | Rank::Screen => ask.layers.first().copied(),
        };
        best.map_or(0, |(_, rate)| {
            rate.saturating_add(rate.saturating_mul(MARGIN) / 100)
        })
    };
    asks.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: [(usize, u64); 3] = [(0, 1_200), (1, 400), (2, 120)];

    fn ask(rank: Rank, now: Option<usize>) -> Ask {
        Ask {
            rank,
            layers: CAMERA.to_vec(),
            now,
        }
    }

    #[test]
    fn an_unknown_path_carries_everything() {
        let asks = [ask(Rank::Tile, None), ask(Rank::Stage, None)];
        assert_eq!(allocate(None, &asks), [Some(2), Some(0)]);
    }

    #[test]
    fn tiles_pause_before_the_stage_suffers() {
        let asks = [
            ask(Rank::Stage, Some(0)),
            ask(Rank::Tile, Some(2)),
            ask(Rank::Tile, Some(2)),
        ];
        assert_eq!(allocate(Some(1_500), &asks), [Some(0), Some(2), Some(2)]);
        assert_eq!(allocate(Some(1_350), &asks), [Some(0), Some(2), None]);
        assert_eq!(allocate(Some(1_200), &asks), [Some(0), None, None]);
        assert_eq!(allocate(Some(1_100), &asks), [Some(1), Some(2), Some(2)]);
        assert_eq!(allocate(Some(130), &asks), [Some(2), None, None]);
    }

    #[test]
    fn the_stage_is_never_empty_however_narrow_the_path() {
        let asks = [ask(Rank::Stage, None), ask(Rank::Screen, None)];
        assert_eq!(allocate(Some(0), &asks), [Some(2), Some(2)]);
        assert_eq!(
            allocate(Some(700), &asks),
            [Some(1), Some(2)],
            "the stage before the screen"
        );
    }

    #[test]
    fn what_flows_stays_where_an_upgrade_would_not_fit_yet() {
        assert_eq!(
            allocate(Some(1_250), &[ask(Rank::Stage, Some(0))]),
            [Some(0)]
        );
        assert_eq!(
            allocate(Some(1_250), &[ask(Rank::Stage, Some(1))]),
            [Some(1)]
        );
        assert_eq!(
            allocate(Some(1_380), &[ask(Rank::Stage, Some(1))]),
            [Some(0)]
        );
    }

    proptest! {
        #[test]
        fn no_more_is_given_than_there_is_but_for_the_smallest_layers_of_the_stage(
            budget in 0_u64..5_000,
            asks in proptest::collection::vec(
                (0..3_usize, proptest::option::of(0..3_usize), proptest::collection::vec(1_u64..2_000, 0..4)),
                0..8,
            ),
        ) {
            let asks: Vec<Ask> = asks.into_iter().map(|(rank, now, mut rates)| {
                rates.sort_unstable_by(|a, b| b.cmp(a));
                Ask { rank: [Rank::Stage, Rank::Screen, Rank::Tile][rank], layers: rates.into_iter().enumerate().collect(), now }
            }).collect();
            let given = allocate(Some(budget), &asks);
            let rate = |ask: &Ask, layer: &Option<usize>| {
                layer.and_then(|layer| ask.layers.iter().find(|(other, _)| *other == layer)).map_or(0, |(_, rate)| *rate)
            };
            let spent: u64 = asks.iter().zip(&given).map(|(ask, layer)| rate(ask, layer)).sum();
            let least: u64 = asks.iter().filter(|ask| ask.rank != Rank::Tile).map(|ask| ask.layers.last().map_or(0, |(_, rate)| *rate)).sum();
            prop_assert!(spent <= budget.max(least));
            prop_assert_eq!(allocate(Some(budget), &asks), given, "the same again");
            for (ask, layer) in asks.iter().zip(allocate(Some(whole(&asks)), &asks)) {
                prop_assert!(layer.is_some() || ask.layers.is_empty(), "a path of the whole carries the whole");
            }
        }
    }
}
