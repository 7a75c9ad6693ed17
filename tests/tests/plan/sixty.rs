//! A graph of sixty steps, as a large service has them: a dozen backends, what is made of them, and one page. Made by a
//! program, and kept as text.

#![allow(clippy::too_many_arguments, dead_code)]

use docket::{graph, step};

pub(crate) struct Pool;
pub(crate) struct Bureau;

#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct UserId(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Session(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Region(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchUser(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchAccount(pub u64);
pub(crate) struct FetchPreferences(pub u64);
pub(crate) struct FetchDevices(pub u64);
pub(crate) struct FetchOrders(pub u64);
pub(crate) struct FetchBasket(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchWishlist(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchReviews(pub u64);
pub(crate) struct FetchLocation(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchOffers(pub u64);
pub(crate) struct FetchStock(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct FetchFlags(pub u64);
pub(crate) struct ParseProfile(pub u64);
pub(crate) struct RankDevices(pub u64);
pub(crate) struct TotalOrders(pub u64);
pub(crate) struct PriceBasket(pub u64);
pub(crate) struct MatchWishlist(pub u64);
pub(crate) struct RateReviews(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Geocode(pub u64);
pub(crate) struct FilterOffers(pub u64);
pub(crate) struct CheckStock(pub u64);
pub(crate) struct ApplyFlags(pub u64);
pub(crate) struct SegmentUser(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct ScoreCredit(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct BuildProfile(pub u64);
pub(crate) struct DetectFraud(pub u64);
pub(crate) struct PredictChurn(pub u64);
pub(crate) struct SuggestProducts(pub u64);
pub(crate) struct SuggestStores(pub u64);
pub(crate) struct EstimateDelivery(pub u64);
pub(crate) struct ComputeLoyalty(pub u64);
pub(crate) struct CollectTaxes(pub u64);
pub(crate) struct ChooseCurrency(pub u64);
pub(crate) struct WeighBasket(pub u64);
pub(crate) struct BundleOffers(pub u64);
pub(crate) struct RankReviews(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct RiskReport(pub u64);
pub(crate) struct DeliveryPlan(pub u64);
pub(crate) struct PriceQuote(pub u64);
pub(crate) struct LoyaltyOffer(pub u64);
pub(crate) struct ProductShelf(pub u64);
pub(crate) struct StoreShelf(pub u64);
pub(crate) struct ReviewShelf(pub u64);
pub(crate) struct TaxNotice(pub u64);
pub(crate) struct TranslateOffers(pub u64);
pub(crate) struct Header(pub u64);
pub(crate) struct Sidebar(pub u64);
pub(crate) struct BasketPanel(pub u64);
pub(crate) struct OfferPanel(pub u64);
pub(crate) struct ShelfPanel(pub u64);
pub(crate) struct NoticePanel(pub u64);
pub(crate) struct DeliveryPanel(pub u64);
pub(crate) struct Body(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Footer(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Layout(pub u64);
pub(crate) struct Personalise(pub u64);
#[derive(Clone, docket::Value, serde::Serialize, serde::Deserialize)]
pub(crate) struct Audit(pub u64);
pub(crate) struct Render(pub u64);
pub(crate) struct Track(pub u64);
pub(crate) struct Page(pub u64);

fn no_suggestion() -> SuggestProducts {
    SuggestProducts(0)
}

#[step]
async fn fetch_user(a: &UserId, #[resource] _pool: &Pool) -> FetchUser {
    FetchUser(a.0)
}

#[step]
async fn fetch_account(a: &UserId, #[resource] _pool: &Pool) -> FetchAccount {
    FetchAccount(a.0)
}

#[step]
async fn fetch_preferences(a: &UserId, #[resource] _pool: &Pool) -> FetchPreferences {
    FetchPreferences(a.0)
}

#[step]
async fn fetch_devices(a: &UserId, #[resource] _pool: &Pool) -> FetchDevices {
    FetchDevices(a.0)
}

#[step]
async fn fetch_orders(a: &UserId, #[resource] _pool: &Pool) -> FetchOrders {
    FetchOrders(a.0)
}

#[step]
async fn fetch_basket(a: &UserId, #[resource] _pool: &Pool) -> FetchBasket {
    FetchBasket(a.0)
}

#[step]
async fn fetch_wishlist(a: &UserId, #[resource] _pool: &Pool) -> FetchWishlist {
    FetchWishlist(a.0)
}

#[step]
async fn fetch_reviews(a: &UserId, #[resource] _pool: &Pool) -> FetchReviews {
    FetchReviews(a.0)
}

#[step]
async fn fetch_location(a: &Region, #[resource] _pool: &Pool) -> FetchLocation {
    FetchLocation(a.0)
}

#[step]
async fn fetch_offers(a: &Region, #[resource] _pool: &Pool) -> FetchOffers {
    FetchOffers(a.0)
}

#[step(max_concurrency = 10)]
async fn fetch_stock(a: &UserId, #[resource] _pool: &Pool) -> FetchStock {
    FetchStock(a.0)
}

#[step]
async fn fetch_flags(a: &Session, #[resource] _pool: &Pool) -> FetchFlags {
    FetchFlags(a.0)
}

#[step]
async fn parse_profile(a: &FetchUser, b: &FetchAccount) -> ParseProfile {
    ParseProfile(a.0 + b.0)
}

#[step]
async fn rank_devices(a: &FetchAccount) -> RankDevices {
    RankDevices(a.0)
}

#[step]
async fn total_orders(a: &FetchPreferences) -> TotalOrders {
    TotalOrders(a.0)
}

#[step]
async fn price_basket(a: Option<&FetchDevices>, b: &FetchOrders) -> PriceBasket {
    PriceBasket(a.map_or(0, |it| it.0) + b.0)
}

#[step]
async fn match_wishlist(a: &FetchOrders, b: &FetchWishlist) -> MatchWishlist {
    MatchWishlist(a.0 + b.0)
}

#[step]
async fn rate_reviews(a: &FetchBasket, b: Option<&FetchUser>) -> RateReviews {
    RateReviews(a.0 + b.map_or(0, |it| it.0))
}

#[step(persist = "global", repeat = "free", ttl = "30d")]
async fn geocode(a: &FetchWishlist, b: &FetchReviews) -> Geocode {
    Geocode(a.0 + b.0)
}

#[step]
async fn filter_offers(a: &FetchReviews, b: &FetchLocation) -> FilterOffers {
    FilterOffers(a.0 + b.0)
}

#[step]
async fn check_stock(a: &FetchLocation, b: &FetchOffers, c: &FetchAccount) -> CheckStock {
    CheckStock(a.0 + b.0 + c.0)
}

#[step]
async fn apply_flags(a: &FetchOffers) -> ApplyFlags {
    ApplyFlags(a.0)
}

#[step]
async fn segment_user(
    a: Option<&FetchStock>,
    b: &FetchFlags,
    c: Option<&FetchOrders>,
) -> SegmentUser {
    SegmentUser(a.map_or(0, |it| it.0) + b.0 + c.map_or(0, |it| it.0))
}

#[step(persist = "global", ttl = "24h")]
async fn score_credit(
    a: &FetchFlags,
    b: &FetchUser,
    c: Option<&FetchAccount>,
    #[resource] _bureau: &Bureau,
) -> ScoreCredit {
    ScoreCredit(a.0 + b.0 + c.map_or(0, |it| it.0))
}

#[step]
async fn build_profile(a: &ParseProfile, b: &RankDevices) -> BuildProfile {
    BuildProfile(a.0 + b.0)
}

#[step(timeout = "800ms", retry(attempts = 3, initial = "50ms"))]
async fn detect_fraud(a: &RankDevices, b: &TotalOrders, c: &CheckStock) -> DetectFraud {
    DetectFraud(a.0 + b.0 + c.0)
}

#[step(spawn)]
async fn predict_churn(a: &TotalOrders, b: Option<&PriceBasket>, c: &RankDevices) -> PredictChurn {
    PredictChurn(a.0 + b.map_or(0, |it| it.0) + c.0)
}

#[step(timeout = "300ms", fallback = no_suggestion)]
async fn suggest_products(a: &PriceBasket, b: &MatchWishlist) -> SuggestProducts {
    SuggestProducts(a.0 + b.0)
}

#[step]
async fn suggest_stores(a: &MatchWishlist, b: &RateReviews, c: &ScoreCredit) -> SuggestStores {
    SuggestStores(a.0 + b.0 + c.0)
}

#[step]
async fn estimate_delivery(a: Option<&RateReviews>, b: &Geocode) -> EstimateDelivery {
    EstimateDelivery(a.map_or(0, |it| it.0) + b.0)
}

#[step]
async fn compute_loyalty(a: &Geocode) -> ComputeLoyalty {
    ComputeLoyalty(a.0)
}

#[step]
async fn collect_taxes(a: &FilterOffers, b: Option<&CheckStock>) -> CollectTaxes {
    CollectTaxes(a.0 + b.map_or(0, |it| it.0))
}

#[step]
async fn choose_currency(a: Option<&CheckStock>, b: &FetchLocation) -> ChooseCurrency {
    ChooseCurrency(a.map_or(0, |it| it.0) + b.0)
}

#[step]
async fn weigh_basket(a: Option<&ApplyFlags>) -> WeighBasket {
    WeighBasket(a.map_or(0, |it| it.0))
}

#[step]
async fn bundle_offers(a: Option<&SegmentUser>, b: &ScoreCredit) -> BundleOffers {
    BundleOffers(a.map_or(0, |it| it.0) + b.0)
}

#[step]
async fn rank_reviews(a: &ScoreCredit, b: &Geocode) -> RankReviews {
    RankReviews(a.0 + b.0)
}

#[step(persist = "workflow")]
async fn risk_report(a: &BuildProfile, b: &FetchOffers) -> RiskReport {
    RiskReport(a.0 + b.0)
}

#[step]
fn delivery_plan(a: &DetectFraud) -> DeliveryPlan {
    DeliveryPlan(a.0)
}

#[step]
fn price_quote(a: &PredictChurn, b: &SuggestProducts) -> PriceQuote {
    PriceQuote(a.0 + b.0)
}

#[step]
fn loyalty_offer(a: Option<&SuggestStores>, b: Option<&EstimateDelivery>) -> LoyaltyOffer {
    LoyaltyOffer(a.map_or(0, |it| it.0) + b.map_or(0, |it| it.0))
}

#[step]
fn product_shelf(a: &EstimateDelivery, b: &ComputeLoyalty) -> ProductShelf {
    ProductShelf(a.0 + b.0)
}

#[step]
fn store_shelf(a: &ComputeLoyalty, b: &CollectTaxes) -> StoreShelf {
    StoreShelf(a.0 + b.0)
}

#[step]
fn review_shelf(a: &ChooseCurrency) -> ReviewShelf {
    ReviewShelf(a.0)
}

#[step]
fn tax_notice(a: &WeighBasket, b: &BundleOffers) -> TaxNotice {
    TaxNotice(a.0 + b.0)
}

#[step(blocking)]
fn translate_offers(a: &BundleOffers, b: Option<&RankReviews>, c: &RankDevices) -> TranslateOffers {
    TranslateOffers(a.0 + b.map_or(0, |it| it.0) + c.0)
}

#[step]
fn header(a: &RiskReport, b: &DeliveryPlan, c: &Geocode) -> Header {
    Header(a.0 + b.0 + c.0)
}

#[step]
fn sidebar(a: &DeliveryPlan, b: &PriceQuote) -> Sidebar {
    Sidebar(a.0 + b.0)
}

#[step]
fn basket_panel(a: &PriceQuote) -> BasketPanel {
    BasketPanel(a.0)
}

#[step]
fn offer_panel(a: &LoyaltyOffer, b: &ProductShelf, c: Option<&SegmentUser>) -> OfferPanel {
    OfferPanel(a.0 + b.0 + c.map_or(0, |it| it.0))
}

#[step]
fn shelf_panel(a: &StoreShelf) -> ShelfPanel {
    ShelfPanel(a.0)
}

#[step]
fn notice_panel(a: Option<&ReviewShelf>, b: &TaxNotice) -> NoticePanel {
    NoticePanel(a.map_or(0, |it| it.0) + b.0)
}

#[step]
fn delivery_panel(a: &TaxNotice) -> DeliveryPanel {
    DeliveryPanel(a.0)
}

#[step]
fn body(a: &Header, b: &Sidebar) -> Body {
    Body(a.0 + b.0)
}

#[step]
fn footer(a: &BasketPanel, b: &OfferPanel) -> Footer {
    Footer(a.0 + b.0)
}

#[step]
fn layout(a: &ShelfPanel, b: &NoticePanel, c: &DeliveryPanel) -> Layout {
    Layout(a.0 + b.0 + c.0)
}

#[step]
fn personalise(a: &Body, b: Option<&Footer>, c: &Layout) -> Personalise {
    Personalise(a.0 + b.map_or(0, |it| it.0) + c.0)
}

#[step(persist = "workflow", repeat = "never")]
async fn audit(#[key] a: &UserId, b: &Footer, c: &Layout) -> Audit {
    Audit(a.0 + b.0 + c.0)
}

#[step]
fn render(a: &Personalise) -> Render {
    Render(a.0)
}

#[step]
fn track(a: &Audit, b: &OfferPanel) -> Track {
    Track(a.0 + b.0)
}

#[step]
fn page(a: Option<&Render>, b: &Track, c: &TranslateOffers) -> Page {
    Page(a.map_or(0, |it| it.0) + b.0 + c.0)
}

graph! {
    /// The page of a shop.
    pub(crate) struct Shop {
        inputs { UserId, Session, Region }
        resources { Pool, Bureau }
        steps {
            fetch_user, fetch_account, fetch_preferences, fetch_devices, fetch_orders, fetch_basket, fetch_wishlist, fetch_reviews, fetch_location, fetch_offers, fetch_stock, fetch_flags,
            parse_profile, rank_devices, total_orders, price_basket, match_wishlist, rate_reviews, geocode, filter_offers, check_stock, apply_flags, segment_user, score_credit,
            build_profile, detect_fraud, predict_churn, suggest_products, suggest_stores, estimate_delivery, compute_loyalty, collect_taxes, choose_currency, weigh_basket, bundle_offers, rank_reviews,
            risk_report, delivery_plan, price_quote, loyalty_offer, product_shelf, store_shelf, review_shelf, tax_notice, translate_offers,
            header, sidebar, basket_panel, offer_panel, shelf_panel, notice_panel, delivery_panel,
            body, footer, layout,
            personalise, audit,
            render, track,
            page,
        }

        /// The whole page.
        pub(crate) async fn page(user: UserId, session: Session, region: Region) -> Page;
    }
}
