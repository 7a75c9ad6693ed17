//! Orders that crash on the way, and are run again.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::common::{OK, Run};
use crate::{LEASE, PROGRAM, Place};

#[test]
fn an_order_that_crashed_between_steps_goes_on_from_there() {
    #[track_caller]
    fn check(after: &str, step: &str, reservation: &str, payment: &str) {
        let place = Place::new();
        let crashed = place.crash(after);
        assert_eq!(crashed.step(step), "ran");
        assert_eq!(crashed.line("crash:"), format!("after `{step}`"));

        let resumed = place.run(&["order-1"]).ends_with(OK);
        assert_eq!(resumed.step("reserve_inventory"), reservation);
        assert_eq!(resumed.step("process_payment"), payment);
        assert_eq!(resumed.charges(), 1);
        place.has_one_hold_and_one_charge();
    }
    const STORED: &str = "from the store";
    check("validate", "validate_order", "ran", "ran");
    check("pricing", "calculate_pricing", "ran", "ran");
    check("discounts", "apply_discounts", "ran", "ran");
    check("inventory", "check_inventory", "ran", "ran");
    check("reservation", "reserve_inventory", STORED, "ran");
    check("payment", "process_payment", STORED, STORED);
    check("finalize", "finalize_order", STORED, STORED);
}

#[test]
fn after_a_charge_whose_answer_was_lost_the_provider_is_asked_and_the_card_is_not_charged_again() {
    let place = Place::new();
    let crashed = place.crash("charge");
    assert!(!crashed.mentions("process_payment"));
    assert_eq!(place.effects("charges.jsonl"), 1);

    let resumed = place.run(&["order-1"]).ends_with(OK);
    assert_eq!(
        resumed.line("resumes"),
        "reserve_inventory succeeded, process_payment running"
    );
    assert_eq!(resumed.step("reserve_inventory"), "from the store");
    assert_eq!(
        resumed.step("process_payment"),
        "reconciled: it was done already"
    );
    assert_eq!(resumed.line("requests"), "hold 0, charge 0, look up 1");
    assert_eq!(
        resumed.line("Placed:"),
        "$196.20 paid by charge_1, goods held as hold_1"
    );
    place.has_one_hold_and_one_charge();

    // What was found out is recorded.
    let third = place.run(&["order-1"]).ends_with(OK);
    assert_eq!(third.step("process_payment"), "from the store");
    assert_eq!(third.line("requests"), "hold 0, charge 0, look up 0");
}

#[test]
fn a_hold_whose_answer_was_lost_is_asked_for_again_under_the_same_key() {
    let place = Place::new();
    let crashed = place.crash("hold");
    assert!(!crashed.mentions("reserve_inventory"));

    let resumed = place.run(&["order-1"]).ends_with(OK);
    assert_eq!(resumed.line("resumes"), "reserve_inventory running");
    assert_eq!(resumed.step("reserve_inventory"), "ran");
    assert_eq!(resumed.line("requests"), "hold 1, charge 1, look up 0");
    place.has_one_hold_and_one_charge();
}

#[test]
fn an_order_that_crashes_at_every_point_in_turn_is_held_and_charged_once() {
    let place = Place::new();
    for after in [
        "validate",
        "pricing",
        "discounts",
        "inventory",
        "hold",
        "reservation",
        "charge",
        "payment",
        "finalize",
    ] {
        place.crash(after);
    }
    let run = place.run(&["order-1"]).ends_with(OK);
    assert_eq!(run.charges(), 1);
    place.has_one_hold_and_one_charge();
}

/// The two commands of the README print what it says. What they say of waiting depends on how fast they are typed.
#[test]
fn it_prints_what_the_readme_says() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let (_, section) = readme
        .split_once("## Staged business logic")
        .expect("a section of its own");
    let (_, block) = section.split_once("```console\n").expect("a block");
    let (block, _) = block.split_once("```").expect("its end");

    let folder = TempDir::new().expect("a temporary folder");
    let mut printed = String::new();
    let mut commands = 0;
    for command in block.lines().filter(|it| it.starts_with("$ ")) {
        let (_, arguments) = command.split_once(" -- ").expect("arguments");
        // The folder is the default one, as seen from the root of the workspace.
        let run = Run::of(
            Command::new(PROGRAM)
                .current_dir(&folder)
                .args(["--folder", "target/debug/place_order.files", LEASE])
                .args(arguments.split(' ')),
        );
        if commands > 0 {
            printed.push('\n');
        }
        printed.push_str(&format!("{command}\n"));
        let lines = run.stdout.lines();
        for line in lines.filter(|it| !it.starts_with("  waiting ")) {
            printed.push_str(&format!("{line}\n"));
        }
        commands += 1;
    }
    assert_eq!(commands, 2);
    assert_eq!(printed, block);
}
