//! Times for people.

/// Milliseconds since 1970 as UTC, like `2026-11-25 09:30:00.000`.
pub(super) fn utc(millis: i64) -> String {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let (year, month, day) = date(millis.div_euclid(DAY));
    let of_day = millis.rem_euclid(DAY);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03}")
}

/// Year, month and day of the Gregorian calendar. Years are counted from March, so that the leap day is the last of one, in
/// eras of 400 years, after which the calendar repeats.
fn date(days_since_1970: i64) -> (i64, i64, i64) {
    const DAYS_OF_ERA: i64 = 146_097;
    const MARCH_OF_YEAR_0_TO_1970: i64 = 719_468;
    let days = days_since_1970 + MARCH_OF_YEAR_0_TO_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn days_are_those_of_the_calendar() {
        let known = [
            (0, "1970-01-01 00:00:00.000"),
            (-1, "1969-12-31 23:59:59.999"),
            (951_782_399_999, "2000-02-28 23:59:59.999"),
            (951_782_400_000, "2000-02-29 00:00:00.000"),
            (1_709_164_800_000, "2024-02-29 00:00:00.000"),
            (1_735_689_599_001, "2024-12-31 23:59:59.001"),
            (1_795_599_000_123, "2026-11-25 09:30:00.123"),
            (4_107_542_400_000, "2100-03-01 00:00:00.000"),
        ];
        for (millis, text) in known {
            assert_eq!(utc(millis), text);
        }
    }
}
