//! Orders that nothing happens to, and orders that are not taken.

use std::process::Stdio;

use crate::Place;
use crate::common::{FAILED, OK, Run};

#[test]
fn an_order_runs_each_step_once() {
    let place = Place::new();
    let run = place.run(&["order-1"]).ends_with(OK);
    let ledger = place.path("charges.jsonl");
    assert_eq!(
        run.stdout,
        format!(
            "\
Order order-1: 1 kettle, 1 tent for Ada Lovelace

  validate_order     plain             ran
  calculate_pricing  plain             ran
  apply_discounts    plain             ran
  check_inventory    plain             ran
  reserve_inventory  workflow, keyed   ran
  process_payment    global, never     ran
  finalize_order     plain             ran

Placed: $196.20 paid by charge_1, goods held as hold_1
  requests  hold 1, charge 1, look up 0
  ledger    1 charge for order-1, $196.20 in all: {}
",
            ledger.display()
        )
    );
    place.has_one_hold_and_one_charge();
}

#[test]
fn the_same_order_again_has_no_effect_again() {
    let place = Place::new();
    let first = place.run(&["order-1"]).ends_with(OK);
    let second = place.run(&["order-1"]).ends_with(OK);
    assert_eq!(
        second.line("resumes"),
        "reserve_inventory succeeded, process_payment succeeded"
    );
    assert_eq!(second.step("validate_order"), "ran");
    assert_eq!(second.step("reserve_inventory"), "from the store");
    assert_eq!(second.step("process_payment"), "from the store");
    assert_eq!(second.line("requests"), "hold 0, charge 0, look up 0");
    assert_eq!(second.line("Placed:"), first.line("Placed:"));
    place.has_one_hold_and_one_charge();
}

#[test]
fn two_runs_of_one_order_at_once_charge_once() {
    let place = Place::new();
    let start = || {
        place
            .command(&["order-1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    };
    let runs = [start(), start()];
    let mut charges_asked_for = Vec::new();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        let run = Run::from(output).ends_with(OK);
        assert_eq!(
            run.line("Placed:"),
            "$196.20 paid by charge_1, goods held as hold_1"
        );
        charges_asked_for.push(run.line("requests").contains("charge 1"));
    }
    charges_asked_for.sort_unstable();
    assert_eq!(charges_asked_for, [false, true]);
    place.has_one_hold_and_one_charge();
}

#[test]
fn another_cart_or_card_under_the_same_id_is_refused() {
    let place = Place::new();
    place.run(&["order-1"]).ends_with(OK);
    for (different, step) in [
        ("--item=tent=2", "reserve_inventory"),
        ("--card=mastercard", "process_payment"),
    ] {
        let run = place.run(&["order-1", different]).ends_with(FAILED);
        assert_eq!(run.step(step), "failed");
        let error = run.line("Not placed:");
        assert!(error.contains("other inputs"), "{error}");
        assert_eq!(run.line("requests"), "hold 0, charge 0, look up 0");
    }
    place.has_one_hold_and_one_charge();
}

#[test]
fn an_order_that_is_not_in_order_has_no_effect() {
    #[track_caller]
    fn check(items: &[&str], expected: &str) {
        let place = Place::new();
        let run = place.run(items).ends_with(FAILED);
        assert_eq!(run.line("Not placed:"), expected);
        assert_eq!(run.line("requests"), "hold 0, charge 0, look up 0");
        assert_eq!(place.effects("holds.jsonl"), 0);
    }
    check(
        &["--item=sofa"],
        "step `validate_order` failed: there is no `sofa` in the catalogue: bicycle, kettle, tent",
    );
    check(
        &["--item=tent=0"],
        "step `validate_order` failed: from 1 to 999 of `tent` can be ordered",
    );
    check(
        &["--item=tent", "--item=tent=2"],
        "step `validate_order` failed: `tent` is listed twice",
    );
    check(
        &["--item=bicycle=2"],
        "step `check_inventory` failed: 2 bicycles ordered, 1 in stock",
    );
}
