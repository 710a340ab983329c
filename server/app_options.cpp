// SPDX-License-Identifier: Apache-2.0
#include "app_options.h"

#include <algorithm>

#include "app.h"
#include "base/text.h"
#include "config/installation.h"
#include "config/values.h"
#include "core/self_test.h"
#include "http/address.h"

namespace berth {

namespace {

hosting::ServingOptions to_serving(const config::Serving& from) {
  hosting::ServingOptions to;
  to.workers = from.workers;
  to.threads_per_worker = from.threads_per_worker;
  to.fork_server = from.fork_server;
  to.max_queue = from.max_queue;
  to.max_batch = from.max_batch;
  to.max_batch_delay = from.max_batch_delay;
  to.call_timeout = from.call_timeout;
  to.queue_timeout = from.queue_timeout;
  to.load_timeout = from.load_timeout;
  to.max_input_bytes = from.max_input_bytes;
  to.max_output_bytes = from.max_output_bytes;
  to.spin = std::chrono::microseconds(from.spin_us);
  to.restart_delay_min = from.restart_delay_min;
  to.restart_delay_max = from.restart_delay_max;
  to.limits = {.memory_bytes = from.max_memory_bytes,
               .cpu_per_call = from.max_cpu_per_call,
               .threads = from.max_threads,
               .open_files = from.max_open_files,
               .scratch_bytes = from.max_scratch_bytes};
  to.permissions = {.confinement = static_cast<worker::Mode>(from.confinement),
                    .network = from.network,
                    .processes = from.processes,
                    .read = from.allow_read,
                    .write = from.allow_write};
  return to;
}

}  // namespace

Result<net::Options> net_options(const config::Config& config) {
  const auto& listen = config.server;
  if (!http::is_loopback(listen.ip) && listen.anonymous == config::Anonymous::automatic) {
    return failure(Code::forbidden,
                   "server.ip is " + listen.ip +
                       ", which others can reach. Say in server.anonymous whether they may come without a key or token "
                       "(allowed, or refused), or listen on 127.0.0.1");
  }
  const auto& from = config.limits;
  net::Options options{.ip = listen.ip, .port = listen.port, .io_threads = listen.io_threads};
  for (const auto& text : listen.trusted_proxies) {
    const auto network = http::parse_network(text);
    if (!network) {
      return failure(Code::invalid_argument,
                     "server.trusted_proxies: \"" + text + "\" is no IP address and no range such as 10.0.0.0/8");
    }
    options.trusted_proxies.push_back(*network);
  }
  auto& to = options.limits;
  to.max_header_bytes = from.max_header_bytes;
  to.max_header_fields = from.max_header_fields;
  to.max_target_bytes = from.max_target_bytes;
  to.max_body_bytes = from.max_body_bytes;
  to.max_body_bytes_in_memory = from.max_body_bytes_in_memory;
  to.max_connections = from.max_connections;
  to.max_requests_in_flight = from.max_requests_in_flight;
  to.max_pipelined = from.max_pipelined;
  to.header_timeout = from.header_timeout;
  to.min_body_bytes_per_second = from.min_body_bytes_per_second;
  to.body_grace = from.body_grace;
  to.idle_timeout = from.idle_timeout;
  to.write_stall_timeout = from.write_stall_timeout;
  to.linger_timeout = from.linger_timeout;
  return options;
}

dialects::BodyLimits body_limits(const config::Config& config) {
  const auto& from = config.limits;
  return {.multipart = {.max_parts = from.max_parts, .max_part_header_bytes = from.max_part_header_bytes},
          .max_form_fields = from.max_form_fields,
          .max_json_bytes = from.max_json_bytes,
          .max_json_values = from.max_json_values};
}

http::FetchOptions fetch_options(const config::Config& config) {
  const auto& from = config.fetch;
  http::FetchOptions to;
  to.rules = {.allow = from.allow, .deny = from.deny, .only_allowed = from.only_allowed};
  to.max_bytes = from.max_bytes;
  to.max_redirects = from.max_redirects;
  to.max_at_once = from.max_at_once;
  to.max_queue = from.max_queue;
  to.connect_timeout = from.connect_timeout;
  to.total_timeout = from.total_timeout;
  to.min_bytes_per_second = from.min_bytes_per_second;
  to.low_speed_time = std::chrono::ceil<std::chrono::seconds>(from.low_speed_time);
  return to;
}

training::TrainingsOptions trainings_options(const config::Config& config) {
  return {.max_running = config.trainings.max_running, .stop_grace = config.trainings.stop_grace};
}

records::Options records_options(const config::Config& config, std::vector<Loop*> loops) {
  const auto& from = config.records;
  return {.loops = std::move(loops),
          .max_waiting = from.max_waiting,
          .max_waiting_bytes = from.max_waiting_bytes,
          .media_folder = from.media_dir,
          .max_age = std::chrono::ceil<std::chrono::seconds>(from.max_age),
          .max_bytes = from.max_bytes};
}

core::RecorderOptions recorder_options(const config::Config& config) {
  core::RecorderOptions options;
  // Copies: the configuration need not live as long.
  std::map<std::string, records::Mode, std::less<>> models;
  for (const auto& [name, serving] : config.models) models.emplace(name, static_cast<records::Mode>(serving.records));
  options.mode_of = [models = std::move(models),
                     usual = static_cast<records::Mode>(config.defaults.records)](std::string_view model) {
    const auto found = models.find(model);
    return found == models.end() ? usual : found->second;
  };
  options.max_waiting = config.records.max_waiting;
  options.max_waiting_bytes = config.records.max_waiting_bytes;
  options.text.max_bytes = config.records.max_text_bytes;
  for (const auto& name : config.records.redact) options.text.redacted.push_back(to_lower(name));
  return options;
}

training::JournalLimits journal_limits(const config::Config& config) {
  return {.max_finished = config.trainings.max_finished, .max_finished_bytes = config.trainings.max_finished_bytes};
}

hosting::CrashReporter::Options crash_options(const config::Config& config) {
  const auto& from = config.crashes;
  const auto& state = config.server.state_dir;
  return {.folder = state.empty() ? state : state / "crashes",
          .limits = {.max_reports = from.max_reports, .max_bytes = from.max_bytes},
          .keep_input = from.keep_input,
          .symbolizer = config::find_installation().worker.parent_path() / "berth-symbolize"};
}

hosting::RegistryOptions registry_options(const config::Config& config) {
  const auto installed = config::find_installation();
  hosting::RegistryOptions options;
  options.worker_program = installed.worker;
  options.plugins_dirs = config.server.plugins_dirs.empty() ? installed.plugins_dirs : config.server.plugins_dirs;
  options.models_dir = config.server.models_dir.empty() ? installed.models_dir : config.server.models_dir;
  options.data_dir = config.server.data_dir;
  // The folder may be others', too.
  if (!config.server.scratch_dir.empty()) options.scratch_dir = config.server.scratch_dir / "berth";
  if (!config.server.state_dir.empty()) options.rollouts_dir = config.server.state_dir / "rollouts";
  options.settle = config.server.watch_settle;
  options.max_describe_seconds =
      static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(config.server.describe_timeout).count());
  options.versions = [config](std::string_view name) {
    auto versions = config::parse_versions(config::serving_for(config, name).versions).value_or(config::Versions{});
    return hosting::VersionPolicy{.latest = versions.latest, .listed = std::move(versions.listed)};
  };
  options.self_test = core::run_self_test;
  options.serving = [config](std::string_view name) { return to_serving(config::serving_for(config, name)); };
  return options;
}

}  // namespace berth
