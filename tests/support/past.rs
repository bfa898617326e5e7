//! Weeks of a running Sextant, written into its database: figures to draw, capsules in trouble, reports, long lists.

use std::path::Path;

use server::acts;
use shared::store::{Store, StoreOptions};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

/// Figures of two days and of a month, what is in trouble, a second crawler at work, and sixty acts.
const WEEKS: &str = "
    insert into sample (name, at, value)
    select name, date_trunc('hour', clock()) - make_interval(hours => hour), greatest(0, (base * (1 + sin(hour / 3.0))))::bigint
    from generate_series(1, 47) hour, (values ('outcome.fetched', 300), ('outcome.unchanged', 700), ('outcome.not-found', 40),
         ('outcome.moved-permanently', 12), ('outcome.slow-down', 5), ('outcome.unreachable-connect', 20)) as of (name, base)
    on conflict do nothing;
    insert into sample (name, at, value)
    select name, date_bin('10 minutes', clock(), 'epoch') - make_interval(mins => 10 * slot), (base * (1 + cos(slot / 20.0)))::bigint
    from generate_series(1, 280) slot, (values ('due', 80), ('sockets', 12), ('lag.main', 400)) as of (name, base)
    on conflict do nothing;
    insert into sample (name, at, value)
    select name, date_trunc('day', clock()) - make_interval(days => day), base - slope::bigint * day
    from generate_series(1, 30) day, (values ('disk.used', 60000000000, 900000000), ('disk.total', 250000000000, 0)) as of (name, base, slope)
    on conflict do nothing;
    insert into capsule (host, port, failures, failing_since, breaker_until, answered_at, slow_gap_ms) values
        ('lost.example', 1965, 12, clock() - interval '9 days', clock() + interval '2 days', clock() - interval '10 days', 0),
        ('slow.example', 1965, 1, clock() - interval '1 hour', clock() + interval '1 day', clock() - interval '2 hours', 0),
        ('a-capsule-with-a-long-name.of-a-department-with-a-longer-one.of-an-institute.example', 19650, 5, clock() - interval '3 hours', clock() + interval '1 day', null, 0),
        ('gentle.example', 1965, 0, null, null, clock() - interval '5 min', 40000);
    insert into capsule_figure (capsule, known, searchable)
    select id, 1400, case host when 'lost.example' then 1310 else 1 end from capsule where host in ('lost.example', 'slow.example');
    insert into site (capsule, folder, day, waiting_today, alike_today, useful_today)
    select id, '/~minotaur/', (clock() at time zone 'UTC')::date, 31000, 900, 12 from capsule where host = 'gentle.example';
    insert into worker (id, beat_at, turns, connections) values ('4c90966b-92c3-4491-9c03-d2b5507e2f88', clock() + interval '1 hour', 2,
        '[{\"host\": \"tarpit.example:1966\", \"stage\": \"body\", \"age_ms\": 29300, \"fd\": 44},
          {\"host\": \"slow.example\", \"stage\": \"header\", \"age_ms\": 812, \"fd\": 41}]');
    insert into audit (at, actor, act, target, note)
    select clock() - make_interval(hours => act), 'console:root', 'recrawl', 'capsule-' || act || '.example', '' from generate_series(1, 60) act order by act desc;
    update calm set since = clock() - interval '31 days';
";

/// What visitors reported: the last one names nothing and has a word without end and one from right to left.
const REPORTS: [(&str, &str); 3] = [
    ("gemini://garden.example/pond.gmi", "These frogs are mine. ann@example.org"),
    (
        "meadow.example",
        "A song of mine stands there.\n=> gemini://elsewhere.example/ It is no link, <b>nor bold</b>",
    ),
    (
        "the page about me",
        "pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopicsilicovolcanoconiosis שלום עולם",
    ),
];

/// Writes it into the private database of a state folder that runs.
pub(crate) async fn write(state: &Path) {
    let socket = state.join("postgres/socket");
    let options =
        PgConnectOptions::new_without_pgpass().socket(socket).username("sextant").database("sextant");
    let mut session = options.connect().await.expect("the database answers");
    sqlx::raw_sql(WEEKS).execute(&mut session).await.expect("the past is written");
    let store = Store::connect(StoreOptions::new(options)).await.expect("a store");
    for (about, reason) in REPORTS {
        acts::report::report(&store, about, reason).await.expect("it is reported");
    }
}
