// SPDX-License-Identifier: Apache-2.0
// ImageSize: how large an image is, by its first bytes: for clients who are told, and decided nothing by.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::dialects {

struct ImageSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

// As stored, whatever orientation is noted beside it. nullopt: it is no PNG, JPEG or BMP, or does not say. [any]
std::optional<ImageSize> read_image_size(std::string_view bytes);

}  // namespace berth::dialects
