//! Sharing out a path among the slots of a listener.

use plenary_scene::PictureSize;

use crate::quality::Quality;

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

/// What one slot could carry.
#[derive(Debug, Clone)]
pub struct Demand {
    pub priority: Priority,
    /// How large it is shown. What is shown small needs no more than its smallest layer.
    pub size: PictureSize,
    /// What it can carry and its bits per second, best first.
    pub offers: Vec<(Quality, u64)>,
    /// What it carries now; none while it is paused.
    pub now: Option<Quality>,
}

impl Demand {
    fn smallest(&self) -> Option<(Quality, u64)> {
        self.offers.last().copied()
    }

    fn is_large(&self) -> bool {
        self.size == PictureSize::Large
    }

    /// Those of which it can have one, best first.
    fn wished(&self) -> &[(Quality, u64)] {
        let smallest = self.smallest().map(|(quality, _)| quality.layer);
        let is_wished =
            |(quality, _): &(Quality, u64)| self.is_large() || Some(quality.layer) == smallest;
        let first = self.offers.iter().position(is_wished).unwrap_or(0);
        self.offers.get(first..).unwrap_or_default()
    }

    /// The next better one than this, if it is wished.
    fn better_than(&self, quality: Quality) -> Option<(Quality, u64)> {
        let wished = self.wished();
        let place = wished.iter().position(|(other, _)| *other == quality)?;
        wished.get(place.checked_sub(1)?).copied()
    }

    /// The bandwidth that this needs: with a margin if it is an upgrade, without one if it flows already.
    fn price(&self, (quality, rate): (Quality, u64)) -> u64 {
        let place = |quality| self.offers.iter().position(|(other, _)| *other == quality);
        let flows = self
            .now
            .is_some_and(|now| place(now).is_some_and(|now| place(quality) >= Some(now)));
        if flows {
            rate
        } else {
            rate.saturating_add(rate.saturating_mul(UPGRADE_MARGIN_PERCENT) / 100)
        }
    }
}

/// What each slot carries, none for those that pause. `budget` is the bandwidth of the path, bits per second; none for
/// no limit.
///
/// Sources on stage always have at least their least offer; then each has the best that fits. Then tiles have their least
/// offer, as many as fit, in their order, the large ones first; then they share the rest, one step at a time: nobody is left
/// out for the size of another.
pub fn allocate(budget: Option<u64>, demands: &[Demand]) -> Vec<Option<Quality>> {
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
        for offer in demand.wished() {
            if sharing.give_if_it_fits(at, demand, *offer) {
                break;
            }
        }
    }
    let of_size = |large| of(Priority::Tile).filter(move |(_, it)| it.is_large() == large);
    let tiles = || of_size(true).chain(of_size(false));
    for (at, demand) in tiles() {
        if let Some(smallest) = demand.smallest() {
            sharing.give_if_it_fits(at, demand, smallest);
        }
    }
    let most = demands.iter().map(|demand| demand.offers.len()).max();
    for _ in 1..most.unwrap_or(0) {
        for (at, demand) in tiles() {
            let has = sharing.quality(at);
            if let Some(better) = has.and_then(|quality| demand.better_than(quality)) {
                sharing.give_if_it_fits(at, demand, better);
            }
        }
    }
    (0..demands.len()).map(|at| sharing.quality(at)).collect()
}

/// What each slot has been given so far, and what is left of the budget.
struct Sharing {
    left: u64,
    given: Vec<Option<(Quality, u64)>>,
}

impl Sharing {
    fn quality(&self, at: usize) -> Option<Quality> {
        let given = self.given.get(at).copied().flatten();
        given.map(|(quality, _)| quality)
    }

    fn rate(&self, at: usize) -> u64 {
        let given = self.given.get(at).copied().flatten();
        given.map_or(0, |(_, rate)| rate)
    }

    /// Gives a slot this in place of what it has.
    fn give(&mut self, at: usize, offer: (Quality, u64)) {
        self.left = self
            .left
            .saturating_add(self.rate(at))
            .saturating_sub(offer.1);
        if let Some(given) = self.given.get_mut(at) {
            *given = Some(offer);
        }
    }

    fn give_if_it_fits(&mut self, at: usize, demand: &Demand, offer: (Quality, u64)) -> bool {
        let fits = demand.price(offer) <= self.left.saturating_add(self.rate(at));
        if fits {
            self.give(at, offer);
        }
        fits
    }
}

/// The bandwidth that all slots would need for the best that they wish, margins included; bits per second.
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

    fn whole(rates: &[(usize, u64)]) -> Vec<(Quality, u64)> {
        let whole = rates
            .iter()
            .map(|(layer, rate)| (Quality::whole(*layer), *rate));
        whole.collect()
    }

    /// The layers that slots are given, of sources without temporal layers.
    fn layers(budget: Option<u64>, demands: &[Demand]) -> Vec<Option<usize>> {
        let given = allocate(budget, demands).into_iter();
        given
            .map(|given| given.map(|quality| quality.layer))
            .collect()
    }

    fn demand(priority: Priority, now: Option<usize>) -> Demand {
        Demand {
            priority,
            size: if priority == Priority::Tile {
                PictureSize::Small
            } else {
                PictureSize::Large
            },
            offers: whole(&CAMERA),
            now: now.map(Quality::whole),
        }
    }

    #[test]
    fn a_path_without_an_estimate_carries_everything() {
        let demands = [demand(Priority::Tile, None), demand(Priority::Stage, None)];
        assert_eq!(layers(None, &demands), [Some(2), Some(0)]);
    }

    #[test]
    fn tiles_pause_before_the_stage_suffers() {
        let demands = [
            demand(Priority::Stage, Some(0)),
            demand(Priority::Tile, Some(2)),
            demand(Priority::Tile, Some(2)),
        ];
        assert_eq!(layers(Some(1_500), &demands), [Some(0), Some(2), Some(2)]);
        assert_eq!(layers(Some(1_350), &demands), [Some(0), Some(2), None]);
        assert_eq!(layers(Some(1_200), &demands), [Some(0), None, None]);
        assert_eq!(layers(Some(1_100), &demands), [Some(1), Some(2), Some(2)]);
        assert_eq!(layers(Some(130), &demands), [Some(2), None, None]);
    }

    #[test]
    fn the_stage_is_never_empty_however_narrow_the_path() {
        let demands = [
            demand(Priority::Stage, None),
            demand(Priority::Screen, None),
        ];
        assert_eq!(layers(Some(0), &demands), [Some(2), Some(2)]);
        assert_eq!(
            layers(Some(700), &demands),
            [Some(1), Some(2)],
            "the stage before the screen"
        );
    }

    #[test]
    fn a_layer_that_flows_stays_where_an_upgrade_to_it_would_not_fit() {
        assert_eq!(
            layers(Some(1_250), &[demand(Priority::Stage, Some(0))]),
            [Some(0)]
        );
        assert_eq!(
            layers(Some(1_250), &[demand(Priority::Stage, Some(1))]),
            [Some(1)]
        );
        assert_eq!(
            layers(Some(1_380), &[demand(Priority::Stage, Some(1))]),
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
        let with = |budget| layers(Some(budget), &demands);
        assert_eq!(with(3_000), [Some(2), Some(0), Some(0)]);
        assert_eq!(with(1_900), [Some(2), Some(1), Some(0)]);
        assert_eq!(with(1_500), [Some(2), Some(2), Some(0)]);
        assert_eq!(with(1_350), [None, Some(2), Some(0)], "the large one first");
    }

    #[test]
    fn large_tiles_grow_together_and_not_one_at_the_cost_of_another() {
        let demands = [large(Some(1)), large(Some(1)), large(Some(1))];
        assert_eq!(layers(Some(1_300), &demands), [Some(1); 3]);
        let most = layers(Some(2_200), &demands);
        assert_eq!(most, [Some(0), Some(1), Some(1)]);
    }

    #[test]
    fn a_stage_that_is_shown_small_leaves_the_path_to_others() {
        let small = Demand {
            size: PictureSize::Small,
            ..demand(Priority::Stage, Some(0))
        };
        let demands = [small, large(None)];
        assert_eq!(layers(Some(1_600), &demands), [Some(2), Some(0)]);
        assert_eq!(total_demand(&demands), 138 + 1_380);
    }

    /// A camera in two sizes, the large one with three temporal layers.
    fn with_frames(priority: Priority, large: bool) -> Demand {
        let quality = |layer, temporal| Quality { layer, temporal };
        Demand {
            size: if large {
                PictureSize::Large
            } else {
                PictureSize::Small
            },
            offers: vec![
                (Quality::whole(0), 1_200),
                (quality(0, 1), 800),
                (Quality::whole(1), 400),
                (quality(1, 0), 160),
            ],
            ..demand(priority, None)
        }
    }

    #[test]
    fn frames_are_left_out_before_the_picture_becomes_smaller() {
        let stage = [with_frames(Priority::Stage, true)];
        let with = |budget| allocate(Some(budget), &stage)[0].map(|it| (it.layer, it.temporal));
        assert_eq!(with(1_400), Some((0, Quality::EVERY_FRAME)));
        assert_eq!(with(1_300), Some((0, 1)));
        assert_eq!(with(900), Some((1, Quality::EVERY_FRAME)));
        assert_eq!(with(300), Some((1, 0)));
    }

    #[test]
    fn every_tile_is_seen_before_any_moves_more_often() {
        let tiles = vec![with_frames(Priority::Tile, false); 3];
        let temporal = |budget| {
            let given = allocate(Some(budget), &tiles).into_iter();
            given
                .map(|it| it.map(|it| (it.layer, it.temporal)))
                .collect::<Vec<_>>()
        };
        let every = Some((1, Quality::EVERY_FRAME));
        assert_eq!(temporal(600), [Some((1, 0)); 3]);
        assert_eq!(temporal(1_000), [every, Some((1, 0)), Some((1, 0))]);
        assert_eq!(
            temporal(5_000),
            [every; 3],
            "small ones are no larger than that"
        );
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
                Demand { priority: [Priority::Stage, Priority::Screen, Priority::Tile][priority], size, offers: rates.into_iter().enumerate().map(|(layer, rate)| (Quality::whole(layer), rate)).collect(), now: now.map(Quality::whole) }
            }).collect();
            let given = allocate(Some(budget), &demands);
            let rate = |demand: &Demand, given: &Option<Quality>| {
                given.and_then(|given| demand.offers.iter().find(|(other, _)| *other == given)).map_or(0, |(_, rate)| *rate)
            };
            let spent: u64 = demands.iter().zip(&given).map(|(demand, layer)| rate(demand, layer)).sum();
            let least: u64 = demands.iter().filter(|demand| demand.priority != Priority::Tile).map(|demand| demand.offers.last().map_or(0, |(_, rate)| *rate)).sum();
            prop_assert!(spent <= budget.max(least));
            prop_assert_eq!(allocate(Some(budget), &demands), given, "the same again");
            for (demand, layer) in demands.iter().zip(allocate(Some(total_demand(&demands)), &demands)) {
                prop_assert!(layer.is_some() || demand.offers.is_empty(), "a path of the whole carries the whole");
            }
        }
    }
}
