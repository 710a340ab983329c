// SPDX-License-Identifier: Apache-2.0
#include "identity/rights.h"

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace berth::identity {
namespace {

constexpr std::string_view kEvery = "*";

std::uint8_t bit(Right right) { return static_cast<std::uint8_t>(right); }

tl::unexpected<Error> bad(std::string message) { return failure(Code::invalid_argument, std::move(message)); }

}  // namespace

std::string_view to_string(Right right) {
  switch (right) {
    case Right::predict: return "predict";
    case Right::train: return "train";
    case Right::manage: return "manage";
  }
  return "";
}

Rights Rights::on_all(std::initializer_list<Right> rights) {
  Rights made;
  auto& bits = made.by_model_[std::string(kEvery)];
  for (const auto right : rights) bits = static_cast<std::uint8_t>(bits | bit(right));
  return made;
}

Result<Rights> Rights::parse(std::string_view text) {
  const auto document = json::parse(text);
  if (!document || !document->IsObject()) return bad("rights: expected an object, model name → list of rights");
  Rights made;
  for (const auto& member : document->GetObject()) {
    const std::string model(json::view(member.name));
    if (!member.value.IsArray()) return bad("rights." + model + ": expected a list of predict, train, manage");
    std::uint8_t bits = 0;
    for (const auto& name : member.value.GetArray()) {
      const auto* right = std::ranges::find_if(
          kAllRights, [&](Right each) { return name.IsString() && json::view(name) == to_string(each); });
      if (right == kAllRights.end()) return bad("rights." + model + ": expected predict, train or manage");
      bits = static_cast<std::uint8_t>(bits | bit(*right));
    }
    made.by_model_[model] = bits;
  }
  return made;
}

bool Rights::has(Right right, std::string_view model) const {
  auto found = by_model_.find(model);
  if (found == by_model_.end()) found = by_model_.find(kEvery);
  return found != by_model_.end() && (found->second & bit(right)) != 0;
}

std::string Rights::to_json() const {
  std::string text = "{";
  for (const auto& [model, bits] : by_model_) {
    if (text.size() > 1) text += ',';
    text.append(json::quote(model)).append(":[");
    bool first = true;
    for (const auto right : kAllRights) {
      if ((bits & bit(right)) == 0) continue;
      if (!std::exchange(first, false)) text += ',';
      text.append("\"").append(to_string(right)).append("\"");
    }
    text += ']';
  }
  return text += '}';
}

}  // namespace berth::identity
