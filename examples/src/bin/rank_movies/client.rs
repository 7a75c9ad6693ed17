//! The client that a step asks the rating service with. It is a resource of the graph.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;

use reqwest::{Client, StatusCode};

use crate::model::{Answer, FilmId, Rating};

#[derive(Debug)]
pub(crate) struct RatingClient {
    http: Client,
    url: String,
}

impl RatingClient {
    pub(crate) fn new(http: Client, address: SocketAddr) -> Self {
        Self {
            http,
            url: format!("http://{address}/ratings"),
        }
    }

    /// What the service says of `films`, in their order.
    pub(crate) async fn ask(&self, films: &[FilmId]) -> Result<Vec<Answer>, ServiceError> {
        let request = self.http.post(&self.url).json(films);
        let response = request.send().await.map_err(ServiceError::Unreachable)?;
        match response.status() {
            StatusCode::OK => {
                let known: Vec<(FilmId, Rating)> =
                    response.json().await.map_err(ServiceError::Unreachable)?;
                let known: HashMap<FilmId, Rating> = known.into_iter().collect();
                let answers = films.iter().map(|film| Answer {
                    rating: known.get(film).copied(),
                });
                Ok(answers.collect())
            }
            status => Err(ServiceError::Refused(status)),
        }
    }
}

/// An ordinary error type, which knows nothing of Docket.
#[derive(Debug)]
pub(crate) enum ServiceError {
    Refused(StatusCode),
    Unreachable(reqwest::Error),
}

impl ServiceError {
    /// Whether it is worth another try.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Refused(status) => *status == StatusCode::TOO_MANY_REQUESTS,
            Self::Unreachable(_) => true,
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "the rating service answered {status}"),
            Self::Unreachable(_) => f.write_str("the rating service gave no usable answer"),
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Unreachable(error) => Some(error),
        }
    }
}
