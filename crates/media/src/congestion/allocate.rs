//! Sharing out a path among the slots of a listener.

/// An upgrade must fit with so much to spare (a fraction of itself), or it would be taken back at the next breath.
const UPGRADE_MARGIN_PERCENT: u64 = 15;

/// Which slots are served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The picture of a participant on stage.
    Stage,
    /// What is shared on stage.
    Screen,
    /// A small picture: the smallest layer, or nothing.
    Tile,
}

/// What one slot could carry.
#[derive(Debug, Clone)]
pub struct Demand {
    pub priority: Priority,
    /// The layers that it can carry and their bits per second, best first.
    pub layers: Vec<(usize, u64)>,
    /// The layer that it carries now; none while it is paused.
    pub now: Option<usize>,
}

impl Demand {
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
            rate.saturating_add(rate.saturating_mul(UPGRADE_MARGIN_PERCENT) / 100)
        }
    }
}

/// The layer of each slot, none for those that pause. `budget` is
/// what the path carries, bits per second; none: whatever is asked.
///
/// What is on stage always has its smallest layer, whatever the path; then it has the best that fits; then tiles have
/// their smallest, as many as fit, in their order.
pub fn allocate(budget: Option<u64>, demands: &[Demand]) -> Vec<Option<usize>> {
    let mut left = budget.unwrap_or(u64::MAX);
    let mut given: Vec<Option<(usize, u64)>> = demands
        .iter()
        .map(|demand| {
            demand
                .smallest()
                .filter(|_| demand.priority != Priority::Tile)
        })
        .collect();
    for (_, rate) in given.iter().flatten() {
        left = left.saturating_sub(*rate);
    }
    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|at| demands.get(*at).map(|demand| demand.priority));
    for at in order {
        let (Some(demand), Some(given)) = (demands.get(at), given.get_mut(at)) else {
            continue;
        };
        let wished: Vec<_> = match demand.priority {
            Priority::Tile => demand.smallest().into_iter().collect(),
            Priority::Stage | Priority::Screen => demand.layers.clone(),
        };
        let has = given.map_or(0, |(_, rate)| rate);
        let best = wished
            .into_iter()
            .find(|layer| demand.price(*layer) <= left.saturating_add(has));
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
pub fn total_demand(demands: &[Demand]) -> u64 {
    let of = |demand: &Demand| {
        let best = match demand.priority {
            Priority::Tile => demand.smallest(),
            Priority::Stage | Priority::Screen => demand.layers.first().copied(),
        };
        best.map_or(0, |(_, rate)| {
            rate.saturating_add(rate.saturating_mul(UPGRADE_MARGIN_PERCENT) / 100)
        })
    };
    demands.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: [(usize, u64); 3] = [(0, 1_200), (1, 400), (2, 120)];

    fn demand(priority: Priority, now: Option<usize>) -> Demand {
        Demand {
            priority,
            layers: CAMERA.to_vec(),
            now,
        }
    }

    #[test]
    fn an_unknown_path_carries_everything() {
        let demands = [demand(Priority::Tile, None), demand(Priority::Stage, None)];
        assert_eq!(allocate(None, &demands), [Some(2), Some(0)]);
    }

    #[test]
    fn tiles_pause_before_the_stage_suffers() {
        let demands = [
            demand(Priority::Stage, Some(0)),
            demand(Priority::Tile, Some(2)),
            demand(Priority::Tile, Some(2)),
        ];
        assert_eq!(allocate(Some(1_500), &demands), [Some(0), Some(2), Some(2)]);
        assert_eq!(allocate(Some(1_350), &demands), [Some(0), Some(2), None]);
        assert_eq!(allocate(Some(1_200), &demands), [Some(0), None, None]);
        assert_eq!(allocate(Some(1_100), &demands), [Some(1), Some(2), Some(2)]);
        assert_eq!(allocate(Some(130), &demands), [Some(2), None, None]);
    }

    #[test]
    fn the_stage_is_never_empty_however_narrow_the_path() {
        let demands = [
            demand(Priority::Stage, None),
            demand(Priority::Screen, None),
        ];
        assert_eq!(allocate(Some(0), &demands), [Some(2), Some(2)]);
        assert_eq!(
            allocate(Some(700), &demands),
            [Some(1), Some(2)],
            "the stage before the screen"
        );
    }

    #[test]
    fn what_flows_stays_where_an_upgrade_would_not_fit_yet() {
        assert_eq!(
            allocate(Some(1_250), &[demand(Priority::Stage, Some(0))]),
            [Some(0)]
        );
        assert_eq!(
            allocate(Some(1_250), &[demand(Priority::Stage, Some(1))]),
            [Some(1)]
        );
        assert_eq!(
            allocate(Some(1_380), &[demand(Priority::Stage, Some(1))]),
            [Some(0)]
        );
    }

    proptest! {
        #[test]
        fn no_more_is_given_than_there_is_but_for_the_smallest_layers_of_the_stage(
            budget in 0_u64..5_000,
            demands in proptest::collection::vec(
                (0..3_usize, proptest::option::of(0..3_usize), proptest::collection::vec(1_u64..2_000, 0..4)),
                0..8,
            ),
        ) {
            let demands: Vec<Demand> = demands.into_iter().map(|(priority, now, mut rates)| {
                rates.sort_unstable_by(|a, b| b.cmp(a));
                Demand { priority: [Priority::Stage, Priority::Screen, Priority::Tile][priority], layers: rates.into_iter().enumerate().collect(), now }
            }).collect();
            let given = allocate(Some(budget), &demands);
            let rate = |demand: &Demand, layer: &Option<usize>| {
                layer.and_then(|layer| demand.layers.iter().find(|(other, _)| *other == layer)).map_or(0, |(_, rate)| *rate)
            };
            let spent: u64 = demands.iter().zip(&given).map(|(demand, layer)| rate(demand, layer)).sum();
            let least: u64 = demands.iter().filter(|demand| demand.priority != Priority::Tile).map(|demand| demand.layers.last().map_or(0, |(_, rate)| *rate)).sum();
            prop_assert!(spent <= budget.max(least));
            prop_assert_eq!(allocate(Some(budget), &demands), given, "the same again");
            for (demand, layer) in demands.iter().zip(allocate(Some(total_demand(&demands)), &demands)) {
                prop_assert!(layer.is_some() || demand.layers.is_empty(), "a path of the whole carries the whole");
            }
        }
    }
}
