//! The process: asked on its input, answers on its output, and ends with its input, so with this process.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex, mpsc};

use hyper::body::Bytes;
use pipectl::ops::sandbox::install::{Packages, install};
use serde_json::Value;
use tokio::sync::oneshot;

use super::super::emulator::{ANNOUNCE, home, wait_for};

/// The models, and what reads them: botocore's version is the day of AWS that requests are held against.
const PACKAGES: Packages = Packages {
    name: "witness-botocore-1.44.8",
    requirements: &["botocore==1.44.8", "cbor2==6.3.0", "regex==2026.11.19"],
};

/// Who waits for which answer; `None` once the process has ended.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Value>>>>>;

struct Process {
    questions: Mutex<Questions>,
    waiting: Waiting,
    _child: Child,
}

struct Questions {
    last: u64,
    to: mpsc::Sender<(Value, Bytes)>,
}

static PROCESS: LazyLock<Process> = LazyLock::new(start);

/// Its answer to a question that may have a body.
///
/// # Panics
/// When it has ended: what it did not see proves nothing.
pub(super) async fn ask(question: Value, body: Bytes) -> Value {
    PROCESS.ask(question, body).await.expect("the witness has ended; its output says why")
}

/// The folder of its code.
pub(crate) fn code() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness")
}

/// The Python that it runs on, without anything of the machine's user.
pub(crate) fn python() -> Command {
    let python = wait_for(async { install(&PACKAGES, &home(), ANNOUNCE).await.unwrap() });
    let mut command = Command::new(python);
    command.args(["-I", "-B"]).env_clear();
    command
}

fn start() -> Process {
    let mut child = python().arg(code()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
    let (to, questions) = mpsc::channel();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    // A pipe takes only so much at once: whoever asks does not wait for that.
    std::thread::spawn(move || write(input, &questions));
    let answered = Arc::clone(&waiting);
    std::thread::spawn(move || read(output, &answered));
    Process { questions: Mutex::new(Questions { last: 0, to }), waiting, _child: child }
}

fn write(mut input: ChildStdin, questions: &mpsc::Receiver<(Value, Bytes)>) {
    for (question, body) in questions {
        // Where it has ended, its output has too, and whoever waits hears of it there.
        if input.write_all(format!("{question}\n").as_bytes()).and_then(|()| input.write_all(&body)).is_err() {
            return;
        }
    }
}

fn read(output: ChildStdout, waiting: &Waiting) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let id = answer["id"].as_u64().expect("an answer has its question's number");
        if let Some(sender) = waiting.lock().unwrap().as_mut().and_then(|waiting| waiting.remove(&id)) {
            // A client that went away in the meantime waits for nothing.
            let _ = sender.send(answer);
        }
    }
    waiting.lock().unwrap().take();
}

impl Process {
    async fn ask(&self, mut question: Value, body: Bytes) -> Option<Value> {
        let (sender, answer) = oneshot::channel();
        {
            let mut questions = self.questions.lock().unwrap();
            questions.last += 1;
            question["id"] = questions.last.into();
            question["length"] = body.len().into();
            self.waiting.lock().unwrap().as_mut()?.insert(questions.last, sender);
            questions.to.send((question, body)).ok()?;
        }
        answer.await.ok()
    }
}
