//! Reads the configuration and the model catalogue again: on SIGHUP, and on a reload without a body. Everything is checked
//! before anything is put in force.

use find_facts_api::admin::{EventKind, FlagsWritten};

use crate::app::App;
use crate::config::Config;
use crate::http::admin::Access;
use crate::http::chain;
use crate::models;

/// Why nothing was put in force, fault by fault.
pub(crate) struct Refused(pub(crate) Vec<String>);

/// Reads everything, then puts it in force; the running configuration stays where anything is wrong.
pub(crate) fn reload_configuration(app: &App) -> Result<FlagsWritten, Refused> {
    match read(app) {
        Ok(changed) => {
            tracing::info!(changed, "the configuration was read again");
            Ok(FlagsWritten { generation: app.control.live().record.generation, changed })
        }
        Err(faults) => {
            tracing::error!(faults = faults.join("; "), "the configuration was read again and refused");
            if let Err(error) = app.control.tell(EventKind::ReloadRefused { faults: faults.clone() }) {
                tracing::error!(error = chain(&error), "an event could not be stored");
            }
            Err(Refused(faults))
        }
    }
}

fn read(app: &App) -> Result<bool, Vec<String>> {
    let (config, _) = app.sources.read().map_err(|error| error.0)?;
    let catalogue = models::read(config.models.catalogue.as_deref()).map_err(|error| vec![chain(&error)])?;
    let access = Access::new(config.admin.token_file.as_deref(), app.admin_address);
    let access = access.map_err(|error| vec![chain(&error)])?;
    let before = app.control.live().config.clone();
    let later = needs_restart(&before, &config);
    if !later.is_empty() {
        tracing::warn!(sections = later.join(", "), "these take effect at the next start");
    }
    let changed = *before != config;
    app.models.replace(catalogue);
    app.access.store(access.into());
    app.control.configure(config);
    Ok(changed)
}

/// Sections with changes that a running server does not take up.
fn needs_restart(before: &Config, after: &Config) -> Vec<&'static str> {
    let listeners = |config: &Config| (config.server.listen, config.server.admin_listen);
    let timeouts = |config: &Config| config.tiers.each_ref().map(|tier| tier.timeout);
    let sections = [
        ("server", listeners(before) != listeners(after)),
        ("limits", before.limits != after.limits),
        ("health", before.health != after.health),
        ("tier timeouts", timeouts(before) != timeouts(after)),
    ];
    sections.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
