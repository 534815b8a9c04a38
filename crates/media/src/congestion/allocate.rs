//! Sharing out a path among the slots of a listener.

use plenary_scene::PictureSize;

/// An upgrade must fit with this margin, a fraction of itself, or the next small change would undo it.
const UPGRADE_MARGIN_PERCENT: u64 = 15;

/// The priority of a slot's content; the first variant is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The picture of a participant on stage.
    Stage,
    /// A screen that is shared on stage.
    Screen,
    /// A participant's picture among others.
    Tile,
}

/// The layers that one slot could carry.
#[derive(Debug, Clone)]
pub struct Demand {
    pub priority: Priority,
    /// How large it is shown. What is shown small needs no more than its smallest layer.
    pub size: PictureSize,
    /// The layers that it can carry and their bits per second, best first.
    pub layers: Vec<(usize, u64)>,
    /// The layer that it carries now; none while it is paused.
    pub now: Option<usize>,
}

impl Demand {
    fn smallest(&self) -> Option<(usize, u64)> {
        self.layers.last().copied()
    }

    fn is_large(&self) -> bool {
        self.size == PictureSize::Large
    }

    /// The layers of which it can have one, best first.
    fn wished(&self) -> &[(usize, u64)] {
        let first = if self.is_large() {
            0
        } else {
            self.layers.len().saturating_sub(1)
        };
        self.layers.get(first..).unwrap_or_default()
    }

    /// The next better layer than this one.
    fn better_than(&self, layer: usize) -> Option<(usize, u64)> {
        let place = self.layers.iter().position(|(other, _)| *other == layer)?;
        self.layers.get(place.checked_sub(1)?).copied()
    }

    /// The bandwidth that this layer needs: with a margin if it is an upgrade, without one if it flows already.
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

/// The layer of each slot, none for those that pause. `budget` is the bandwidth of the path, bits per second; none for
/// no limit.
///
/// Sources on stage always have at least their smallest layer; then those shown large have the best layer that fits. Then
/// tiles have their smallest layer, as many as fit, in their order, the large ones first; then the large ones share the
/// rest, one layer at a time: nobody is left out for the size of another.
pub fn allocate(budget: Option<u64>, demands: &[Demand]) -> Vec<Option<usize>> {
    let mut sharing = Sharing {
        left: budget.unwrap_or(u64::MAX),
        given: vec![None; demands.len()],
    };
    let of = |priority: Priority| {
        let all = demands.iter().enumerate();
        all.filter(move |(_, demand)| demand.priority == priority)
    };
    let on_stage = || of(Priority::Stage).chain(of(Priority::Screen));
    for (at, demand) in on_stage() {
        if let Some(smallest) = demand.smallest() {
            sharing.give(at, smallest);
        }
    }
    for (at, demand) in on_stage() {
        for layer in demand.wished() {
            if sharing.give_if_it_fits(at, demand, *layer) {
                break;
            }
        }
    }
    for is_large in [true, false] {
        for (at, demand) in of(Priority::Tile).filter(|(_, it)| it.is_large() == is_large) {
            if let Some(smallest) = demand.smallest() {
                sharing.give_if_it_fits(at, demand, smallest);
            }
        }
    }
    let most = demands.iter().map(|demand| demand.layers.len()).max();
    for _ in 1..most.unwrap_or(0) {
        for (at, demand) in of(Priority::Tile).filter(|(_, it)| it.is_large()) {
            let has = sharing.layer(at);
            if let Some(better) = has.and_then(|layer| demand.better_than(layer)) {
                sharing.give_if_it_fits(at, demand, better);
            }
        }
    }
    (0..demands.len()).map(|at| sharing.layer(at)).collect()
}

/// What each slot has been given so far, and what is left of the budget.
struct Sharing {
    left: u64,
    given: Vec<Option<(usize, u64)>>,
}

impl Sharing {
    fn layer(&self, at: usize) -> Option<usize> {
        let given = self.given.get(at).copied().flatten();
        given.map(|(layer, _)| layer)
    }

    fn rate(&self, at: usize) -> u64 {
        let given = self.given.get(at).copied().flatten();
        given.map_or(0, |(_, rate)| rate)
    }

    /// Gives a slot this layer in place of what it has.
    fn give(&mut self, at: usize, layer: (usize, u64)) {
        self.left = self
            .left
            .saturating_add(self.rate(at))
            .saturating_sub(layer.1);
        if let Some(given) = self.given.get_mut(at) {
            *given = Some(layer);
        }
    }

    fn give_if_it_fits(&mut self, at: usize, demand: &Demand, layer: (usize, u64)) -> bool {
        let fits = demand.price(layer) <= self.left.saturating_add(self.rate(at));
        if fits {
            self.give(at, layer);
        }
        fits
    }
}

/// The bandwidth that all slots would need for their best layers, margins included; bits per second.
pub fn total_demand(demands: &[Demand]) -> u64 {
    let of = |demand: &Demand| {
        let best = demand.wished().first();
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
            size: if priority == Priority::Tile {
                PictureSize::Small
            } else {
                PictureSize::Large
            },
            layers: CAMERA.to_vec(),
            now,
        }
    }

    #[test]
    fn a_path_without_an_estimate_carries_everything() {
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
    fn a_layer_that_flows_stays_where_an_upgrade_to_it_would_not_fit() {
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

    fn large(now: Option<usize>) -> Demand {
        Demand {
            size: PictureSize::Large,
            ..demand(Priority::Tile, now)
        }
    }

    #[test]
    fn a_large_tile_has_what_the_stage_and_the_other_tiles_leave() {
        let demands = [
            demand(Priority::Tile, Some(2)),
            large(Some(2)),
            demand(Priority::Stage, Some(0)),
        ];
        let with = |budget| allocate(Some(budget), &demands);
        assert_eq!(with(3_000), [Some(2), Some(0), Some(0)]);
        assert_eq!(with(1_900), [Some(2), Some(1), Some(0)]);
        assert_eq!(with(1_500), [Some(2), Some(2), Some(0)]);
        assert_eq!(with(1_350), [None, Some(2), Some(0)], "the large one first");
    }

    #[test]
    fn large_tiles_grow_together_and_not_one_at_the_cost_of_another() {
        let demands = [large(Some(1)), large(Some(1)), large(Some(1))];
        assert_eq!(allocate(Some(1_300), &demands), [Some(1); 3]);
        let most = allocate(Some(2_200), &demands);
        assert_eq!(most, [Some(0), Some(1), Some(1)]);
    }

    #[test]
    fn a_stage_that_is_shown_small_leaves_the_path_to_others() {
        let small = Demand {
            size: PictureSize::Small,
            ..demand(Priority::Stage, Some(0))
        };
        let demands = [small, large(None)];
        assert_eq!(allocate(Some(1_600), &demands), [Some(2), Some(0)]);
        assert_eq!(total_demand(&demands), 138 + 1_380);
    }

    proptest! {
        #[test]
        fn the_budget_is_never_exceeded_but_for_the_smallest_layers_of_the_stage(
            budget in 0_u64..5_000,
            demands in proptest::collection::vec(
                (0..3_usize, any::<bool>(), proptest::option::of(0..3_usize), proptest::collection::vec(1_u64..2_000, 0..4)),
                0..8,
            ),
        ) {
            let demands: Vec<Demand> = demands.into_iter().map(|(priority, is_large, now, mut rates)| {
                rates.sort_unstable_by(|a, b| b.cmp(a));
                let size = if is_large { PictureSize::Large } else { PictureSize::Small };
                Demand { priority: [Priority::Stage, Priority::Screen, Priority::Tile][priority], size, layers: rates.into_iter().enumerate().collect(), now }
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
