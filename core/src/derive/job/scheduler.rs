//! What runs jobs.

use super::words::words;

words! {
    /// What runs a job.
    Scheduler {
        WindowsTasks = "task_scheduler",
        At = "at",
        Cron = "cron",
        Anacron = "anacron",
        Incron = "incron",
        Fcron = "fcron",
        Systemd = "systemd",
        Launchd = "launchd",
        Periodic = "periodic",
        Kubernetes = "kubernetes",
        AzureAutomation = "azure_automation",
        AzureLogicApps = "azure_logic_apps",
        AwsEventBridge = "aws_eventbridge",
        GoogleCloud = "gcp_scheduler",
        SqlAgent = "sql_agent",
    }
}
