//! What is due in the space in memory, and what becomes of it after a visit.

use super::*;

impl Frontier for World {
    async fn lease(&self, at_most: usize) -> Result<Vec<Leased>, FrontierError> {
        let now = self.now();
        let mut inner = self.inner();
        let mut leases = Vec::new();
        while leases.len() < at_most {
            let Some(&(due, capsule)) = inner.queue.first().filter(|(due, _)| *due <= now) else { break };
            inner.queue.remove(&(due, capsule));
            let all = inner.capsules.len();
            let one = &mut inner.capsules[capsule];
            one.turns += 1;
            let (first, lives) = (one.turns == 1, one.health == Health::Lives);
            if first {
                inner.first_turns += 1;
            } else if inner.first_turns == all {
                if lives {
                    inner.figures.later_turns_of_live += 1;
                } else {
                    inner.figures.later_turns_of_dead += 1;
                }
            }
            leases.push(Leased {
                capsule: CapsuleId(capsule as i64),
                addr: addr(capsule),
                ip: Some(ip(capsule)),
                token: LeaseToken(1),
            });
        }
        Ok(leases)
    }

    async fn soonest(&self, _horizon: Duration) -> Result<Option<Duration>, FrontierError> {
        Ok(None)
    }

    async fn brief(&self, leased: &Leased, at_most: usize) -> Result<Brief, FrontierError> {
        let now = self.now();
        let inner = self.inner();
        let capsule = &inner.capsules[index(leased)];
        // Where answers are so slow that the turn ends after the first, more pages would be read for nothing.
        let at_most = if self.took > Duration::from_secs(2) { 2 } else { at_most };
        let due = capsule.due.iter().take_while(|(due, _)| *due <= now).take(at_most);
        let pages = due.map(|(_, number)| {
            let page = &capsule.pages[*number];
            DuePage {
                words: None,
                id: PageId(*number as i64),
                url: GeminiUrl::parse(&format!("gemini://{}{}", leased.addr, path(*number))).unwrap(),
                hops: 0,
                failures: page.failures,
                last: page.last,
                interval: page.interval,
                usual: None,
                content: page.content,
                standing: page.standing,
                kind: page.kind,
                served: page.served,
            }
        });
        let kept = capsule.robots.map(|(fresh_until, answer)| KeptRobots {
            fresh_for: fresh_until.saturating_sub(now),
            answer,
            unreachable_for: None,
            last_good: None,
        });
        Ok(Brief {
            state: capsule.state,
            pages: pages.collect(),
            allowance: Allowance::new(Caps::None, HashMap::new()),
            robots: kept.map(|kept| ("/".to_owned(), kept)).into_iter().collect(),
            front: None,
            exclusions: Arc::default(),
            idle: Pause::None,
        })
    }

    async fn renew(&self, _leased: &Leased) -> Result<Grip, FrontierError> {
        Ok(Grip::Held)
    }

    async fn claim(&self, _leased: &Leased, _gap: Duration) -> Result<Grip, FrontierError> {
        Ok(Grip::Held)
    }

    async fn swap(&self, _leased: &Leased, _ip: IpAddr) -> Result<Claim, FrontierError> {
        Ok(Claim::Ours { wait: Duration::ZERO })
    }

    async fn keep_contact(
        &self,
        _leased: &Leased,
        _contact: Contact,
        _again: Duration,
    ) -> Result<Grip, FrontierError> {
        Ok(Grip::Held)
    }

    async fn hand_over(&self, handover: Handover) -> Result<Grip, FrontierError> {
        let now = self.now();
        let mut inner = self.inner();
        let number = index(&handover.leased);
        let capsule = &mut inner.capsules[number];
        if let Some(visit) = handover.visit {
            if let Some(after) = visit.capsule {
                capsule.state.failures = after.failures;
                capsule.state.slow_gap = after.slow_gap;
                capsule.breaker_until = now + after.breaker.unwrap_or_default();
                capsule.answered |= after.answer == Answer::Came;
            }
            match visit.subject {
                Subject::Robots(asked) => capsule.robots = Some((now + asked.ask_again_in, asked.answer)),
                Subject::Detour => {}
                Subject::Page(visited) => capsule.settle(now, &visited.after),
            }
        }
        if let Some(GiveBack { gap, pause, .. }) = handover.end {
            let (rest, wait) = match pause {
                Pause::None => (Duration::ZERO, Duration::ZERO),
                Pause::Capsule(span) => (span, span),
                Pause::Due(span) => (Duration::ZERO, span),
            };
            capsule.next_at = capsule.next_at.max(now + gap.max(rest));
            if let Some((due, _)) = capsule.due.first() {
                let due = (*due).max(capsule.next_at).max(capsule.breaker_until).max(now + wait);
                inner.queue.insert((due, number));
            }
        }
        Ok(Grip::Held)
    }
}

impl Capsule {
    fn settle(&mut self, now: Duration, after: &shared::store::known::page::PageAfter) {
        let number = after.page.0 as usize;
        let page = &mut self.pages[number];
        self.due.remove(&(page.due, number));
        if let Some(wait) = after.due_in {
            page.due = now + wait;
            self.due.insert((page.due, number));
        }
        (page.interval, page.failures, page.last) = (after.interval, after.failures, Some(after.outcome));
        page.served = after.served.or(page.served);
        match &after.shown {
            Shown::Kept => {}
            Shown::Text(text) => {
                self.unseen -= usize::from(page.standing == Standing::Unseen);
                (page.content, page.kind, page.standing) = (text.content, text.kind, Standing::Searchable);
            }
            Shown::Withdrawn => page.standing = Standing::Withdrawn,
            Shown::Gone => page.standing = Standing::Gone,
        }
        if self.unseen == 0 {
            self.finished_at.get_or_insert(now);
        }
    }
}
