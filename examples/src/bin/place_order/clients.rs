//! The clients that steps call the two systems with. They are the resources of the graph.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::services::{ChargeRequest, Entry, HoldRequest, IDEMPOTENCY_KEY};

#[derive(Debug)]
pub(crate) struct WarehouseClient(Service);

impl WarehouseClient {
    pub(crate) fn new(http: Client, address: SocketAddr) -> Self {
        Self(Service {
            name: "the warehouse",
            http,
            address,
        })
    }

    pub(crate) async fn stock(&self, item: &str) -> Result<u32, ServiceError> {
        let request = self.0.request(Method::GET, &format!("stock/{item}"));
        self.0.send(request).await
    }

    pub(crate) async fn hold(
        &self,
        idempotency_key: &str,
        request: &HoldRequest,
    ) -> Result<Entry, ServiceError> {
        let request = self.0.request(Method::POST, "holds").json(request);
        self.0
            .send(request.header(IDEMPOTENCY_KEY, idempotency_key))
            .await
    }
}

#[derive(Debug)]
pub(crate) struct PaymentProvider(Service);

impl PaymentProvider {
    pub(crate) fn new(http: Client, address: SocketAddr) -> Self {
        Self(Service {
            name: "the payment provider",
            http,
            address,
        })
    }

    pub(crate) async fn charge(
        &self,
        idempotency_key: &str,
        request: &ChargeRequest,
    ) -> Result<Entry, ServiceError> {
        let request = self.0.request(Method::POST, "charges").json(request);
        self.0
            .send(request.header(IDEMPOTENCY_KEY, idempotency_key))
            .await
    }

    /// What was charged under `idempotency_key`; `None` if nothing was.
    pub(crate) async fn find_charge(
        &self,
        idempotency_key: &str,
    ) -> Result<Option<Entry>, ServiceError> {
        let path = format!("charges/{idempotency_key}");
        match self.0.send(self.0.request(Method::GET, &path)).await {
            Ok(charge) => Ok(Some(charge)),
            Err(ServiceError::Refused {
                status: StatusCode::NOT_FOUND,
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[derive(Debug)]
struct Service {
    name: &'static str,
    http: Client,
    address: SocketAddr,
}

impl Service {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}/{path}", self.address);
        self.http.request(method, url)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ServiceError> {
        let unreachable = |source| ServiceError::Unreachable {
            service: self.name,
            source,
        };
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => response.json().await.map_err(unreachable),
            status => Err(ServiceError::Refused {
                service: self.name,
                status,
                words: response.text().await.map_err(unreachable)?,
            }),
        }
    }
}

/// An ordinary error type, which knows nothing of Docket.
#[derive(Debug)]
pub(crate) enum ServiceError {
    Refused {
        service: &'static str,
        status: StatusCode,
        /// The server's own.
        words: String,
    },
    Unreachable {
        service: &'static str,
        source: reqwest::Error,
    },
}

impl ServiceError {
    /// Whether the provider has said no to a card, and so has charged nothing.
    pub(crate) fn is_declined(&self) -> bool {
        let Self::Refused { status, .. } = self else {
            return false;
        };
        *status == StatusCode::PAYMENT_REQUIRED
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { words, .. } if self.is_declined() => {
                write!(f, "the card was declined: {words}")
            }
            Self::Refused {
                service,
                status,
                words: _,
            } => write!(f, "{service} answered {status}"),
            Self::Unreachable { service, source: _ } => {
                write!(f, "{service} gave no usable answer")
            }
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused { .. } => None,
            Self::Unreachable { source, .. } => Some(source),
        }
    }
}
