//! What a space shall hold, and its start.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::address::{self, Bound, Door};
use crate::behaviour::{Behaviour, connect::Connect};
use crate::capsule::Capsule;
use crate::generate::Generator;
use crate::log::Recorder;
use crate::space::Space;
use crate::tls::Tls;
use crate::world::{Host, Place, World};
use crate::{SpaceError, folder, serve};

/// The newest connections that are kept in the log unless told.
const KEEP: usize = 100_000;

/// A space before its start.
#[derive(Clone, Debug)]
pub struct Builder {
    hosts: Vec<(String, Host)>,
    folders: Vec<PathBuf>,
    addresses: Option<usize>,
    port: u16,
    faster: u32,
    keep: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self { hosts: Vec::new(), folders: Vec::new(), addresses: None, port: 0, faster: 1, keep: KEEP }
    }
}

impl Space {
    /// An empty space to fill.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Serves every `<host>/<path>` below this folder.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Serves a scripted capsule.
    pub fn capsule(self, host: &str, capsule: Capsule) -> Self {
        self.host(host, Host::Capsule(Arc::new(capsule)))
    }

    /// Serves a host that misbehaves in everything it answers, robots.txt included.
    pub fn hostile(self, host: &str, behaviour: impl Into<Behaviour>) -> Self {
        self.host(host, Host::Hostile(behaviour.into()))
    }

    /// Serves one host for every behaviour of the catalogue, named `<behaviour>.hostile.example`.
    pub fn every_behaviour(self) -> Self {
        Behaviour::all().into_iter().fold(self, |space, behaviour| {
            space.hostile(&format!("{}.hostile.example", behaviour.name()), behaviour)
        })
    }

    /// Serves all hosts of a generator.
    pub fn generated(self, generator: Generator) -> Self {
        let generator = Arc::new(generator);
        let hosts: Vec<String> = generator.hosts().collect();
        hosts.into_iter().enumerate().fold(self, |space, (number, host)| {
            space.host(&host, Host::Generated(Arc::clone(&generator), number))
        })
    }

    fn host(mut self, name: &str, host: Host) -> Self {
        self.hosts.push((name.to_ascii_lowercase(), host));
        self
    }

    /// Shares this many addresses among the well-behaved hosts, in turn. Without this each host has its own, as
    /// far as descriptors allow. Hosts that misbehave always have their own.
    pub fn addresses(mut self, addresses: usize) -> Self {
        self.addresses = Some(addresses.max(1));
        self
    }

    /// The port of all addresses; 0, the default, finds a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Divides every pause of hostile hosts, for clients whose limits are divided in the same way.
    pub fn faster(mut self, times: u32) -> Self {
        self.faster = times.max(1);
        self
    }

    /// Keeps this many of the newest connections in the log.
    pub fn log_at_most(mut self, connections: usize) -> Self {
        self.keep = connections;
        self
    }

    /// Binds and serves; the space stops when it is dropped.
    pub async fn start(mut self) -> Result<Space, SpaceError> {
        self.read_folders()?;
        let mut seen = HashSet::new();
        if let Some((twice, _)) = self.hosts.iter().find(|(name, _)| !seen.insert(name.clone())) {
            return Err(SpaceError::Twice(twice.clone()));
        }
        let plan = self.plan();
        let (port, bound) = address::bind(&plan.doors, self.port).await?;
        let tls = Tls::new().map_err(|error| SpaceError::Tls(Box::new(error)))?;

        let mut names: Vec<Vec<String>> = vec![Vec::new(); bound.len()];
        let mut order = Vec::with_capacity(self.hosts.len());
        let mut places = HashMap::with_capacity(self.hosts.len());
        for ((name, host), number) in self.hosts.into_iter().zip(plan.numbers) {
            names[number].push(name.clone());
            order.push(name.clone());
            places.insert(name, Place::new(SocketAddr::new(address::number(number), port), host));
        }
        let recorder = Arc::new(Recorder::new(self.keep));
        let world = Arc::new(World { places, recorder, tls, faster: self.faster, port });

        let stop = CancellationToken::new();
        let mut listeners = JoinSet::new();
        let mut held = Vec::new();
        for (bound, names) in bound.into_iter().zip(names) {
            match bound {
                Bound::Open(listener) => {
                    listeners.spawn(serve::listen(listener, names.into(), Arc::clone(&world), stop.clone()));
                }
                Bound::Refusing(..) | Bound::Full(..) => held.push(bound),
            }
        }
        Ok(Space::new(world, order, listeners, held, stop))
    }

    fn read_folders(&mut self) -> Result<(), SpaceError> {
        for folder in std::mem::take(&mut self.folders) {
            let capsules = folder::capsules(&folder)
                .map_err(|source| SpaceError::Folder { folder: folder.clone(), source })?;
            if capsules.is_empty() {
                return Err(SpaceError::NoCapsule(folder));
            }
            for (name, root) in capsules {
                self.hosts.push((name, Host::Folder(Arc::new(root))));
            }
        }
        Ok(())
    }

    /// Which host has which address, and what stands at each address. Hostile hosts come after the shared ones.
    fn plan(&self) -> Plan {
        let hostile = |host: &Host| matches!(host, Host::Hostile(_));
        let hostile_count = self.hosts.iter().filter(|(_, host)| hostile(host)).count();
        let good = self.hosts.len() - hostile_count;
        let affordable = address::affordable().saturating_sub(hostile_count).max(1);
        let shared = self.addresses.unwrap_or(good).min(good).min(affordable);
        let mut doors = vec![Door::Open; shared];
        let mut numbers = Vec::with_capacity(self.hosts.len());
        let mut next = 0;
        for (_, host) in &self.hosts {
            if let Host::Hostile(behaviour) = host {
                numbers.push(doors.len());
                doors.push(door(*behaviour));
            } else {
                numbers.push(next % shared);
                next += 1;
            }
        }
        Plan { doors, numbers }
    }
}

struct Plan {
    doors: Vec<Door>,
    numbers: Vec<usize>,
}

fn door(behaviour: Behaviour) -> Door {
    match behaviour {
        Behaviour::Connect(Connect::Refused) => Door::Refusing,
        Behaviour::Connect(Connect::QueueFull) => Door::Full,
        Behaviour::Connect(_) | Behaviour::Handshake(_) | Behaviour::Answer(_) => Door::Open,
    }
}
