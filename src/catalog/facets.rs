//! The answers of a resource type to those who ask about every type. None of them has a default: a type without an answer
//! does not compile, and "none" has its reason.

use crate::model::account::Quota;

/// Whether a cost estimate has a price for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Price {
    /// It is reckoned.
    Reckoned,
    /// AWS bills it, and there is no price: a total that leaves it out is the least.
    Missing,
    /// It costs nothing by itself, for this reason.
    None(&'static str),
}

/// How it keeps data at rest. This is about what holds events and credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtRest {
    /// It keeps none, for this reason.
    Nothing(&'static str),
    /// Not encrypted; `field` of its block changes that.
    Plain {
        /// The field of the block.
        field: &'static str,
    },
    /// Not at rest: kept until it is delivered, and not encrypted by a key; `field` names one in KMS.
    OnItsWay {
        /// The field of the block.
        field: &'static str,
    },
    /// By a key of the service's own; `field` names one in KMS instead.
    ByService {
        /// The field of the block.
        field: &'static str,
    },
    /// By a key in KMS: AWS's own for the service, or a customer's.
    ByKms,
    /// Nobody has said of this value.
    Unknown,
}

/// Whether an import takes it into a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Import {
    /// A block says it, or a part of one.
    Taken,
    /// It is left out, for this reason.
    None(&'static str),
}

/// What `status` says of it, beyond that it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Its state, its figures or its age are judged.
    Judged,
    /// It is there or not, for this reason.
    Exists(&'static str),
}

/// Dimensions of a metric, with their values.
pub(crate) type Dimensions = &'static [(&'static str, &'static str)];

/// Where CloudWatch has its metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metrics {
    /// In a namespace, under a dimension whose value is its key.
    In {
        /// `AWS/Kinesis`.
        namespace: &'static str,
        /// `StreamName`.
        dimension: &'static str,
    },
    /// In a namespace, under a dimension whose value is its key and others that follow from the name of the metric.
    InMore {
        /// `Glue`.
        namespace: &'static str,
        /// `JobName`.
        dimension: &'static str,
        /// The others, with their values, of metrics whose names hold a text; the first text that is held decides.
        others: &'static [(&'static str, Dimensions)],
    },
    /// Nowhere, or nowhere that pipectl looks, for this reason.
    None(&'static str),
}

/// What one of it takes of what an account may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// So much of that quota.
    Of(Quota, u64),
    /// No quota that is asked for before an apply, for this reason.
    None(&'static str),
}
