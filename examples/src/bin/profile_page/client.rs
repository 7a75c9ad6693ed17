//! The client that steps call backends with.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::{self, Display};
use std::net::SocketAddr;

use reqwest::{Client, StatusCode};
use serde::de::DeserializeOwned;

use crate::services::{Server, Service};

/// The resource of the graph: one pool of connections and the addresses of the backends. The graph owns it, steps
/// borrow it, and it is no part of any key.
#[derive(Debug)]
pub(crate) struct Backends {
    http: Client,
    addresses: HashMap<Service, SocketAddr>,
}

impl Backends {
    pub(crate) fn new(servers: &[Server]) -> reqwest::Result<Self> {
        Ok(Self {
            // A proxy from the environment knows no way to our loopback.
            http: Client::builder().no_proxy().build()?,
            addresses: servers
                .iter()
                .map(|it| (it.service(), it.address()))
                .collect(),
        })
    }

    /// What `service` knows of `key`.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        service: Service,
        key: impl Display,
    ) -> Result<T, BackendError> {
        let url = format!("http://{}/{service}/{key}", self.addresses[&service]);
        let unreachable = |source| BackendError::Unreachable { service, source };
        let response = self.http.get(url).send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => response.json().await.map_err(unreachable),
            status => Err(BackendError::Refused { service, status }),
        }
    }
}

/// The error of all steps that call a backend: an ordinary error type, which knows nothing of Docket.
#[derive(Debug)]
pub(crate) enum BackendError {
    Refused {
        service: Service,
        status: StatusCode,
    },
    Unreachable {
        service: Service,
        source: reqwest::Error,
    },
}

impl BackendError {
    /// Whether the same request may succeed in a moment.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Refused { status, .. } => status.is_server_error(),
            Self::Unreachable { source, .. } => !source.is_decode(),
        }
    }
}

impl Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { service, status } => write!(f, "{service} answered {status}"),
            Self::Unreachable { service, source: _ } => {
                write!(f, "{service} gave no usable answer")
            }
        }
    }
}

impl Error for BackendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused { .. } => None,
            Self::Unreachable { source, .. } => Some(source),
        }
    }
}
