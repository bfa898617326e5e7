//! What the graph of links says of pages and sites: one file beside the index.
//!
//! In-links and authority change without any page changing, so they are not in the index: a rank pass
//! computes them, each follower writes them here whole, and a reader takes up the new file when its inode
//! has changed. A file that was cut short or altered fails its checksum and is no file; then pages rank by
//! their words alone.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::analyzer::name;
use super::generation::replace;
use super::schema::key;
use crate::store::id::PageId;

/// The file's name in the index folder.
pub const FILE: &str = "signals";

const MAGIC: &[u8; 8] = b"sextant1";

/// In-links of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLinks {
    /// The page.
    pub page: PageId,
    /// Links from other sites.
    pub external: u32,
    /// Links from its own site.
    pub internal: u32,
}

/// A site's standing.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteStanding {
    /// The site as it is shown, such as `host/~n/`.
    pub site: String,
    /// 0 to 1; the best site has 1.
    pub authority: f32,
    /// What it calls itself.
    pub name: String,
}

/// Why a file of signals could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SignalsError {
    /// It could not be read.
    #[error("cannot read the signals")]
    Read(#[source] io::Error),
    /// It could not be written; the one before stands.
    #[error("cannot write the signals")]
    Write(#[source] io::Error),
    /// It is damaged.
    #[error("the signals fail their checksum")]
    Damaged,
}

/// The signals as a reader holds them.
#[derive(Debug, Default)]
pub struct Signals {
    pass: i64,
    pages: Vec<PageLinks>,
    starts: Starts,
    sites: HashMap<u64, SiteStanding>,
    names: HashMap<u64, Vec<u64>>,
}

impl Signals {
    /// Signals of a pass; the pages come in any order.
    #[must_use]
    pub fn new(pass: i64, mut pages: Vec<PageLinks>, sites: Vec<SiteStanding>) -> Self {
        pages.sort_unstable_by_key(|links| links.page);
        let mut names: HashMap<u64, Vec<u64>> = HashMap::new();
        for standing in &sites {
            if let Some(name) = name(&standing.name) {
                names.entry(key(&name)).or_default().push(key(&standing.site));
            }
        }
        let sites = sites.into_iter().map(|standing| (key(&standing.site), standing)).collect();
        let starts = Starts::of(&pages);
        Self { pass, pages, starts, sites, names }
    }

    /// The number of the rank pass they come from.
    #[must_use]
    pub const fn pass(&self) -> i64 {
        self.pass
    }

    /// In-links of a page; none known is none.
    #[must_use]
    pub fn links(&self, page: PageId) -> PageLinks {
        let near = self.pages.get(self.starts.around(page)).unwrap_or_default();
        match near.binary_search_by_key(&page, |links| links.page) {
            Ok(at) => near[at],
            Err(_) => PageLinks { page, external: 0, internal: 0 },
        }
    }

    /// A site's standing, by the site's key.
    #[must_use]
    pub fn site(&self, site_key: u64) -> Option<&SiteStanding> {
        self.sites.get(&site_key)
    }

    /// Keys of the sites that call themselves so; `name_key` is the key of a [`name`].
    #[must_use]
    pub fn sites_named(&self, name_key: u64) -> &[u64] {
        self.names.get(&name_key).map_or(&[], Vec::as_slice)
    }

    /// How many sites are known.
    #[must_use]
    pub fn site_count(&self) -> usize {
        self.sites.len()
    }

    /// Writes them into the index folder in one step.
    ///
    /// # Errors
    ///
    /// When the disk refuses; the file before stays.
    pub fn write(&self, folder: &Path) -> Result<(), SignalsError> {
        let body = self.to_bytes();
        let checksum = blake3::hash(&body);
        replace(&folder.join(FILE), |file| {
            file.write_all(MAGIC)?;
            file.write_all(checksum.as_bytes())?;
            file.write_all(&body)
        })
        .map_err(SignalsError::Write)
    }

    /// Reads them; none if none have been written yet.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, SignalsError> {
        let bytes = match fs::read(folder.join(FILE)) {
            Ok(bytes) => bytes,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SignalsError::Read(source)),
        };
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(SignalsError::Damaged)?;
        let (checksum, body) = rest.split_at_checked(32).ok_or(SignalsError::Damaged)?;
        if blake3::hash(body).as_bytes() != checksum {
            return Err(SignalsError::Damaged);
        }
        Self::from_bytes(body).map(Some).ok_or(SignalsError::Damaged)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + self.pages.len() * 16 + self.sites.len() * 64);
        bytes.extend(self.pass.to_le_bytes());
        bytes.extend((self.pages.len() as u64).to_le_bytes());
        for links in &self.pages {
            bytes.extend(links.page.0.to_le_bytes());
            bytes.extend(links.external.to_le_bytes());
            bytes.extend(links.internal.to_le_bytes());
        }
        bytes.extend((self.sites.len() as u64).to_le_bytes());
        for standing in self.sites.values() {
            bytes.extend(standing.authority.to_le_bytes());
            for text in [&standing.site, &standing.name] {
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let pass = i64::from_le_bytes(rest.array()?);
        let count = usize::try_from(u64::from_le_bytes(rest.array()?)).ok()?;
        // A count that the bytes cannot hold must not reserve memory.
        let mut pages = Vec::with_capacity(count.min(bytes.len() / 16));
        for _ in 0..count {
            let page = PageId(i64::from_le_bytes(rest.array()?));
            let external = u32::from_le_bytes(rest.array()?);
            let internal = u32::from_le_bytes(rest.array()?);
            pages.push(PageLinks { page, external, internal });
        }
        let count = usize::try_from(u64::from_le_bytes(rest.array()?)).ok()?;
        let mut sites = Vec::with_capacity(count.min(bytes.len() / 20));
        for _ in 0..count {
            let authority = f32::from_le_bytes(rest.array()?);
            sites.push(SiteStanding { authority, site: rest.text()?, name: rest.text()? });
        }
        Some(Self::new(pass, pages, sites))
    }
}

/// Where in the list of pages to look for one: a search asks for a thousand of them. Ids are given one after the other,
/// so their leading bits lead to a few places.
#[derive(Debug, Default)]
struct Starts {
    lowest: i64,
    /// Bits of an id that count within a place.
    within: u32,
    /// Where each place begins, and where the last one ends.
    starts: Vec<usize>,
}

impl Starts {
    /// Of pages in the order of their ids.
    fn of(pages: &[PageLinks]) -> Self {
        let (Some(first), Some(last)) = (pages.first(), pages.last()) else { return Self::default() };
        let lowest = first.page.0;
        let span = last.page.0.abs_diff(lowest);
        let last_place = |within: u32| span >> within;
        let within = (0..u64::BITS).find(|within| last_place(*within) < pages.len() as u64);
        let within = within.unwrap_or(u64::BITS - 1);
        let place = |links: &PageLinks| links.page.0.abs_diff(lowest) >> within;
        let mut starts: Vec<usize> = (0..=last_place(within))
            .scan(0, |at, wanted| {
                *at += pages[*at..].iter().take_while(|links| place(links) < wanted).count();
                Some(*at)
            })
            .collect();
        starts.push(pages.len());
        Self { lowest, within, starts }
    }

    /// The part of the list in which the page stands, if it does.
    fn around(&self, page: PageId) -> std::ops::Range<usize> {
        if page.0 < self.lowest {
            return 0..0;
        }
        let place = usize::try_from(page.0.abs_diff(self.lowest) >> self.within).ok();
        let bounds = place.and_then(|place| Some((*self.starts.get(place)?, *self.starts.get(place + 1)?)));
        bounds.map_or(0..0, |(start, end)| start..end)
    }
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(u64::from_le_bytes(self.array()?)).ok()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_however_its_id_was_given() {
        let ids = |of: fn(i64) -> i64| (1..500).map(of).collect::<Vec<i64>>();
        let crowded_at_both_ends = [ids(|n| n), ids(|n| 9_000_000_000_000 - n)].concat();
        for ids in [ids(|n| n), ids(|n| n * n * n), crowded_at_both_ends, vec![7], vec![i64::MIN, i64::MAX]] {
            let pages = ids.iter().map(|id| PageLinks { page: PageId(*id), external: 2, internal: 1 });
            let signals = Signals::new(1, pages.collect(), Vec::new());
            assert!(ids.iter().all(|id| signals.links(PageId(*id)).external == 2), "{ids:?}");
            assert_eq!(signals.links(PageId(8)).external, if ids.contains(&8) { 2 } else { 0 });
        }
        assert_eq!(Signals::default().links(PageId(1)).external, 0);
    }

    #[test]
    fn signals_come_back_whole_or_not_at_all() {
        let temp = tempfile::tempdir().unwrap();
        assert!(Signals::read(temp.path()).unwrap().is_none());
        let links = |page, external| PageLinks { page: PageId(page), external, internal: 1 };
        let site = SiteStanding { site: "h/~ann/".into(), authority: 0.5, name: "Ann's Café".into() };
        Signals::new(3, vec![links(9, 2), links(4, 1)], vec![site.clone()]).write(temp.path()).unwrap();

        let read = Signals::read(temp.path()).unwrap().unwrap();
        assert_eq!(read.pass(), 3);
        assert_eq!(read.links(PageId(9)), links(9, 2));
        assert_eq!(read.links(PageId(5)).external, 0);
        for far in [i64::MIN, 0, 3, 10, i64::MAX] {
            assert_eq!(read.links(PageId(far)).internal, 0, "{far}");
        }
        assert_eq!(read.site(key("h/~ann/")), Some(&site));
        assert_eq!(read.sites_named(key("ann cafe")), [key("h/~ann/")]);

        let path = temp.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 1);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Signals::read(temp.path()), Err(SignalsError::Damaged)));
    }
}
