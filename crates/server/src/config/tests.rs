use super::*;

fn load_from(env: &[(&str, &str)], text: &str) -> Result<(Config, Vec<Shown>), String> {
    let file = File { name: "find-facts.toml".to_owned(), text: text.to_owned() };
    load(&[], &Environment::new(env.iter().copied()), Some(&file)).map_err(|error| error.0.join(" | "))
}

fn check_env(name: &str, value: &str, key: &str, expected: &str) {
    let (_, shown) = load_from(&[(name, value)], "").unwrap();
    let row = shown.iter().find(|row| row.key == key).unwrap();
    assert_eq!(row.value, expected, "{name}={value}");
    if !value.is_empty() {
        assert!(matches!(row.origin, Origin::Environment(n) if n == name), "{name}: {}", row.origin);
    }
}

fn check_refused(env: &[(&str, &str)], text: &str, expected: &str) {
    assert_eq!(load_from(env, text).map(|_| ()), Err(expected.to_owned()), "{env:?} {text}");
}

/// Every variable of the specification: name, a good value, its key, the value shown, and a value that is refused.
const VARIABLES: [(&str, &str, &str, &str, &str); 21] = [
    ("ENABLE_TIER1", "false", "tier1.enabled", "false", "0"),
    ("ENABLE_TIER2", "true", "tier2.enabled", "true", "yes"),
    ("ENABLE_TIER3", "true", "tier3.enabled", "true", "TRUE "),
    ("TIER1_ROLLOUT_PERCENT", "33.333", "tier1.percentage", "33.333", "100.001"),
    ("TIER2_ROLLOUT_PERCENT", "0", "tier2.percentage", "0", "-1"),
    ("TIER3_ROLLOUT_PERCENT", "0.01", "tier3.percentage", "0.01", "1%"),
    ("TIER3_BETA_USERS", "a, b", "tier3.segments", r#"["a", "b"]"#, "a b"),
    ("MAX_ENHANCEMENT_TIMEOUT_MS", "1500", "limits.enhancement_timeout_ms", "1500", "0"),
    ("TIER1_CACHE_SIZE", "0", "tier1.cache_size", "0", "-5"),
    ("TIER2_CACHE_SIZE", "7", "tier2.cache_size", "7", "1e3"),
    ("TIER3_CACHE_SIZE", "10000000", "tier3.cache_size", "10000000", "10000001"),
    ("MAX_TOTAL_MEMORY_GB", "2.5", "limits.total_memory_gb", "2.5", "0"),
    ("MAX_MODELS_LOADED", "1", "limits.models_loaded", "1", "65"),
    ("MODEL_LOADING_TIMEOUT_SEC", "5", "limits.model_loading_timeout_seconds", "5", "inf"),
    ("METRICS_COLLECTION_INTERVAL_SEC", "1", "health.collect_seconds", "1", "0"),
    ("HEALTH_CHECK_INTERVAL_SEC", "0.5", "health.assess_seconds", "0.5", "NaN"),
    ("ALERT_THRESHOLD_ERROR_RATE", "0.2", "health.alert_error_rate", "0.2", "20"),
    ("ALERT_THRESHOLD_LATENCY_P95_MS", "50", "health.alert_p95_ms", "50", "50ms"),
    ("TIER1_MODEL", "mine", "tier1.model", r#""mine""#, " "),
    ("TIER2_MODEL", "mine", "tier2.model", r#""mine""#, " "),
    ("TIER3_PRIMARY_MODEL", "mine", "tier3.model", r#""mine""#, " "),
];

#[test]
fn every_variable_overrides_its_key() {
    for (name, good, key, shown, _) in VARIABLES {
        check_env(name, good, key, shown);
    }
    check_env("TIER3_EFFICIENCY_MODEL", "mine", "tier3.efficiency_model", r#""mine""#);
}

#[test]
fn a_wrong_variable_is_an_error_that_names_variable_value_and_what_is_accepted() {
    for (name, _, _, _, bad) in VARIABLES {
        let error = load_from(&[(name, bad)], "").map(|_| ()).unwrap_err();
        assert!(
            error.starts_with(&format!("environment variable `{name}` is `{bad}`; accepted: ")),
            "{error}"
        );
    }
    check_refused(
        &[("TIER1_ROLLOUT_PERCENT", "abc"), ("ENABLE_TIER2", "on")],
        "",
        "environment variable `TIER1_ROLLOUT_PERCENT` is `abc`; accepted: a number from 0 to 100 in steps of 0.001 \
         | environment variable `ENABLE_TIER2` is `on`; accepted: true or false",
    );
}

#[test]
fn an_empty_variable_counts_as_unset() {
    for (name, _, key, _, _) in VARIABLES {
        let (_, shown) = load_from(&[(name, "")], "").unwrap();
        assert_eq!(shown.iter().find(|row| row.key == key).unwrap().origin, Origin::Default);
    }
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let (_, shown) = load(&[], &Environment::default(), None).unwrap();
    insta::assert_snapshot!(show(&shown));
}

#[test]
fn only_the_environment_can_switch_a_tier_hard_off() {
    let from_file = load_from(&[], "[tier1]\nenabled = false").unwrap().0;
    assert!(!from_file.tier(Tier::Tier1).enabled && !from_file.tier(Tier::Tier1).hard_off);
    let from_env = load_from(&[("ENABLE_TIER1", "false")], "[tier1]\nenabled = true").unwrap().0;
    assert!(!from_env.tier(Tier::Tier1).enabled && from_env.tier(Tier::Tier1).hard_off);
}

#[test]
fn an_argument_stands_above_the_file() {
    let file = File { name: "f".to_owned(), text: "server.listen = \"127.0.0.1:1\"".to_owned() };
    let argument = |text: &str| [Argument { key: "server.listen", name: "--listen", text: text.to_owned() }];
    let (config, _) = load(&argument("127.0.0.1:2"), &Environment::default(), Some(&file)).unwrap();
    assert_eq!(config.server.listen.port(), 2);
    let error = load(&argument("here"), &Environment::default(), Some(&file)).unwrap_err();
    assert!(error.0[0].starts_with("argument `--listen` is `here`; accepted: an address"), "{error}");
}

#[test]
fn faults_in_the_file_have_line_column_and_the_nearest_key() {
    check_refused(
        &[],
        "\n[tier1]\npercentge = 5\n",
        "find-facts.toml:3:1: unknown key `tier1.percentge`; did you mean `tier1.percentage`?",
    );
    check_refused(
        &[],
        "[heath]\nwindow_seconds = 5\n",
        "find-facts.toml:1:2: unknown key `heath`; did you mean `health`?",
    );
    check_refused(&[], "zzz = 1", "find-facts.toml:1:1: unknown key `zzz`");
    check_refused(
        &[],
        "[tier1]\nenabled = \"true\"\n",
        "find-facts.toml:2:11: `tier1.enabled` is `\"true\"`; accepted: true or false",
    );
    check_refused(
        &[],
        "tier1.segments = [\"a,b\"]",
        "find-facts.toml:1:18: `tier1.segments` is `[\"a,b\"]`; accepted: names made of letters, digits, `-` and `_`, \
         separated by commas",
    );
}

#[test]
fn each_tier_is_degraded_above_its_own_latency() {
    let (config, _) = load_from(&[], "[tier2]\np95_ms = 70\n").unwrap();
    let limits = config.health_settings().limits.tiers.map(|limit| limit.p95.as_millis());
    assert_eq!(limits, [20, 70, 500]);
    check_refused(
        &[],
        "[tier1]\np95_ms = 0\n",
        "find-facts.toml:2:10: `tier1.p95_ms` is `0`; accepted: a whole number of milliseconds from 1 to 60000",
    );
}

#[test]
fn a_file_that_is_no_toml_is_refused_at_its_place() {
    let error = load_from(&[], "[server]\nlisten = \n").map(|_| ()).unwrap_err();
    assert!(error.starts_with("find-facts.toml:2:"), "{error}");
}

const CLIENT: &str = "[[clients]]\nid = \"lab\"\nsegments = [\"research\"]\n\
    key_sha256 = \"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\"\n";

#[test]
fn a_client_has_an_id_a_digest_and_segments() {
    let (config, shown) = load_from(&[], CLIENT).unwrap();
    assert_eq!(&*config.clients[0].id, "lab");
    assert_eq!(config.clients[0].key_sha256[..2], [0x2c, 0x26]);
    let row = shown.last().unwrap();
    assert_eq!((row.key.as_str(), &row.origin), ("clients[0]", &Origin::File(1)));
    assert!(!row.value.contains("2c26"), "the digest is masked: {}", row.value);
}

#[test]
fn a_client_that_is_not_whole_is_refused() {
    check_refused(
        &[],
        "[[clients]]\nid = \"lab\"\nkey = \"x\"\n",
        "find-facts.toml:3:1: unknown key `clients[0].key`; did you mean `key_sha256`? \
         | find-facts.toml:1:1: `clients[0].key_sha256` is missing; accepted: the SHA-256 of the client's key, \
         64 hexadecimal digits",
    );
    check_refused(
        &[],
        &format!("{CLIENT}{}", CLIENT.replace("lab", "den")),
        "clients `lab` and `den` have the same key",
    );
    check_refused(
        &[],
        "clients = 3",
        "find-facts.toml:1:11: `clients` is no list of tables; write `[[clients]]`",
    );
}

#[test]
fn the_production_sample_sets_every_variable_and_differs_where_it_says_so() {
    let text = include_str!("../../../../deploy-plans/production.env");
    let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let (_, defaults) = load(&[], &Environment::default(), None).unwrap();
    let (_, shown) = load(&[], &Environment::new(pairs), None).unwrap();
    let set: Vec<_> = shown.iter().filter(|row| matches!(row.origin, Origin::Environment(_))).collect();
    assert_eq!(set.len(), VARIABLES.len() + 1);
    let differs =
        |row: &&&Shown| defaults.iter().all(|other| (&other.key, &other.value) != (&row.key, &row.value));
    let changed: Vec<_> =
        set.iter().filter(differs).map(|row| (row.key.as_str(), row.value.as_str())).collect();
    assert_eq!(changed, [("tier2.enabled", "true"), ("tier2.percentage", "25")]);
}
