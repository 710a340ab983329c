// SPDX-License-Identifier: Apache-2.0
// Must not compile: no method is called `predict`.
#include <berth/berth.h>
berth::Metadata get_metadata() { return {}; }
berth::Response predict(const berth::Args& args) { return args.json(); }
BERTH_EXPORT_FUNCTIONS(model, get_metadata, predict)
