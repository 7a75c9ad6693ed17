//! What `#[step]` leaves behind of a function for the plan as data: constants that nobody looks at until somebody asks for
//! the plan.

use std::any::{TypeId, type_name};
use std::panic::Location;

use crate::step::{Options, Step};

/// A function as written.
#[derive(Clone, Copy, Debug)]
pub struct StepInfo {
    /// The type of what it makes.
    pub makes: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its parameters without the context, in their order.
    pub parameters: &'static [ParameterInfo],
    /// Where it stands.
    pub location: Option<&'static Location<'static>>,
}

impl StepInfo {
    /// Of no function.
    pub const NONE: Self = Self {
        makes: "",
        doc: "",
        parameters: &[],
        location: None,
    };

    /// The function that stands where this is called.
    #[track_caller]
    pub const fn new(
        makes: &'static str,
        doc: &'static str,
        parameters: &'static [ParameterInfo],
    ) -> Self {
        Self {
            makes,
            doc,
            parameters,
            location: Some(Location::caller()),
        }
    }
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct ParameterInfo {
    /// Its name.
    pub name: &'static str,
    /// The type that it borrows, as written.
    pub ty: &'static str,
    /// What it is for.
    pub form: Form,
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `&T`
    Need,
    /// `#[key] &T`
    Key,
    /// `Option<&T>`, `Result<&T, &docket::Error>`
    Soft,
    /// `&[T]`
    All,
    /// `#[resource] &T`, with what tells the type from others.
    Resource(fn() -> TypeId),
}

impl ParameterInfo {
    /// A hard need.
    pub const fn need(name: &'static str, ty: &'static str) -> Self {
        let form = Form::Need;
        Self { name, ty, form }
    }

    /// A hard need that is part of the step's identity.
    pub const fn key(name: &'static str, ty: &'static str) -> Self {
        let form = Form::Key;
        Self { name, ty, form }
    }

    /// A soft need.
    pub const fn soft(name: &'static str, ty: &'static str) -> Self {
        let form = Form::Soft;
        Self { name, ty, form }
    }

    /// A need of all items of a batch.
    pub const fn all(name: &'static str, ty: &'static str) -> Self {
        let form = Form::All;
        Self { name, ty, form }
    }

    /// A resource. That its type lives long enough is asked elsewhere, and a mistake in it is told once.
    pub const fn resource<T>(name: &'static str, ty: &'static str) -> Self {
        let form = Form::Resource(typeid::of::<T>);
        Self { name, ty, form }
    }
}

/// All there is to say of a step, in any graph.
#[derive(Clone, Copy, Debug)]
pub struct StepFacts {
    /// Its path, as the compiler names it.
    pub path: &'static str,
    /// The type of what it makes, as the compiler names it.
    pub makes: &'static str,
    /// The version of its code's meaning.
    pub version: u32,
    /// Its options as written.
    pub options: Options,
    /// Its function as written.
    pub info: StepInfo,
}

impl StepFacts {
    /// The facts of `S`.
    pub fn of<S: Step>() -> Self {
        Self {
            path: type_name::<S>(),
            makes: type_name::<S::Output>(),
            version: S::VERSION,
            options: S::OPTIONS,
            info: S::INFO,
        }
    }
}
