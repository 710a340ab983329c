// SPDX-License-Identifier: Apache-2.0
// AppIdentity: the database of a server, and its gate, as the configuration asks for them.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "identity/gate.h"
#include "store/database.h"

namespace berth {

// Errors: invalid_argument (store.url), conflict (another server has the database, or a later Berth made it),
// unavailable (a folder or key file that cannot be had). [blocks]
Result<std::unique_ptr<store::Database>> open_database(const config::Config& config,
                                                       const std::filesystem::path& state_dir);

// The first start makes a user `admin` with a key, and writes that to admin.key in `state_dir`. A database that cannot
// be reached now is read once it can. [blocks]
Result<std::unique_ptr<identity::Gate>> open_gate(const config::Config& config, store::Database& database,
                                                  const std::filesystem::path& state_dir);

// What open_gate makes its parts with. The first admin's key goes to `state_dir`; the key of the environment is read.
identity::Accounts::Options accounts_options(const config::Config& config, const std::filesystem::path& state_dir);
identity::GateOptions gate_options(const config::Config& config);

}  // namespace berth
