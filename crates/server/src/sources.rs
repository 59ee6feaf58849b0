//! Where the configuration comes from, so that it can be read again while the server runs.

use std::path::PathBuf;

use crate::config::{Argument, Config, ConfigError, Environment, File, Shown, load};
use crate::models;

/// Arguments, environment and file of this process.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// What stands above everything else.
    pub arguments: Vec<Argument>,
    /// The environment, as it was at the start.
    pub environment: Environment,
    /// The file, if one was named.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// Reads them, the file anew each time.
    pub fn read(&self) -> Result<(Config, Vec<Shown>), ConfigError> {
        let file = self.file.as_deref().map(|path| {
            let unreadable =
                |error| ConfigError(vec![format!("{}: cannot be read: {error}", path.display())]);
            File::read(path).map_err(unreadable)
        });
        let (config, shown) = load(&self.arguments, &self.environment, file.transpose()?.as_ref())?;
        // A catalogue that is wrong is said by whoever needs it, under a code of its own.
        if let Ok(catalogue) = models::read(config.models.catalogue.as_deref()) {
            config.refuse_unknown_models(&shown, &catalogue)?;
        }
        Ok((config, shown))
    }
}
