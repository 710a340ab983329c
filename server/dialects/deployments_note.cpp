// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialects/access_guard.h"
#include "dialects/deployments_routes.h"

namespace berth::dialects::deployments {
namespace {

void check_text(std::string_view text, std::size_t max_bytes, const BodyPlace& where, BodyErrors& errors) {
  if (!is_utf8(text) || text.find('\0') != text.npos) {
    errors.add(where, "UTF-8 without NUL is expected", "value_error.text");
  } else if (text.size() > max_bytes) {
    const auto most = std::to_string(max_bytes);
    errors.add(where, std::string("at most ").append(most).append(" bytes are expected"), "value_error.size");
  }
}

}  // namespace

void check_note(const std::string& source, const std::vector<std::string>& tags, BodyErrors& errors) {
  check_text(source, kMaxSourceBytes, BodyPlace().at("source"), errors);
  const auto place = BodyPlace().at("tags");
  if (tags.size() > kMaxTags) {
    const auto most = std::to_string(kMaxTags);
    return errors.add(place, std::string("at most ").append(most).append(" tags are expected"), "value_error.size");
  }
  for (std::size_t i = 0; i < tags.size(); ++i) check_text(tags[i], kMaxTagBytes, place.at(i), errors);
}

core::RecordNote note_of(const Request& request, const std::string& id, std::string source,
                         std::vector<std::string> tags) {
  auto note = record_of(request, "deployments");
  note.deployment = id;
  note.source = std::move(source);
  note.tags = std::move(tags);
  return note;
}

}  // namespace berth::dialects::deployments
