//! Payments that fail, and payments of which nobody knows whether they did.

use std::fs;

use crate::Place;
use crate::common::{FAILED, OK};

#[test]
fn while_the_provider_is_down_a_payment_stays_in_doubt_and_when_it_is_back_it_is_asked() {
    let place = Place::new();
    // Whether a provider that answers 503 has charged is not known.
    let first = place.run(&["--provider-down"]).ends_with(FAILED);
    let error = first.line("Not placed:");
    assert!(
        error.contains("may or may not have taken effect"),
        "{error}"
    );
    assert_eq!(first.line("requests"), "hold 1, charge 1, look up 0");

    let second = place.run(&["--provider-down"]).ends_with(FAILED);
    assert_eq!(
        second.line("resumes"),
        "reserve_inventory succeeded, process_payment unknown"
    );
    let error = second.line("Not placed:");
    assert!(error.contains("could not find out"), "{error}");
    assert_eq!(second.line("requests"), "hold 0, charge 0, look up 1");

    // Now it is: nothing was charged.
    let third = place.run(&[]).ends_with(OK);
    assert_eq!(third.step("process_payment"), "ran");
    assert_eq!(third.line("requests"), "hold 0, charge 1, look up 1");
    place.has_one_hold_and_one_charge();
}

#[test]
fn a_declined_card_is_final_for_its_order() {
    let place = Place::new();
    let first = place.run(&["--card=declined"]).ends_with(FAILED);
    assert_eq!(first.step("process_payment"), "failed");
    assert_eq!(
        first.line("Not placed:"),
        "step `process_payment` failed: the card was declined: insufficient funds"
    );
    assert_eq!(first.charges(), 0);

    let second = place.run(&["--card=declined"]).ends_with(FAILED);
    assert_eq!(
        second.line("resumes"),
        "reserve_inventory succeeded, process_payment failed"
    );
    let error = second.line("Not placed:");
    assert!(
        error.contains("the card was declined") && error.contains("a failure is final"),
        "{error}"
    );
    assert_eq!(second.line("requests"), "hold 0, charge 0, look up 0");

    // The way out that is printed.
    let next = second.line("next");
    assert!(next.contains("an id of its own"), "{next}");
    place.run(&["order-2"]).ends_with(OK);
    assert_eq!(place.effects("charges.jsonl"), 1);
}

#[test]
fn a_ledger_that_is_damaged_is_named() {
    let place = Place::new();
    fs::write(place.path("charges.jsonl"), "{\"id\"\n").expect("a file");
    let run = place.run(&[]).ends_with(FAILED);
    assert!(
        run.stderr.contains("charges.jsonl can't be read"),
        "{}",
        run.stderr
    );
}
