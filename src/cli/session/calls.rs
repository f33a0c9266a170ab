//! What single commands call of AWS besides.

use super::Session;
use crate::aws::queries::AwsQueries;
use crate::aws::runs::AwsRuns;
use crate::aws::runs::crawls::AwsCrawls;
use crate::aws::runs::workflows::AwsWorkflowRuns;

impl Session {
    /// Queries over what is stored.
    pub(in crate::cli) fn queries(&self) -> AwsQueries {
        AwsQueries::new(&self.aws)
    }

    /// Runs of workflows.
    pub(in crate::cli) fn workflow_runs(&self) -> AwsWorkflowRuns {
        AwsWorkflowRuns::new(&self.aws)
    }

    /// Runs of jobs.
    pub(in crate::cli) fn runs(&self) -> AwsRuns {
        AwsRuns::new(&self.aws)
    }

    /// Runs of crawlers.
    pub(in crate::cli) fn crawls(&self) -> AwsCrawls {
        AwsCrawls::new(&self.aws)
    }
}
