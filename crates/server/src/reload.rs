//! Reads the configuration and the model catalogue again: on SIGHUP, and on a reload without a body. Everything is checked
//! before anything is put in force.

use find_facts_api::admin::{EventKind, Faults, FlagsWritten};

use crate::app::App;
use crate::config::Config;
use crate::http::admin::Access;
use crate::http::chain;
use crate::models;
use crate::quality::Given;

/// Why nothing was put in force, fault by fault.
pub(crate) struct Refused(pub(crate) Vec<String>);

/// Reads everything, then puts it in force; the running configuration stays where anything is wrong. Called by one at a
/// time, who holds [`Control::acting`](crate::control::Control::acting).
pub(crate) fn reload_configuration(app: &App) -> Result<FlagsWritten, Refused> {
    match read(app) {
        Ok(changed) => {
            tracing::info!(changed, "the configuration was read again");
            Ok(FlagsWritten { generation: app.control.live().record.generation, changed })
        }
        Err(faults) => {
            tracing::error!(faults = faults.join("; "), "the configuration was read again and refused");
            app.control.announce(EventKind::ReloadRefused { faults: faults.clone() });
            Err(Refused(faults))
        }
    }
}

fn read(app: &App) -> Result<bool, Vec<String>> {
    let (config, _) = app.sources.read().map_err(|error| error.0)?;
    let before = app.control.live().config.clone();
    let fixed = before.fixed_until_restart(&config);
    if !fixed.is_empty() {
        return Err(fixed.into_iter().map(refusal).collect());
    }
    let catalogue = models::read(config.models.catalogue.as_deref()).map_err(|error| vec![chain(&error)])?;
    let access = Access::new(config.admin.token_file.as_deref(), app.admin_address);
    let access = access.map_err(|error| vec![chain(&error)])?;
    let golden = Given::read(config.quality.golden.as_ref()).map_err(|error| vec![chain(&error)])?;
    let stored = before.of_first_generation(&config);
    if !stored.is_empty() {
        let settings = stored.join(", ");
        tracing::warn!(settings, "these made the first generation; the stored one wins over them");
    }
    let changed = *before != config;
    app.models.replace(catalogue);
    app.access.store(access.into());
    app.quality.replace(golden);
    put_in_force(app, config)?;
    Ok(changed)
}

fn put_in_force(app: &App, config: Config) -> Result<(), Vec<String>> {
    app.service.set_timeouts(config.timeouts());
    app.monitor.configure(config.health_settings());
    if !config.faults.enabled {
        // Nobody could take back faults that are in force any more.
        app.faults.set(Faults::default()).map_err(|error| vec![chain(&error)])?;
    }
    app.control.configure(config);
    Ok(())
}

fn refusal(key: &str) -> String {
    format!("`{key}` cannot change while the server runs: put it back, or start the server again")
}
