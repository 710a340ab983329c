// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "config/values.h"

namespace berth::config {
namespace {

constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
constexpr Range kMilliseconds{1, 24ull * 3600 * 1000};
constexpr Range kMillisecondsOrNone{0, kMilliseconds.max};

// In the order of the enumerations.
constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kAnonymous = {"automatic", "allowed", "refused"};
constexpr std::array<std::string_view, 3> kConfinements = {"off", "on", "required"};
constexpr std::array<std::string_view, 2> kRegistrations = {"closed", "open"};
constexpr std::array<std::string_view, 3> kRecordModes = {"off", "async", "durable"};
constexpr std::array<std::string_view, 3> kFormats = {"automatic", "text", "json"};

template <typename Enum, std::size_t kCount>
void enumeration(Fields& fields, std::string_view key, Enum& value, const std::array<std::string_view, kCount>& names,
                 std::string_view help) {
  auto name = names.at(static_cast<std::size_t>(value));
  fields.choice(key, name, names, help);
  value = static_cast<Enum>(std::ranges::find(names, name) - names.begin());
}

std::string_view expected_anything(const std::string& /*text*/) { return ""; }

void visit(Server& server, Fields& f) {
  auto& [ip, port, anonymous, anonymous_training, base_path, trusted_proxies, io_threads, models_dir, plugins_dirs,
         scratch_dir, state_dir, data_dir, settle, describe_timeout, drain] = server;
  f.text("ip", ip, expected_ip,
         "Address to listen on: IPv4 or IPv6; 0.0.0.0 or :: for all. One that is not the loopback needs "
         "server.anonymous as well.");
  std::size_t wide_port = port;
  f.number("port", wide_port, {0, 65535}, "TCP port; 0 takes any free one, which the log then names.");
  port = static_cast<std::uint16_t>(wide_port);
  enumeration(
      f, "anonymous", anonymous, kAnonymous,
      "Whether those may come who show no key or token. automatic: programs on this machine may; the server does "
      "not start on an address that others can reach. Routes for admins always need a key or token.");
  f.flag("anonymous_training", anonymous_training, "Whether they may train models, as well as predict with them.");
  f.text("base_path", base_path, expected_base_path,
         "Stands before every path, for a proxy that forwards a folder: "
         "/berth makes /berth/v2/models/.");
  f.texts("trusted_proxies", trusted_proxies,
          "IP addresses and CIDR ranges of the proxies whose X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host and "
          "Forwarded headers are believed: the client is then the right-most address in them that is not listed here. "
          "From anybody else they are ignored.");
  f.number("io_threads", io_threads, {1, 64},
           "Threads that read requests and write answers. They never wait for a "
           "model; one serves some ten thousand requests a second.");
  f.path("models_dir", models_dir,
         "Packages: NAME/VERSION/model.yaml below it. Empty: those that came with the "
         "program. Relative folders, here and below, are taken from this file's folder.");
  f.paths("plugins_dirs", plugins_dirs,
          "Folders with plugins: *.so in each and in its direct subfolders. Empty: those "
          "that came with the program.");
  f.path("scratch_dir", scratch_dir,
         "Where models may write while they run: in a folder `berth` in it, which is made, or "
         "emptied at start. Empty: a folder of its own below the system's temporary one, removed "
         "at the end, or by the next server where this one was killed.");
  f.path("state_dir", state_dir,
         "What must outlive the server: which versions admins made active. Empty: $STATE_DIRECTORY, "
         "$XDG_STATE_HOME/berth, or .local/state/berth in the user's home.");
  f.path(
      "data_dir", data_dir,
      "Data that trainings may read, and name by its path in here: the whole folder, but nothing that its links lead "
      "to. Empty: none; a training then learns from what is uploaded with it.");
  f.duration("watch_settle", settle, kMillisecondsOrNone,
             "The folders of models and plugins are watched, and what changes is loaded once nothing has changed for "
             "this long. 0: only when somebody asks.");
  f.duration("describe_timeout", describe_timeout, {1000, kMilliseconds.max},
             "How long a plugin may take to open and say what it holds. Whole seconds.");
  f.duration("drain_grace", drain, kMillisecondsOrNone,
             "After SIGTERM or SIGINT: how long running requests may take before they are cut off.");
}

void visit(Limits& limits, Fields& f) {
  auto& [header_bytes, header_fields, target_bytes, body_bytes, body_memory, connections, in_flight, pipelined, parts,
         part_header_bytes, form_fields, json_bytes, json_values, header_timeout, body_rate, body_grace, idle,
         write_stall, linger] = limits;
  f.size("max_header_bytes", header_bytes, {kKiB, kMiB}, "All header fields of a request; beyond: 431.");
  f.number("max_header_fields", header_fields, {8, 10'000}, "Beyond: 431.");
  f.size("max_target_bytes", target_bytes, {256, kMiB}, "Path and query; beyond: 414.");
  f.size("max_body_bytes", body_bytes, {0, 64 * kGiB}, "One request's body; beyond: 413, before it is read.");
  f.size("max_body_bytes_in_memory", body_memory, {0, 1024 * kGiB},
         "The bodies of all requests together, and as much again of answers that their clients have not taken yet; "
         "beyond: 503 with Retry-After.");
  f.number("max_connections", connections, {1, 1'000'000},
           "Lowered to what the limit on open files allows; beyond: 503 and closed.");
  f.number("max_requests_in_flight", in_flight, {1, 1'000'000},
           "Waiting for their answer; beyond: 503 with Retry-After.");
  f.number("max_pipelined", pipelined, {1, 1024}, "Requests read ahead on one connection; then reading pauses.");
  f.number("max_parts", parts, {1, 100'000}, "Parts of one multipart body; beyond: 413.");
  f.size("max_part_header_bytes", part_header_bytes, {256, kMiB}, "The header of one part; beyond: 400.");
  f.number("max_form_fields", form_fields, {1, 100'000}, "Fields of one urlencoded form; beyond: 400.");
  f.size("max_json_bytes", json_bytes, {kKiB, 64 * kGiB},
         "A JSON body, and a training's arguments in any form; beyond: 413. It is read on an I/O thread, and takes "
         "several "
         "times as much memory once read.");
  f.number("max_json_values", json_values, {1, 1'000'000}, "Numbers, texts, lists, … in a JSON body; beyond: 413.");
  f.duration("header_timeout", header_timeout, kMilliseconds,
             "From the first byte of a request to the end of its header; beyond: 408.");
  f.size("min_body_bytes_per_second", body_rate, {0, kGiB}, "A body that comes slower than this on average gets 408 …");
  f.duration("body_grace", body_grace, kMilliseconds, "… once it has taken this long.");
  f.duration("idle_timeout", idle, kMilliseconds, "A kept-alive connection without a request is closed.");
  f.duration("write_stall_timeout", write_stall, kMilliseconds,
             "A client that accepts no byte of its answer for this long, or less than min_body_bytes_per_second on "
             "average, is closed.");
  f.duration("linger_timeout", linger, kMillisecondsOrNone,
             "After an error the rest of a request is read and thrown away for this long, so that the client sees the "
             "answer.");
}

void visit(Log& log, Fields& f) {
  auto& [level, format] = log;
  enumeration(f, "level", level, kLevels, "The least that is logged.");
  enumeration(f, "format", format, kFormats, "automatic: text where stderr is a terminal, JSON lines otherwise.");
}

void visit(Fetch& fetch, Fields& f) {
  auto& [allow, deny, only_allowed, max_bytes, redirects, at_once, queue, connect, total, rate, low_speed] = fetch;
  f.texts("allow", allow,
          "Addresses inside that may be fetched all the same: host, IP address or CIDR range, each with "
          "or without :port. Loopback, private, link-local and other special ranges, and this machine's own addresses, "
          "are refused otherwise.");
  f.texts("deny", deny,
          "Never fetched from, in the same forms; wins over allow. A host is that one name; an address or range is "
          "refused whatever name leads to it.");
  f.flag("only_allowed", only_allowed, "Fetch from what allow names and from nothing else.");
  f.size("max_bytes", max_bytes, {1, 64 * kGiB}, "The largest file that is fetched.");
  f.number("max_redirects", redirects, {0, 3}, "Each hop is checked like the first URL.");
  f.number("max_at_once", at_once, {1, 64}, "Fetches at the same time, a thread each …");
  f.number("max_queue", queue, {0, 10'000}, "… and how many may wait for one; beyond: 503.");
  f.duration("connect_timeout", connect, kMilliseconds, "Name lookup, connection and TLS handshake of one hop.");
  f.duration("total_timeout", total, kMilliseconds, "One fetch, all hops together.");
  f.size("min_bytes_per_second", rate, {0, kGiB}, "A transfer slower than this …");
  f.duration("low_speed_time", low_speed, {1000, kMilliseconds.max}, "… for this long is given up. Whole seconds.");
}

void visit(Deepaas& deepaas, Fields& f) {
  auto& [v1, v2, predict, train, debug, debug_bytes] = deepaas;
  f.flag("v1", v1, "Serve DEEPaaS V1 (/models/…).");
  f.flag("v2", v2, "Serve DEEPaaS V2 (/v2/models/…).");
  f.flag("predict", predict, "Off: predict answers 402.");
  f.flag("train", train, "Off: train answers 402.");
  f.flag("debug", debug, "Show recent log lines at /v2/debug/ to anyone who can reach the server.");
  f.size("debug_bytes", debug_bytes, {kKiB, 64 * kMiB}, "How much of the log /v2/debug/ shows.");
}

void visit(Tabular& tabular, Fields& f) {
  auto& [enabled, model, registration] = tabular;
  f.flag("enabled", enabled, "Serve it: /register-user, /token, /predict, … (docs/tabular.md).");
  f.text("model", model, expected_anything, "The model that answers /predict; it takes rows of features.");
  f.require(!enabled || !model.empty(), "model", "the name of the model that answers /predict");
  enumeration(
      f, "registration", registration, kRegistrations,
      "Who may make themselves users. open: everybody who reaches the server; they may then predict with every model, "
      "and whoever asks learns which names are taken.");
}

void visit(Classifier& classifier, Fields& f) {
  auto& [enabled, model] = classifier;
  f.flag("enabled", enabled,
         "Serve /classifier/… (docs/classifier.md). The environment variable X_API_KEY is then one more key of the "
         "server, which may predict with every model and manage it.");
  f.text("model", model, expected_anything, "The model that answers at first. Empty: none, until a client names one.");
}

void visit(Store& store, Fields& f) {
  auto& [url, waiting, readers, retry] = store;
  f.text("url", url, expected_database,
         "The database: sqlite:FILE, or postgresql://USER@HOST/NAME as libpq reads it. A password in it can be read by "
         "whoever reads this file; ~/.pgpass keeps one apart. Empty: berth.db in server.state_dir.");
  f.number("max_waiting", waiting, {16, 1'000'000}, "What may wait for the database at once; beyond: 503.");
  f.number("readers", readers, {1, 64}, "Connections, and threads, that only read.");
  f.duration("retry", retry, kMilliseconds, "From a connection that failed to the next try.");
}

void visit(Identity& identity, Fields& f) {
  auto& [lifetime, keys, memory, passes, threads, waiting, attempts, longest_wait] = identity;
  f.duration("token_lifetime", lifetime, {1000, 30 * kMilliseconds.max}, "How long a token is good. Whole seconds.");
  f.paths(
      "token_keys", keys,
      "Files with the secrets that sign tokens, at least 32 bytes each: the first signs, all verify. To rotate, put "
      "a new one first and take the old one away once its tokens have ended. Empty: one that is made in "
      "server.state_dir.");
  f.size("password_memory", memory, {8 * kKiB, 4 * kGiB}, "Memory that one check of a password takes (Argon2id) …");
  f.number("password_passes", passes, {1, 100}, "… and passes over it. Passwords keep what they were made with.");
  f.number("password_threads", threads, {1, 64}, "Passwords that are checked at the same time …");
  f.number("max_waiting_logins", waiting, {1, 10'000}, "… and how many may wait for that; beyond: 503.");
  f.number(
      "free_login_attempts", attempts, {1, 1000},
      "Failed logins in a row, of one account or from one address, before the next must wait: one second, and twice "
      "as long each time …");
  f.duration("longest_login_wait", longest_wait, {1000, kMilliseconds.max}, "… up to this. Before that: 429.");
}

void visit(Records& records, Fields& f) {
  constexpr std::size_t kTenYears = 3650ULL * 24 * 3600 * 1000;
  auto& [max_age, max_bytes, max_text_bytes, max_waiting, max_waiting_bytes, media_dir, redact] = records;
  f.duration("max_age", max_age, {0, kTenYears}, "Older ones are removed; 0: none are.");
  f.size("max_bytes", max_bytes, {0, 1024 * 1024 * kGiB},
         "Inputs, answers and files together; beyond, the oldest go first. 0: none do.");
  f.size("max_text_bytes", max_text_bytes, {kKiB, 16 * kMiB},
         "One input or answer; of a longer one only its size is kept.");
  f.number(
      "max_waiting", max_waiting, {1, 10'000'000},
      "Records that wait for the database; beyond, a durable call is answered 503, and others are counted as lost.");
  f.size(
      "max_waiting_bytes", max_waiting_bytes, {0, 1024 * kGiB},
      "Inputs that wait to be hashed, and files that wait for media_dir, each; beyond, a durable call is answered 503, "
      "and of others only the rest is kept. One that is larger by itself waits alone.");
  f.path(
      "media_dir", media_dir,
      "Where the files of requests are kept, for the server alone to read. Empty: only their names, sizes and SHA-256 "
      "are known.");
  f.texts("redact", redact,
          "Members of JSON whose values are not kept, besides password, passwd, secret, token, api_key and "
          "authorization.");
}

void visit(Trainings& trainings, Fields& f) {
  auto& [max_running, max_finished, max_finished_bytes, stop_grace] = trainings;
  f.number("max_running", max_running, {1, 1024}, "Trainings at the same time, all models together; beyond: 503.");
  f.number("max_finished", max_finished, {0, 1'000'000}, "Ended ones that are kept; the oldest go first.");
  f.size("max_finished_bytes", max_finished_bytes, {kKiB, 64 * kGiB},
         "The arguments and results of the ended ones together; beyond, the oldest go first. The newest stays.");
  f.duration("stop_grace", stop_grace, kMillisecondsOrNone,
             "How long a cancelled training may take to stop by itself before its process is killed.");
}

void visit(Crashes& crashes, Fields& f) {
  auto& [keep_input, max_reports, max_bytes] = crashes;
  f.flag(
      "keep_input", keep_input,
      "Whether the calls that a worker had when it died (arguments, files, tensors) are kept beside its report. They "
      "are what clients sent, and may be nobody else's business.");
  f.number("max_reports", max_reports, {1, 100'000}, "Reports that are kept; the oldest go first.");
  f.size("max_bytes", max_bytes, {kMiB, 64 * kGiB},
         "All reports together, with what is kept beside them; beyond, the oldest go first. The newest stays. One "
         "report's calls may take half of it.");
}

void visit(Quota& quota, Fields& f) {
  constexpr Range kRate{0, 1'000'000}, kRequests{0, 1'000'000'000}, kBytes{0, 1024 * 1024 * kGiB};
  auto& [second, burst, minute, hour, day, bytes_minute, bytes_hour, bytes_day, concurrent] = quota;
  f.number("requests_per_second", second, kRate, "How many a second in the long run; 0, here and below: no limit.");
  f.number("burst", burst, kRate, "How many may come at once after a rest; 0: as many as in a second.");
  f.require(burst == 0 || second != 0, "burst", "it needs requests_per_second");
  f.number("requests_per_minute", minute, kRequests, "The minute begins with the first request; so do hour and day.");
  f.number("requests_per_hour", hour, kRequests, "Likewise.");
  f.number("requests_per_day", day, kRequests, "Likewise. A restart of the server forgets what was used.");
  f.size("bytes_per_minute", bytes_minute, kBytes, "Of the requests' bodies.");
  f.size("bytes_per_hour", bytes_hour, kBytes, "Likewise.");
  f.size("bytes_per_day", bytes_day, kBytes, "Likewise.");
  f.number("concurrent", concurrent, kRate, "Requests that are being answered at the same time.");
}

// Blocks in blocks; what `block` calls must be declared before it.
void visit(RoleQuotas& roles, Fields& f);
void visit(Quotas& quotas, Fields& f);

template <typename Block>
void block(Fields& fields, std::string_view key, Block& value, std::string_view help) {
  fields.open(key, help);
  visit(value, fields);
  fields.close();
}

void visit(RoleQuotas& roles, Fields& f) {
  auto& [viewer, user, admin] = roles;
  block(f, "viewer", viewer, "Each viewer.");
  block(f, "user", user, "Each user whose role is user.");
  block(f, "admin", admin, "Each admin.");
}

void visit(Quotas& quotas, Fields& f) {
  auto& [max_addresses, max_subjects, anonymous, roles] = quotas;
  constexpr Range kSubjects{1024, 10'000'000};
  f.number(
      "max_addresses", max_addresses, kSubjects,
      "Addresses whose use is remembered, some 300 bytes each; beyond, the one that was heard of least recently is "
      "forgotten.");
  f.number("max_subjects", max_subjects, kSubjects, "Likewise, of users, keys and models.");
  block(f, "anonymous", anonymous,
        "What callers without credentials may do, by address: each IPv4 address, and each /64 network of IPv6, for "
        "itself.");
  block(f, "roles", roles, "What each user of a role may do.");
}

}  // namespace

void visit(Serving& serving, Fields& f) {
  auto& [versions, workers, threads, fork_server, queue, batch, batch_delay, call, queue_timeout, load, input_bytes,
         output_bytes, spin_us, delay_min, delay_max, memory, cpu, max_threads, open_files, scratch_bytes, confinement,
         network, processes, allow_read, allow_write, records, quota, quota_per_user] = serving;
  f.text(
      "versions", versions, expected_versions,
      "Which of the versions on disk are served: latest (the highest that can be loaded), latest N, all, or those of "
      "a list such as 1, 3. What an admin makes active or gives a label is served besides.");
  f.number("workers", workers, {1, 256}, "Processes that serve the model, each with a copy of it; a call runs on one.");
  f.number("threads_per_worker", threads, {1, 1024}, "Threads that a worker's libraries may use (OMP_NUM_THREADS).");
  f.flag("fork_server", fork_server,
         "Workers are forked from a process that has the system's libraries open which their plugin needs, rather than "
         "started afresh: LibTorch takes a third of a second to open. They share memory, and where in it things lie.");
  f.number("max_queue", queue, {1, 1'000'000}, "Calls that may wait for a worker; beyond: 503 with Retry-After.");
  f.number("max_batch", batch, {1, 4096}, "Calls handed over at once to a model that implements predict_batch.");
  f.duration("max_batch_delay", batch_delay, kMillisecondsOrNone, "How long a first call may wait for company.");
  f.duration("call_timeout", call, kMilliseconds,
             "One call in the model; beyond: 504, and the worker is killed and replaced.");
  f.duration("queue_timeout", queue_timeout, kMilliseconds, "Waiting for a worker; beyond: 503.");
  f.duration("load_timeout", load, kMilliseconds, "Making and warming the model in a new worker.");
  f.size("max_input_bytes", input_bytes, {kKiB, 64 * kGiB},
         "One call's arguments and files together, and those of one batch; beyond: 413.");
  f.size("max_output_bytes", output_bytes, {kKiB, 64 * kGiB}, "The largest answer that a model may give.");
  f.number(
      "spin_us", spin_us, {0, 1000},
      "Microseconds that a worker looks for its next call before it sleeps, while calls keep coming. Saves a wake-up "
      "a call, costs a core.");
  f.duration(
      "restart_delay_min", delay_min, kMilliseconds,
      "The wait before a worker that died on its start is replaced and, once more than 5 within 10s died on calls "
      "before they had answered any, before each further one is; doubles each time …");
  f.duration("restart_delay_max", delay_max, {static_cast<std::size_t>(delay_min.count()), kMilliseconds.max},
             "… up to this.");
  f.size("max_memory_bytes", memory, {64 * kMiB, 16 * 1024 * kGiB},
         "Memory of one worker; beyond, an allocation fails (500), or the worker is killed and replaced.");
  f.duration("max_cpu_per_call", cpu, kMilliseconds,
             "CPU time that all threads of a worker take for one call, or one batch, together; beyond: 504, and the "
             "worker is killed and replaced. Not for trainings.");
  f.number("max_threads", max_threads, {8, 1'000'000}, "Threads of one worker; beyond, it is killed and replaced.");
  f.number("max_open_files", open_files, {192, 1'000'000}, "Of one worker; beyond, opening one fails.");
  f.size("max_scratch_bytes", scratch_bytes, {kMiB, 16 * 1024 * kGiB},
         "What one worker may keep in its scratch folder, which may hold some 4,000 files, and any one file; beyond, a "
         "write fails, or the worker is killed and replaced.");
  enumeration(
      f, "confinement", confinement, kConfinements,
      "Whether workers are kept from what is not theirs (docs/security.md): off; on, as far as this kernel can; "
      "required, where no worker starts unless it can. `berth doctor` says what is in force.");
  f.flag("network", network, "Whether workers may open connections. Fetching URLs for plugins needs no such thing.");
  f.flag("processes", processes, "Whether workers may start processes and run programs.");
  f.paths("allow_read", allow_read,
          "Files and folders that workers may read besides their package, their plugin and the system's libraries.");
  f.paths("allow_write", allow_write, "Files and folders that workers may change besides their scratch folder.");
  enumeration(
      f, "records", records, kRecordModes,
      "Whether calls and their answers are kept in the database (docs/records.md): off; async, soon after; durable, "
      "where no call is answered unless both are on disk.");
  block(f, "quota", quota, "What all callers together may ask of the model; beyond: 429 (docs/quotas.md).");
  block(f, "quota_per_user", quota_per_user,
        "What each user may ask of the model, with all of their keys together, besides what their own quota or their "
        "role's allows.");
}

void visit(Deployment& deployment, Fields& f) {
  auto& [model, users] = deployment;
  f.text("model", model, expected_anything,
         "The model that it serves. Empty: none; it takes what was predicted elsewhere, and nothing else.");
  f.texts("users", users, "Who may use it, by name. None: everybody who may predict with the model.");
}

void visit(Config& config, Fields& f) {
  auto& [server, limits, log, defaults, models, fetch, deepaas, tabular, classifier, deployments, trainings, store,
         records, identity, crashes, quotas] = config;
  block(f, "server", server, "Where the server listens, and where it finds what it serves.");
  block(f, "limits", limits,
        "What one client may ask for. Each bound answers with a clear error; none of the timeouts "
        "runs while a model computes.");
  block(f, "log", log, "Goes to stderr.");
  block(f, "defaults", defaults, "How every model is served, unless `models` below says otherwise.");
  f.models("models", models, defaults,
           "By model name; each takes the keys of `defaults`, and what it leaves out is as "
           "there.");
  block(f, "fetch", fetch, "Fetching URLs, for predict_url and for plugins that ask for it.");
  block(f, "deepaas", deepaas, "The DEEPaaS API.");
  block(f, "tabular", tabular, "The API of services that give a probability for a row of features.");
  block(f, "classifier", classifier, "The classifier's API: base64 images in JSON.");
  f.deployments("deployments", deployments,
                "By id; each is one that clients of the API of deployments know (docs/deployments.md). That is served "
                "where there is one.");
  block(f, "trainings", trainings, "Trainings run in a process of their own, beside the model's workers.");
  block(f, "store", store, "Where accounts, records and the audit log are kept.");
  block(f, "records", records, "Calls and their answers, kept as each model's `records` says (docs/records.md).");
  block(f, "identity", identity, "Logging in, and the tokens that it gives.");
  block(f, "crashes", crashes, "Reports of workers' deaths, which `berth crashes` shows.");
  block(f, "quotas", quotas, "What callers may ask for in a time; beyond: 429 with Retry-After (docs/quotas.md).");
}

std::string_view expected_ip(const std::string& text) {
  in6_addr address{};
  const bool valid =
      inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
  return valid ? "" : "an IPv4 or IPv6 address";
}

std::string_view expected_database(const std::string& text) {
  const auto is = [&text](std::string_view kind) { return text.starts_with(kind) && text.size() > kind.size(); };
  const bool valid = text.empty() || is("sqlite:") || is("postgresql://") || is("postgres://");
  return valid ? "" : "sqlite:FILE or postgresql://USER@HOST/NAME";
}

std::string_view expected_versions(const std::string& text) {
  return parse_versions(text) ? "" : "latest, latest N (1..1000), all, or versions such as 1, 3";
}

std::string_view expected_base_path(const std::string& text) {
  constexpr std::string_view kExpected = "\"\" or a path such as /berth, without a slash at its end";
  if (text.empty()) return "";
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("/-_.~").find(c) != std::string_view::npos;
  });
  const bool shaped = text.front() == '/' && text.back() != '/' && text.find("//") == text.npos;
  return plain && shaped ? "" : kExpected;
}

}  // namespace berth::config
