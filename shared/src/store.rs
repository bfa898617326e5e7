//! The tables, and all SQL of the project.
//!
//! A visit writes what is [`known`] about Geminispace and gives changed pages a number in the [`feed`];
//! followers read the feed. Workers keep their leases and requests in [`crawl`]; what people asked for
//! stands in [`asked`] until a process has done it. All functions take `&mut PgConnection`: the caller
//! owns the transaction, and [`Store::read`] and [`Store::write`] bound its time.
//!
//! **Lock order**, everywhere: address, capsule, site, content, page, link, post, certificate, request, then
//! job, exclusion, submission, audit, removal, each by key; existing rows of a table are locked before new ones
//! are inserted. Rows are locked `for no key update`, because `for update` would wait for the foreign
//! keys of links from other capsules. Only the lease takes rows out of this order, and only with
//! `skip locked`.

pub mod asked;
pub mod bell;
pub mod cluster;
pub mod codec;
pub mod crawl;
pub mod feed;
pub mod id;
pub mod known;
pub mod outcome;
pub mod page_tx;
pub mod pool;
pub mod register;
pub mod rule;
pub mod saved;
mod showing;

pub use pool::{MIGRATOR, Store, StoreError, StoreOptions};
