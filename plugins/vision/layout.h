// SPDX-License-Identifier: Apache-2.0
// Layout: in which order an image's numbers lie before a network.
#pragma once

namespace berth::vision {

// (channels, height, width), as PyTorch's networks take them; (height, width, channels), as Keras's do.
enum class Layout { channels_first, channels_last };

}  // namespace berth::vision
