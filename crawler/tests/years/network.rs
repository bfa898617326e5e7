//! How the space in memory answers: at once, after the time that a dead capsule costs, or not at all.

use super::*;

impl Fetch for World {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        let capsule = number(host);
        let health = self.inner().capsules[capsule].health;
        if health == Health::Nameless {
            tokio::time::sleep(DNS).await;
            return Err(FetchError::NoAddress);
        }
        Ok(vec![ip(capsule)])
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        let capsule = number(url.capsule().host());
        let health = self.inner().capsules[capsule].health;
        let is_dead = match health {
            Health::Lives => false,
            Health::Dead | Health::Nameless => true,
            Health::DeadUntil(revival) => self.now() < revival,
        };
        if is_dead {
            tokio::time::sleep(CONNECT).await;
            return Err(FetchError::Connect { source: std::io::Error::from_raw_os_error(110) });
        }
        tokio::time::sleep(self.took).await;
        let (header, body) = match want {
            Want::Page => ("20 text/gemini", self.page(capsule, url.path_and_query())),
            Want::Robots => ("51 no rules", String::new()),
        };
        Ok(Fetched {
            header: ResponseHeader::parse(header.as_bytes()).unwrap(),
            body: Body::new(body.into_bytes(), Ending::Complete),
            took: self.took,
            certificate: SeenCertificate {
                fingerprint: Fingerprint::of(b"certificate"),
                not_after: None,
                signature: Signature::Checked,
            },
            ip,
        })
    }
}

impl World {
    /// A page as it is now; from here on we hold what is there.
    fn page(&self, capsule: usize, path: &str) -> String {
        let now = self.now();
        let mut guard = self.inner();
        let inner = &mut *guard;
        let number = path.trim_start_matches('/').trim_end_matches(".gmi").parse().unwrap_or(0);
        let page = &mut inner.capsules[capsule].pages[number];
        page.live(now, &mut inner.dice);
        let stale = page.stale_since.take().map_or(Duration::ZERO, |since| now - since);
        inner.figures.stale += stale;
        inner.figures.fetches += 1;
        format!("# Page {number}\n\nVersion {} of it.\n", page.version)
    }
}
