//! A colour and a tone for each city, so that neighbours are told apart by eye and by ear.

/// Red, green and blue of far-apart hues.
const COLOURS: [[u8; 3]; 8] = [
    [190, 50, 50],
    [40, 80, 190],
    [40, 140, 70],
    [190, 140, 30],
    [120, 60, 170],
    [30, 140, 160],
    [180, 80, 120],
    [100, 110, 40],
];
const LOWEST_TONE_HZ: u32 = 330;
/// Well below what Opus carries and what an ear finds unpleasant.
const HIGHEST_TONE_HZ: u32 = 3_000;
/// No whole multiple of the lowest tone, so that no tone is a harmonic of its neighbour's.
const TONE_STEP_HZ: usize = 47;

/// The colour of a picture and the frequency of a tone in hertz, for any number of cities.
pub fn palette() -> impl Iterator<Item = ([u8; 3], u32)> {
    let tones = (LOWEST_TONE_HZ..HIGHEST_TONE_HZ).step_by(TONE_STEP_HZ);
    COLOURS.into_iter().cycle().zip(tones.cycle())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fifty_cities_differ_in_tone_and_neighbours_in_colour() {
        let cities: Vec<_> = palette().take(50).collect();
        let tones: std::collections::BTreeSet<u32> = cities.iter().map(|city| city.1).collect();
        assert_eq!(tones.len(), 50);
        assert!(cities.windows(2).all(|pair| pair[0].0 != pair[1].0));
    }
}
