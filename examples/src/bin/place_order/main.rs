//! An order in stages, from the cart to the charge, that can be killed anywhere and goes on from there: business logic
//! with durability where it matters, and nowhere else.
//!
//! Read this file first: the steps, the graph, and what places an order with them. Beside it stand the types the steps
//! make ([`model`]), the rules for carts ([`catalogue`]), the clients for warehouse and payment provider ([`clients`]), the
//! store ([`store`]), the observer that prints what became of each step ([`progress`]), the rest of what is printed
//! ([`report`]), the command line ([`cli`]), and what a real shop would not have: the other side's servers
//! ([`services`]) and the crashes ([`crash`]).

mod catalogue;
mod cli;
mod clients;
mod crash;
mod model;
#[cfg(test)]
mod plan;
mod progress;
mod report;
mod services;
mod store;

use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use docket::{Reconciled, StepContext, StepError, graph, step};
use docket_examples::{Style, is_closed_pipe};

use catalogue::BadCart;
use cli::Cli;
use clients::{PaymentProvider, ServiceError, WarehouseClient};
use model::{
    CompletedOrder, Customer, FinalPrice, InventoryCheck, OrderId, OrderRequest, Payment,
    PaymentMethod, Pricing, Reservation, ValidatedOrder,
};
use progress::Progress;
use services::{ChargeRequest, HoldRequest, Provider, Warehouse};
use store::Opened;

// Cheap and without an effect: plain steps, which run again whenever the order does.

#[step]
fn validate_order(request: &OrderRequest) -> Result<ValidatedOrder, BadCart> {
    let lines = catalogue::price(request)?;
    Ok(ValidatedOrder { lines })
}

#[step]
async fn check_inventory(
    order: &ValidatedOrder,
    #[resource] warehouse: &WarehouseClient,
) -> anyhow::Result<InventoryCheck> {
    let mut lines = Vec::new();
    for ordered in &order.lines {
        let line = &ordered.line;
        let stock = warehouse.stock(&line.item).await?;
        anyhow::ensure!(line.quantity <= stock, "{line} ordered, {stock} in stock");
        lines.push(line.clone());
    }
    Ok(InventoryCheck { lines })
}

#[step]
fn calculate_pricing(order: &ValidatedOrder) -> Pricing {
    let lines = order.lines.iter();
    Pricing {
        sum: lines.map(|it| it.price.times(it.line.quantity)).sum(),
    }
}

#[step]
fn apply_discounts(pricing: &Pricing, customer: &Customer) -> FinalPrice {
    FinalPrice {
        total: pricing.sum.less_percent(customer.discount_percent),
    }
}

/// An effect that may be asked for again: the warehouse drops a request whose key it has seen. So after a crash this runs
/// anew, with the same key, unless it is recorded for this order.
#[step(
    persist = "workflow",
    timeout = "5s",
    retry(attempts = 3, initial = "50ms")
)]
async fn reserve_inventory(
    #[key] id: &OrderId,
    inventory: &InventoryCheck,
    price: &FinalPrice,
    #[resource] warehouse: &WarehouseClient,
    ctx: &StepContext,
) -> Result<Reservation, ServiceError> {
    let request = HoldRequest {
        order: id.0.clone(),
        lines: inventory.lines.clone(),
        cents: price.total,
    };
    let hold = warehouse.hold(&ctx.idempotency_key(), &request).await?;
    Ok(Reservation { hold: hold.id })
}

/// An effect that must not happen twice, whatever becomes of this process: an order is paid once, by whichever run and in
/// whichever process. If one was lost in the middle, [`find_charge`] finds out what it did.
#[step(persist = "global", repeat = "never", reconcile = find_charge, timeout = "5s")]
async fn process_payment(
    #[key] id: &OrderId,
    price: &FinalPrice,
    method: &PaymentMethod,
    // Nothing is charged for what is not reserved.
    _reservation: &Reservation,
    #[resource] provider: &PaymentProvider,
    ctx: &StepContext,
) -> Result<Payment, StepError> {
    let request = ChargeRequest {
        order: id.0.clone(),
        cents: price.total,
        card: method.card.clone(),
    };
    match provider.charge(&ctx.idempotency_key(), &request).await {
        Ok(charge) => {
            ctx.annotate("charge", charge.id.as_str());
            Ok(Payment {
                charge: charge.id,
                paid: charge.cents,
            })
        }
        Err(error) if error.is_declined() => Err(docket::rejected(error)),
        // After anything else the card may have been charged, or not.
        Err(error) => Err(docket::in_doubt(error)),
    }
}

/// Takes what [`process_payment`] takes. That nothing was charged is safe to say, since the provider drops a request that
/// comes late with a key it has seen.
async fn find_charge(
    _id: &OrderId,
    _price: &FinalPrice,
    _method: &PaymentMethod,
    _reservation: &Reservation,
    provider: &PaymentProvider,
    ctx: &StepContext,
) -> Result<Reconciled<Payment>, ServiceError> {
    Ok(match provider.find_charge(&ctx.idempotency_key()).await? {
        Some(charge) => Reconciled::Applied(Payment {
            charge: charge.id,
            paid: charge.cents,
        }),
        None => Reconciled::NotApplied,
    })
}

#[step]
fn finalize_order(reservation: &Reservation, payment: &Payment) -> CompletedOrder {
    CompletedOrder {
        paid: payment.paid,
        charge: payment.charge.clone(),
        hold: reservation.hold.clone(),
    }
}

graph! {
    /// From the cart to the charge.
    struct Orders {
        inputs { OrderId, OrderRequest, Customer, PaymentMethod }
        resources { WarehouseClient, PaymentProvider }
        steps {
            validate_order, calculate_pricing, apply_discounts, check_inventory, reserve_inventory,
            process_payment, finalize_order,
        }

        async fn place_order(
            id: OrderId,
            request: OrderRequest,
            customer: Customer,
            method: PaymentMethod,
        ) -> CompletedOrder;
    }
}

/// Keeps our rows apart from those of other programs that use the same table.
const NAMESPACE: &str = "place_order";

const CUSTOMER: Customer = Customer {
    name: "Ada Lovelace",
    discount_percent: 10,
};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(exit_code) => exit_code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let style = Style::of_stdout();
    let store = cli.store()?;
    let Cli {
        order: id,
        lines,
        card,
        crash_after: crash,
        provider_down,
        folder,
        lease,
        ..
    } = cli;
    let request = OrderRequest { lines };

    fs::create_dir_all(&folder)
        .with_context(|| format!("can't use the folder `{}`", folder.display()))?;
    let warehouse = Warehouse::start(&folder, crash)
        .await
        .context("can't start the pretend warehouse")?;
    let provider = Provider::start(&folder, provider_down, crash)
        .await
        .context("can't start the pretend payment provider")?;
    let Opened { store, rows } = store::open(&store, &id.0)
        .await
        .context("can't use the store")?;

    // A proxy from the environment knows no way to our loopback.
    let http = reqwest::Client::builder().no_proxy().build()?;
    let orders = Orders::builder()
        .warehouse_client(WarehouseClient::new(http.clone(), warehouse.address()))
        .payment_provider(PaymentProvider::new(http, provider.address()))
        .store(store)
        .namespace(NAMESPACE)
        .lease(lease)
        .observer(Progress { style, crash })
        .build();

    report::write_start(&mut io::stdout(), style, &id, &request, &CUSTOMER, &rows)?;
    // The id of the order is the id of the execution: that is what makes a second run go on where the first one ended.
    let outcome = orders
        .place_order(&id.0, id.clone(), request, CUSTOMER, PaymentMethod { card })
        .await;

    let mut out = io::stdout().lock();
    report::write_outcome(&mut out, style, &outcome)?;
    report::write_requests_and_ledger(&mut out, style, &id, &warehouse, &provider)?;
    out.flush()?;
    Ok(match outcome {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}
