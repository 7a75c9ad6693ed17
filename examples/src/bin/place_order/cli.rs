//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use docket_examples::{StoreUrl, beside_program, parse_lease, sqlite_url};

use crate::crash::CrashPoint;
use crate::model::{Line, OrderId};

const AFTER_HELP: &str = "\
Examples:
  place_order order-7 --crash-after charge   the card is charged, and nobody recorded it
  place_order order-7                        it goes on from there; the ledger shows one charge
  place_order order-7 --item tent=2          another cart under the same id is refused
  place_order order-8 --card declined        an order that fails, and stays failed
  place_order order-9 --provider-down        nobody knows whether the card was charged; run it again without";

/// Places an order step by step, can crash anywhere on the way, and goes on from there when it is run again
#[derive(Debug, Parser)]
#[command(name = "place_order", after_help = AFTER_HELP, args_override_self = true)]
pub(crate) struct Cli {
    /// Which order: up to 64 letters, digits, `-` and `_`
    #[arg(value_name = "ORDER_ID", default_value = "order-1", value_parser = parse_order_id)]
    pub(crate) order: OrderId,

    /// What is ordered: bicycle, kettle or tent, and how many. May be repeated
    #[arg(long = "item", value_name = "ITEM[=N]", default_values = ["kettle", "tent"], value_parser = parse_line)]
    pub(crate) lines: Vec<Line>,

    /// The card to charge: any word; `declined` is one that the provider declines
    #[arg(long, value_name = "CARD", default_value = "visa")]
    pub(crate) card: String,

    /// Where the process ends, as if it were killed
    #[arg(long, value_name = "WHERE")]
    pub(crate) crash_after: Option<CrashPoint>,

    /// The provider answers 503 to all requests
    #[arg(long)]
    pub(crate) provider_down: bool,

    /// Where results are kept: sqlite://FILE, or, by feature, postgres://…, mysql://… or redis://…
    /// [default: store.db in FOLDER]
    #[arg(long, value_name = "URL", value_parser = StoreUrl::parse)]
    store: Option<StoreUrl>,

    /// Where warehouse and provider keep their ledgers, made if missing
    /// [default: place_order.files beside this program]
    #[arg(long, value_name = "FOLDER", default_value_os_t = beside_program("place_order.files"), hide_default_value = true)]
    pub(crate) folder: PathBuf,

    /// For how long a step is taken to be under way without a sign of its process. The run after a crash in the middle of
    /// a step waits so long
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_lease)]
    pub(crate) lease: Duration,
}

impl Cli {
    pub(crate) fn store(&self) -> anyhow::Result<StoreUrl> {
        Ok(match &self.store {
            Some(store) => store.clone(),
            None => StoreUrl::Sqlite(sqlite_url(&self.folder.join("store.db"))?),
        })
    }
}

fn parse_order_id(text: &str) -> Result<OrderId, String> {
    let is_plain = text
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    if !is_plain || text.is_empty() || text.len() > 64 {
        return Err("an order id is 1 to 64 letters, digits, `-` and `_`".to_owned());
    }
    Ok(OrderId(text.to_owned()))
}

fn parse_line(text: &str) -> Result<Line, String> {
    let (item, quantity) = text.split_once('=').unwrap_or((text, "1"));
    Ok(Line {
        item: item.to_owned(),
        quantity: quantity
            .parse()
            .map_err(|_| format!("`{quantity}` is not a number of items"))?,
    })
}
