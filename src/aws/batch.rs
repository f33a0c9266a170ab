//! Calls that ask for many at once: what is asked for one by one at the same time is gathered into them.
//!
//! A kind asks for its own resource as if there were no other. Whoever asks first lets all others ask that can do so
//! without waiting, and then asks for all of them; who comes while that call is under way waits for the next one.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::Result;
use crate::model::error::Class;

/// What is being gathered for one operation. `V` is the answer to one question: absent from the reply, its default.
pub(crate) struct Batch<V> {
    waiting: Mutex<Vec<Question<V>>>,
    /// Held by whoever asks for all.
    turn: tokio::sync::Mutex<()>,
}

/// A key, and who waits for its answer.
type Question<V> = (String, oneshot::Sender<Result<V>>);

impl<V> Default for Batch<V> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl<V: Clone + Default + Send> Batch<V> {
    /// The answer for `key`. `many` asks AWS for at most `limit` keys at once; it may answer for more.
    ///
    /// # Errors
    /// Those of `many`. Where it is refused what it asks for a number of keys (one of them is not there, or not
    /// allowed), each is asked for alone, and has its own error.
    pub(crate) async fn ask<F>(
        &self,
        key: &str,
        limit: usize,
        many: impl Fn(Vec<String>) -> F + Send + Sync,
    ) -> Result<V>
    where
        F: Future<Output = Result<BTreeMap<String, V>>> + Send,
    {
        let (answer, mut asked) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((key.to_owned(), answer));
        let answer = tokio::select! {
            biased;
            answer = &mut asked => answer,
            _turn = self.turn.lock() => {
                yield_now().await;
                let questions = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
                answer_all(questions, limit, &many).await;
                asked.await
            }
        };
        match answer {
            Ok(answer) => answer,
            // Whoever asked for all was given up before the answer came.
            Err(_) => one(key, &many).await,
        }
    }
}

async fn answer_all<V, F>(questions: Vec<Question<V>>, limit: usize, many: &(impl Fn(Vec<String>) -> F + Send + Sync))
where
    V: Clone + Default + Send,
    F: Future<Output = Result<BTreeMap<String, V>>> + Send,
{
    let mut waiting: BTreeMap<String, Vec<oneshot::Sender<Result<V>>>> = BTreeMap::new();
    for (key, answer) in questions {
        waiting.entry(key).or_default().push(answer);
    }
    let keys: Vec<String> = waiting.keys().cloned().collect();
    let mut calls: FuturesUnordered<_> = keys.chunks(limit).map(|keys| chunk(keys.to_vec(), many)).collect();
    while let Some(answers) = calls.next().await {
        for (key, answer) in answers {
            for asker in waiting.remove(&key).unwrap_or_default() {
                // An asker that was given up needs no answer.
                let _ = asker.send(answer.clone());
            }
        }
    }
}

/// The answers for the keys of one call.
async fn chunk<V, F>(keys: Vec<String>, many: &(impl Fn(Vec<String>) -> F + Send + Sync)) -> Vec<(String, Result<V>)>
where
    V: Default + Send,
    F: Future<Output = Result<BTreeMap<String, V>>> + Send,
{
    match many(keys.clone()).await {
        Ok(mut found) => {
            keys.into_iter().map(|key| (key.clone(), Ok(found.remove(&key).unwrap_or_default()))).collect()
        }
        Err(error) if keys.len() > 1 && matches!(error.class, Class::Absent | Class::Denied | Class::Invalid) => {
            let singles: FuturesUnordered<_> =
                keys.into_iter().map(|key| async move { (key.clone(), one(&key, many).await) }).collect();
            singles.collect().await
        }
        Err(error) => keys.into_iter().map(|key| (key, Err(error.clone()))).collect(),
    }
}

async fn one<V, F>(key: &str, many: &(impl Fn(Vec<String>) -> F + Send + Sync)) -> Result<V>
where
    V: Default,
    F: Future<Output = Result<BTreeMap<String, V>>> + Send,
{
    Ok(many(vec![key.to_owned()]).await?.remove(key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::model::error::CallError;

    /// What AWS has: every key but `missing`. A call that asks for `denied` is refused as a whole.
    async fn aws(calls: &Mutex<Vec<usize>>, keys: Vec<String>) -> Result<BTreeMap<String, Option<String>>> {
        calls.lock().unwrap().push(keys.len());
        yield_now().await;
        if keys.iter().any(|key| key == "denied") {
            return Err(CallError::own(Class::Denied, "test", "no"));
        }
        let found = keys.into_iter().filter(|key| key != "missing");
        Ok(found.map(|key| (key.clone(), Some(format!("live {key}")))).collect())
    }

    /// The answers for `keys`, asked for at the same time, and how many keys each call asked for.
    async fn ask_all(keys: &[&str]) -> (Vec<Result<Option<String>>>, Vec<usize>) {
        let (batch, calls) = (Batch::default(), Mutex::default());
        let many = |keys| aws(&calls, keys);
        let answers = join_all(keys.iter().map(|key| batch.ask(key, 100, many))).await;
        (answers, calls.into_inner().unwrap())
    }

    #[tokio::test]
    async fn what_is_asked_at_the_same_time_is_asked_together() {
        let keys: Vec<String> = (0..250).map(|number| format!("alarm-{number:03}")).collect();
        let (answers, calls) = ask_all(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for (key, answer) in keys.iter().zip(answers) {
            assert_eq!(answer.unwrap(), Some(format!("live {key}")));
        }
        assert_eq!(calls, [100, 100, 50]);
    }

    #[tokio::test]
    async fn one_key_is_asked_for_once_and_the_absent_are_told_apart() {
        let (answers, calls) = ask_all(&["a", "missing", "a"]).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some("live a".into()), None, Some("live a".into())]);
        assert_eq!(calls, [2]);
    }

    #[tokio::test]
    async fn where_many_are_refused_each_is_asked_for_alone() {
        let (answers, calls) = ask_all(&["a", "denied", "b"]).await;
        assert!(answers[0].is_ok() && answers[2].is_ok());
        assert_eq!(answers[1].as_ref().unwrap_err().class, Class::Denied);
        assert_eq!(calls, [3, 1, 1, 1]);
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_nobody_without_an_answer() {
        let (batch, calls) = (Batch::default(), Mutex::default());
        let many = |keys| aws(&calls, keys);
        let mut first = Box::pin(batch.ask("a", 100, many));
        assert!(futures_util::poll!(&mut first).is_pending());
        let mut second = Box::pin(batch.ask("b", 100, many));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!(second.await.unwrap(), Some("live b".into()));
    }
}
